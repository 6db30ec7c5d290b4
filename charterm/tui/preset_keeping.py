"""Saving and deleting presets, on every screen with a form of controls."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from charterm.decoding.controls import Controls
from charterm.decoding.presets import check_name, delete_preset, save_preset, saved_presets
from charterm.errors import ChartermError
from charterm.i18n import _
from charterm.tui.widgets.controls_form import ControlsForm
from charterm.tui.widgets.question import Question

if TYPE_CHECKING:
    from charterm.tui.screens.mode import ModeScreen


def ask_to_save(screen: "ModeScreen", controls: Controls, kept: Callable[[str], object]) -> None:
    """Ask for a name and keep controls by it.

    Args:
        screen: has a question.
        controls: to keep.
        kept: is told the name once that is done.
    """

    def save(name: str) -> None:
        save_preset(name, controls)
        kept(name)
        screen.notify(_("The controls are kept as {name}.").format(name=name))

    screen.query_one(Question).ask(
        _("Name of the preset"),
        save,
        take=_("Save"),
        note=_("It is offered here, in stories and on the command line"),
        check=check_name,
    )


def delete(screen: "ModeScreen", deleted: Callable[[], object], save_action: str) -> None:
    """Delete the preset that the screen's form shows; its controls stay in force.

    Args:
        screen: has a form.
        deleted: is called once that is done.
        save_action: id of the action that saves it again.
    """
    name = screen.query_one(ControlsForm).preset
    try:
        if name not in saved_presets():
            screen.notify(
                _("Choose a preset of your own first: only those can be deleted."),
                severity="warning",
            )
            return
        delete_preset(name)
    except ChartermError as error:
        screen.notify(str(error), severity="error", timeout=12)
        return
    deleted()
    key = screen.program.shown_key(save_action)
    screen.notify(_("{name} was deleted; {key} saves it again.").format(name=name, key=key))
