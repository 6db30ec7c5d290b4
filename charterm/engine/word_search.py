"""Exact best-first search for the likeliest words that go on from a node of a search tree.

The search always expands the likeliest open continuations, several at once because a matrix
product on a batch costs little more than on one. No word is likelier than its beginning, so the
list is final as soon as no open continuation is likelier than the last entry (Dijkstra 1959, on
negative logarithms; the same argument as in best-first beam search, Meister et al. 2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from charterm.engine.products import Floats
from charterm.engine.search_tree import SearchTree
from charterm.engine.session import Interrupted, ShouldStop
from charterm.engine.words import Kind, Place, character_kind, place_after, token_kinds
from charterm.text.alphabet import Alphabet

_INSIDE: Final = int(Place.INSIDE)
_PENDING: Final = int(Place.PENDING)

_FEW: Final = 1
_STRIDE: Final = 8
"""A batch above _FEW is filled up to a multiple of _STRIDE: most of what is added is wanted soon,
and a step of the English starter on 8 sequences takes 471 µs on two threads, beside 322 on 4."""


class _Open(NamedTuple):
    """N continuations that may be expanded.

    Attributes:
        probability: (N,) of each.
        parent: (N,) the node before it.
        token: (N,) leads there from the node.
        place: (N,) in a text, see :class:`Place`.
    """

    probability: NDArray[np.float64]
    parent: NDArray[np.intp]
    token: NDArray[np.int32]
    place: NDArray[np.int8]

    def of(self, which: slice | NDArray[np.intp] | NDArray[np.bool_]) -> _Open:
        """Some of them."""
        return _Open(
            self.probability[which], self.parent[which], self.token[which], self.place[which]
        )

    def and_of(self, others: _Open) -> _Open:
        """These and then ``others``."""
        return _Open(
            np.concatenate((self.probability, others.probability)),
            np.concatenate((self.parent, others.parent)),
            np.concatenate((self.token, others.token)),
            np.concatenate((self.place, others.place)),
        )


@dataclass(frozen=True, slots=True)
class WordTables:
    """What an alphabet's tokens are to words.

    Attributes:
        going_on: (places, V), 1 where a token may come next in a word or begin one, else 0.
        space: (V,), 1 for the space.
        ends: (V,), 1 for the tokens that are a character that ends a word.
        place_after: (V,), the place after a token that may come next.
    """

    going_on: Floats
    space: Floats
    ends: Floats
    place_after: NDArray[np.int8]

    @classmethod
    def of(cls, alphabet: Alphabet) -> Self:
        """The tables of ``alphabet``."""
        kinds = token_kinds(alphabet)
        going_on = np.zeros((len(Place), len(kinds)), np.float32)
        going_on[:] = (kinds == Kind.LETTER) | (kinds == Kind.LEAD)
        going_on[Place.INSIDE] += kinds == Kind.JOINER
        going_on[Place.PENDING] = 1.0  # the tree's distributions have only what is valid there
        places = [Place.INSIDE, Place.JOINED, Place.START, -1, Place.PENDING, Place.PENDING]
        return cls(
            going_on=going_on,
            space=(kinds == Kind.SPACE).astype(np.float32),
            ends=((kinds == Kind.SPACE) | (kinds == Kind.OTHER)).astype(np.float32),
            place_after=np.array(places, np.int8)[kinds],
        )


@dataclass(frozen=True, slots=True)
class Effort:
    """How a search spends its time.

    Attributes:
        batch: most continuations expanded at once.
        ratio: leave those for later that are less than this times as likely as the likeliest.
        budget: most continuations computed; the list is then the best found.
    """

    batch: int
    ratio: float
    budget: int


class WordSearch:
    """One search from one node.

    Attributes:
        final: (nodes,), probability of each node's text and then a boundary; 0 where no word ends.
        reach: (nodes,), probability of each such node's text.
        left: continuations that may still be computed.
    """

    def __init__(
        self,
        tree: SearchTree,
        tables: WordTables,
        root: int,
        place: Place,
        begin: Floats,
        *,
        count: int,
        least: float,
        effort: Effort,
    ) -> None:
        """Prepare.

        Args:
            tree: knows continuations, and is grown.
            tables: of the tree's alphabet.
            root: node to go on from.
            place: where in a text it is.
            begin: (V,), 1 for the tokens that may come first, else 0.
            count: n, words looked for.
            least: those below this probability are not.
            effort: batch and budget.
        """
        self.tree = tree
        self.tables = tables
        self.root = root
        self.place = place
        self.begin = begin
        self.count = count
        self.least = self.threshold = least
        self.effort = effort
        self.left = effort.budget
        self.final = np.zeros(tree.capacity, np.float64)
        self.reach = np.zeros(tree.capacity, np.float64)
        self._origin: dict[int, int] = {}  # of nodes inside a character: the node before it

    def run(self, should_stop: ShouldStop) -> None:
        """Expand until the list is final or the budget is spent.

        Raises:
            Interrupted: ``should_stop`` said yes; the tree keeps what was computed.
        """
        opened = self._children(
            np.array([self.root]), np.ones(1), np.array([self.place], np.int8), self.begin
        )
        while len(opened.probability):
            chosen, opened = self._choose(opened)
            nodes = self._expand(chosen, should_stop)
            if not len(nodes):
                return
            chosen = chosen.of(slice(len(nodes)))  # the budget may have cut it short
            self._finish(nodes, chosen)
            opened = opened.of(opened.probability > self.threshold)
            going_on = self.tables.going_on[chosen.place]
            opened = opened.and_of(
                self._children(nodes, chosen.probability, chosen.place, going_on)
            )

    def best(self) -> list[int]:
        """The nodes of the likeliest words found, the likeliest first."""
        used = self.final[: self.tree.count]
        nodes = np.argsort(-used, kind="stable")[: self.count]
        return [node for node in nodes.tolist() if used[node] > self.least]

    def _choose(self, opened: _Open) -> tuple[_Open, _Open]:
        """Split the open continuations into those to expand now and the others."""
        probability = opened.probability
        limit = self.effort.ratio * probability.max()
        number = min(self.effort.batch, int(np.count_nonzero(probability >= limit)))
        if number > _FEW:
            number = min(len(probability), -(-number // _STRIDE) * _STRIDE)
        if number == len(probability):
            return opened, opened.of(slice(0))
        order = probability.argpartition(-number)
        return opened.of(order[-number:]), opened.of(order[:-number])

    def _expand(self, chosen: _Open, should_stop: ShouldStop) -> NDArray[np.intp]:
        """The nodes of the ``chosen`` continuations, computed where the tree lacks them."""
        tree = self.tree
        keys = (chosen.parent * tree.vocabulary + chosen.token).tolist()
        nodes = np.array([tree.children.get(key, -1) for key in keys], np.intp)
        missing = (nodes < 0).nonzero()[0]
        if len(missing) > self.left:
            nodes = nodes[: missing[self.left]]
            missing = missing[: self.left]
        if len(missing):
            if should_stop():  # asked only here: retracing kept nodes is quick
                raise Interrupted
            self.left -= len(missing)
            nodes[missing] = tree.grow(chosen.parent[missing], chosen.token[missing])
        tree.refresh(nodes)
        for row in (chosen.place[: len(nodes)] == _PENDING).nonzero()[0]:
            parent = int(chosen.parent[row])
            self._origin[int(nodes[row])] = self._origin.get(parent, parent)
        return nodes

    def _finish(self, nodes: NDArray[np.intp], chosen: _Open) -> None:
        """Enter the nodes at which a word may end, and raise the threshold."""
        reach = chosen.probability * (chosen.place == _INSIDE)
        self.reach[nodes] = reach
        self.final[nodes] = reach * (self.tree.probabilities[nodes] @ self.tables.ends)
        used = self.tree.count
        if used > self.count:
            worst = np.partition(self.final[:used], used - self.count)[used - self.count]
            self.threshold = max(self.threshold, float(worst))

    def _children(
        self,
        nodes: NDArray[np.intp],
        reach: NDArray[np.float64],
        places: NDArray[np.int8],
        allowed: Floats,
    ) -> _Open:
        """What may follow ``nodes`` and is likelier than the threshold.

        Args:
            nodes: (N,).
            reach: (N,), their probabilities.
            places: (N,), where in a text they are.
            allowed: (V,) or (N, V), 1 for tokens that may follow, else 0.
        """
        scores = self.tree.probabilities.take(nodes, axis=0)
        scores *= allowed
        limits = (self.threshold / reach).astype(np.float32)
        found = np.flatnonzero(scores > limits[:, None])  # quicker than by two axes
        rows, tokens = np.divmod(found, scores.shape[1])
        opened = _Open(
            scores.take(found) * reach[rows],
            nodes[rows],
            tokens.astype(np.int32),
            self.tables.place_after[tokens],
        )
        spelt = places == _PENDING
        return self._spell(opened, spelt[rows]) if spelt.any() else opened

    def _spell(self, opened: _Open, spelt: NDArray[np.bool_]) -> _Open:
        """Give the children inside a byte-spelt character their place; end words where it ends."""
        keep = np.ones(len(spelt), np.bool_)
        for row in np.flatnonzero(spelt):
            parent = int(opened.parent[row])
            spelling = self.tree.pending[parent] + bytes((int(opened.token[row]),))
            try:
                kind = character_kind(spelling.decode())
            except UnicodeDecodeError:  # still inside the character
                opened.place[row] = Place.PENDING
                continue
            origin = self._origin[parent]
            inside = self._is_inside(origin)
            if kind == Kind.LETTER:
                opened.place[row] = Place.INSIDE
            elif kind == Kind.JOINER and inside:
                opened.place[row] = Place.JOINED
            else:
                keep[row] = False
                if inside and origin != self.root:
                    self.final[origin] += opened.probability[row]
        return opened.of(keep)

    def _is_inside(self, node: int) -> bool:
        """Whether ``node`` is at a letter of a word, the root's last character included."""
        if node == self.root:
            return self.place == Place.INSIDE
        return place_after(self.tree.text(node, self.root)) == Place.INSIDE
