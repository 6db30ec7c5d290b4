"""The likeliest words to come: an exact best-first search over the model's continuations.

A completion of k words is what the text goes on with up to the k-th word's end: an optional space
(where the text does not end in white space), the characters of a word, and for k > 1 single spaces
with further words. It may have fewer words when something other than a space and a word follows.
Its probability is that of exactly these characters being typed next and then a character that ends
the word: the product of the character probabilities times that of the boundary. So the
probabilities of all completions of a text are those of disjoint events and can be compared with a
threshold. Two things are left out, so that a probability is never too high: a phrase that stops
early because two spaces follow, and a boundary that is itself spelt in bytes where that is so
unlikely that the search never comes to it.

The search always expands the likeliest open continuations, several at once because a matrix
product on a batch costs little more than on one. No continuation is likelier than its beginning,
so the list is final as soon as no open one is likelier than the last entry (Dijkstra 1959, on
negative logarithms; the same argument as in best-first beam search, Meister et al. 2020).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from charterm.engine.language_model import LanguageModel
from charterm.engine.search_tree import ROOT, SearchTree
from charterm.engine.session import Interrupted, Session, ShouldStop, never_stop
from charterm.engine.words import Kind, Place, character_kind, place_after, token_kinds

BATCH: Final = 16
RATIO: Final = 0.1
BUDGET: Final = 400
LEAST: Final = 1e-3
_STRIDE: Final = 4  # a matrix product on 5 vectors costs as much as on 8, see numpy_backend

_SPACED: Final = len(Place)  # offset of the rows of the mask in which a space may follow


@dataclass(frozen=True, slots=True)
class Completion:
    """What may be typed next, and the probability that exactly this is."""

    text: str
    probability: float


_OPEN: Final = np.dtype(
    [
        ("probability", np.float64),
        ("parent", np.intp),
        ("token", np.int32),
        ("place", np.int8),
        ("words", np.int8),
    ]
)
"""A continuation that may be expanded: its probability, the node before it, the token that leads
there, the place it is at, and the number of its words (one that is to begin included)."""

_Open = np.ndarray[tuple[int], np.dtype[np.void]]


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
        """Prepare for texts read by ``model``.

        Args:
            model: gives the probabilities.
            batch: most continuations expanded at once.
            ratio: leave those for later that are less than this times as likely as the likeliest.
            budget: most continuations computed in one search; the list is then the best found.
        """
        self.model = model
        self.batch = batch
        self.ratio = ratio
        self.budget = budget
        self._tree = SearchTree(model, capacity=2 * budget + 2)
        self._base: tuple[int, str] | None = None  # context of the tree's root
        kinds = token_kinds(model.alphabet)
        self._place_of = np.array(
            [Place.INSIDE, Place.JOINED, Place.START, -1, Place.PENDING, Place.PENDING], np.int8
        )[kinds]
        self._masks = _masks(kinds)
        self._ends = ((kinds == Kind.SPACE) | (kinds == Kind.OTHER)).astype(np.float32)
        self._stops = (kinds == Kind.OTHER).astype(np.float32)

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
        """The likeliest completions at the session's cursor, the best first.

        Args:
            session: the text.
            count: n, how many at most.
            words: k, words in a completion.
            least: completions below this probability are not listed.
            spaced: whether a completion may begin with a space, so that the word before it ends.
            should_stop: asked before each batch.

        Raises:
            Interrupted: ``should_stop`` said yes; what was computed is kept.
        """
        root = self.locate(session, should_stop)
        place = place_after(session.text[max(0, session.cursor - 2) : session.cursor])
        search = _Search(self, root, place, count, words, least, spaced)
        search.run(should_stop)
        return search.results()

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
        if node is None:
            state = session.state(should_stop)
            tree.plant(state)
            node = ROOT
            self._base = (anchor, text)
        elif tree.capacity - tree.count < self.budget:
            tree.keep_below(node)
            node = ROOT
            self._base = (anchor, text)
            if tree.capacity - tree.count < self.budget:  # a full tree below: begin anew
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


def _masks(kinds: NDArray[np.int8]) -> NDArray[np.float32]:
    """Which tokens may follow at each place, shape (2 * places, V), 0 or 1.

    The second half is for where a space may follow too.
    """
    letter = (kinds == Kind.LETTER) | (kinds == Kind.LEAD)
    rows = np.zeros((2, len(Place), len(kinds)), np.float32)
    rows[:] = letter
    rows[:, Place.INSIDE] += kinds == Kind.JOINER
    rows[1] += kinds == Kind.SPACE
    rows[:, Place.PENDING] = 1.0  # the tree's probabilities already have only what is valid
    return rows.reshape(-1, len(kinds))


class _Search:
    """One search from one root."""

    def __init__(
        self,
        completer: Completer,
        root: int,
        place: Place,
        count: int,
        words: int,
        least: float,
        spaced: bool,
    ) -> None:
        self.completer = completer
        self.tree = completer._tree
        self.root = root
        self.place = place
        self.count = count
        self.words = words
        self.threshold = least
        self.spaced = spaced and place != Place.START
        self.final = np.zeros(self.tree.capacity, np.float64)  # probability of ending at each node
        self.origin: dict[int, int] = {}  # of nodes inside a character: the node before it
        self.left = completer.budget

    def run(self, should_stop: ShouldStop) -> None:
        """Expand until the list is final, the budget is spent or ``should_stop`` says yes."""
        root = np.zeros(1, _OPEN)
        root["probability"], root["place"], root["words"] = 1.0, self.place, 1
        opened = self._children(np.array([self.root]), root, at_root=True)
        while len(opened):
            chosen, opened = self._choose(opened)
            nodes = self._expand(chosen, should_stop)
            if not len(nodes):
                return
            chosen = chosen[: len(nodes)]  # the budget may have cut it short
            self._finish(nodes, chosen)
            opened = np.concatenate((opened, self._children(nodes, chosen)))
            opened = opened[opened["probability"] > self.threshold]

    def results(self) -> list[Completion]:
        """The best completions found, the best first."""
        best = np.argsort(-self.final, kind="stable")[: self.count]
        return [
            Completion(self.tree.text(int(node), self.root), float(self.final[node]))
            for node in best
            if self.final[node] > 0.0
        ]

    def _choose(self, opened: _Open) -> tuple[_Open, _Open]:
        """Split the open continuations into those to expand now and the others."""
        probability = opened["probability"]
        limit = self.completer.ratio * probability.max()
        number = min(self.completer.batch, int(np.count_nonzero(probability >= limit)))
        if number > _STRIDE:  # products come in strides: fill the last one
            number = min(len(opened), -(-number // _STRIDE) * _STRIDE)
        if number == len(opened):
            return opened, opened[:0]
        order = np.argpartition(probability, -number)
        return opened[order[-number:]], opened[order[:-number]]

    def _expand(self, chosen: _Open, should_stop: ShouldStop) -> NDArray[np.intp]:
        """The nodes of the ``chosen`` continuations, computed where the tree lacks them."""
        tree = self.tree
        keys = (chosen["parent"] * tree.vocabulary + chosen["token"]).tolist()
        nodes = np.array([tree.children.get(key, -1) for key in keys], np.intp)
        missing = np.flatnonzero(nodes < 0)
        if len(missing) > self.left:
            nodes = nodes[: missing[self.left]]
            missing = missing[: self.left]
        if len(missing):
            if should_stop():  # asked only here: retracing kept nodes is quick
                raise Interrupted
            self.left -= len(missing)
            nodes[missing] = tree.grow(chosen["parent"][missing], chosen["token"][missing])
        tree.refresh(nodes)
        for row in np.flatnonzero(chosen["place"][: len(nodes)] == Place.PENDING):
            parent = int(chosen["parent"][row])
            self.origin[int(nodes[row])] = self.origin.get(parent, parent)
        return nodes

    def _finish(self, nodes: NDArray[np.intp], chosen: _Open) -> None:
        """Enter the nodes at which a word may end, and raise the threshold."""
        completer = self.completer
        inside = chosen["place"] == Place.INSIDE
        rows = self.tree.probabilities[nodes]
        ending = rows @ completer._ends
        if self.words > 1:
            more = chosen["words"] < self.words
            ending = np.where(more, rows @ completer._stops, ending)
        self.final[nodes] = chosen["probability"] * ending * inside
        used = self.tree.count
        if used > self.count:
            worst = np.partition(self.final[:used], used - self.count)[used - self.count]
            self.threshold = max(self.threshold, float(worst))

    def _children(self, nodes: NDArray[np.intp], at: _Open, *, at_root: bool = False) -> _Open:
        """What may follow ``nodes``, reached as ``at`` says, and is likelier than the threshold."""
        place, words, reach = at["place"], at["words"], at["probability"]
        inner = (place == Place.INSIDE) & (words < self.words)
        spaced = np.full(1, self.spaced) if at_root else inner
        scores = self.tree.probabilities[nodes]
        scores *= self.completer._masks[place + _SPACED * spaced]
        rows, tokens = np.nonzero(scores > (self.threshold / reach)[:, None])
        opened = np.empty(len(rows), _OPEN)
        opened["probability"] = scores[rows, tokens] * reach[rows]
        opened["parent"] = nodes[rows]
        opened["token"] = tokens
        opened["place"] = self.completer._place_of[tokens]
        opened["words"] = words[rows]
        if not at_root:
            opened["words"] += opened["place"] == Place.START
        spelt = place == Place.PENDING
        return self._spell(opened, spelt[rows]) if spelt.any() else opened

    def _spell(self, opened: _Open, spelt: NDArray[np.bool_]) -> _Open:
        """Give the children inside a byte-spelt character their place; end words where it ends."""
        keep = np.ones(len(spelt), np.bool_)
        for row in np.flatnonzero(spelt):
            parent = int(opened["parent"][row])
            spelling = self.tree.pending[parent] + bytes((int(opened["token"][row]),))
            try:
                kind = character_kind(spelling.decode())
            except UnicodeDecodeError:  # still inside the character
                opened["place"][row] = Place.PENDING
                continue
            origin = self.origin[parent]
            inside = self._is_inside(origin)
            if kind == Kind.LETTER:
                opened["place"][row] = Place.INSIDE
            elif kind == Kind.JOINER and inside:
                opened["place"][row] = Place.JOINED
            else:
                keep[row] = False
                if inside and origin != self.root:
                    self.final[origin] += opened["probability"][row]
        return opened[keep]

    def _is_inside(self, node: int) -> bool:
        """Whether ``node`` is at a letter of a word, the root's last character included."""
        if node == self.root:
            return self.place == Place.INSIDE
        return place_after(self.tree.text(node, self.root)) == Place.INSIDE
