"""Sampling: several sequences at once, one character at a time, repeatable from a seed.

One step is: logits to scores of the tokens that may come next (:class:`Spelling` knows which, C of
the V), scores through the penalties and the temperature, their exponentials summed up from the
first token on, and a random number between nothing and the sum of all falls on a token. It is the
token drawn where the truncations keep it. Elsewhere the number lies somewhere in what they leave
out, evenly distributed, and is stretched over what they keep. So what they leave out, mostly hardly
anything, needs no sorting for each token: what a step costs beside the model's own is the number of
its NumPy calls, hardly their size.
"""

import math
import warnings
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from operator import mul, sub, truediv
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from charterm.decoding.controls import Controls
from charterm.decoding.distributions import Scores, log_normaliser
from charterm.decoding.filters import NEVER, build_chain
from charterm.decoding.generated import Alternatives, Character, Context, Ended, HistoryBuffer
from charterm.decoding.noise import UniformStreams, seeded
from charterm.decoding.spelling import Columns, Spelling
from charterm.decoding.stopping import CANCELLED, Mask, Stopping
from charterm.engine.backend import Backend, Tokens
from charterm.text.alphabet import Alphabet

_LEAST: Final = 1e-12
_MOST: Final = 1e30
"""Between these sums of exponentials neither the large nor the small ones leave a float32's range:
then there is no need to find the largest score first and to take it off."""

# an infinite exponential shows in the sum; to ask for silence at each step takes 3 µs of it
warnings.filterwarnings("ignore", "overflow encountered in exp", RuntimeWarning, __name__)

_BELOW_ONE: Final = 1.0 - 2.0**-53

ShouldStop = Callable[[], bool]
Events = list[Character | Ended]
Sums = NDArray[np.float64]


def sample(
    backend: Backend,
    alphabet: Alphabet,
    context: Context,
    controls: Controls,
    *,
    first: int = 0,
    alternatives: int = 0,
    with_filtered: bool = False,
    should_stop: ShouldStop | None = None,
) -> Iterator[Character | Ended]:
    """Sample ``controls.n`` texts that go on from ``context``.

    The characters come as soon as they are found, those of the sequences in turn, and one
    :class:`Ended` for each sequence. Closing the generator stops at once; ``should_stop`` ends
    all sequences between two characters, each with a context to go on from.

    Args:
        backend: runs the model.
        alphabet: its tokens' meaning.
        context: what came before.
        controls: how to sample; ``method`` is not looked at.
        first: number of the first sequence. Sequence k of a seed is the same text whatever the
            batch that it is sampled in.
        alternatives: how many of the model's most probable characters come with each.
        with_filtered: whether the ``filtered_logprob`` of each comes with it.
        should_stop: asked before every step.
    """
    batch = _Batch(
        backend,
        alphabet,
        context,
        seeded(controls),
        first,
        alternatives,
        with_filtered=with_filtered,
    )
    while batch.live:
        if should_stop is not None and should_stop():
            yield from batch.cancel()
            return
        drawn = batch.draw()
        yield from batch.take(drawn)
        batch.step(drawn.tokens)


class _Sequence:
    """One alternative while it grows; ``pending`` and what follows are its open character."""

    __slots__ = ("filtered", "logprob", "number", "over", "pending", "ranked", "text")

    def __init__(self, number: int) -> None:
        self.number = number
        self.text = ""
        self.over = False
        self.pending = b""
        self.logprob = 0.0
        self.filtered = 0.0
        self.ranked: Alternatives = ()


class _Drawn(NamedTuple):
    """The tokens of one step and their log-probabilities in nats, each of length N.

    The scores, shape (N, C), are the model's of the tokens that may come next, and the normalisers
    the logarithms of the sums of their exponentials.
    """

    tokens: Tokens
    token_list: list[int]
    logprobs: list[float]
    filtered: list[float] | None
    scores: Scores
    normalisers: list[float]


