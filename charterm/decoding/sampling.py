"""Sampling: several sequences at once, one character at a time, repeatable from a seed.

One step is: logits to scores (:class:`Spelling` excludes what would not be text), scores through
the chain of filters, plus noise, and the largest is the token. Where no filter is on, that is
a few passes over C numbers and no sort, C of the V tokens being possible at all.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from charterm.decoding.controls import Controls
from charterm.decoding.distributions import Scores, log_normaliser
from charterm.decoding.filters import build_chain
from charterm.decoding.generated import Alternatives, Character, Context, Ended, HistoryBuffer
from charterm.decoding.noise import GumbelNoise, seeded
from charterm.decoding.spelling import Columns, Spelling
from charterm.decoding.stopping import CANCELLED, Stopping
from charterm.engine.backend import Backend, Tokens
from charterm.text.alphabet import Alphabet

ShouldStop = Callable[[], bool]
Events = list[Character | Ended]


def sample(
    backend: Backend,
    alphabet: Alphabet,
    context: Context,
    controls: Controls,
    *,
    first: int = 0,
    alternatives: int = 0,
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
        should_stop: asked before every step.
    """
    batch = _Batch(backend, alphabet, context, seeded(controls), first, alternatives)
    while batch.live:
        if should_stop is not None and should_stop():
            yield from batch.cancel()
            return
        drawn = batch.draw()
        for row in range(len(batch.live)):
            yield from batch.take(row, drawn)
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
    """The tokens of one step and their log-probabilities, each of length N.

    Their scores, shape (N, C), and normaliser are of the tokens ``columns``, shape (C,).
    """

    tokens: Tokens
    token_list: list[int]
    logprobs: list[float]
    filtered: list[float]
    columns: Columns
    scores: Scores
    normaliser: Scores


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
    ) -> None:
        count = controls.n
        self._backend = backend
        self._context = context
        self._spelling = Spelling(alphabet)
        self._stopping = Stopping(controls, self._spelling)
        self._penalties = build_chain(controls, alphabet, penalties=True)
        self._shape = build_chain(controls, alphabet, penalties=False)
        self._noise = GumbelNoise(controls.seed, range(first, first + count), alphabet.size)
        self._alternatives = alternatives
        self._history = HistoryBuffer(context.tokens, count)
        self._state = np.repeat(context.state, count, axis=1)
        self._logits = np.repeat(backend.logits(context.state), count, axis=0)
        self._rows = np.arange(count)
        self.live = [_Sequence(first + row) for row in range(count)]

    def draw(self) -> _Drawn:
        """Choose the next token of every sequence."""
        rows, history = self._rows, self._history.tokens
        pending = [sequence.pending for sequence in self.live]
        columns = self._spelling.possible(pending)
        every = self._logits + self._spelling.exclusions(pending)
        scores = every.take(columns, axis=1)
        normaliser = log_normaliser(scores)
        penalised = self._penalties(every, history)
        filtered = scores if penalised is every else penalised.take(columns, axis=1)
        filtered = self._shape(filtered, history)
        chosen = (filtered + self._noise.next().take(columns, axis=1)).argmax(axis=1)
        tokens = columns[chosen]
        logprobs: list[float] = (scores[rows, chosen] - normaliser[:, 0]).tolist()
        filtered_logprobs = logprobs
        if filtered is not scores:
            remaining = log_normaliser(filtered)
            filtered_logprobs = (filtered[rows, chosen] - remaining[:, 0]).tolist()
        return _Drawn(
            tokens.astype(np.int32),
            tokens.tolist(),
            logprobs,
            filtered_logprobs,
            columns,
            scores,
            normaliser,
        )

    def take(self, row: int, drawn: _Drawn) -> Events:
        """What the token drawn for ``row`` gives: a character, an end, both or nothing."""
        sequence = self.live[row]
        token = drawn.token_list[row]
        if not sequence.pending:
            ends = self._stopping.before(sequence.text)
            if ends is not None and ends[token]:
                sequence.over = True
                total = log_normaliser(drawn.scores[row : row + 1, ends[drawn.columns]])
                mass = float(total[0, 0] - drawn.normaliser[row, 0])
                reason = self._stopping.ended(sequence.text)
                return [Ended(sequence.number, reason, mass, self._at(row))]
            if self._alternatives:
                logprobs = drawn.scores[row] - drawn.normaliser[row]
                sequence.ranked = self._rank(drawn.columns, logprobs)
        sequence.logprob += drawn.logprobs[row]
        sequence.filtered += drawn.filtered[row]
        piece, sequence.pending = self._spelling.extend(sequence.pending, token)
        if not piece:
            return []
        sequence.text += piece
        events: Events = [
            Character(sequence.number, piece, sequence.logprob, sequence.filtered, sequence.ranked)
        ]
        sequence.logprob = sequence.filtered = 0.0
        reason = self._stopping.after(sequence.text)
        if reason:
            sequence.over = True
            context = self._at(row).after(self._backend, drawn.tokens[row : row + 1])
            events.append(Ended(sequence.number, reason, 0.0, context))
        return events

    def step(self, tokens: Tokens) -> None:
        """Feed each sequence its token; those that are over leave the batch."""
        if any(sequence.over for sequence in self.live):
            kept = [row for row, sequence in enumerate(self.live) if not sequence.over]
            self.live = [self.live[row] for row in kept]
            if not kept:
                return
            self._history.select(kept)
            self._noise.keep(kept)
            self._state, tokens = self._state[:, kept], tokens[kept]
            self._rows = np.arange(len(kept))
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

    def _rank(self, columns: Columns, logprobs: Scores) -> Alternatives:
        """The most probable characters of a row, ``logprobs`` (C,) of the tokens ``columns``."""
        ranked = np.argsort(-logprobs, kind="stable")
        pieces = self._spelling.pieces
        found: list[tuple[str, float]] = []
        for place in ranked.tolist():
            if len(found) == self._alternatives or logprobs[place] == -np.inf:
                break
            piece = pieces[columns[place]]
            if piece:
                found.append((piece, float(np.exp(logprobs[place]))))
        return tuple(found)
