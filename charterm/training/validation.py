"""The loss on text kept out of training, with the state carried through it."""

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from charterm.model.network import CharRNN
from charterm.text.corpus import Corpus, Tokens
from charterm.training.token_rows import TokenRows

_WARM_UP = 512  # tokens read before a stretch begins
_STRETCH = 2048  # tokens, the least that is worth a stretch of its own
_STRETCHES = 64
_CHUNK = 128  # steps at a time


class HeldOutText:
    """Validation tokens, read as many stretches at once.

    One after another would be one carried state, at a twentieth of the speed. Here each stretch
    begins in the state after the 512 tokens before it, which changes the loss by less than
    0.001 nats; the first begins after a newline, like a fresh text.

    Attributes:
        tokens: how many are read.
        characters: how many characters these are.
    """

    def __init__(
        self, parts: Sequence[Tokens], rows: TokenRows, characters: int, newline: int, limit: int
    ) -> None:
        """Prepare.

        Args:
            parts: the validation tokens of each file.
            rows: the network's rows.
            characters: that all parts have together.
            newline: token of the newline.
            limit: tokens to read at most; stretches spread over all parts.
        """
        self._parts = [part for part in parts if len(part)]
        self._ends = np.cumsum([len(part) for part in self._parts])
        self._row_of, self._surcharge, self._shared = rows.row_of, rows.surcharge, rows.shared
        self._last = len(rows.active)
        self._newline = newline
        total = int(self._ends[-1]) if self._parts else 0
        wanted = min(total, limit)
        count = max(1, min(_STRETCHES, wanted // _STRETCH))
        self._length = -(-wanted // count)
        if wanted == total:
            self._starts = [number * self._length for number in range(count)]
            self.tokens = total
        else:
            self._starts = [round(place) for place in np.linspace(0, total - self._length, count)]
            self.tokens = count * self._length
        self.characters = round(characters * self.tokens / total) if total else 0
        self._total = total

    def _read(self, start: int, stop: int) -> NDArray[np.int64]:
        """Rows of the tokens from start to stop; newlines before the text, and after its end."""
        found = np.full(stop - start, self._newline, np.int64)
        position = max(start, 0)
        while position < min(stop, self._total):
            number = int(np.searchsorted(self._ends, position, side="right"))
            begin = int(self._ends[number]) - len(self._parts[number])
            end = min(stop, int(self._ends[number]))
            found[position - start : end - start] = self._parts[number][
                position - begin : end - begin
            ]
            position = end
        return self._row_of[found]

    @torch.no_grad()
    def nats(self, network: CharRNN) -> float:
        """Nats per character; NaN where there is no validation text."""
        if not self.tokens:
            return math.nan
        was_training = network.training
        network.eval()
        state = network.initial_state(len(self._starts))
        weight, bias = network.output.weight.t(), network.output.bias
        loss, first = 0.0, -_WARM_UP
        while first < self._length:
            # Warm-up chunks end where the counted part begins.
            last = min(first + _CHUNK, 0 if first < 0 else self._length)
            tokens = np.stack([self._read(s + first - 1, s + last) for s in self._starts], 1)
            rows = torch.from_numpy(tokens)
            if first == 0:  # nothing stands before the first stretch but the newline
                state[:, 0] = 0.0
            features, state = network.features(rows[:-1], state)
            if first >= 0:
                logits = features.permute(1, 2, 0).flatten(0, 1).to(weight.dtype) @ weight + bias
                loss += self._loss(logits, rows[1:], first)
            first = last
        network.train(was_training)
        return loss / self.characters

    def _loss(self, logits: Tensor, targets: Tensor, first: int) -> float:
        """Sum of the losses of targets (T, B) that lie within their stretch and the text."""
        losses = F.cross_entropy(logits, targets.flatten(), reduction="none").view_as(targets)
        if self._shared:
            losses = losses + self._surcharge * (targets == self._last)
        places = torch.arange(first, first + len(targets)).unsqueeze(1)
        starts = torch.tensor(self._starts)
        counted = places + starts < self._total
        return float((losses * counted).double().sum())


def held_out_text(
    corpus: Corpus, rows: TokenRows, limit: int, *, training: bool = False
) -> HeldOutText:
    """The validation text of a corpus, or for comparison the training text, read the same way.

    Args:
        corpus: has both.
        rows: the network's rows.
        limit: tokens to read at most.
        training: whether to read the training text.
    """
    newline = int(corpus.alphabet.encode("\n")[0])
    if not training:
        return HeldOutText(corpus.validation, rows, corpus.validation_characters, newline, limit)
    characters = sum(s.train.characters + s.varied.characters for s in corpus.sources)
    return HeldOutText([corpus.train], rows, characters, newline, limit)
