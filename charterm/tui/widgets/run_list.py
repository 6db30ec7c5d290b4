"""The list of trainings: a new one on top, then those there are, the newest first."""

import math
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.style import Style
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from charterm.i18n import N_, _
from charterm.training.watching import RunStatus
from charterm.tui.bindings import keyed

NEW_RUN = " "
"""Id of the first line; no run has such a name."""


def state_title(state: str) -> str:
    """A state in the language in use."""
    return {
        "running": _("running"),
        "paused": _("paused"),
        "finished": _("finished"),
        "failed": _("failed"),
        "interrupted": _("interrupted"),
    }[state]


_SIGNS = {"running": "▶", "paused": "‖", "finished": "✓", "failed": "✗", "interrupted": "?"}


class RunList(OptionList, inherit_bindings=False):
    """Trainings; the highlighted one is shown beside the list."""

    BINDINGS: ClassVar[list[BindingType]] = keyed("options", OptionList.BINDINGS)
    COMPONENT_CLASSES: ClassVar[set[str]] = {"runs--note"}
    HELP = N_(
        "Your trainings, the newest first. The first line begins a new one; enter goes into its "
        "form. The keys at the bottom pause, continue and stop the highlighted training."
    )

    def __init__(self) -> None:
        super().__init__(id="runs", markup=False)
        self.statuses: tuple[RunStatus, ...] = ()
        """The runs."""
        self.compared: set[str] = set()
        """Names of the runs that are drawn beside the highlighted one."""

    def on_mount(self) -> None:
        """Begin with the first line."""
        self.show(())
        self.highlighted = 0

    @property
    def chosen(self) -> str:
        """Name of the highlighted run; empty for a new one."""
        if self.highlighted is None or self.highlighted >= self.option_count:
            return ""
        option = self.get_option_at_index(self.highlighted).id or NEW_RUN
        return "" if option == NEW_RUN else option

    def show(self, statuses: Sequence[RunStatus]) -> None:
        """Show these runs, the highlight where it was."""
        chosen = self.chosen
        names = [status.name for status in statuses]
        same = names == [status.name for status in self.statuses] and self.option_count
        self.statuses = tuple(statuses)
        if same:
            self.translate()
            return
        with self.prevent(OptionList.OptionHighlighted):
            self.clear_options()
            self.add_option(Option(self._first(), id=NEW_RUN))
            self.add_options(Option(self._line(status), id=status.name) for status in statuses)
            self.highlighted = 1 + names.index(chosen) if chosen in names else 0

    def choose(self, name: str) -> None:
        """Highlight a run; a new one where ``name`` is empty."""
        names = [status.name for status in self.statuses]
        self.highlighted = 1 + names.index(name) if name in names else 0

    def translate(self) -> None:
        """Say everything in the language in use."""
        if not self.option_count:
            return
        self.replace_option_prompt_at_index(0, self._first())
        for number, status in enumerate(self.statuses, start=1):
            self.replace_option_prompt_at_index(number, self._line(status))

    def _first(self) -> Content:
        return Content(_("＋ New training"))

    def _line(self, status: RunStatus) -> Content:
        note = state_title(status.state)
        if status.state == "running":
            note = f"{status.progress:.0%}"
        if status.validation_nats is not None:
            bits = status.validation_nats / math.log(2)
            note += " · " + _("{bits:.2f} bits").format(bits=bits)
        mark = "◆ " if status.name in self.compared else ""
        return Content.assemble(
            f"{_SIGNS[status.state]} {mark}{status.name}\n",
            # the colour alone: the background is that of the highlight, where there is one
            (f"  {note}", Style(foreground=self.get_visual_style("runs--note").foreground)),
        )