class _Batch:
    """The live sequences of a sampling: N rows of every array."""

    def __init__(
        self,
        backend: Backend,
        alphabet: Alphabet,
        context: Context,
        controls: Controls,
        first: int,
        alternatives: int,
        *,
        with_filtered: bool,
    ) -> None:
        count = controls.n
        self._backend = backend
        self._context = context
        self._spelling = Spelling(alphabet)
        self._between = self._spelling.following(b"")
        self._token_list: list[int] = self._between.tolist()
        self._stopping = Stopping(controls, self._spelling)
        self._chain = build_chain(controls, alphabet)
        self._scale = self._chain.temperature
        self._greedy = controls.temperature <= 0
        self._random = UniformStreams(controls.seed, range(first, first + count))
        self._exponentials, self._unscaled = _Exponentials(), _Exponentials()
        self._alternatives = alternatives
        self._with_filtered = with_filtered
        self._history = HistoryBuffer(context.tokens, count)
        self._state = np.repeat(context.state, count, axis=1)
        self._logits = np.repeat(backend.logits(context.state), count, axis=0)
        self._inside = False  # whether any sequence is inside a character
        self._ended = False  # whether any has ended in this step
        self.live = [_Sequence(first + row) for row in range(count)]

    def draw(self) -> _Drawn:
        """Choose the next token of every sequence."""
        following = self._following() if self._inside else {}
        scores = penalised = _compact(self._logits, self._between, following)
        if self._chain.penalties:
            pending = [sequence.pending for sequence in self.live]
            every = self._logits + self._spelling.exclusions(pending)
            changed = self._chain.penalise(every, self._history.tokens)
            if changed is not every:
                penalised = _compact(changed, self._between, following)
        if self._greedy and self._chain.truncations:
            penalised = np.where(self._chain.kept(penalised), penalised, NEVER)
        # above 0 the temperature changes no order, so that the truncations keep what they kept
        scaled = penalised if self._scale is None else self._scale(penalised)

        whole = self._exponentials.of(scaled)
        numbers = list(map(mul, self._random.next(), whole.totals))
        columns = list(map(bisect_right, whole.rows, numbers))
        if self._chain.truncations:
            drawn = map(whole.weights.item, range(len(columns)), columns)
            probabilities = list(map(truediv, drawn, whole.totals))
            stays = self._chain.keeps(penalised, columns, probabilities)
            if not all(stays):
                self._stretch(columns, numbers, stays, whole, penalised, scaled)
        filtered = None
        if self._with_filtered:
            filtered = _logprobs(scaled, columns, self._filtered_normalisers(penalised, scaled))
        normalisers = (whole if scaled is scores else self._unscaled.of(scores)).normalisers
        logprobs = _logprobs(scores, columns, normalisers)
        tokens = [self._token_list[column] for column in columns]
        for row, inside in following.items():
            tokens[row] = int(inside[columns[row]])
        return _Drawn(np.array(tokens, np.int32), tokens, logprobs, filtered, scores, normalisers)

    def _stretch(
        self,
        columns: list[int],
        numbers: list[float],
        stays: list[bool],
        whole: "_Exponentials",
        penalised: Scores,
        scaled: Scores,
    ) -> None:
        """Choose anew in the rows in which a column does not stay."""
        kept = self._chain.kept(penalised)
        for row in (row for row, stay in enumerate(stays) if not stay):
            left_out = np.where(kept[row], 0.0, whole.weights[row])
            number = _stretched(numbers[row], whole.sums[row], left_out, columns[row])
            columns[row] = _column_at(number, np.where(kept[row], scaled[row], NEVER))

    def _filtered_normalisers(self, penalised: Scores, scaled: Scores) -> list[float]:
        if self._chain.truncations:
            scaled = np.where(self._chain.kept(penalised), scaled, NEVER)
        normalisers: list[float] = log_normaliser(scaled)[:, 0].tolist()
        return normalisers

    def _following(self) -> dict[int, Columns]:
        """The tokens that may follow in each row that is inside a character."""
        pending = {row: sequence.pending for row, sequence in enumerate(self.live)}
        following = {row: self._spelling.following(p) for row, p in pending.items() if p}
        self._inside = bool(following)
        return following

    def take(self, drawn: _Drawn) -> Events:
        """What the tokens drawn give: of each row a character, an end, both or nothing."""
        events: Events = []
        pieces, stopping = self._spelling.pieces, self._stopping
        rows = zip(self.live, drawn.token_list, drawn.logprobs, strict=True)
        for row, (sequence, token, logprob) in enumerate(rows):
            piece = ""
            if not sequence.pending:
                piece = pieces[token]
                if stopping.looks_before:
                    ends = stopping.before(sequence.text)
                    if ends is not None and ends[token]:
                        events.append(self._ended_before(row, drawn, ends))
                        continue
                if self._alternatives:
                    sequence.ranked = self._rank(drawn.scores[row] - drawn.normalisers[row])
            sequence.logprob += logprob
            if drawn.filtered is not None:
                sequence.filtered += drawn.filtered[row]
            if not piece:
                piece, sequence.pending = self._spelling.extend(sequence.pending, token)
                if not piece:
                    self._inside = True
                    continue
            sequence.text += piece
            filtered = None if drawn.filtered is None else sequence.filtered
            events.append(
                Character(sequence.number, piece, sequence.logprob, filtered, sequence.ranked)
            )
            sequence.logprob = sequence.filtered = 0.0
            reason = stopping.after(sequence.text)
            if reason:
                sequence.over = self._ended = True
                context = self._at(row).after(self._backend, drawn.tokens[row : row + 1])
                events.append(Ended(sequence.number, reason, 0.0, context))
        return events

    def _ended_before(self, row: int, drawn: _Drawn, ends: Mask) -> Ended:
        """The end of a sequence in which a token of ``ends`` was drawn."""
        sequence = self.live[row]
        sequence.over = self._ended = True
        ending = log_normaliser(drawn.scores[row : row + 1, ends[self._between]])
        mass = float(ending[0, 0]) - drawn.normalisers[row]
        return Ended(sequence.number, self._stopping.ended(sequence.text), mass, self._at(row))

    def step(self, tokens: Tokens) -> None:
        """Feed each sequence its token; those that are over leave the batch."""
        if self._ended:
            self._ended = False
            kept = [row for row, sequence in enumerate(self.live) if not sequence.over]
            self.live = [self.live[row] for row in kept]
            if not kept:
                return
            self._history.select(kept)
            self._random.keep(kept)
            self._state, tokens = self._state[:, kept], tokens[kept]
        self._history.append(tokens)
        self._logits, self._state = self._backend.step(self._state, tokens)

    def cancel(self) -> Events:
        """The end of every sequence, before the character that is open in it."""
        events: Events = []
        for row, sequence in enumerate(self.live):
            context = self._at(row)
            if sequence.pending:
                generated = context.tokens[len(self._context.tokens) : -len(sequence.pending)]
                context = self._context.after(self._backend, generated)
            events.append(Ended(sequence.number, CANCELLED, 0.0, context))
        return events

    def _at(self, row: int) -> Context:
        """The context of a sequence before the token just drawn; copies, not views."""
        state = np.ascontiguousarray(self._state[:, row : row + 1])
        return Context(state, self._history.tokens[row].copy())

    def _rank(self, logprobs: Scores) -> Alternatives:
        """The most probable characters of a row between characters; ``logprobs`` (C,)."""
        ranked = np.argsort(-logprobs, kind="stable")
        pieces = self._spelling.pieces
        found: list[tuple[str, float]] = []
        for place in ranked.tolist():
            if len(found) == self._alternatives or logprobs[place] == -np.inf:
                break
            piece = pieces[self._between[place]]
            if piece:
                found.append((piece, float(np.exp(logprobs[place]))))
        return tuple(found)


