"""What a session needs of an adaptation: distributions changed by what the user wrote.

The engine only knows this protocol; :mod:`charterm.adaptation` fulfils it. Without one a session
predicts what the network predicts.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from charterm.engine.products import Floats

if TYPE_CHECKING:
    from charterm.engine.session import Session, ShouldStop

Context = Any
"""What an adaptation has to know of the text before a place: a small value of its own kind."""


class Adapted(Protocol):
    """An adaptation at one state of the text."""

    @property
    def stamp(self) -> int:
        """Adaptations of equal stamp change distributions alike."""

    @property
    def context(self) -> Context:
        """The context at the cursor."""

    def extend(self, context: Context, token: int) -> Context:
        """The context one token further."""

    def words(self, before: str, prefix: str) -> list[tuple[float, list[tuple[str, float]]]]:
        """Whole words that were written, from several points of view.

        Args:
            before: the key of the word before (:func:`charterm.model.word_finding.word_key`).
            prefix: the key of the letters that the word begins with.

        Returns:
            For each view the share of words that begin so, and those words as they are spelt with
            their shares among them; the word that is complete with the prefix has the rest.
        """

    def wrote(self, key: str) -> bool:
        """Whether the word with this key was written."""

    def adapt(self, probabilities: Floats, contexts: Sequence[Context]) -> None:
        """Change the network's distributions, shape (N, V), after N contexts, in place."""


class Adaptation(Protocol):
    """Follows the text of a session."""

    def follow(self, session: "Session", should_stop: "ShouldStop") -> Adapted:
        """Take note of the session's text; the same object as before if nothing changed.

        Raises:
            Interrupted: ``should_stop`` said yes; the next call goes on from there.
        """
