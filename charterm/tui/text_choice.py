"""The texts of the program to choose from, the one used last first."""

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from rich.cells import cell_len
from textual.command import DiscoveryHit, Hit, Hits, Provider

from charterm.i18n import _
from charterm.text.display import visible
from charterm.tui.fitting import fit

if TYPE_CHECKING:
    from charterm.documents.store import TextInfo
    from charterm.tui.screens.write import WriteScreen

_BEGINNING = 60  # cells


class Texts(Provider):
    """Every text that the store has, open ones and others."""

    async def startup(self) -> None:
        """What there is when the list opens."""
        screen = cast("WriteScreen", self.screen)
        self._infos = screen.listed_texts
        self._open: Callable[[str], None] = screen.switch_text

    async def discover(self) -> Hits:
        """All of them."""
        for info in self._infos:
            yield DiscoveryHit(
                visible(info.title), partial(self._open, info.name), help=_described(info)
            )

    async def search(self, query: str) -> Hits:
        """Those whose name, folder or beginning matches."""
        matcher = self.matcher(query)
        for info in self._infos:
            title, described = visible(info.title), _described(info)
            score = max(matcher.match(title), 0.8 * matcher.match(described))
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(title),
                    partial(self._open, info.name),
                    text=title,
                    help=described,
                )


def _described(info: "TextInfo") -> str:
    """Its folder, when it was used, and how it begins."""
    parts = [str(info.file.parent)] if info.file is not None else []
    parts.append(_when(time.time() - info.used))
    if info.beginning:
        beginning = fit(info.beginning, _BEGINNING)
        parts.append(beginning if cell_len(beginning) else info.title)
    return " · ".join(parts)


def _when(seconds: float) -> str:
    """How long ago, in the largest unit that fits."""
    minutes = int(seconds / 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return _("{n} min ago").format(n=minutes)
    if minutes < 60 * 24:
        return _("{n} h ago").format(n=minutes // 60)
    return _("{n} d ago").format(n=minutes // (60 * 24))
