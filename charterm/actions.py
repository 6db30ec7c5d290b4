"""Every action of the program as data: its keys, its words, and its twin on the command line.

The interface makes its bindings and its palette from this table, ``charterm keys`` prints it, and
the settings ``[keys]`` change it. A new action is one entry here and one ``action_...`` method.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from charterm.i18n import N_
from charterm.widget_keys import WIDGET_KEYS

EVERYWHERE: Final = "everywhere"

SCREENS: Final[Mapping[str, str]] = {
    EVERYWHERE: N_("Everywhere"),
    "write": N_("Write"),
    "story": N_("Story"),
    "train": N_("Train"),
    "generate": N_("Generate"),
    "models": N_("Models"),
    "settings": N_("Settings"),
}
"""Screens that actions belong to: id, and title (pass it through ``_``)."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing the user can do.

    Attributes:
        id: also the id of its key binding and its name in the settings, ``keys.ID``.
        keys: default keys, comma-separated, in Textual's names.
        title: what it does in one to three words (English; pass it through ``_``).
        help: one sentence more (English; pass it through ``_``).
        screen: a key of :data:`SCREENS`.
        run: the action as Textual writes it, such as ``app.switch_mode('write')``.
        command: what does the same on the command line.
        also: keys that do it as well where the cursor would do nothing else with them.
        hint: whether the line of key hints shows it.
        priority: whether it goes before the keys of what has the focus.
    """

    id: str
    keys: str
    title: str
    help: str
    screen: str
    run: str
    command: str
    also: str = ""
    hint: bool = False
    priority: bool = False


ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        id="app.help",
        keys="f1",
        title=N_("Help"),
        help=N_("Explain what has the focus, and list its keys"),
        screen=EVERYWHERE,
        run="app.toggle_help",
        command="charterm --help",
        hint=True,
    ),
    Action(
        id="app.palette",
        keys="ctrl+p",
        title=N_("Commands"),
        help=N_("Search everything the program can do"),
        screen=EVERYWHERE,
        run="app.command_palette",
        command="charterm keys",
        hint=True,
        priority=True,
    ),
    Action(
        id="app.theme",
        keys="f9",
        title=N_("Theme"),
        help=N_("Choose the colours, with a preview"),
        screen=EVERYWHERE,
        run="app.change_theme",
        command="charterm config set interface.theme THEME",
    ),
    Action(
        id="app.quit",
        keys="ctrl+q",
        title=N_("Quit"),
        help=N_("Save everything and leave the program"),
        screen=EVERYWHERE,
        run="app.quit",
        command="exit",
        hint=True,
        priority=True,
    ),
    Action(
        id="mode.write",
        keys="alt+w,alt+1",
        title=N_("Write"),
        help=N_("Write a text while the model completes it"),
        screen=EVERYWHERE,
        run="app.switch_mode('write')",
        command="charterm",
    ),
    Action(
        id="mode.generate",
        keys="alt+g,alt+4",
        title=N_("Generate"),
        help=N_("See what several methods write from one prompt, side by side"),
        screen=EVERYWHERE,
        run="app.switch_mode('generate')",
        command="charterm generate",
    ),
    Action(
        id="mode.models",
        keys="alt+m,alt+5",
        title=N_("Models"),
        help=N_("Look after the models: compare, rename, delete, import, export"),
        screen=EVERYWHERE,
        run="app.switch_mode('models')",
        command="charterm models",
    ),
    Action(
        id="mode.settings",
        keys="f2,alt+6",
        title=N_("Settings"),
        help=N_("Change the settings; everything takes effect at once"),
        screen=EVERYWHERE,
        run="app.switch_mode('settings')",
        command="charterm config",
    ),
    Action(
        id="suggestion.accept",
        keys="tab",
        also="right",
        title=N_("Accept"),
        help=N_("Take the whole suggestion (→ does the same at the end of a line)"),
        screen="write",
        run="accept_suggestion",
        command="charterm complete TEXT -n 1",
        hint=True,
    ),
    Action(
        id="suggestion.accept_word",
        keys="alt+right",
        also="ctrl+right",
        title=N_("Accept word"),
        help=N_("Take the next word of the suggestion (ctrl+→ does the same)"),
        screen="write",
        run="accept_word",
        command="charterm complete TEXT -n 1",
        hint=True,
    ),
    Action(
        id="suggestion.next",
        keys="ctrl+down,alt+right_square_bracket",
        title=N_("Next"),
        help=N_("Offer the next of the other continuations"),
        screen="write",
        run="next_alternative",
        command="charterm complete TEXT -n 5",
        hint=True,
    ),
    Action(
        id="suggestion.previous",
        keys="ctrl+up,alt+left_square_bracket",
        title=N_("Previous"),
        help=N_("Offer the previous of the other continuations"),
        screen="write",
        run="previous_alternative",
        command="charterm complete TEXT -n 5",
    ),
    Action(
        id="suggestion.dismiss",
        keys="escape",
        title=N_("Dismiss"),
        help=N_("Send the suggestion away for the rest of the word"),
        screen="write",
        run="dismiss",
        command="charterm predict TEXT",
    ),
    Action(
        id="generate.run",
        keys="ctrl+r,f5",
        title=N_("Generate"),
        help=N_("Let every column write on from the prompt"),
        screen="generate",
        run="generate",
        command="charterm generate --prompt TEXT",
        hint=True,
    ),
    Action(
        id="generate.stop",
        keys="escape",
        title=N_("Stop"),
        help=N_("Stop the generation where it is; without one, go back to the prompt"),
        screen="generate",
        run="stop",
        command="Ctrl-C",
    ),
    Action(
        id="generate.open",
        keys="ctrl+o",
        title=N_("To Write"),
        help=N_("Open the prompt and the text of this column on the Write screen"),
        screen="generate",
        run="open_in_write",
        command="charterm generate --prompt TEXT --echo",
        hint=True,
    ),
    Action(
        id="generate.save",
        keys="ctrl+s",
        title=N_("Save"),
        help=N_("Write the prompt and the text of this column into a file"),
        screen="generate",
        run="save",
        command="charterm generate --prompt TEXT --echo > FILE",
        hint=True,
    ),
    Action(
        id="generate.copy",
        keys="alt+c",
        title=N_("Copy"),
        help=N_("Copy the text of this column"),
        screen="generate",
        run="copy_result",
        command="charterm generate --prompt TEXT",
    ),
    Action(
        id="generate.preset",
        keys="ctrl+t",
        title=N_("Preset"),
        help=N_("Give this column the next preset"),
        screen="generate",
        run="next_preset",
        command="charterm generate --preset NAME",
        hint=True,
    ),
    Action(
        id="generate.controls",
        keys="f4",
        title=N_("Controls"),
        help=N_("Go to the controls of this column; again hides them"),
        screen="generate",
        run="controls",
        command="charterm generate --help",
        hint=True,
    ),
    Action(
        id="generate.next_column",
        keys="ctrl+pagedown",
        title=N_("Next column"),
        help=N_("Work on the next column"),
        screen="generate",
        run="next_column",
        command="charterm generate --preset NAME",
    ),
    Action(
        id="generate.previous_column",
        keys="ctrl+pageup",
        title=N_("Previous column"),
        help=N_("Work on the column before this one"),
        screen="generate",
        run="previous_column",
        command="charterm generate --preset NAME",
    ),
    Action(
        id="generate.add_column",
        keys="ctrl+n",
        title=N_("Add column"),
        help=N_("Put another column beside this one, with the same controls"),
        screen="generate",
        run="add_column",
        command="charterm generate --n 2",
    ),
    Action(
        id="generate.remove_column",
        keys="f8",
        title=N_("Remove column"),
        help=N_("Take this column away"),
        screen="generate",
        run="remove_column",
        command="charterm generate --n 1",
    ),
    Action(
        id="generate.keep_seed",
        keys="alt+k",
        title=N_("Keep seed"),
        help=N_("Use the seed of this column's text again, to see what another control changes"),
        screen="generate",
        run="keep_seed",
        command="charterm generate --seed SEED",
    ),
    Action(
        id="generate.save_preset",
        keys="alt+p",
        title=N_("Save preset"),
        help=N_("Keep the controls of this column by a name"),
        screen="generate",
        run="save_preset",
        command="charterm generate --preset NAME",
    ),
    Action(
        id="generate.command",
        keys="alt+l",
        title=N_("Copy command"),
        help=N_("Copy the command that writes the same text on the command line"),
        screen="generate",
        run="copy_command",
        command="charterm generate --seed SEED",
    ),
    Action(
        id="models.use",
        keys="enter",
        title=N_("Use"),
        help=N_("Let this model complete the text on the Write screen"),
        screen="models",
        run="use",
        command="charterm --model NAME",
        hint=True,
    ),
    Action(
        id="models.filter",
        keys="slash",
        title=N_("Filter"),
        help=N_("Show only the models in which these words occur"),
        screen="models",
        run="filter",
        command="charterm models list",
        hint=True,
    ),
    Action(
        id="models.sort",
        keys="s",
        title=N_("Sort"),
        help=N_("Sort by the next column (a click on a column's title does it too)"),
        screen="models",
        run="sort",
        command="charterm models list --sort COLUMN",
        hint=True,
    ),
    Action(
        id="models.reverse",
        keys="S",
        title=N_("Reverse"),
        help=N_("Turn the order around"),
        screen="models",
        run="reverse",
        command="charterm models list --descending",
    ),
    Action(
        id="models.rename",
        keys="r",
        title=N_("Rename"),
        help=N_("Give this model another name"),
        screen="models",
        run="rename",
        command="charterm models rename NAME NEW_NAME",
        hint=True,
    ),
    Action(
        id="models.duplicate",
        keys="d",
        title=N_("Duplicate"),
        help=N_("Copy this model, a starter model too, into one of yours"),
        screen="models",
        run="duplicate",
        command="charterm models duplicate NAME",
    ),
    Action(
        id="models.delete",
        keys="delete",
        title=N_("Delete"),
        help=N_("Delete this model; it can be brought back for 30 days"),
        screen="models",
        run="delete",
        command="charterm models delete NAME",
        hint=True,
    ),
    Action(
        id="models.restore",
        keys="u",
        title=N_("Undo delete"),
        help=N_("Bring the last deleted model back"),
        screen="models",
        run="restore",
        command="charterm models restore",
    ),
    Action(
        id="models.evaluate",
        keys="v",
        title=N_("Evaluate"),
        help=N_("Measure how well this model predicts a text file"),
        screen="models",
        run="evaluate",
        command="charterm evaluate FILE --model NAME",
        hint=True,
    ),
    Action(
        id="models.default",
        keys="asterisk",
        title=N_("Default"),
        help=N_("Let this model complete wherever no other is asked for"),
        screen="models",
        run="make_default",
        command="charterm models default NAME",
    ),
    Action(
        id="models.import",
        keys="i",
        title=N_("Import"),
        help=N_("Take a model from one file, if everything in it fits together"),
        screen="models",
        run="import",
        command="charterm models import FILE",
        hint=True,
    ),
    Action(
        id="models.export",
        keys="e",
        title=N_("Export"),
        help=N_("Write this model into one file, a zip of its folder"),
        screen="models",
        run="export",
        command="charterm models export NAME FILE",
    ),
    Action(
        id="models.cancel",
        keys="escape",
        title=N_("Cancel"),
        help=N_("Stop the work that is going on, or clear the filter"),
        screen="models",
        run="cancel",
        command="Ctrl-C",
    ),
    Action(
        id="settings.reset",
        keys="ctrl+r",
        title=N_("Reset"),
        help=N_("Give this setting its default again"),
        screen="settings",
        run="reset",
        command="charterm config unset KEY",
        hint=True,
    ),
    Action(
        id="settings.find",
        keys="ctrl+f",
        title=N_("Find"),
        help=N_("Show the settings in which these words occur"),
        screen="settings",
        run="find",
        command="charterm config list",
        hint=True,
    ),
    Action(
        id="settings.next_group",
        keys="ctrl+pagedown",
        title=N_("Next group"),
        help=N_("Show the next group of settings"),
        screen="settings",
        run="next_group",
        command="charterm config list",
    ),
    Action(
        id="settings.previous_group",
        keys="ctrl+pageup",
        title=N_("Previous group"),
        help=N_("Show the group of settings before this one"),
        screen="settings",
        run="previous_group",
        command="charterm config list",
    ),
    Action(
        id="settings.file",
        keys="ctrl+o",
        title=N_("Config file"),
        help=N_("Copy the path of the config file"),
        screen="settings",
        run="copy_path",
        command="charterm config path",
    ),
)
"""Every action, in the order in which help lists them."""

BY_ID: Final[Mapping[str, Action]] = {action.id: action for action in ACTIONS}


def default_keys() -> dict[str, str]:
    """The default keys of every binding that can be changed: binding id, keys."""
    return {
        **{action.id: action.keys for action in ACTIONS},
        **{widget_key.id: widget_key.keys for widget_key in WIDGET_KEYS},
    }
