"""Keys of the widgets themselves: moving, selecting and editing as in any program.

They are no actions of charterm and have no twin on the command line, but they can be changed in
the settings like those. The words and keys are Textual's own.
"""

from dataclasses import dataclass
from typing import Final

from charterm.i18n import N_


@dataclass(frozen=True, slots=True)
class WidgetKey:
    """A binding of a widget.

    Attributes:
        id: its id; the first part is the family of the widget.
        keys: default keys, comma-separated, in Textual's names.
        title: what it does (English; pass it through ``_``).
    """

    id: str
    keys: str
    title: str

    @property
    def family(self) -> str:
        """The widget it belongs to."""
        return self.id.partition(".")[0]


FOCUSED: Final = (
    "editor",
    "alternatives",
    "help",
    "line",
    "table",
    "options",
    "switch",
    "select",
    "result",
    "plot",
    "transcript",
    "choices",
)
"""Families that count only while their widget has the focus, so never two of them at once."""

WIDGET_KEYS: Final[tuple[WidgetKey, ...]] = (
    WidgetKey("editor.cursor_up", "up", N_("Cursor up")),
    WidgetKey("editor.cursor_down", "down", N_("Cursor down")),
    WidgetKey("editor.cursor_left", "left", N_("Cursor left")),
    WidgetKey("editor.cursor_right", "right", N_("Cursor right")),
    WidgetKey("editor.cursor_word_left", "ctrl+left", N_("Cursor word left")),
    WidgetKey("editor.cursor_word_right", "ctrl+right", N_("Cursor word right")),
    WidgetKey("editor.cursor_line_start", "home,ctrl+a", N_("Cursor line start")),
    WidgetKey("editor.cursor_line_end", "end,ctrl+e", N_("Cursor line end")),
    WidgetKey("editor.text_start", "ctrl+home", N_("Cursor text start")),
    WidgetKey("editor.text_end", "ctrl+end", N_("Cursor text end")),
    WidgetKey("editor.cursor_page_up", "pageup", N_("Cursor page up")),
    WidgetKey("editor.cursor_page_down", "pagedown", N_("Cursor page down")),
    WidgetKey("editor.cursor_word_left_select", "ctrl+shift+left", N_("Cursor left word select")),
    WidgetKey(
        "editor.cursor_word_right_select", "ctrl+shift+right", N_("Cursor right word select")
    ),
    WidgetKey("editor.cursor_line_start_select", "shift+home", N_("Cursor line start select")),
    WidgetKey("editor.cursor_line_end_select", "shift+end", N_("Cursor line end select")),
    WidgetKey("editor.cursor_up_select", "shift+up", N_("Cursor up select")),
    WidgetKey("editor.cursor_down_select", "shift+down", N_("Cursor down select")),
    WidgetKey("editor.cursor_left_select", "shift+left", N_("Cursor left select")),
    WidgetKey("editor.cursor_right_select", "shift+right", N_("Cursor right select")),
    WidgetKey("editor.select_line", "f6", N_("Select line")),
    WidgetKey("editor.select_all", "f7", N_("Select all")),
    WidgetKey("editor.delete_left", "backspace", N_("Delete character left")),
    WidgetKey(
        "editor.delete_word_left",
        "ctrl+w,ctrl+backspace,alt+backspace",
        N_("Delete left to start of word"),
    ),
    WidgetKey("editor.delete_right", "delete,ctrl+d", N_("Delete character right")),
    WidgetKey("editor.delete_word_right", "alt+delete", N_("Delete right to start of word")),
    WidgetKey("editor.cut", "ctrl+x,super+x", N_("Cut")),
    WidgetKey("editor.copy", "ctrl+c,super+c", N_("Copy")),
    WidgetKey("editor.paste", "ctrl+v", N_("Paste")),
    WidgetKey(
        "editor.delete_to_start_of_line", "ctrl+u,super+backspace", N_("Delete to line start")
    ),
    WidgetKey("editor.delete_to_end_of_line_or_delete_line", "ctrl+k", N_("Delete to line end")),
    WidgetKey("editor.delete_line", "ctrl+shift+k", N_("Delete line")),
    WidgetKey("editor.undo", "ctrl+z,super+z", N_("Undo")),
    WidgetKey("editor.redo", "ctrl+y,super+y", N_("Redo")),
    WidgetKey("alternatives.cursor_down", "down", N_("Down")),
    WidgetKey("alternatives.last", "end", N_("Last")),
    WidgetKey("alternatives.select", "enter", N_("Select")),
    WidgetKey("alternatives.first", "home", N_("First")),
    WidgetKey("alternatives.page_down", "pagedown", N_("Page down")),
    WidgetKey("alternatives.page_up", "pageup", N_("Page up")),
    WidgetKey("alternatives.cursor_up", "up", N_("Up")),
    WidgetKey("line.cursor_left", "left", N_("Move cursor left")),
    WidgetKey("line.cursor_left_select", "shift+left", N_("Move cursor left and select")),
    WidgetKey("line.cursor_left_word", "ctrl+left", N_("Move cursor left a word")),
    WidgetKey(
        "line.cursor_left_word_select", "ctrl+shift+left", N_("Move cursor left a word and select")
    ),
    WidgetKey(
        "line.cursor_right", "right", N_("Move cursor right or accept the completion suggestion")
    ),
    WidgetKey("line.cursor_right_select", "shift+right", N_("Move cursor right and select")),
    WidgetKey("line.cursor_right_word", "ctrl+right", N_("Move cursor right a word")),
    WidgetKey(
        "line.cursor_right_word_select",
        "ctrl+shift+right",
        N_("Move cursor right a word and select"),
    ),
    WidgetKey("line.delete_left", "backspace", N_("Delete character left")),
    WidgetKey("line.select_all", "ctrl+shift+a", N_("Select all")),
    WidgetKey("line.home", "home,ctrl+a", N_("Go to start")),
    WidgetKey("line.end", "end,ctrl+e", N_("Go to end")),
    WidgetKey("line.home_select", "shift+home", N_("Select line start")),
    WidgetKey("line.end_select", "shift+end", N_("Select line end")),
    WidgetKey("line.delete_right", "delete,ctrl+d", N_("Delete character right")),
    WidgetKey("line.submit", "enter", N_("Submit")),
    WidgetKey("line.delete_left_word", "ctrl+w", N_("Delete left to start of word")),
    WidgetKey("line.delete_left_all", "ctrl+u,super+backspace", N_("Delete all to the left")),
    WidgetKey(
        "line.delete_right_word",
        "ctrl+backspace,alt+backspace",
        N_("Delete right to start of word"),
    ),
    WidgetKey("line.delete_right_all", "ctrl+k", N_("Delete all to the right")),
    WidgetKey("line.cut", "ctrl+x", N_("Cut selected text")),
    WidgetKey("line.copy", "ctrl+c,super+c", N_("Copy selected text")),
    WidgetKey("line.paste", "ctrl+v", N_("Paste text from the clipboard")),
    WidgetKey("table.cursor_up", "up", N_("Cursor up")),
    WidgetKey("table.cursor_down", "down", N_("Cursor down")),
    WidgetKey("table.cursor_right", "right", N_("Cursor right")),
    WidgetKey("table.cursor_left", "left", N_("Cursor left")),
    WidgetKey("table.page_up", "pageup", N_("Page up")),
    WidgetKey("table.page_down", "pagedown", N_("Page down")),
    WidgetKey("table.scroll_top", "ctrl+home", N_("Top")),
    WidgetKey("table.scroll_bottom", "ctrl+end", N_("Bottom")),
    WidgetKey("table.scroll_home", "home", N_("Home")),
    WidgetKey("table.scroll_end", "end", N_("End")),
    WidgetKey("options.cursor_down", "down", N_("Down")),
    WidgetKey("options.last", "end", N_("Last")),
    WidgetKey("options.select", "enter", N_("Select")),
    WidgetKey("options.first", "home", N_("First")),
    WidgetKey("options.page_down", "pagedown", N_("Page down")),
    WidgetKey("options.page_up", "pageup", N_("Page up")),
    WidgetKey("options.cursor_up", "up", N_("Up")),
    WidgetKey("plot.zoom_in", "plus", N_("Zoom in")),
    WidgetKey("plot.zoom_out", "minus", N_("Zoom out")),
    WidgetKey("plot.pan_left", "left", N_("Pan left")),
    WidgetKey("plot.pan_right", "right", N_("Pan right")),
    WidgetKey("plot.pan_up", "up", N_("Pan up")),
    WidgetKey("plot.pan_down", "down", N_("Pan down")),
    WidgetKey("plot.reset_scales", "r", N_("Show everything")),
    WidgetKey("result.previous", "left", N_("Previous character")),
    WidgetKey("result.next", "right", N_("Next character")),
    WidgetKey("result.first", "home", N_("First character")),
    WidgetKey("result.last", "end", N_("Last character")),
    WidgetKey("switch.toggle_switch", "enter,space", N_("Toggle")),
    WidgetKey("select.show_overlay", "enter,space", N_("Show menu")),
    WidgetKey("scroll.scroll_up", "up", N_("Scroll up")),
    WidgetKey("scroll.scroll_down", "down", N_("Scroll down")),
    WidgetKey("scroll.scroll_left", "left", N_("Scroll left")),
    WidgetKey("scroll.scroll_right", "right", N_("Scroll right")),
    WidgetKey("scroll.scroll_home", "home", N_("Scroll home")),
    WidgetKey("scroll.scroll_end", "end", N_("Scroll end")),
    WidgetKey("scroll.page_up", "pageup", N_("Page up")),
    WidgetKey("scroll.page_down", "pagedown", N_("Page down")),
    WidgetKey("scroll.page_left", "ctrl+pageup", N_("Page left")),
    WidgetKey("scroll.page_right", "ctrl+pagedown", N_("Page right")),
    WidgetKey("transcript.up", "up", N_("Up")),
    WidgetKey("transcript.down", "down", N_("Down")),
    WidgetKey("transcript.left", "left", N_("Left")),
    WidgetKey("transcript.right", "right", N_("Right")),
    WidgetKey("transcript.page_up", "pageup", N_("Page up")),
    WidgetKey("transcript.page_down", "pagedown", N_("Page down")),
    WidgetKey("transcript.to_begin", "home", N_("Beginning")),
    WidgetKey("transcript.to_end", "end", N_("End")),
    WidgetKey("transcript.screen.edit_turn", "enter", N_("Edit")),
    WidgetKey("choices.previous", "left", N_("Previous")),
    WidgetKey("choices.next", "right", N_("Next")),
    WidgetKey("choices.up", "up", N_("Up")),
    WidgetKey("choices.down", "down", N_("Down")),
    WidgetKey("choices.take", "enter", N_("Take")),
    WidgetKey("choices.close", "escape", N_("Close")),
    WidgetKey("form.next", "down", N_("Next setting")),
    WidgetKey("form.previous", "up", N_("Previous setting")),
    WidgetKey("form.leave", "escape", N_("Back to the groups")),
    WidgetKey("keys.edit", "enter", N_("Change the keys")),
    WidgetKey("find.next", "down", N_("Next hit")),
    WidgetKey("find.previous", "up,shift+enter", N_("Previous hit")),
    WidgetKey("find.close", "escape", N_("Close")),
    WidgetKey("question.withdraw", "escape", N_("Cancel")),
    WidgetKey("screen.app.focus_next", "tab", N_("Focus next")),
    WidgetKey("screen.app.focus_previous", "shift+tab", N_("Focus previous")),
    WidgetKey("screen.screen.copy_text", "ctrl+c,super+c", N_("Copy selected text")),
    WidgetKey("help.close", "escape,f1,q,enter", N_("Close")),
    WidgetKey("app.help_quit", "ctrl+c", N_("How to quit")),
)
