"""The likeliest words to come, with true probabilities, from a search that is kept between keys.

A completion is what the text goes on with up to a word's end: an optional space (where the text
does not end in white space) and the characters of a word. Its probability is that of exactly these
characters being typed next and then a character that ends the word: the product of the character
probabilities times that of the boundary. So the probabilities of all words at one place are those
of disjoint events and can be compared with a threshold. One thing is left out, so that a
probability is never too high: a boundary that is itself spelt in bytes, where that is so unlikely
that the search never comes to it.

After a letter of a script of which the model has no letter (Hangul for an English model) it knows
nothing of the word: there only words that the user wrote before are found.

Where the model has the words of its training text, their shares are mixed in
(:mod:`charterm.engine.word_mixture`).

A phrase is a completion with further words, each with its space. Its probability is defined alike.
Every phrase is less likely than its first word, so that a list by probability would never show
one; instead each of the likeliest words is followed by its likeliest next word as long as that is
fairly sure (SURE) and raises the keys it is expected to save.
"""

from dataclasses import dataclass
from typing import Final

from charterm.engine.language_model import LanguageModel
from charterm.engine.search_tree import ROOT, SearchTree
from charterm.engine.session import Session, ShouldStop, never_stop
from charterm.engine.word_mixture import REACH, mix_words, mix_written
from charterm.engine.word_search import Effort, WordSearch, WordTables
from charterm.engine.words import Place, place_after, word_start
from charterm.text.scripts import script_of, scripts_of

BATCH: Final = 8
RATIO: Final = 0.1
BUDGET: Final = 400
LEAST: Final = 1e-4
BEYOND: Final = 1
"""Words that the search looks for besides those asked for, where the table has a say as well. With
3 a list of five saves 0.06 percent more keys, and takes a sixth more time."""

SURE: Final = 0.3
"""A phrase is extended by a word if it stays at least so likely, relative to what it was."""

LONGEST: Final = 16
"""Characters of the longest word that a phrase is extended by, its space included."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What may be typed next, and the probability that exactly this is."""

    text: str
    probability: float

    @property
    def saving(self) -> float:
        """Keys it is expected to save: taking it costs one key, typing it one a character.

        Showing it costs the reader something whether it is right or not (Quinn and Zhai 2016), so
        it should only be shown where the saving is larger than that cost.
        """
        return self.probability * (len(self.text) - 1)


