"""The continuations whose probabilities are already known, kept between two keys."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from charterm.engine.adapting import Adapted, Context
from charterm.engine.backend import State
from charterm.engine.language_model import LanguageModel, barrier, masked_softmax
from charterm.engine.products import Floats
from charterm.text.alphabet import BYTES

ROOT = 0


@dataclass
class SearchTree:
    """A tree of token sequences after a context; node 0 is the context itself.

    A node holds the model's state and the distribution of what follows, so that a search that
    comes by again pays nothing. Nodes are rows of arrays, a parent always before its children.

    Attributes:
        model: reads the tokens.
        capacity: most nodes.
        count: nodes in use.
        states: (S, capacity, H), state after each node's tokens.
        probabilities: (capacity, V), distribution of the token after each node.
        parents, tokens: (capacity,) the node before, and the token that leads from it here.
        children: node * V + token -> node.
        pending: for nodes inside a character spelt in bytes, its bytes so far.
        adapted: what changes the network's distributions, if anything does. Nodes that are kept
            are adapted anew when they are used: what was learnt since concerns them too.
    """

    model: LanguageModel
    capacity: int
    count: int = 0
    states: State = field(init=False)
    probabilities: Floats = field(init=False)
    parents: NDArray[np.intp] = field(init=False)
    tokens: NDArray[np.int32] = field(init=False)
    children: dict[int, int] = field(default_factory=dict)
    pending: dict[int, bytes] = field(default_factory=dict)
    adapted: Adapted | None = None

    def __post_init__(self) -> None:
        rows = self.model.start.shape[0]
        config = self.model.config
        self.states = np.empty((rows, self.capacity, config.hidden), np.float32)
        self.probabilities = np.empty((self.capacity, config.vocabulary), np.float32)
        self.parents = np.zeros(self.capacity, np.intp)
        self.tokens = np.zeros(self.capacity, np.int32)
        self._barrier = barrier(self.model.alphabet)
        self._network = np.empty((0, 0), np.float32)  # (capacity, V), as the network gave them
        self._fresh = np.zeros(0, np.bool_)  # (capacity,), whether `probabilities` are adapted
        self._contexts: list[Context] = []

    @property
    def vocabulary(self) -> int:
        """V."""
        return self.model.config.vocabulary

    def plant(self, state: State) -> None:
        """Begin anew with a root in ``state``, shape (S, 1, H)."""
        self.children.clear()
        self.pending.clear()
        self.count = 1
        self.states[:, 0] = state[:, 0]
        self.probabilities[0] = masked_softmax(self.model.backend.logits(state), self._barrier)[0]
        if self.adapted is not None:
            self._network[0] = self.probabilities[0]
            self._fresh[0] = False
            self._contexts = [self.adapted.context]

    def adapt(self, adapted: Adapted | None, root: int) -> None:
        """Give distributions adapted by ``adapted`` from now on; ``root`` is at its context.

        Raises:
            ValueError: the tree has nodes without contexts; plant it anew.
        """
        if adapted is not None and not len(self._network):
            self._network = np.empty_like(self.probabilities)
            self._fresh = np.zeros(self.capacity, np.bool_)
        if (adapted is None) != (self.adapted is None):
            if self.count > 1:
                raise ValueError("only a tree of one node can begin or end to be adapted")
            if adapted is not None:
                self._network[ROOT] = self.probabilities[ROOT]
                self._contexts = [adapted.context]
            elif self.count:
                self.probabilities[ROOT] = self._network[ROOT]
        if adapted is not None and (self.adapted is None or adapted.stamp != self.adapted.stamp):
            self._fresh[: self.count] = False
        self.adapted = adapted
        if adapted is not None:
            self._contexts[root] = adapted.context
            self.refresh(np.array([root]))

    def refresh(self, nodes: NDArray[np.intp]) -> None:
        """Bring the distributions of ``nodes`` up to date; to be called before they are used."""
        if self.adapted is None:
            return
        stale = nodes[~self._fresh[nodes]]
        if len(stale):
            rows = self._network[stale]
            self.adapted.adapt(rows, [self._contexts[node] for node in stale.tolist()])
            self.probabilities[stale] = rows
            self._fresh[stale] = True

    def expected(self, node: int) -> float | None:
        """The network's probability of the character that ``node`` ends with.

        ``None`` for the root and where the character is spelt in several bytes.
        """
        token = int(self.tokens[node])
        if node == ROOT or 0x80 <= token < BYTES:
            return None
        network = self.probabilities if self.adapted is None else self._network
        return float(network[self.parents[node], token])

    def find(self, node: int, token: int) -> int | None:
        """The child of ``node`` by ``token``, if it was grown."""
        return self.children.get(node * self.vocabulary + token)

    def grow(self, parents: NDArray[np.intp], tokens: NDArray[np.int32]) -> NDArray[np.intp]:
        """Compute new children in one batch.

        Args:
            parents: (N,) nodes.
            tokens: (N,) the token after each; none of these children exists yet.

        Returns:
            The new nodes, shape (N,).
        """
        start, end = self.count, self.count + len(parents)
        logits, states = self.model.backend.step(self.states, tokens, parents)
        self.states[:, start:end] = states
        self.parents[start:end] = parents
        self.tokens[start:end] = tokens
        barriers = self._barrier
        keys = (parents * self.vocabulary + tokens).tolist()
        self.children.update(zip(keys, range(start, end), strict=True))
        spelt = ((tokens >= 0x80) & (tokens < BYTES)).nonzero()[0]
        if len(spelt):
            barriers = np.tile(barriers, (len(parents), 1))
            for row in spelt:
                spelling = self.pending.get(int(parents[row]), b"") + bytes((int(tokens[row]),))
                if not _complete(spelling):
                    self.pending[start + int(row)] = spelling
                    barriers[row] = barrier(self.model.alphabet, spelling)
        expected = masked_softmax(logits, barriers)
        if self.adapted is not None:
            self._network[start:end] = expected
            extend, contexts = self.adapted.extend, self._contexts
            pairs = zip(parents.tolist(), tokens.tolist(), strict=True)
            grown = [extend(contexts[parent], token) for parent, token in pairs]
            self.adapted.adapt(expected, grown)
            contexts += grown
            self._fresh[start:end] = True
        self.probabilities[start:end] = expected
        self.count = end
        return np.arange(start, end)

    def text(self, node: int, root: int) -> str:
        """The text from ``root`` to ``node``."""
        path = []
        while node != root:
            path.append(int(self.tokens[node]))
            node = int(self.parents[node])
        path.reverse()
        characters = self.model.alphabet.characters
        if path and min(path) >= BYTES:  # many times faster than decode on a few tokens
            return "".join([characters[token - BYTES] for token in path])
        return self.model.alphabet.decode(path)

    def cut(self) -> None:
        """Drop every node but the root."""
        self.count = 1
        self.children.clear()
        self.pending.clear()
        del self._contexts[1:]

    def keep_below(self, root: int) -> None:
        """Drop every node that does not descend from ``root``, which becomes node 0."""
        new_number = {root: 0}
        kept = [root]
        parents = self.parents.tolist()
        for node in range(root + 1, self.count):
            if parents[node] in new_number:
                new_number[node] = len(kept)
                kept.append(node)
        self.count = len(kept)
        self.states[:, : self.count] = self.states[:, kept]
        self.probabilities[: self.count] = self.probabilities[kept]
        if self.adapted is not None:
            self._network[: self.count] = self._network[kept]
            self._fresh[: self.count] = self._fresh[kept]
            self._contexts = [self._contexts[node] for node in kept]
        self.tokens[: self.count] = self.tokens[kept]
        self.parents[: self.count] = [0] + [new_number[parents[node]] for node in kept[1:]]
        self.pending = {new_number[n]: b for n, b in self.pending.items() if n in new_number}
        keys = (self.parents[: self.count] * self.vocabulary + self.tokens[: self.count]).tolist()
        self.children = dict(zip(keys[1:], range(1, self.count), strict=True))


def _complete(spelling: bytes) -> bool:
    """Whether ``spelling``, the beginning of a UTF-8 character, is all of it."""
    lead = spelling[0]
    return len(spelling) == 2 + (lead >= 0xE0) + (lead >= 0xF0)
