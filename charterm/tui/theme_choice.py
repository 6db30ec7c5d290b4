"""The themes in the order in which one chooses among them."""

from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from charterm.tui.themes import THEMES


class Themes(Provider):
    """The themes: the one in use first, then charterm's own, then the others."""

    async def startup(self) -> None:
        """The order stays while themes are tried."""
        self._in_use = self.app.theme

    def _names(self) -> list[str]:
        own = [theme.name for theme in THEMES]
        others = sorted(name for name in self.app.available_themes if name not in own)
        return [self._in_use, *(name for name in (*own, *others) if name != self._in_use)]

    def _choose(self, name: str) -> None:
        self.app.theme = name

    async def discover(self) -> Hits:
        """All of them."""
        for name in self._names():
            yield DiscoveryHit(name, partial(self._choose, name))

    async def search(self, query: str) -> Hits:
        """Those that match."""
        matcher = self.matcher(query)
        for name in self._names():
            if (score := matcher.match(name)) > 0:
                yield Hit(score, matcher.highlight(name), partial(self._choose, name))
