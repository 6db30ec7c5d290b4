"""How much of a text stands word for word in a corpus: the longest stretches that are there.

Every stretch of sixteen tokens of the text is looked for in one reading of the corpus, by a
polynomial hash (Karp and Rabin 1987) computed for a million positions at a time; where one is
found, the match is followed to its end. Memory does not grow with the corpus.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from charterm.text.alphabet import REPLACEMENT
from charterm.text.corpus import Corpus

COPIED: Final = 32
"""Characters from which a stretch counts as copied; phrases of everyday language are shorter."""

_SEEDS = (16, 8, 4, 2, 1)  # tokens; the shorter ones only where nothing longer is found
_CHUNK = 1 << 20  # corpus positions hashed at a time
_PAIRS = 1 << 19  # places in corpus and text compared at a time
_BLOCK = 32  # tokens compared at a time
_TABLE_BITS = 20
_RELEASE = 64  # chunks between two releases of the mapped file

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class Verbatim:
    """What of a text stands in a corpus.

    Attributes:
        characters: of the text.
        longest: characters of its longest stretch that stands in the corpus.
        stretch: that stretch.
        source: name of the file it stands in; empty if there is no such stretch.
        copied: share of the text's characters in stretches of :data:`COPIED` or more.
    """

    characters: int
    longest: int
    stretch: str
    source: str
    copied: float

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return asdict(self)


def find_verbatim(
    corpus: Corpus, texts: Sequence[str], watch: Callable[[int, int], None] | None = None
) -> list[Verbatim]:
    """Look for the longest stretches of each text in the training text of ``corpus``.

    Args:
        corpus: its training tokens are read once, and again for texts that have not even a
            stretch of sixteen tokens in common with it.
        texts: a few thousand characters each.
        watch: is told how many tokens are done, of how many.
    """
    search = search_verbatim(corpus, texts)
    while True:
        try:
            done, total = next(search)
        except StopIteration as end:
            return cast("list[Verbatim]", end.value)
        if watch is not None:
            watch(done, total)


def search_verbatim(
    corpus: Corpus, texts: Sequence[str]
) -> Generator[tuple[int, int], None, list[Verbatim]]:
    """Search like :func:`find_verbatim`, a million tokens at a time.

    Yields:
        Tokens that are done, and all of them.

    Returns:
        What :func:`find_verbatim` returns.
    """
    found: dict[int, Verbatim] = {}
    for seed in _SEEDS:
        left = [number for number in range(len(texts)) if number not in found]
        parts = [corpus.alphabet.encode(texts[number]).astype(np.int64) for number in left]
        lengths, places = yield from _longest_matches(corpus, parts, seed)
        for number, part, own, own_places in zip(left, parts, lengths, places, strict=True):
            if own.any():
                found[number] = _describe(corpus, texts[number], part, own, own_places)
    return [found.get(n, Verbatim(len(text), 0, "", "", 0.0)) for n, text in enumerate(texts)]


def _describe(corpus: Corpus, text: str, tokens: Ints, lengths: Ints, places: Ints) -> Verbatim:
    best = int(lengths.argmax())
    stretch = corpus.alphabet.decode(tokens[best : best + int(lengths[best])])
    stretch = stretch.strip(REPLACEMENT)  # a match may begin within a character's bytes
    copied = np.zeros(len(tokens), np.bool_)
    for first in np.flatnonzero(lengths >= COPIED):
        copied[first : first + int(lengths[first])] = True
    place = int(places[best])
    source = next(
        (
            source.path.name
            for source in corpus.sources
            for part in (source.train, source.varied)
            if part.start <= place < part.start + part.length
        ),
        "",
    )
    share = float(copied.mean())
    return Verbatim(len(text), len(stretch), stretch, source, share)


def _longest_matches(
    corpus: Corpus, parts: Sequence[Ints], seed: int
) -> Generator[tuple[int, int], None, tuple[list[Ints], list[Ints]]]:
    """Of each place in each part, the longest match that begins there, and its place.

    Only matches that cannot begin a token earlier are followed; a place within one has the rest
    of it. Matches shorter than ``seed`` tokens are not found. Yields how many tokens of the corpus
    are done, and all of them.
    """
    apart = np.array([corpus.alphabet.size])  # a token that no corpus has
    query = np.concatenate([apart, *(piece for part in parts for piece in (part, apart))])
    lengths, places = np.zeros(len(query), np.int64), np.zeros(len(query), np.int64)
    if any(len(part) >= seed for part in parts):
        total = len(corpus.train)
        for done, batches in _candidates(corpus, query, seed):
            for corpus_places, query_places in batches:
                _follow(corpus, query, corpus_places, query_places, lengths, places)
            yield min(done, total), total
    for place in range(1, len(query)):
        if lengths[place - 1] - 1 > lengths[place]:
            lengths[place], places[place] = lengths[place - 1] - 1, places[place - 1] + 1
    ends = np.cumsum([1, *(len(part) + 1 for part in parts)])
    cuts = [slice(end, end + len(part)) for end, part in zip(ends[:-1], parts, strict=True)]
    return [lengths[cut] for cut in cuts], [places[cut] for cut in cuts]


def _hashes(tokens: NDArray[np.integer[Any]], keys: Hashes, seed: int) -> Hashes:
    """Hash of each stretch of ``seed`` tokens, a power of two; shape (tokens - seed + 1,)."""
    hashes: Hashes = keys[tokens]
    width = 1
    while width < seed:
        factor = keys[width] | np.uint64(1)
        hashes = hashes[:-width] * factor + hashes[width:]
        width *= 2
    return hashes


def _candidates(
    corpus: Corpus, query: Ints, seed: int
) -> Iterator[tuple[int, Iterator[tuple[Ints, Ints]]]]:
    """Places in the corpus and in the query where ``seed`` tokens agree.

    For each chunk of the corpus: the tokens up to its end, and the places, in batches.
    """
    generator = np.random.default_rng(seed)
    size = max(corpus.alphabet.size + 1, seed + 1)
    keys = generator.integers(0, 2**64, size, dtype=np.uint64)
    own = _hashes(query, keys, seed)
    order = np.argsort(own, kind="stable")
    distinct, first, count = np.unique(own[order], return_index=True, return_counts=True)
    shift = np.uint64(64 - _TABLE_BITS)
    wanted = np.zeros(1 << _TABLE_BITS, np.bool_)
    wanted[(distinct >> shift).astype(np.intp)] = True
    for number, start in enumerate(range(0, len(corpus.train) - seed + 1, _CHUNK)):
        if number % _RELEASE == _RELEASE - 1:
            corpus.release()
        hashes = _hashes(corpus.train[start : start + _CHUNK + seed - 1], keys, seed)
        hits = np.flatnonzero(wanted[(hashes >> shift).astype(np.intp)])
        which = np.minimum(np.searchsorted(distinct, hashes[hits]), len(distinct) - 1)
        right = distinct[which] == hashes[hits]
        hits, which = hits[right] + start, which[right]
        yield start + _CHUNK, _pairs(hits, which, order, first, count)


def _pairs(
    hits: Ints, which: Ints, order: Ints, first: Ints, count: Ints
) -> Iterator[tuple[Ints, Ints]]:
    """Each of the places ``hits`` with each place of its hash in the query, in batches."""
    batch = max(1, _PAIRS // int(count.max()))
    for begin in range(0, len(hits), batch):
        numbers = which[begin : begin + batch]
        times = count[numbers]
        within = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
        yield (
            np.repeat(hits[begin : begin + batch], times),
            order[np.repeat(first[numbers], times) + within],
        )


def _follow(
    corpus: Corpus,
    query: Ints,
    corpus_places: Ints,
    query_places: Ints,
    lengths: Ints,
    places: Ints,
) -> None:
    """Follow matches to their ends and enter those longer than what ``lengths`` knows."""
    train = corpus.train
    # Not those that begin earlier, and not those that differ where the known match ended.
    earlier = (corpus_places > 0) & (query_places > 0)
    before = train[np.maximum(corpus_places - 1, 0)] == query[np.maximum(query_places - 1, 0)]
    known = lengths[query_places]
    ends = np.minimum(corpus_places + known, len(train) - 1)
    reach = np.minimum(query_places + known, len(query) - 1)
    useful = ~(earlier & before) & (train[ends] == query[reach])
    corpus_places, query_places = corpus_places[useful], query_places[useful]
    matched = np.zeros(len(corpus_places), np.int64)
    going = np.arange(len(corpus_places))
    steps = np.arange(_BLOCK)
    while len(going):
        there = (corpus_places[going] + matched[going])[:, None] + steps
        here = (query_places[going] + matched[going])[:, None] + steps
        inside = (there < len(train)) & (here < len(query))
        same = train[np.minimum(there, len(train) - 1)] == query[np.minimum(here, len(query) - 1)]
        run = np.cumprod(same & inside, axis=1).sum(1)
        matched[going] += run
        going = going[run == _BLOCK]
    order = np.argsort(matched, kind="stable")  # the longest is entered last
    order = order[matched[order] > lengths[query_places[order]]]
    lengths[query_places[order]] = matched[order]
    places[query_places[order]] = corpus_places[order]
