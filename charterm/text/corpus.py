"""A training corpus: files become tokens in a memory-mapped file, in bounded memory.

The tokens are kept in the cache folder, so that the next training on unchanged files starts at
once.
"""

import hashlib
import json
import mmap
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from charterm.errors import ChartermError, UsageError
from charterm.text import token_cache
from charterm.text.alphabet import Alphabet
from charterm.text.corpus_options import CorpusOptions
from charterm.text.reading import find_text_files, fits, require_length
from charterm.text.tokenization import (
    TRAIN_FILE,
    VALIDATION_FILE,
    Progress,
    Segment,
    SurveyedFile,
    survey,
    token_dtype,
    tokenize,
)

__all__ = ["Corpus", "CorpusOptions", "Segment", "Source", "build_corpus", "load_corpus"]

MINIMUM_CHARACTERS: Final = 100
"""A model of fewer training characters is not worth keeping."""

Tokens = NDArray[np.uint16] | NDArray[np.int32]

_FORMAT = 1  # of the cache entries; a change makes the old ones unused
_RELEASE = 1 << 28  # bytes of the mapped file that may stay resident
_TOUCH = 1 << 16  # bytes the system maps around a read at the least


@dataclass(frozen=True)
class Source:
    """A file of the corpus.

    Attributes:
        path: the file.
        characters: of its cleaned text.
        encoding: its encoding's name.
        guessed: whether the encoding had to be guessed.
        weight: how many times its training part is read in one pass.
        train: its part of the training tokens.
        varied: its hurried copies there.
        validation: its part of the validation tokens.
    """

    path: Path
    characters: int
    encoding: str
    guessed: bool
    weight: int
    train: Segment
    varied: Segment
    validation: Segment


@dataclass(frozen=True)
class Corpus:
    """Tokens to train on and to validate with.

    Attributes:
        key: names the corpus in the cache (:func:`load_corpus`).
        alphabet: gives the tokens.
        train: all training tokens, each once, memory-mapped; ``uint16``, or ``int32`` where the
            alphabet is larger than that.
        segments: the stretches of ``train`` in reading order. A file of weight k has k of each;
            they are spread over the order.
        validation: the validation tokens of each file that has some, memory-mapped.
        sources: the files.
    """

    key: str
    alphabet: Alphabet
    train: Tokens
    segments: tuple[Segment, ...]
    validation: tuple[Tokens, ...]
    sources: tuple[Source, ...]

    @property
    def characters(self) -> int:
        """Characters of all files, each counted once."""
        return sum(source.characters for source in self.sources)

    @property
    def train_characters(self) -> int:
        """Characters of the training parts, each counted once, without hurried copies."""
        return sum(source.train.characters for source in self.sources)

    @property
    def validation_characters(self) -> int:
        """Characters of the validation parts: what nats per character are divided by."""
        return sum(source.validation.characters for source in self.sources)

    @property
    def length(self) -> int:
        """Tokens of one pass over the training text in reading order."""
        return int(self._ends[-1])

    @property
    def length_characters(self) -> int:
        """Characters of one pass over the training text in reading order."""
        return sum(segment.characters for segment in self.segments)

    def read(self, start: int, stop: int) -> Tokens:
        """Tokens ``start`` to ``stop`` of the reading order, shape (stop - start,), a copy.

        The reading order begins anew at its end, so that ``stop`` may be beyond :attr:`length`.
        Little of the mapped file stays resident, however much is read.
        """
        tokens = np.empty(max(0, stop - start), self.train.dtype)
        filled = 0
        while filled < len(tokens):
            position = (start + filled) % self.length
            number = int(np.searchsorted(self._ends, position, side="right"))
            segment = self.segments[number]
            offset = position - (int(self._ends[number]) - segment.length)
            count = min(segment.length - offset, len(tokens) - filled)
            first = segment.start + offset
            tokens[filled : filled + count] = self.train[first : first + count]
            filled += count
            self._count_touched(count * tokens.itemsize)
        return tokens

    def release(self) -> None:
        """Let go of the pages of the mapped file that are resident; they are read again at need.

        To call now and then where :attr:`train` is read directly.
        """
        self._touched[0] = 0
        mapped = getattr(self.train, "_mmap", None)
        if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)

    def _count_touched(self, size: int) -> None:
        self._touched[0] += max(size, _TOUCH)
        if self._touched[0] > _RELEASE:
            self.release()

    @cached_property
    def _touched(self) -> list[int]:
        return [0]

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        """Where each segment ends in reading order."""
        return np.cumsum([segment.length for segment in self.segments])


