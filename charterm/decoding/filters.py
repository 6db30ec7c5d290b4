"""The chain of filters between the model's logits and the choice of the next token.

Every filter is a pure function of scores, shape (N, V): a penalty, of history as well, the tokens
before, shape (N, T), to new scores; a truncation to which tokens are kept; the temperature to new
scores. Its keyword arguments have the names of the controls. The order of :data:`FILTERS` is that
of llama.cpp's default chain, with the temperature last.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from charterm.decoding.controls import Controls
from charterm.decoding.distributions import Scores, entropies, softmax
from charterm.text.alphabet import Alphabet

History = NDArray[np.int32]
Kept = NDArray[np.bool_]
Places = NDArray[np.intp]

_LARGEST_EXPONENT: Final = 88.7  # ln of the largest float32: DRY's penalty stays finite
NEVER: Final = np.array(-np.inf, np.float32)  # np.where is slower with a Python float
_RARE: Final = 4  # a run of so many tokens has seldom been there before


def _window(history: History, last_n: int) -> History:
    """The last ``last_n`` tokens of each row, all of them for -1."""
    return history if last_n < 0 else history[:, max(0, history.shape[1] - last_n) :]


def _or_all(scores: Scores, kept: Kept) -> Kept:
    """``kept``, and all of a row of which nothing would be kept."""
    return kept | ~(kept & (scores > -np.inf)).any(axis=1, keepdims=True)


def line_breaks(
    scores: Scores, history: History, *, line_breaks: str, newline: int, space: int
) -> Scores:
    """Give the probability of a line break to the space, so that a text stays in its paragraph.

    With ``"auto"`` only in rows whose history has no line break. Were it taken away and given to
    all, a model that learnt from lines would not end a sentence, but draw it out.
    """
    rows = slice(None) if line_breaks == "space" else ~(history == newline).any(axis=1)
    joined = scores.copy()
    joined[rows, space] = np.logaddexp(scores[rows, space], scores[rows, newline])
    joined[rows, newline] = NEVER
    return joined


def repetition_penalty(
    scores: Scores, history: History, *, repetition_penalty: float, repeat_last_n: int
) -> Scores:
    """Divide positive logits of recent tokens by the penalty and multiply negative ones by it.

    Keskar et al. 2019, "CTRL", section 4.1 (arXiv 1909.05858), with the sign rule of transformers
    and the window of llama.cpp.
    """
    recent = _window(history, repeat_last_n)
    if recent.shape[1] == 0:
        return scores
    penalised = scores.copy()
    rows = np.arange(len(scores))[:, None]
    values = scores[rows, recent]
    # the same token twice in the window writes the same value twice
    penalised[rows, recent] = np.where(
        values < 0, values * repetition_penalty, values / repetition_penalty
    )
    return penalised


def no_repeat_ngram(scores: Scores, history: History, *, no_repeat_ngram_size: int) -> Scores:
    """Exclude tokens that would complete an n-gram that is already in the history.

    Paulus et al. 2018, "A Deep Reinforced Model for Abstractive Summarization", section 2.5
    (arXiv 1705.04304). Where nothing else is left, the row stays as it is.
    """
    rows, ends = _earlier_copies(history, no_repeat_ngram_size - 1)
    if rows.size == 0:
        return scores
    kept = np.ones(scores.shape, np.bool_)
    kept[rows, history[rows, ends + 1]] = False
    return np.where(_or_all(scores, kept), scores, NEVER)


def dry(
    scores: Scores,
    history: History,
    *,
    dry_multiplier: float,
    dry_base: float,
    dry_allowed_length: int,
    dry_penalty_last_n: int,
    dry_breakers: frozenset[int] = frozenset(),
) -> Scores:
    """Lower tokens that would lengthen a run that has been there before ("don't repeat yourself").

    For a token that followed an earlier copy of the last m tokens, with m the largest, take off
    multiplier * base ** (m - allowed length) when m is at least the allowed length. No run goes
    across a token of ``dry_breakers``. By p-e-w, text-generation-webui pull request 5677, as in
    llama.cpp.
    """
    recent = _window(history, dry_penalty_last_n)
    rows, ends = _earlier_copies(recent, dry_allowed_length)
    if rows.size == 0:
        return scores
    reach = _run_lengths(recent, dry_breakers)
    if dry_base > 1.0:  # beyond this the penalty would leave the range of a float
        most = dry_allowed_length + int(_LARGEST_EXPONENT / math.log(dry_base))
        reach = np.minimum(reach, most)
    penalised = scores.copy()
    length = dry_allowed_length
    while rows.size:
        allowed = reach[rows] >= length
        rows, ends = rows[allowed], ends[allowed]
        followers = recent[rows, ends + 1]
        penalty = dry_multiplier * dry_base ** (length - dry_allowed_length)
        penalised[rows, followers] = scores[rows, followers] - penalty
        rows, ends = _longer_copies(recent, rows, ends, length)
        length += 1
    return penalised


def _earlier_copies(history: History, length: int) -> tuple[Places, Places]:
    """Rows and ends of the earlier copies of the last ``length`` tokens of each row.

    An end is the place of a copy's last token, before the last place; copies of nothing at all end
    before every place.
    """
    count, size = history.shape
    rare = length >= _RARE and not any(_may_recur(row, length) for row in history)
    if length >= size or rare:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    scanned = min(length, 2)
    same = np.ones((count, size - scanned), np.bool_)
    for back in range(scanned):
        last = size - 1 - back
        same &= history[:, scanned - 1 - back : last] == history[:, last : last + 1]
    rows, ends = same.nonzero()
    ends += scanned - 1
    for known in range(scanned, length):
        rows, ends = _longer_copies(history, rows, ends, known)
    return rows, ends


def _longer_copies(
    history: History, rows: Places, ends: Places, length: int
) -> tuple[Places, Places]:
    """Of the copies of the last ``length`` tokens, those of the last ``length`` + 1."""
    starts = ends - length
    # a start before the first token is looked up at the other end, and then refused
    kept = (history[rows, starts] == history[rows, -1 - length]) & (starts >= 0)
    return rows[kept], ends[kept]


def _may_recur(tokens: History, length: int) -> bool:
    """Whether the last ``length`` of the tokens (T,) may be among them earlier.

    Bytes are searched faster than NumPy compares; what is found may be no whole tokens.
    """
    spelt, width = tokens.tobytes(), tokens.itemsize
    return spelt.find(spelt[-length * width :], 0, len(spelt) - width) >= 0


def _run_lengths(history: History, breakers: frozenset[int]) -> Places:
    """How many tokens at the end of each row are none of ``breakers``, shape (N,)."""
    broken = np.isin(history[:, ::-1], list(breakers))
    lengths: Places = np.where(broken.any(axis=1), broken.argmax(axis=1), history.shape[1])
    return lengths


def top_k(scores: Scores, *, top_k: int) -> Kept:
    """Keep the k most probable tokens, and those as probable as the last of them.

    Fan et al. 2018, "Hierarchical Neural Story Generation", section 5 (arXiv 1805.04833).
    """
    last = max(0, scores.shape[1] - top_k)
    ordered = scores.copy()
    ordered.partition(last, axis=1)
    return scores >= ordered[:, last, None]


def is_in_top_k(
    scores: Scores, columns: list[int], probabilities: list[float], *, top_k: int
) -> list[bool]:
    """Whether :func:`top_k` keeps a token of each row: fewer than k are more probable.

    Of a token whose probability is 1/k that is known without counting.
    """
    stays = [probability * top_k >= 1.0 for probability in probabilities]
    for row in (row for row, stay in enumerate(stays) if not stay):
        likelier = scores[row] > scores[row, columns[row]]
        stays[row] = int(np.count_nonzero(likelier)) < top_k
    return stays


def typical(scores: Scores, *, typical_p: float) -> Kept:
    """Keep the tokens whose surprise is nearest to the entropy, up to a mass of ``typical_p``.

    Meister et al. 2023, "Locally Typical Sampling" (arXiv 2202.00666).
    """
    probabilities = softmax(scores)
    with np.errstate(divide="ignore"):
        distance = np.abs(-np.log(probabilities) - entropies(probabilities))
    order = np.argsort(distance, axis=1, kind="stable")
    before = np.cumsum(np.take_along_axis(probabilities, order, axis=1), axis=1)
    last = np.minimum((before < typical_p).sum(axis=1), scores.shape[1] - 1)
    furthest = np.take_along_axis(distance, order, axis=1)[np.arange(len(scores)), last, None]
    return _or_all(scores, distance <= furthest)


def top_p(scores: Scores, *, top_p: float) -> Kept:
    """Keep the fewest most probable tokens whose mass is at least ``top_p`` (nucleus).

    Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration" (arXiv 1904.09751).
    """
    probabilities = softmax(scores)
    order = np.argsort(-probabilities, axis=1, kind="stable")
    ranked = np.take_along_axis(probabilities, order, axis=1)
    needed = np.cumsum(ranked, axis=1) - ranked < top_p  # mass of the more probable ones
    needed[:, 0] = True
    kept = np.empty_like(needed)
    np.put_along_axis(kept, order, needed, axis=1)
    return kept


def min_p(scores: Scores, *, min_p: float) -> Kept:
    """Drop tokens less probable than ``min_p`` times the most probable one.

    Nguyen et al. 2024, "Turning Up the Heat: Min-p Sampling" (arXiv 2407.01082).
    """
    return scores >= np.maximum.reduce(scores, axis=1, keepdims=True) + math.log(min_p)


def epsilon_cutoff(scores: Scores, *, epsilon_cutoff: float) -> Kept:
    """Drop tokens less probable than epsilon, but never the most probable one.

    Hewitt et al. 2022, "Truncation Sampling as Language Model Desmoothing", section 3
    (arXiv 2210.15191).
    """
    return _above(softmax(scores), epsilon_cutoff)


def eta_cutoff(scores: Scores, *, eta_cutoff: float) -> Kept:
    """Drop tokens less probable than min(epsilon, sqrt(epsilon) * exp(-entropy)).

    Hewitt et al. 2022, the same, section 4. ``eta_cutoff`` is epsilon, as in transformers.
    """
    probabilities = softmax(scores)
    eta = np.minimum(eta_cutoff, math.sqrt(eta_cutoff) * np.exp(-entropies(probabilities)))
    return _above(probabilities, eta)


def _above(probabilities: Scores, floor: float | Scores) -> Kept:
    highest = np.maximum.reduce(probabilities, axis=1, keepdims=True)
    return probabilities >= np.minimum(floor, highest)


def temperature(scores: Scores, *, temperature: float) -> Scores:
    """Divide the scores by the temperature; 0 is :func:`greedy`, the limit.

    Ackley, Hinton and Sejnowski 1985, "A Learning Algorithm for Boltzmann Machines".
    """
    return scores / temperature if temperature > 0 else greedy(scores)


def greedy(scores: Scores) -> Scores:
    """Keep only the most probable token, the one of lowest id where several are.

    Sutskever et al. 2014, "Sequence to Sequence Learning", section 3.2 (a beam of one).
    """
    best = np.argmax(scores, axis=1)[:, None]
    chosen = np.full(scores.shape, -np.inf)
    np.put_along_axis(chosen, best, np.take_along_axis(scores, best, axis=1), axis=1)
    return chosen


@dataclass(frozen=True, slots=True)
class Filter:
    """An entry of the registry.

    Attributes:
        function: the filter.
        controls: the controls it takes, the one that switches it first.
        off: the value of the first control with which it changes nothing.
        kind: a penalty judges by the history, and so takes part in a beam search too; the others
            shape the distribution that is sampled from, whatever the history. The penalties come
            first, the temperature last.
        keeps: of a truncation: whether it keeps a token of each row, where that is told sooner
            than all that it keeps.
    """

    function: Callable[..., Scores | Kept]
    controls: tuple[str, ...]
    off: float | str
    kind: Literal["penalty", "truncation", "temperature"] = "truncation"
    keeps: Callable[..., list[bool]] | None = None


FILTERS: Final[dict[str, Filter]] = {
    "line_breaks": Filter(line_breaks, ("line_breaks",), "keep", kind="penalty"),
    "repetition_penalty": Filter(
        repetition_penalty, ("repetition_penalty", "repeat_last_n"), 1.0, kind="penalty"
    ),
    "no_repeat_ngram": Filter(no_repeat_ngram, ("no_repeat_ngram_size",), 0, kind="penalty"),
    "dry": Filter(
        dry,
        ("dry_multiplier", "dry_base", "dry_allowed_length", "dry_penalty_last_n"),
        0.0,
        kind="penalty",
    ),
    "top_k": Filter(top_k, ("top_k",), 0, keeps=is_in_top_k),
    "typical": Filter(typical, ("typical_p",), 1.0),
    "top_p": Filter(top_p, ("top_p",), 1.0),
    "min_p": Filter(min_p, ("min_p",), 0.0),
    "epsilon_cutoff": Filter(epsilon_cutoff, ("epsilon_cutoff",), 0.0),
    "eta_cutoff": Filter(eta_cutoff, ("eta_cutoff",), 0.0),
    "temperature": Filter(temperature, ("temperature",), 1.0, kind="temperature"),
}
"""All filters by name, in the order in which they are applied."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Filters one after the other; a filter itself.

    Attributes:
        penalties: in order.
        truncations: in order, each applied to what those before it keep.
        temperature: the last filter; ``None`` where it changes nothing.
        sooner: as :meth:`keeps`, where there is a quicker way.
    """

    penalties: tuple[Callable[[Scores, History], Scores], ...] = ()
    truncations: tuple[Callable[[Scores], Kept], ...] = ()
    temperature: Callable[[Scores], Scores] | None = None
    sooner: Callable[[Scores, list[int], list[float]], list[bool]] | None = None

    def __call__(self, scores: Scores, history: History) -> Scores:
        """``scores``, shape (N, V), through every filter; ``history`` has shape (N, T)."""
        scores = self.penalise(scores, history)
        if self.truncations:
            scores = np.where(self.kept(scores), scores, NEVER)
        return scores if self.temperature is None else self.temperature(scores)

    def penalise(self, scores: Scores, history: History) -> Scores:
        """``scores`` through the penalties."""
        for penalty in self.penalties:
            scores = penalty(scores, history)
        return scores

    def kept(self, scores: Scores) -> Kept:
        """What every truncation keeps of penalised scores, shape (N, V)."""
        kept: Kept | None = None
        for truncation in self.truncations:
            if kept is None:
                kept = truncation(scores)
            else:
                kept = kept & truncation(np.where(kept, scores, NEVER))
        return np.ones(scores.shape, np.bool_) if kept is None else kept

    def keeps(self, scores: Scores, columns: list[int], probabilities: list[float]) -> list[bool]:
        """Whether the truncations keep one token of each of the N rows.

        Args:
            scores: (N, V), penalised.
            columns: the tokens.
            probabilities: theirs, under these scores or any others in the same order.
        """
        if self.sooner is not None:
            return self.sooner(scores, columns, probabilities)
        return list(map(self.kept(scores).item, range(len(columns)), columns))


def build_chain(controls: Controls, alphabet: Alphabet, *, penalties_only: bool = False) -> Chain:
    """The filters that ``controls`` switch on, in order.

    Args:
        controls: the values.
        alphabet: gives the tokens of ``dry_sequence_breakers``.
        penalties_only: only the penalties, which alone a beam search takes (as in transformers).
    """
    found: dict[str, list[Any]] = {"penalty": [], "truncation": [], "temperature": [None]}
    sooner: list[Callable[[Scores, list[int], list[float]], list[bool]] | None] = []
    for name, entry in FILTERS.items():
        if getattr(controls, entry.controls[0]) == entry.off:
            continue
        if penalties_only and entry.kind != "penalty":
            continue
        values: dict[str, Any] = {c: getattr(controls, c) for c in entry.controls}
        if name == "dry":
            values["dry_breakers"] = breaker_tokens(controls.dry_sequence_breakers, alphabet)
        if name == "line_breaks":
            if controls.line_breaks == "auto" and _needs_line_breaks(controls):
                continue
            values["newline"], values["space"] = (alphabet.encode_character(c)[0] for c in "\n ")
        found[entry.kind].append(partial(entry.function, **values))
        if entry.kind == "truncation":
            sooner.append(None if entry.keeps is None else partial(entry.keeps, **values))
    return Chain(
        tuple(found["penalty"]),
        tuple(found["truncation"]),
        found["temperature"][-1],
        sooner[0] if len(sooner) == 1 else None,
    )


def _needs_line_breaks(controls: Controls) -> bool:
    """Whether a text may end only with a line break."""
    return controls.until == "paragraph" or any("\n" in text for text in controls.stop)


def breaker_tokens(breakers: Iterable[str], alphabet: Alphabet) -> frozenset[int]:
    """The last token of each breaker.

    A character that the alphabet spells in several bytes is known by its last byte, which some
    other such characters share: a run may then end a little early, never late.
    """
    return frozenset(alphabet.encode_character(character)[-1] for character in breakers)
