"""A stylesheet that parses a source again only where what it depends on has changed.

Textual's own forgets all that it has parsed whenever a screen brings a source of its own, and when
a screen is shown for the first time: the first one is parsed four times before it is painted.
"""

from textual.css.stylesheet import Stylesheet


class KeptStylesheet(Stylesheet):
    """See the module."""

    def set_variables(self, variables: dict[str, str]) -> None:
        """Let these hold; what was parsed with the same ones is kept."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Parse the sources that are new or whose variables have changed.

        Raises:
            StylesheetError: a source is wrong.
        """
        self.parse()
