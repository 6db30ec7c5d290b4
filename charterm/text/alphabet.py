"""Text to tokens and back without loss: the alphabet's characters, and UTF-8 bytes for the rest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from charterm.errors import ChartermError, UsageError

BYTES: Final = 256
"""Tokens 0..255 are the UTF-8 bytes; token 256 + i is the alphabet's i-th character."""

REPLACEMENT: Final = "\ufffd"

_SURROGATES = range(0xD800, 0xE000)
_FIRST_OF_LENGTH = (0x80, 0x800, 0x10000)  # first code points that take 2, 3 and 4 bytes


def code_points(text: str) -> NDArray[np.uint32]:
    """The code points of ``text``, shape (characters,). Lone surrogates are kept."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


@dataclass(frozen=True)
class Alphabet:
    """The characters that have a token of their own; all others are spelt in UTF-8 bytes.

    Attributes:
        characters: distinct single code points in token order. Fine-tuning appends to the end,
            so that the tokens of an older model keep their meaning. Lone surrogates cannot be
            members (no valid text has them); they are spelt in bytes as well.

    Raises:
        UsageError: a member is not one code point, is a surrogate, or is there twice.
    """

    characters: tuple[str, ...]

    def __post_init__(self) -> None:
        for character in self.characters:
            if len(character) != 1 or ord(character) in _SURROGATES:
                raise UsageError(
                    "{character!r} cannot be in an alphabet: its members are single characters",
                    character=character,
                )
        if len(set(self.characters)) != len(self.characters):
            raise UsageError("an alphabet holds each character once; this one repeats some")

    @property
    def size(self) -> int:
        """V, the number of tokens: 256 bytes and the characters."""
        return BYTES + len(self.characters)

    @classmethod
    def from_text(cls, text: str, min_count: int = 1) -> Self:
        """The alphabet of the characters that ``text`` has at least ``min_count`` times."""
        counts = np.bincount(code_points(text)) if text else np.zeros(0, np.int64)
        present = np.flatnonzero(counts)
        return cls.from_counts({chr(p): int(counts[p]) for p in present}, min_count)

    @classmethod
    def from_counts(cls, counts: Mapping[str, int], min_count: int = 1) -> Self:
        """The alphabet of the characters counted at least ``min_count`` times, by code point."""
        return cls(
            tuple(
                sorted(
                    character
                    for character, count in counts.items()
                    if count >= min_count and ord(character) not in _SURROGATES
                )
            )
        )

    def extended(self, characters: Iterable[str]) -> Self:
        """This alphabet with those of ``characters`` it lacks appended, by code point."""
        fresh = {c for c in characters if c not in self and ord(c) not in _SURROGATES}
        return type(self)(self.characters + tuple(sorted(fresh)))

    def __contains__(self, character: object) -> bool:
        return character in self._tokens

    def encode(self, text: str) -> NDArray[np.int32]:
        """The tokens of ``text``, shape (tokens,); :meth:`decode` gives back the same text."""
        points = code_points(text)
        tokens = np.take(self._token_table, points, mode="clip")  # clipped to its end, a -1
        unknown = tokens < 0
        return _spell_in_bytes(points, tokens, unknown) if unknown.any() else tokens

    def encode_character(self, character: str) -> tuple[int, ...]:
        """The token of ``character``, or its UTF-8 bytes when the alphabet lacks it."""
        token = self._tokens.get(character)
        if token is not None:
            return (token,)
        return tuple(character.encode("utf-8", "surrogatepass"))

    def decode(self, tokens: Iterable[int] | NDArray[np.integer[Any]]) -> str:
        """The text of ``tokens``, shape (tokens,). Bytes that are no character become U+FFFD.

        The text is that of a :class:`StreamDecoder` fed the same tokens.
        """
        ids = np.asarray(tokens if isinstance(tokens, np.ndarray) else list(tokens), np.int64)
        if ids.size == 0:
            return ""
        if ids.min() < 0 or ids.max() >= self.size:
            raise ValueError(f"tokens must be at least 0 and below {self.size}")
        is_byte = ids < BYTES
        pieces = []
        borders = np.flatnonzero(np.diff(is_byte)) + 1
        for run in np.split(ids, borders):
            if run[0] < BYTES:
                pieces.append(self._decode_bytes(bytes(run.astype(np.uint8))))
            else:
                points = self._point_table[run - BYTES]
                pieces.append(points.tobytes().decode("utf-32-le"))
        return "".join(pieces)

    def _decode_bytes(self, content: bytes) -> str:
        try:
            return content.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            decoder = StreamDecoder(self)
            return "".join(map(decoder.feed, content)) + decoder.finish()

    def character_starts(self, tokens: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
        """Which tokens begin a character, shape (tokens,): all but UTF-8 continuation bytes.

        Its sum is the number of characters of a well-formed token sequence, the denominator of
        nats and bits per character.
        """
        return (tokens < 0x80) | (tokens >= 0xC0)

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return {"characters": "".join(self.characters)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_json`.

        Raises:
            ChartermError: the values are not those of an alphabet.
        """
        characters = values.get("characters")
        if not isinstance(characters, str):
            raise ChartermError("the alphabet is damaged: its characters are missing; train anew")
        return cls(tuple(characters))

    @cached_property
    def _tokens(self) -> dict[str, int]:
        return {character: BYTES + i for i, character in enumerate(self.characters)}

    @cached_property
    def _token_table(self) -> NDArray[np.int32]:
        """Token of each code point or -1, up to one past the alphabet's largest."""
        largest = max(map(ord, self.characters), default=-1)
        table = np.full(largest + 2, -1, np.int32)
        for character, token in self._tokens.items():
            table[ord(character)] = token
        return table

    @cached_property
    def _point_table(self) -> NDArray[np.uint32]:
        """Code point of each of the alphabet's characters."""
        return np.array([ord(c) for c in self.characters], dtype="<u4")

    @cached_property
    def _prefixes(self) -> dict[bytes, int]:
        """How many of the alphabet's characters begin with these UTF-8 bytes (or are these)."""
        counts: dict[bytes, int] = {}
        for character in self.characters:
            spelling = character.encode()
            for end in range(1, len(spelling) + 1):
                counts[spelling[:end]] = counts.get(spelling[:end], 0) + 1
        return counts

    @cached_property
    def _masks(self) -> dict[bytes, NDArray[np.bool_]]:
        """Filled by :func:`allowed_mask`."""
        return {}