def build_corpus(
    paths: Sequence[Path],
    options: CorpusOptions | None = None,
    *,
    alphabet: Alphabet | None = None,
    extend: bool = True,
    watch: Progress | None = None,
) -> Corpus:
    """Make a corpus of files and folders, or take it from the cache where nothing has changed.

    Args:
        paths: text files, and folders with text files in them or below.
        options: how; the default ones where None.
        alphabet: of the model that is trained further; None for a new one.
        extend: whether the characters that ``alphabet`` lacks are added to its end.
        watch: is told the bytes done and to do, while there is something to do.

    Raises:
        UsageError: a weight's pattern fits no file.
        ChartermError: a file cannot be used (see :mod:`charterm.text.reading`), all are too short
            together, or the cache cannot be written.
    """
    options = options or CorpusOptions()
    files = find_text_files(paths)
    _require_matches(options.weights, files)
    identity = _identity(files, options, alphabet, extend)
    key = hashlib.sha256(json.dumps(identity).encode()).hexdigest()
    facts = token_cache.load_facts(key, _expected_sizes)
    if facts is None:
        with token_cache.new_entry(key) as folder:
            facts = _encode(files, options, alphabet, extend, folder, watch)
            facts["files"] = identity["files"]
            content = json.dumps(facts, ensure_ascii=True)
            (folder / token_cache.FACTS_FILE).write_text(content, "utf-8")
        token_cache.clean_up(keep=key)
    return _open(key, facts, options.weights)


def load_corpus(key: str, weights: Mapping[str, int] | None = None) -> Corpus | None:
    """The corpus of that key from the cache, or None where it is no longer there.

    A training that was stopped goes on with exactly the text it began with, even if the files
    have changed since.
    """
    facts = token_cache.load_facts(key, _expected_sizes)
    return None if facts is None else _open(key, facts, weights or {})


def _require_matches(weights: Mapping[str, int], files: Sequence[Path]) -> None:
    for pattern in weights:
        if not any(fits(file, pattern) for file in files):
            raise UsageError(
                "no file fits the weight pattern {pattern!r}: use a name or path", pattern=pattern
            )


def _identity(
    files: Sequence[Path], options: CorpusOptions, alphabet: Alphabet | None, extend: bool
) -> dict[str, Any]:
    """Everything that the tokens depend on, as JSON values."""
    try:
        stats = [(file.resolve(), file.stat()) for file in files]
    except OSError as error:
        raise ChartermError(
            "cannot read {path}: {reason}", path=error.filename, reason=error
        ) from error
    plain = asdict(options)
    del plain["weights"]  # they only decide the reading order
    return {
        "format": _FORMAT,
        "unicode": unicodedata.unidata_version,
        "files": [[str(path), stat.st_size, stat.st_mtime_ns] for path, stat in stats],
        "options": plain,
        "alphabet": None if alphabet is None else ["".join(alphabet.characters), extend],
    }