class Completer:
    """Finds completions, and keeps what it found for the next key.

    Belongs to one thread at a time.
    """

    def __init__(
        self,
        model: LanguageModel,
        *,
        batch: int = BATCH,
        ratio: float = RATIO,
        budget: int = BUDGET,
    ) -> None:
        """Prepare for texts read by ``model``. The other arguments are those of :class:`Effort`."""
        self.model = model
        self.effort = Effort(batch=batch, ratio=ratio, budget=budget)
        self._tables = WordTables.of(model.alphabet)
        self._scripts = scripts_of(model.alphabet.characters)
        self._tree = SearchTree(model, capacity=2 * budget + 2)
        self._base: tuple[int, str] | None = None  # context of the tree's root

    def complete(
        self,
        session: Session,
        count: int = 5,
        *,
        words: int = 1,
        least: float = LEAST,
        spaced: bool = True,
        should_stop: ShouldStop = never_stop,
    ) -> list[Completion]:
        """The likeliest completions at the session's cursor, by their first words, the best first.

        Args:
            session: the text.
            count: n, how many at most, all with different first words.
            words: most words of a completion.
            least: words below this probability are not listed.
            spaced: whether a completion may begin with a space, so that the word before it ends.
            should_stop: asked before each batch.

        Raises:
            Interrupted: ``should_stop`` said yes; what was computed is kept.
        """
        root = self.locate(session, should_stop)
        place = place_after(session.text[max(0, session.cursor - 2) : session.cursor])
        tables = self._tables
        begin = tables.going_on[place]
        if spaced and place != Place.START:
            begin = begin + tables.space
        looked = count if self.model.words is None else count + BEYOND
        search = WordSearch(
            self._tree, tables, root, place, begin, count=looked, least=least, effort=self.effort
        )
        nodes: dict[str, int] = {}
        if place != Place.INSIDE or self._can_read(session.text[session.cursor - 1]):
            search.run(should_stop)
            nodes = {self._tree.text(node, root): node for node in search.best()}
        left = search.left
        chances = {text: float(search.final[node]) for text, node in nodes.items()}
        mixed = self._mixed(chances, session, root, place, spaced=spaced)
        found = []
        for text in sorted(mixed, key=lambda text: -mixed[text])[:count]:
            if mixed[text] <= least:
                break
            word = Completion(text, mixed[text])
            if words > 1 and text in nodes:
                own = Completion(text, chances[text])
                reach = float(search.reach[nodes[text]])
                phrase, left = self._extend(own, nodes[text], reach, words - 1, left, should_stop)
                share = phrase.probability / own.probability
                word = Completion(phrase.text, share * word.probability)
            found.append(word)
        return found

    def _can_read(self, letter: str) -> bool:
        """Whether the model has letters of its script, or none at all and spells all in bytes."""
        return not (self._scripts and letter.isalpha()) or script_of(letter) in self._scripts

    def _mixed(
        self,
        chances: dict[str, float],
        session: Session,
        root: int,
        place: Place,
        *,
        spaced: bool,
    ) -> dict[str, float]:
        """The network's words, mixed with those of the training text and of the user."""
        mixed = dict(chances)
        if place in (Place.JOINED, Place.PENDING):
            return mixed
        before = session.text[max(0, session.cursor - REACH) : session.cursor]
        adapted = self._tree.adapted
        if (known := self.model.words) is not None:
            space = 0.0
            if spaced and place != Place.START:
                space = float(self._tree.probabilities[root] @ self._tables.space)
            if adapted is None:
                mixed = mix_words(mixed, before, known, space=space)
            else:
                mixed = mix_words(mixed, before, known, space=space, wrote=adapted.wrote)
        if adapted is not None:
            anchor = session.anchor(session.cursor)
            begun = max(anchor, session.cursor - len(before) + word_start(before))
            typed = 1.0
            if begun < session.cursor:
                typed = float(session.expected(anchor, begun, session.cursor).prod())
            mix_written(mixed, before, adapted, typed)
        return mixed

    def _extend(
        self,
        phrase: Completion,
        node: int,
        reach: float,
        words: int,
        left: int,
        should_stop: ShouldStop,
    ) -> tuple[Completion, int]:
        """``phrase`` with up to ``words`` more words where that saves keys, and the budget left.

        Args:
            phrase: what is to be extended.
            node: where it ends.
            reach: probability of its text, without a boundary.
            words: how many words at most.
            left: continuations that may still be computed.
            should_stop: asked before each batch.
        """
        for _ in range(words):
            if left <= 0:
                break
            least = phrase.saving / (len(phrase.text) - 1 + LONGEST)
            search = WordSearch(
                self._tree,
                self._tables,
                node,
                Place.INSIDE,
                self._tables.space,
                count=1,
                least=max(least, SURE * phrase.probability) / reach,
                effort=Effort(self.effort.batch, self.effort.ratio, left),
            )
            search.run(should_stop)
            left = search.left
            best = search.best()
            if not best:
                break
            text = phrase.text + self._tree.text(best[0], node)
            longer = Completion(text, reach * float(search.final[best[0]]))
            if longer.saving <= phrase.saving:
                break
            phrase, node, reach = longer, best[0], reach * float(search.reach[best[0]])
        return phrase, left

    def next_characters(
        self, session: Session, count: int, should_stop: ShouldStop = never_stop
    ) -> tuple[list[tuple[str, float]], float]:
        """As :meth:`LanguageModel.next_characters`, at the cursor and for free after a search."""
        root = self.locate(session, should_stop)
        return self.model.rank_characters(self._tree.probabilities[root], count)

    def locate(self, session: Session, should_stop: ShouldStop = never_stop) -> int:
        """The node of the session's context, found in the kept tree or made its new root.

        Raises:
            Interrupted: ``should_stop`` said yes.
        """
        anchor, text = session.context
        tree = self._tree
        adapted = None
        if session.adaptation is not None:
            adapted = session.adaptation.follow(session, should_stop)
        if (adapted is None) != (tree.adapted is None):
            self._base = None
        node = None
        if self._base is not None and self._base[0] == anchor and text.startswith(self._base[1]):
            node = self._walk(text[len(self._base[1]) :])
        if node is not None and adapted is not None:
            # to judge later what is typed now
            session.keep_state(tree.states[:, [node]], tree.expected(node))
        if node is None:
            state = session.state(should_stop)
            tree.plant(state)
            node = ROOT
            self._base = (anchor, text)
        elif tree.capacity - tree.count < self.effort.budget:
            tree.keep_below(node)
            node = ROOT
            self._base = (anchor, text)
            if tree.capacity - tree.count < self.effort.budget:  # a full tree below: begin anew
                tree.cut()
        tree.adapt(adapted, node)
        return node

    def _walk(self, text: str) -> int | None:
        node: int | None = ROOT
        for token in self.model.alphabet.encode(text).tolist():
            if node is None:
                return None
            node = self._tree.find(node, token)
        return node
