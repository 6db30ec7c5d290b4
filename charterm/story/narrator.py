"""A model that reads a story at any place of it and goes on from there.

What the model has seen at the end of a turn is fixed by the context rule of
:mod:`charterm.engine.session`: between KB and (K + 1)B - 1 characters before it. Within a turn it
reads on from the end of the turn before, however long the turn is, as it does while it writes. Both
depend on the text alone, so that a story goes on in the same way whether it was just written or
opened again, and a place anywhere in a long story is reached in less than (K + 1)B steps and the
turn's own.
"""

import json
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np

from charterm.decoding.controls import SAMPLE, Controls
from charterm.decoding.distributions import log_normaliser
from charterm.decoding.generated import Character, Context, Ended, Event, Results
from charterm.decoding.generation import generate
from charterm.decoding.spelling import Spelling
from charterm.decoding.stopping import ends_sentence
from charterm.engine.backend import Tokens
from charterm.engine.language_model import LanguageModel
from charterm.engine.session import anchor_of
from charterm.story.store import Logprobs
from charterm.story.story import Story
from charterm.story.tree import MODEL, Turn

KEPT: Final = 256
"""Places kept, the last used: 3 MB with a GRU of 768 units."""

INTERVAL: Final = 64
"""Characters between the places that are kept within a turn that was read."""

LOOKBACK: Final = 2048
"""Characters before a place that the penalties on repetition look back on."""

_CHUNK: Final = 256  # tokens whose logits are in memory at once

Place = tuple[str, int | None, int]


class Told(NamedTuple):
    """What happened while the model went on.

    Attributes:
        turn: the turn that it belongs to; ``None`` for the progress of a search, its results,
            and for an alternative that ended before its first character.
        event: what :func:`charterm.decoding.generation.generate` yielded.
    """

    turn: Turn | None
    event: Event


class _Going(NamedTuple):
    """What the model is writing: ``turns`` by sequence, ``after`` a turn.

    Each begins with the characters ``lead``.
    """

    turns: dict[int, int]
    after: int | None
    lead: tuple[Character, ...] = ()


