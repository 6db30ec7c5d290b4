"""What text a token completes, and which tokens may come next, without half characters."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from charterm.text.alphabet import BYTES, Alphabet, StreamDecoder, allowed_mask

Exclusions = NDArray[np.float64]
Columns = NDArray[np.intp]


class Spelling:
    """The alphabet in the form in which a step of decoding needs it.

    Attributes:
        alphabet: the tokens' meaning.
        pieces: text of each token that is a whole character by itself, length V; "" for the bytes
            of longer characters.
    """

    def __init__(self, alphabet: Alphabet) -> None:
        self.alphabet: Final = alphabet
        ascii_bytes = [chr(byte) for byte in range(128)]
        self.pieces: Final = ascii_bytes + [""] * (BYTES - 128) + list(alphabet.characters)
        self._exclusions: dict[bytes, Exclusions] = {}
        self._columns: dict[bytes, Columns] = {}

    def exclusions(self, pending: list[bytes]) -> Exclusions:
        """What to add to the scores of N sequences: 0 where a token may follow, else -inf.

        Args:
            pending: for each sequence the first bytes of a character that is not complete.

        Returns:
            Shape (N, V), or (1, V) where it is the same for all.
        """
        if not any(pending):
            return self._excluded(b"")
        return np.concatenate([self._excluded(bytes_) for bytes_ in pending])

    def following(self, pending: bytes) -> Columns:
        """The tokens, in order, that may follow the first bytes of a character, shape (C,).

        Between whole characters (``b""``) these are 179 or more, half of a small alphabet with
        its bytes; inside one they are 64 at most, all of them continuation bytes.
        """
        columns = self._columns.get(pending)
        if columns is None:
            columns = np.flatnonzero(allowed_mask(self.alphabet, pending))
            self._columns[pending] = columns
        return columns

    def _excluded(self, pending: bytes) -> Exclusions:
        row = self._exclusions.get(pending)
        if row is None:
            row = np.where(allowed_mask(self.alphabet, pending), 0.0, -np.inf)[None]
            self._exclusions[pending] = row
        return row

    def extend(self, pending: bytes, token: int) -> tuple[str, bytes]:
        """The text that ``token`` completes after ``pending``, and what is pending then."""
        piece = self.pieces[token]
        if piece and not pending:
            return piece, b""
        decoder = StreamDecoder(self.alphabet)
        decoder.pending = pending
        return decoder.feed(token), decoder.pending
