"""Dynamic evaluation: the network itself learns from the text, by short gradient steps.

After each segment of the text that has been predicted, one step of gradient descent on it, and a
small pull back to the trained weights (Krause et al. 2018, "Dynamic Evaluation of Neural Sequence
Models", with plain SGD and a clipped gradient). Unlike the personal memory this costs a training
step for each segment and cannot unlearn a part; so it is off unless asked for, works on a copy of
the weights, and is undone as a whole by going back to the model as it was trained.

Imports torch.
"""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from charterm.engine.language_model import START, LanguageModel, token_barriers
from charterm.engine.numpy_backend import NumpyBackend
from charterm.engine.session import Interrupted, ShouldStop, never_stop
from charterm.engine.weights import build_weights
from charterm.errors import UsageError
from charterm.model.folder import load_info, load_tensors
from charterm.model.network import CharRNN

SEGMENT: Final = 64
RATE: Final = 1e-2
PULL: Final = 1e-3
_CLIP: Final = 1.0  # of the gradient's norm, in units of the square root of the segment's length


@dataclass(frozen=True, slots=True)
class DynamicGain:
    """What dynamic evaluation gained on a text, and what it cost.

    Attributes:
        static: bits per character of the model as it was.
        dynamic: bits per character while it learnt.
        characters: of the text.
        seconds: time that learning and predicting took.
        static_seconds: time that predicting alone takes.
    """

    static: float
    dynamic: float
    characters: int
    seconds: float
    static_seconds: float

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return asdict(self)


class DynamicModel:
    """A copy of a model that learns from a text.

    Attributes:
        trained: the model as it was; to undo everything that was learnt, use it again.
    """

    def __init__(
        self, folder: Path, trained: LanguageModel, *, rate: float = RATE, pull: float = PULL
    ) -> None:
        """Read the weights of the model in ``folder``.

        Args:
            folder: the model's.
            trained: the model, as loaded.
            rate: learning rate of a step on one segment's summed nats.
            pull: share of the way back to the trained weights that each step goes.

        Raises:
            ChartermError: the model's files are damaged.
            UsageError: a rate or pull out of range.
        """
        if not rate > 0.0 or not 0.0 <= pull < 1.0:
            raise UsageError("the rate must be above 0, the pull at least 0 and below 1")
        self.trained = trained
        self._info = load_info(folder)
        self._rate, self._pull = rate, pull
        self._network = CharRNN(replace(self._info.config, dropout=0.0))
        tensors = load_tensors(folder, self._info.config)
        self._origin = {
            name: torch.from_numpy(np.array(values, np.float32)) for name, values in tensors.items()
        }
        self.reset()

    def reset(self) -> None:
        """Undo everything that was learnt."""
        self._network.load_state_dict(self._origin)

    def model(self) -> LanguageModel:
        """The model as it is now, ready to predict."""
        tensors = {
            name: values.detach().numpy().copy()
            for name, values in self._network.state_dict().items()
        }
        backend = NumpyBackend(build_weights(self._info.config, tensors))
        return LanguageModel(f"{self.trained.name} (dynamic)", self._info, backend)

    def learn(
        self,
        text: str,
        *,
        on_progress: Callable[[float], None] | None = None,
        should_stop: ShouldStop = never_stop,
    ) -> DynamicGain:
        """Predict ``text`` from its beginning, learning from each segment after predicting it.

        Raises:
            UsageError: the text is empty.
            Interrupted: ``should_stop`` said yes; what was learnt so far stays.
        """
        if not text:
            raise UsageError("the text is empty: there is nothing to learn")
        begun = time.perf_counter()
        dynamic = self._read(text, learning=True, on_progress=on_progress, should_stop=should_stop)
        seconds = time.perf_counter() - begun
        learnt = {name: values.clone() for name, values in self._network.state_dict().items()}
        self.reset()
        begun = time.perf_counter()
        static = self._read(text, learning=False, on_progress=None, should_stop=should_stop)
        static_seconds = time.perf_counter() - begun
        self._network.load_state_dict(learnt)
        bits = 1.0 / (math.log(2.0) * len(text))
        return DynamicGain(static * bits, dynamic * bits, len(text), seconds, static_seconds)

    def _read(
        self,
        text: str,
        *,
        learning: bool,
        on_progress: Callable[[float], None] | None,
        should_stop: ShouldStop,
    ) -> float:
        """The nats of the text."""
        alphabet = self._info.alphabet
        tokens = alphabet.encode(START + text)
        first = len(alphabet.encode(START))
        barriers = np.broadcast_to(
            token_barriers(alphabet, tokens), (len(tokens), alphabet.size)
        )  # (T, V)
        state = self._network.initial_state(1)
        if first > 1:
            with torch.no_grad():
                _, state = self._network(_row(tokens[: first - 1]), state)
        nats = 0.0
        for start in range(first, len(tokens), SEGMENT):
            if should_stop():
                raise Interrupted
            end = min(start + SEGMENT, len(tokens))
            with torch.set_grad_enabled(learning):
                logits, after = self._network(_row(tokens[start - 1 : end - 1]), state)
                allowed = torch.from_numpy(barriers[start:end].copy())
                target = torch.from_numpy(tokens[start:end].astype(np.int64))
                loss = F.cross_entropy(logits[0] + allowed, target, reduction="sum")
            nats += float(loss.detach())
            state = after.detach()
            if learning:
                self._step(loss, end - start)
            if on_progress is not None:
                on_progress(end / len(tokens))
        return nats

    def _step(self, loss: Tensor, length: int) -> None:
        self._network.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), _CLIP * math.sqrt(length))
        with torch.no_grad():
            for name, values in self._network.named_parameters():
                assert values.grad is not None
                values.sub_(values.grad, alpha=self._rate)
                values.lerp_(self._origin[name], self._pull)


def _row(tokens: np.ndarray[Any, np.dtype[np.int32]]) -> Tensor:
    """Tokens (T,) as one sequence (1, T)."""
    return torch.from_numpy(tokens.astype(np.int64)).unsqueeze(0)
