"""The open texts of a beam search as one batch: their states, histories and log-probabilities."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from charterm.decoding.controls import Controls
from charterm.decoding.distributions import Scores, log_softmax
from charterm.decoding.filters import build_chain
from charterm.decoding.generated import Character, Context, Generated, HistoryBuffer
from charterm.decoding.spelling import Spelling
from charterm.decoding.stopping import Stopping
from charterm.engine.backend import Backend
from charterm.text.alphabet import Alphabet


class Node(NamedTuple):
    """A text in the tree of all texts, with the way back to its beginning.

    Attributes:
        parent: the text one token shorter, ``None`` for the empty one.
        text: its whole characters.
        pending: the bytes of a character that is not complete.
        logprob: log-probability under the model, in nats.
        filtered: the same under the distribution that is searched.
        reason: why it ended; "" while it is open.
        token: its last token.
    """

    parent: "Node | None"
    text: str
    pending: bytes
    logprob: float
    filtered: float
    reason: str
    token: int

    @property
    def length(self) -> int:
        """Characters, one that is not complete among them; at least 1."""
        return max(1, len(self.text) + bool(self.pending))


class Frontier:
    """N open texts, one row of every array each.

    Attributes:
        nodes: the open texts.
        logprobs: log-probability of each next token under the model, shape (N, V + 1). The last
            column is the end of the word, sentence or paragraph; the tokens that would end it
            have none of their own.
        filtered: the same for the distribution that is searched.
    """

    def __init__(
        self,
        backend: Backend,
        alphabet: Alphabet,
        context: Context,
        controls: Controls,
        *,
        penalties_only: bool,
    ) -> None:
        """One row: the empty text after ``context``.

        Args:
            backend: runs the model.
            alphabet: its tokens' meaning.
            context: what came before.
            controls: filters and stop conditions.
            penalties_only: search the model's distribution after the penalties on repetition,
                not after the whole chain.
        """
        self._backend = backend
        self._context = context
        self._spelling = Spelling(alphabet)
        self._stopping = Stopping(controls, self._spelling)
        self._chain = build_chain(controls, alphabet, penalties_only=penalties_only)
        self._history = HistoryBuffer(context.tokens, 1)
        self._state = context.state
        self.end = alphabet.size
        self.nodes = [Node(None, "", b"", 0.0, 0.0, "", -1)]
        self._score(backend.logits(context.state))

    def extend(self, row: int, column: int) -> Node:
        """The text of ``row`` with the token ``column``, or with its end."""
        node = self.nodes[row]
        logprob = node.logprob + float(self.logprobs[row, column])
        filtered = node.filtered + float(self.filtered[row, column])
        if column == self.end:
            return Node(
                node, node.text, b"", logprob, filtered, self._stopping.ended(node.text), column
            )
        piece, pending = self._spelling.extend(node.pending, column)
        text = node.text + piece
        reason = self._stopping.after(text) if piece else ""
        return Node(node, text, pending, logprob, filtered, reason, column)

    def advance(self, rows: list[int], nodes: list[Node]) -> None:
        """Go on with ``nodes``, which extend the texts of ``rows`` by one token each."""
        tokens = np.array([node.token for node in nodes], np.int32)
        self._history.select(rows)
        self._history.append(tokens)
        logits, self._state = self._backend.step(self._state, tokens, np.array(rows, np.intp))
        self.nodes = nodes
        self._score(logits)

    def _score(self, logits: NDArray[np.float32]) -> None:
        scores = logits + self._spelling.exclusions([node.pending for node in self.nodes])
        filtered = self._chain(scores, self._history.tokens)
        self.logprobs = self._with_end(log_softmax(scores))
        self.filtered = (
            self.logprobs if filtered is scores else self._with_end(log_softmax(filtered))
        )

    def _with_end(self, logprobs: Scores) -> Scores:
        whole = np.full((len(logprobs), self.end + 1), -np.inf)
        whole[:, : self.end] = logprobs
        for row, node in enumerate(self.nodes):
            ends = None if node.pending else self._stopping.before(node.text)
            if ends is not None:
                with np.errstate(divide="ignore"):
                    whole[row, self.end] = np.log(np.exp(logprobs[row, ends]).sum())
                whole[row, : self.end][ends] = -np.inf
        return whole


def generated(node: Node, score: float, sequence: int, reason: str = "") -> Generated:
    """The text of ``node`` as a result, its characters one by one.

    Args:
        node: an ended text, or an open one (a character that is not complete is left out).
        score: what it is ordered by.
        sequence: its place among the results.
        reason: why an open text ends here.
    """
    path = [node]
    while path[-1].parent is not None:
        path.append(path[-1].parent)
    path.reverse()
    characters = []
    whole = path[0]
    for at in path[1:]:
        if len(at.text) > len(whole.text):
            logprob, filtered = at.logprob - whole.logprob, at.filtered - whole.filtered
            characters.append(Character(sequence, at.text[-1], logprob, filtered))
            whole = at
    ended = node if node.reason else whole
    return Generated(
        text=node.text,
        characters=tuple(characters),
        logprob=ended.logprob,
        score=score,
        reason=node.reason or reason,
    )