def _spell_in_bytes(
    points: NDArray[np.uint32], tokens: NDArray[np.int32], unknown: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """Put the UTF-8 bytes of the ``unknown`` points where their tokens would be.

    All shapes (characters,) in, (tokens,) out. Written in array operations because a corpus may
    have megabytes of rare characters.
    """
    lengths = np.ones(len(points), np.int64)
    for first in _FIRST_OF_LENGTH:
        lengths += unknown & (points >= first)
    starts = np.cumsum(lengths) - lengths
    spelt = np.empty(int(lengths.sum()), np.int32)
    spelt[starts[~unknown]] = tokens[~unknown]
    for length in range(1, 5):
        chosen = unknown & (lengths == length)
        point, start = points[chosen].astype(np.int32), starts[chosen]
        lead = (0, 0, 0xC0, 0xE0, 0xF0)[length]
        spelt[start] = lead | point >> (6 * (length - 1))
        for place in range(1, length):
            spelt[start + place] = 0x80 | point >> (6 * (length - 1 - place)) & 0x3F
    return spelt


def _next_bytes(pending: bytes) -> range:
    """The bytes that may continue ``pending``, the beginning of a UTF-8 character.

    From the table of well-formed byte sequences, Unicode 16.0, section 3.9. Surrogates (ED A0 to
    ED BF) are let through here, so that any Python string survives; :func:`allowed_mask` does not.
    """
    if len(pending) == 1:
        first = {0xE0: 0xA0, 0xF0: 0x90}.get(pending[0], 0x80)
        last = {0xF4: 0x8F}.get(pending[0], 0xBF)
        return range(first, last + 1)
    return range(0x80, 0xC0)


def _spelling_length(lead: int) -> int:
    """Bytes of the character that begins with ``lead``; 0 where none does."""
    if lead < 0x80:
        return 1
    if 0xC2 <= lead <= 0xF4:
        return 2 + (lead >= 0xE0) + (lead >= 0xF0)
    return 0


class StreamDecoder:
    """Turns tokens into text one at a time and never gives half a character.

    Attributes:
        pending: the bytes of a character that is not complete yet.
    """

    def __init__(self, alphabet: Alphabet) -> None:
        self.alphabet = alphabet
        self.pending = b""

    def feed(self, token: int) -> str:
        """The text that ``token`` completes: "" while inside a character.

        Bytes that cannot be part of a character give U+FFFD, one for each maximal part of a
        character (the practice that Unicode recommends, section 3.9).
        """
        if token >= BYTES:
            return self.finish() + self.alphabet.characters[token - BYTES]
        if self.pending and token not in _next_bytes(self.pending):
            return self.finish() + self.feed(token)
        if not self.pending and not _spelling_length(token):
            return REPLACEMENT
        self.pending += bytes((token,))
        if len(self.pending) < _spelling_length(self.pending[0]):
            return ""
        complete, self.pending = self.pending, b""
        return complete.decode("utf-8", "surrogatepass")

    def finish(self) -> str:
        """End the stream: U+FFFD for a character that was never completed."""
        broken, self.pending = self.pending, b""
        return REPLACEMENT if broken else ""

    def copy(self) -> "StreamDecoder":
        """A decoder in the same state, for a branch of the text."""
        twin = StreamDecoder(self.alphabet)
        twin.pending = self.pending
        return twin


def allowed_mask(alphabet: Alphabet, pending: bytes) -> NDArray[np.bool_]:
    """Which tokens may follow so that the text stays valid and spelt in the one canonical way.

    A character of the alphabet is never spelt in bytes, so that every text has one token sequence
    and its probability is not scattered over several. Inside a character (``pending`` holds its
    first bytes, as in :class:`StreamDecoder`) only bytes that lead to a character are allowed.

    Returns:
        Shape (V,), read-only, kept for the next call.
    """
    mask = alphabet._masks.get(pending)
    if mask is None:
        mask = np.zeros(alphabet.size, np.bool_)
        following = _next_bytes(pending) if pending else range(BYTES)
        valid = [b for b in following if _characters_below(pending + bytes((b,))) > 0]
        canonical = [
            b
            for b in valid
            if _characters_below(spelling := pending + bytes((b,)))
            > alphabet._prefixes.get(spelling, 0)
        ]
        # a text typed by hand can end inside an alphabet character: let it come to its end
        mask[canonical or valid] = True
        if not pending:
            mask[BYTES:] = True
        mask.flags.writeable = False
        alphabet._masks[pending] = mask
    return mask


def _characters_below(spelling: bytes) -> int:
    """How many characters (surrogates left out) begin with the bytes ``spelling``."""
    length = _spelling_length(spelling[0])
    if len(spelling) > length:
        return 0
    bits = 6 * (length - len(spelling))
    value = spelling[0] & (0x7F, 0x1F, 0x0F, 0x07)[length - 1]
    for byte in spelling[1:]:
        value = value << 6 | byte & 0x3F
    smallest = (0, *_FIRST_OF_LENGTH)[length - 1]
    first, last = max(value << bits, smallest), min((value + 1 << bits) - 1, 0x10FFFF)
    surrogates = max(0, min(last, _SURROGATES[-1]) - max(first, _SURROGATES[0]) + 1)
    return max(0, last - first + 1 - surrogates)
