"""Beam search, plain and in diverse groups, over the model's own distribution.

The texts of all groups are one batch of the backend. The penalties on repetition are applied, the
other filters are not (as in transformers): a search looks for the most probable text.
"""

import math
from collections.abc import Callable, Iterator

import numpy as np

from charterm.decoding.controls import DIVERSE_BEAM, Controls
from charterm.decoding.distributions import Scores
from charterm.decoding.frontier import Frontier, Node, generated
from charterm.decoding.generated import Context, Progress, Results
from charterm.decoding.stopping import CANCELLED
from charterm.engine.backend import Backend
from charterm.text.alphabet import Alphabet

Scored = tuple[float, Node]
"""A text and what it is ordered by."""


def beam_search(
    backend: Backend,
    alphabet: Alphabet,
    context: Context,
    controls: Controls,
    *,
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[Progress | Results]:
    """Search the ``controls.n`` best texts that go on from ``context``.

    Score: log-probability divided by length ** ``length_penalty``, the length in characters (Wu
    et al. 2016, "Google's Neural Machine Translation System", section 7, in the simpler form of
    transformers). With the method ``"diverse-beam"`` the beams are split into groups; each group
    chooses in turn, and a token that earlier groups chose at this step loses
    ``diversity_penalty`` for each of them (Hamming diversity, Vijayakumar et al. 2016, "Diverse
    Beam Search", arXiv 1610.02424). The penalty steers the choice and is not part of the score.
    There are ``max(num_beams, n)`` beams, rounded up to full groups.

    When a group is done: with ``early_stopping`` ``"true"`` when as many texts have ended as it
    has beams; with ``"false"`` when in addition no open text scores better than the worst of
    them; with ``"never"`` when in addition none can, whatever follows.

    Yields:
        :class:`Progress` at each step and :class:`Results` at the end. When ``should_stop``, asked
        before each step, says yes, open texts are among the results with the reason
        ``"cancelled"``.
    """
    diverse = controls.method == DIVERSE_BEAM
    count = controls.num_beam_groups if diverse else 1
    width = -(-max(controls.num_beams, controls.n) // count)
    frontier = Frontier(backend, alphabet, context, controls, penalties_only=True)
    groups = [_Group(width, controls, [0]) for _ in range(count)]
    step = 0
    while any(group.rows for group in groups):
        if should_stop is not None and should_stop():
            for group in groups:
                group.cancel(frontier)
            break
        step += 1
        _choose(frontier, groups, controls.diversity_penalty if diverse else 0.0)
        yield Progress(step, tuple(node.text for _, node in _best(groups, frontier, controls.n)))
    yield Results(
        tuple(
            generated(node, score, index, CANCELLED)
            for index, (score, node) in enumerate(_best(groups, frontier, controls.n))
        )
    )


class _Group:
    """Beams that compete with each other.

    Attributes:
        rows: its open texts' rows in the frontier, the best first.
        ended: (score, text) of the best that have ended, the best first.
    """

    def __init__(self, width: int, controls: Controls, rows: list[int]) -> None:
        self.width = width
        self.rows = rows
        self.ended: list[Scored] = []
        self._power = controls.length_penalty
        self._longest = controls.length
        self._early = controls.early_stopping

    def score(self, node: Node, length: int | None = None) -> float:
        """Log-probability / length^p, for the node's own length if none is given."""
        return node.filtered / math.pow(length or node.length, self._power)

    def add(self, node: Node) -> None:
        """Keep an ended text if it is among the best."""
        self.ended.append((self.score(node), node))
        self.ended.sort(key=lambda entry: -entry[0])
        del self.ended[self.width :]

    def is_done(self, opened: list[Node]) -> bool:
        """Whether the search of this group is over."""
        if not opened:
            return True
        if len(self.ended) < self.width:
            return False
        if self._early == "true":
            return True
        reachable = self._longest if self._early == "never" and self._power > 0 else None
        return max(self.score(node, reachable) for node in opened) <= self.ended[-1][0]

    def cancel(self, frontier: Frontier) -> None:
        """Let the open texts end where they are."""
        for row in self.rows:
            node = frontier.nodes[row]
            if node.text and not node.pending:
                self.add(node)
        self.rows = []


def _choose(frontier: Frontier, groups: list[_Group], diversity: float) -> None:
    """One step of every group, and one of the backend for all of them together."""
    totals = np.array([[node.filtered] for node in frontier.nodes])
    candidates = frontier.filtered + totals  # (N, V + 1)
    chosen_before = np.zeros(frontier.end + 1)
    parents: list[int] = []
    nodes: list[Node] = []
    for group in groups:
        if not group.rows:
            continue
        scores = candidates[group.rows] - diversity * chosen_before
        opened: list[tuple[int, Node]] = []
        # a beam gives at most one end and one stop string: three times the width is enough
        for rank, place in enumerate(largest(scores.ravel(), 3 * group.width)):
            index, column = divmod(place, frontier.end + 1)
            node = frontier.extend(group.rows[index], column)
            if not node.reason:
                opened.append((group.rows[index], node))
            elif rank < group.width:  # an ended text must earn its place like an open one
                group.add(node)
            else:
                continue
            if column != frontier.end:
                chosen_before[column] += 1
            if len(opened) == group.width:
                break
        group.rows = []
        if not group.is_done([node for _, node in opened]):
            group.rows = list(range(len(nodes), len(nodes) + len(opened)))
            parents += [row for row, _ in opened]
            nodes += [node for _, node in opened]
    if nodes:
        frontier.advance(parents, nodes)


def largest(scores: Scores, count: int) -> list[int]:
    """Places of the ``count`` largest finite scores, the largest first, equal ones in order."""
    count = min(count, len(scores))
    bound = np.partition(scores, len(scores) - count)[len(scores) - count]
    places = np.flatnonzero((scores >= bound) & (scores > -np.inf))
    order: list[int] = places[np.argsort(-scores[places], kind="stable")][:count].tolist()
    return order


def _best(groups: list[_Group], frontier: Frontier, count: int) -> list[Scored]:
    """The best of every group, then the second best, until there are ``count``; best first.

    Open texts follow where too few have ended.
    """
    ranked: list[list[Scored]] = []
    for group in groups:
        opened = [(group.score(frontier.nodes[row]), frontier.nodes[row]) for row in group.rows]
        ranked.append(group.ended + opened)
    found: dict[str, Scored] = {}
    for place in range(max(map(len, ranked))):
        for entries in ranked:
            if place < len(entries) and len(found) < count:
                found.setdefault(entries[place][1].text, entries[place])
    return sorted(found.values(), key=lambda entry: -entry[0])
