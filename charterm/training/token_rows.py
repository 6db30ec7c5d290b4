"""The rows of the network that a training text uses.

The alphabet always has the 256 bytes and may have characters that stand in the validation text
only. Rows of tokens that never occur in training would cost time and learn nothing but to be
unlikely. They are trained as *one* shared row for the whole group; in the saved model each member
gets an equal part of the group's probability, so that the model is a full one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charterm import storage
from charterm.model.network import CharRNN
from charterm.text import token_cache
from charterm.text.corpus import Corpus

_CHUNK = 1 << 24  # tokens
_COUNTS_FILE = "counts"


def count_tokens(corpus: Corpus) -> NDArray[np.int64]:
    """How often each token occurs in one reading of the training tokens: (V,).

    Kept beside the tokens in the cache, so that a large text is counted once.
    """
    kept = token_cache.entries_dir() / corpus.key / _COUNTS_FILE
    try:
        counts = np.frombuffer(kept.read_bytes(), np.int64)
    except OSError:  # not counted yet
        counts = np.zeros(0, np.int64)
    if len(counts) == corpus.alphabet.size and counts.sum() == len(corpus.train):
        return counts
    counts = _count(corpus)
    storage.write_bytes(kept, counts.tobytes())
    return counts


def _count(corpus: Corpus) -> NDArray[np.int64]:
    counts = np.zeros(corpus.alphabet.size, np.int64)
    for start in range(0, len(corpus.train), _CHUNK):
        chunk = corpus.train[start : start + _CHUNK]
        counts += np.bincount(chunk, minlength=len(counts))
        corpus.release()
    return counts


@dataclass(frozen=True)
class TokenRows:
    """Which row of the trained network stands for which token.

    Attributes:
        size: V, tokens of the alphabet.
        active: (U,) tokens with a row of their own, ascending.
    """

    size: int
    active: NDArray[np.int64]

    @property
    def shared(self) -> int:
        """Number of tokens that share the last row; 0 if there is none."""
        return self.size - len(self.active)

    @property
    def rows(self) -> int:
        """Rows of the trained network: one for each active token, and the shared one."""
        return len(self.active) + (1 if self.shared else 0)

    @property
    def row_of(self) -> NDArray[np.int64]:
        """(V,) the row of each token."""
        rows = np.full(self.size, len(self.active), np.int64)
        rows[self.active] = np.arange(len(self.active))
        return rows

    @torch.no_grad()
    def prepare(self, network: CharRNN, counts: NDArray[np.int64]) -> None:
        """Begin with the token frequencies as output, and no input from the shared row.

        Args:
            network: a fresh one with :attr:`rows` tokens.
            counts: (V,) of the training tokens.
        """
        network.output.bias.copy_(torch.from_numpy(self.frequencies(counts)).log())
        if self.shared:  # never read in training, so it stays zero
            if network.config.embedding is None:
                network.get_parameter("layers.0.weight_ih")[:, -1] = 0.0
            else:
                network.embedding.weight[-1] = 0.0

    @property
    def surcharge(self) -> float:
        """Nats that a token of the shared row costs beyond the row: log of the group's size."""
        return math.log(self.shared) if self.shared else 0.0

    def frequencies(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """(rows,) smoothed relative frequencies of the rows, from counts (V,)."""
        own = counts[self.active] + 0.5
        if self.shared:
            own = np.append(own, 0.5)
        return np.asarray(own / own.sum())

    def expand(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The full network's tensors, V rows, from the trained network's."""
        full = {name: tensor.detach().clone() for name, tensor in tensors.items()}
        if not self.shared:
            return full
        rows = torch.from_numpy(self.row_of)
        inactive = rows == len(self.active)
        full["output.weight"] = full["output.weight"][rows]
        full["output.bias"] = full["output.bias"][rows]
        full["output.bias"][inactive] -= self.surcharge
        if "embedding.weight" in full:
            full["embedding.weight"] = full["embedding.weight"][rows]
        else:
            full["layers.0.weight_ih"] = full["layers.0.weight_ih"][:, rows].contiguous()
        return full