class Narrator:
    """Reads and continues one story. Belongs to the thread of its story.

    While :meth:`go_on` runs in one thread, others may read the story and not change it.

    Attributes:
        model: what reads and writes.
        story: what is read and written.
    """

    def __init__(self, model: LanguageModel, story: Story) -> None:
        """Prepare to go on with ``story``."""
        self.model = model
        self.story = story
        self.name: Final = _fingerprint(model)
        self._spelling = Spelling(model.alphabet)
        self._kept: OrderedDict[Place, Context] = OrderedDict()

    def context(self, turn: int | None) -> Context:
        """What the model knows at the end of ``turn`` (``None``: before the first)."""
        tree = self.story.tree
        end = 0 if turn is None else tree[turn].end
        place = ("end", turn, end)  # a turn may still grow
        context = self._recall(place)
        if context is None:
            seen = tree.tail(turn, end - anchor_of(end))
            looked = self.model.alphabet.encode(tree.tail(turn, LOOKBACK))
            context = Context(self.model.advance(self.model.start, seen), looked)
            self._keep(place, context)
        return context

    def context_within(self, turn: int, offset: int) -> Context:
        """What the model knows before the character ``offset`` of ``turn``, or at its end.

        Raises:
            IndexError: the turn has no such place.
        """
        told = self.story.tree[turn]
        if not 0 <= offset <= len(told.text):
            raise IndexError(f"turn {turn} has {len(told.text)} characters, not {offset}")
        at, context = offset, None
        while at > 0 and (context := self._recall(("in", turn, at))) is None:
            at -= 1
        if context is None:
            context = self.context(told.parent)
        while at < offset:
            end = min(offset, (at // INTERVAL + 1) * INTERVAL)
            tokens = self.model.alphabet.encode(told.text[at:end])
            context = context.after(self.model.backend, tokens)
            at = end
            self._keep(("in", turn, at), context)
        return context

    def alternatives(
        self, turn: int, offset: int, count: int
    ) -> tuple[list[tuple[str, float]], float]:
        """The model's most probable characters at a place of a turn, and what the rest has.

        Returns:
            (character, probability) pairs, the best first, and the probability of all others.
        """
        return self.model.next_characters(self.context_within(turn, offset).state, count)

    def logprobs(self, turn: int) -> Logprobs:
        """Log-probability of each character of a turn, in nats, shape (C,).

        Those of a text that the model wrote are known; others are worked out, and saved.
        """
        known = self.story.logprobs(turn, self.name)
        if known is not None and not np.isnan(known).any():
            return known
        told = self.story.tree[turn]
        found = self._score(self.context(told.parent), told.text)
        self.story.keep_logprobs(turn, self.name, found)
        return found

    def go_on(
        self,
        controls: Controls,
        *,
        after: int | None = None,
        into: int | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Iterator[Told]:
        """Let the model write the next turn, or ``controls.n`` alternatives of it.

        The turns are in the story, and saved, as the characters come (those of a search at its
        end). The first to begin becomes the head; the others are branches beside it. Closing
        the iterator keeps what there is.

        After a sentence of the writer's the model goes on behind a space, in the same paragraph.
        Left to itself it would often begin a new line, as what it learnt from has many texts of a
        sentence only, and would then write line after line of such.

        Args:
            controls: how to generate.
            after: the turn that it follows, ``None`` for the beginning of the story. To try again
                a turn, give its parent.
            into: go on at the end of this turn, itself at the end of a branch, in place of a new
                one; one text only.
            should_stop: asked between two characters.
        """
        if into is None:
            context, lead = self._set_off(after)
            going = _Going({}, after, lead)
        else:
            controls = controls.changed({"n": 1})
            context = self.context_within(into, len(self.story.tree[into].text))
            going = _Going({0: into}, after)
        events = generate(
            self.model.backend, self.model.alphabet, context, controls, should_stop=should_stop
        )
        try:
            for event in events:
                yield self._tell(event, going, searched=controls.method != SAMPLE)
        finally:
            self.story.flush()

    def _set_off(self, after: int | None) -> tuple[Context, tuple[Character, ...]]:
        """The context of a turn after ``after``, behind the space that sets it off, if any."""
        context, tree = self.context(after), self.story.tree
        if after is None or tree[after].author == MODEL or not ends_sentence(tree[after].text):
            return context, ()
        logprob = float(self._score(context, " ")[0])
        tokens = self.model.alphabet.encode(" ")
        return context.after(self.model.backend, tokens), (Character(0, " ", logprob, logprob),)

    def _tell(self, event: Event, going: _Going, *, searched: bool) -> Told:
        if isinstance(event, Character):
            return Told(self._write(event.sequence, (event,), going), event)
        if isinstance(event, Ended):
            turn = going.turns.get(event.sequence)
            if turn is None:
                return Told(None, event)
            self._remember_end(turn, event.context)
            return Told(self.story.tree[turn], event)
        if isinstance(event, Results) and searched:
            for number, text in enumerate(event.texts):
                if text.text:
                    self._write(number, text.characters, going)
        return Told(None, event)

    def _write(self, sequence: int, characters: tuple[Character, ...], going: _Going) -> Turn:
        begun = going.turns.get(sequence)
        if begun is None:
            characters = going.lead + characters
        text = "".join(character.text for character in characters)
        logprobs = [character.logprob for character in characters]
        if begun is not None:
            return self.story.grow(begun, text, logprobs, self.name)
        known, first = np.array(logprobs, np.float32), not going.turns
        turn = self.story.add(going.after, MODEL, text, known, model=self.name, go=first)
        going.turns[sequence] = turn.id
        return turn

    def _remember_end(self, turn: int, context: Context) -> None:
        told = self.story.tree[turn]
        self._keep(("in", turn, len(told.text)), context)
        if anchor_of(told.start) == anchor_of(told.end):
            # the model has read from where the rule begins for the next turn as well
            looked = context.tokens[-LOOKBACK:]
            self._keep(("end", turn, told.end), Context(context.state, looked))

    def _score(self, context: Context, text: str) -> Logprobs:
        backend, alphabet = self.model.backend, self.model.alphabet
        tokens = alphabet.encode(text)
        pending = self._pending(tokens)
        state, logprobs = context.state, np.empty(len(tokens))
        rows = backend.logits(state)
        for start in range(0, len(tokens), _CHUNK):
            chunk = tokens[start : start + _CHUNK]
            read, state = backend.read(state, chunk)
            rows, upcoming = np.concatenate([rows, read[:-1]]), read[-1:]  # logits before each
            scores = rows + self._spelling.exclusions(pending[start : start + _CHUNK])
            chosen = scores[np.arange(len(chunk)), chunk]
            logprobs[start : start + _CHUNK] = chosen - log_normaliser(scores)[:, 0]
            rows = upcoming
        if not len(tokens):
            return np.zeros(0, np.float32)
        starts = np.flatnonzero(alphabet.character_starts(tokens))
        return np.add.reduceat(logprobs, starts).astype(np.float32)

    def _pending(self, tokens: Tokens) -> list[bytes]:
        """Before each token, the first bytes of a character that is not complete."""
        pending, now = [], b""
        for token in tokens.tolist():
            pending.append(now)
            _, now = self._spelling.extend(now, token)
        return pending

    def _recall(self, place: Place) -> Context | None:
        context = self._kept.get(place)
        if context is not None:
            self._kept.move_to_end(place)
        return context

    def _keep(self, place: Place, context: Context) -> None:
        self._kept[place] = context
        self._kept.move_to_end(place)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)


def _fingerprint(model: LanguageModel) -> str:
    """The model's name and a number that changes when it is trained further."""
    description = json.dumps(model.info.to_json(), sort_keys=True, default=str)
    return f"{model.name}#{zlib.crc32(description.encode()):08x}"
