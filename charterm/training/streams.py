"""Contiguous streams through the corpus, for truncated backpropagation with carried state."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charterm.text.corpus import Corpus


@dataclass(frozen=True)
class Streams:
    """B readers at equal distances in the corpus, each going round it again and again.

    A reader passes the end of one part into the next and of the text into its beginning, so the
    state is never cut. The place of every reader is a function of the step alone, which is what
    makes resuming exact.

    Attributes:
        corpus: the tokens, possibly far larger than memory.
        rows: (V,) row of the network for each token (:class:`~.token_rows.TokenRows`).
        batch: B, readers.
        length: T, tokens a step.
    """

    corpus: Corpus
    rows: NDArray[np.int64]
    batch: int
    length: int

    def chunk(self, step: int) -> tuple[Tensor, Tensor]:
        """Inputs (T, B) and targets (T, B), int64, of the optimizer step with this number."""
        total = self.corpus.length
        offset = step * self.length
        columns = []
        for reader in range(self.batch):
            start = (reader * total // self.batch + offset) % total
            columns.append(self.corpus.read(start, start + self.length + 1))
        tokens = torch.from_numpy(self.rows[np.stack(columns, 1)])
        return tokens[:-1], tokens[1:]