def _encode(
    files: Sequence[Path],
    options: CorpusOptions,
    alphabet: Alphabet | None,
    extend: bool,
    folder: Path,
    watch: Progress | None,
) -> dict[str, Any]:
    """Write the token files into ``folder``; what they hold as JSON values."""
    surveyed, counts = survey(files, watch)
    limits = _train_characters(surveyed, options)
    name = str(files[0]) if len(files) == 1 else f"the text of the {len(files)} files"
    require_length(sum(limits), MINIMUM_CHARACTERS, f"the training part of {name}")
    frequent = [chr(point) for point in np.flatnonzero(counts >= options.min_count)]
    if alphabet is None:
        alphabet = Alphabet(()).extended(frequent)
    elif extend:
        alphabet = alphabet.extended(frequent)
    tokenized = tokenize(
        surveyed,
        limits,
        alphabet,
        folder,
        case_variation=options.case_variation,
        seed=options.seed,
        watch=watch,
    )
    sources = [
        {
            "path": str(file.path),
            "characters": file.characters,
            "encoding": file.encoding.label,
            "guessed": file.encoding.guessed,
            "train": parts.train,
            "varied": parts.varied,
            "validation": parts.validation,
        }
        for file, parts in zip(surveyed, tokenized, strict=True)
    ]
    return {"alphabet": alphabet.to_json(), "sources": sources}


def _train_characters(files: Sequence[SurveyedFile], options: CorpusOptions) -> list[int]:
    """Of each file, how many characters from its beginning are for training.

    Rounded down as nanoGPT does, so that figures on tiny-shakespeare compare.
    """
    share = 1 - options.validation
    if options.validation_from == "each":
        return [int(file.characters * share) for file in files]
    left = int(sum(file.characters for file in files) * share)
    limits = []
    for file in files:
        limits.append(min(left, file.characters))
        left -= limits[-1]
    return limits


def _token_counts(facts: Any) -> dict[str, int]:
    sources = facts["sources"]
    return {
        TRAIN_FILE: sum(source["train"][1] + source["varied"][1] for source in sources),
        VALIDATION_FILE: sum(source["validation"][1] for source in sources),
    }


def _expected_sizes(facts: Any) -> dict[str, int]:
    width = token_dtype(Alphabet.from_json(facts["alphabet"])).itemsize
    return {name: count * width for name, count in _token_counts(facts).items()}


def _open(key: str, facts: Any, weights: Mapping[str, int]) -> Corpus:
    alphabet = Alphabet.from_json(facts["alphabet"])
    sources = tuple(_source(values, weights) for values in facts["sources"])
    counts = _token_counts(facts)
    train = _map(key, TRAIN_FILE, counts, alphabet)
    held_out = _map(key, VALIDATION_FILE, counts, alphabet)
    return Corpus(
        key=key,
        alphabet=alphabet,
        train=train,
        segments=_reading_order(sources),
        validation=tuple(
            held_out[part.start : part.start + part.length]
            for part in (source.validation for source in sources)
            if part.length
        ),
        sources=sources,
    )


def _source(values: Mapping[str, Any], weights: Mapping[str, int]) -> Source:
    path = Path(values["path"])
    weight = 1
    for pattern, times in weights.items():
        if fits(path, pattern):
            weight = times
    return Source(
        path=path,
        characters=values["characters"],
        encoding=values["encoding"],
        guessed=values["guessed"],
        weight=weight,
        train=Segment(*values["train"]),
        varied=Segment(*values["varied"]),
        validation=Segment(*values["validation"]),
    )


def _map(key: str, name: str, counts: Mapping[str, int], alphabet: Alphabet) -> Tokens:
    dtype = token_dtype(alphabet)
    if counts[name] == 0:  # an empty file cannot be mapped
        return np.empty(0, dtype)
    path = token_cache.entries_dir() / key / name
    try:
        tokens: Tokens = np.memmap(path, dtype, mode="r", shape=(counts[name],))
    except OSError as error:
        raise ChartermError(
            "cannot read {path}: {reason}; start again to encode it anew", path=path, reason=error
        ) from error
    return tokens


def _reading_order(sources: Sequence[Source]) -> tuple[Segment, ...]:
    """The segments, those of weight k evenly spread over the order; ties in file order."""
    places = [
        ((turn + 0.5) / source.weight, number, part)
        for number, source in enumerate(sources)
        for turn in range(source.weight)
        for part in (source.train, source.varied)
        if part.length
    ]
    return tuple(part for _, _, part in sorted(places, key=lambda place: place[:2]))