def _compact(every: Scores, between: Columns, following: dict[int, Columns]) -> Scores:
    """The scores of the tokens that may come next, shape (N, C), of all of them, (N, V).

    Column k is the token ``between[k]``, or ``following[row][k]`` in a row that is inside a
    character. There fewer tokens may come next, continuation bytes; the other columns are -inf.
    """
    scores = every.take(between, axis=1)
    for row, inside in following.items():
        scores[row] = -np.inf
        scores[row, : len(inside)] = every[row, inside]
    return scores


class _Exponentials:
    """The exponentials of the scores of N rows, up to a factor of each row.

    Those of each step take the place of the last ones, for which there is memory, and a view of
    each row, already.

    Attributes:
        weights: they, shape (N, C).
        sums: their running sums, shape (N, C).
        rows: each row of the sums, to be searched.
        totals: the last sum of each row.
        normalisers: of each row the logarithm of the sum of the exponentials without a factor.
    """

    __slots__ = ("normalisers", "rows", "sums", "totals", "weights")

    def __init__(self) -> None:
        self._make(np.empty((0, 0), np.float32))

    def _make(self, scores: Scores) -> None:
        self.weights: Scores = np.empty_like(scores)
        self.sums: Sums = np.empty(scores.shape, np.float64)
        self.rows: list[Sequence[float]] = [memoryview(row) for row in self.sums]
        self.totals: list[float] = []
        self.normalisers: list[float] = []

    def of(self, scores: Scores) -> Self:
        """Those of ``scores`` (N, C) from now on.

        A model's scores are near 0, and so are most filters', as near as a float32 needs them:
        they are first tried as they are.
        """
        if scores.shape != self.weights.shape or scores.dtype != self.weights.dtype:
            self._make(scores)
        weights, sums = self.weights, self.sums
        np.exp(scores, weights)
        np.add.accumulate(weights, 1, np.float64, sums)
        totals = [row[-1] for row in self.rows]
        if max(totals) < _MOST and min(totals) > _LEAST:
            self.normalisers = list(map(math.log, totals))
        else:
            highest = np.maximum.reduce(scores, axis=1, keepdims=True)
            np.exp(scores - highest, weights)
            np.add.accumulate(weights, 1, np.float64, sums)
            totals = [row[-1] for row in self.rows]
            self.normalisers = (highest + np.log(sums[:, -1:]))[:, 0].tolist()
        self.totals = totals
        return self


def _stretched(number: float, sums: Sums, left_out: Sums, column: int) -> float:
    """Where in what is left out a number lies that fell on it, from 0 to below 1.

    Args:
        number: what fell on ``column``.
        sums: (C,), running sums of the weights.
        left_out: (C,), the weights of what is left out, and 0.
        column: one that is left out.
    """
    inside = number - (float(sums[column - 1]) if column else 0.0)
    place = (float(left_out[:column].sum()) + inside) / float(left_out.sum())
    return min(max(place, 0.0), _BELOW_ONE)


def _column_at(number: float, scores: Scores) -> int:
    """The column on which a number from 0 to below 1 falls, by the exponentials of ``scores`` (C,).

    Their highest may be far below the highest of all.
    """
    kept = _Exponentials().of(scores[None] - scores.max())
    return bisect_right(kept.rows[0], number * kept.totals[0])


def _logprobs(scores: Scores, columns: list[int], normalisers: list[float]) -> list[float]:
    """Of each row's score at its column."""
    return list(map(sub, map(scores.item, range(len(columns)), columns), normalisers))
