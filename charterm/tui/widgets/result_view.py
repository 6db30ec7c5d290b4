"""Generated texts under one another, each character coloured by how surprising it was."""

from typing import ClassVar, Final

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from charterm.i18n import N_, _
from charterm.text.display import visible
from charterm.tui.bindings import keyed
from charterm.tui.widgets.passage import Mark, Passage

_LEVELS: Final = ("expected", "usual", "rare", "odd")
_OWN_KEYS: Final = ("scroll_left", "scroll_right", "scroll_home", "scroll_end", "page_left",
                    "page_right")  # fmt: skip


def _moves() -> list[BindingType]:
    moves = (
        ("left", "mark(-1)", "previous", N_("Previous character")),
        ("right", "mark(1)", "next", N_("Next character")),
        ("home", "mark_first", "first", N_("First character")),
        ("end", "mark_last", "last", N_("Last character")),
    )
    return [
        Binding(key, action, title, show=False, tooltip=title, id=f"result.{name}")
        for key, action, name, title in moves
    ]


class ResultView(ScrollView, can_focus=True, inherit_bindings=False):
    """Draws only the lines in sight, so that texts may be as long as they like."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *_moves(),
        *keyed(
            "scroll",
            (
                binding
                for binding in ScrollableContainer.BINDINGS
                if not any(action in str(binding) for action in _OWN_KEYS)
            ),
        ),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "result--expected",
        "result--usual",
        "result--rare",
        "result--odd",
        "result--mark",
        "result--heading",
        "result--empty",
    }
    HELP = N_(
        "What the model wrote. The colour of a character tells how surprising it was for the "
        "model; → and ← go from one to the next, and the line at the bottom tells its "
        "probability and what else was likely. The mouse does the same."
    )

    class Marked(Message):
        """Another character is marked: see :attr:`ResultView.mark`."""

        def __init__(self, view: "ResultView") -> None:
            super().__init__()
            self.view = view

    def __init__(self) -> None:
        super().__init__()
        self.passages: list[Passage] = []
        """The texts."""
        self.mark: Mark | None = None
        """The character whose probability is told."""
        self._places: list[tuple[int, int]] = []  # (passage, its line; -1 for its heading)
        self._note = ""

    # What is shown ------------------------------------------------------------------------

    def clear(self) -> None:
        """Show no text."""
        self.passages, self.mark = [], None
        self.changed()
        self.scroll_home(animate=False)

    def note(self, text: str) -> None:
        """Say something while there is no text."""
        self._note = text
        self.refresh()

    def passage(self, number: int) -> Passage:
        """A text, made where there is none of this number yet."""
        while len(self.passages) <= number:
            self.passages.append(Passage())
        return self.passages[number]

    def changed(self) -> None:
        """Called when a text has changed: fold it and follow its end."""
        follow = self.scroll_offset.y >= self.max_scroll_y
        room = self.scrollable_content_region.width
        self._places = []
        for number, passage in enumerate(self.passages):
            if len(self.passages) > 1:
                self._places.append((number, -1))
            self._places += [(number, line) for line in range(passage.fold(room))]
        self.virtual_size = Size(room, len(self._places))
        self.refresh()
        if follow and len(self.passages) == 1 and not self.passages[0].reason:
            self.scroll_end(animate=False, immediate=True)

    def notify_style_update(self) -> None:
        """Draw in the colours of another theme."""
        super().notify_style_update()
        self.refresh()

    def on_resize(self) -> None:
        """Fold anew."""
        self.changed()

    @property
    def chosen(self) -> Passage | None:
        """The text that has the mark, or the first."""
        if not self.passages:
            return None
        return self.passages[self.mark.passage if self.mark else 0]

    # Drawing ------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """A line in sight."""
        width = self.scrollable_content_region.width
        base = self.visual_style.rich_style
        row = self.scroll_offset.y + y
        if not self.passages:
            return self._note_line(y, width)
        if row >= len(self._places):
            return Strip.blank(width, base)
        number, line = self._places[row]
        passage = self.passages[number]
        if line < 0:
            style = self.get_component_rich_style("result--heading")
            strip = Strip([Segment(self._heading(number), style)])
            return strip.crop_extend(0, width, base)
        styles = [self.get_component_rich_style(f"result--{level}") for level in _LEVELS]
        marked = self.mark.index if self.mark and self.mark.passage == number else -1
        segments: list[Segment] = []
        held, held_style = "", base
        for index in passage.line(line):
            style = styles[passage.level(index)]
            if index == marked:
                style = self.get_component_rich_style("result--mark")
            if style != held_style and held:
                segments.append(Segment(held, held_style))
                held = ""
            held, held_style = held + passage.sign(index), style
        if held:
            segments.append(Segment(held, held_style))
        after = passage.line(line).stop
        if marked == after and after < len(passage.text):  # the line end itself
            segments.append(Segment("⏎", self.get_component_rich_style("result--mark")))
        return Strip(segments).crop_extend(0, width, base)

    def _note_line(self, y: int, width: int) -> Strip:
        base = self.visual_style.rich_style
        passage = Passage()
        passage.replace(self._note)
        if y >= passage.fold(width):
            return Strip.blank(width, base)
        text = "".join(map(passage.sign, passage.line(y)))
        style = self.get_component_rich_style("result--empty")
        return Strip([Segment(text, style)]).crop_extend(0, width, base)

    def _heading(self, number: int) -> str:
        passage = self.passages[number]
        bits = passage.bits_per_character
        figure = "" if bits is None else _("{bits:.2f} bits/char").format(bits=bits)
        return f"── {number + 1}  {figure}"

    # The mark -----------------------------------------------------------------------------

    def put_mark(self, mark: Mark | None) -> None:
        """Mark a character, and bring it into sight."""
        if mark == self.mark:
            return
        self.mark = mark
        if mark is not None:
            place = (mark.passage, self.passages[mark.passage].line_of(mark.index))
            self.scroll_to_region(
                Region(0, self._places.index(place), 1, 1), animate=False, immediate=True
            )
        self.refresh()
        self.post_message(self.Marked(self))

    def _marks(self) -> tuple[int, int]:
        """Text and character of the mark; before the first where there is none."""
        return (self.mark.passage, self.mark.index) if self.mark else (0, -1)

    def action_mark(self, by: int) -> None:
        """Mark the next character, also of the next text."""
        if not any(passage.text for passage in self.passages):
            return
        number, index = self._marks()
        index += by
        while not 0 <= index < len(self.passages[number].text):
            following = number + (1 if by > 0 else -1)
            if not 0 <= following < len(self.passages):
                return
            number = following
            index = 0 if by > 0 else len(self.passages[number].text) - 1
        self.put_mark(Mark(number, index))

    def action_mark_first(self) -> None:
        """Mark the first character of the text."""
        number, _index = self._marks()
        if self.passages and self.passages[number].text:
            self.put_mark(Mark(number, 0))

    def action_mark_last(self) -> None:
        """Mark the last character of the text."""
        number, _index = self._marks()
        if self.passages and self.passages[number].text:
            self.put_mark(Mark(number, len(self.passages[number].text) - 1))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Mark the character under the mouse."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        row = self.scroll_offset.y + offset.y
        if row < len(self._places):
            number, line = self._places[row]
            index = self.passages[number].index_at(line, offset.x) if line >= 0 else None
            if index is not None:
                self.put_mark(Mark(number, index))

    def told(self) -> tuple[str, str]:
        """What is known about the marked character: its sign and probability, and what else."""
        if self.mark is None:
            return "", ""
        passage, index = self.passages[self.mark.passage], self.mark.index
        bits = passage.bits(index)
        if bits is None:
            return "", ""
        sign = visible(passage.text[index], spaces=True)
        others = " ".join(
            f"{visible(character, spaces=True)} {100 * share:.0f}%"
            for character, share in passage.alternatives[index]
            if character != passage.text[index]
        )
        return f"{sign} {100 * 2**-bits:.1f} %", others


class SurpriseLegend(Widget, can_focus=False):
    """What the colours of the characters mean."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"result--{level}" for level in _LEVELS}

    def render(self) -> Content:
        """A word in each colour."""
        words = (_("expected"), _("usual"), _("rare"), _("very rare"))
        return Content("  ").join(
            Content.assemble((word, self.get_visual_style(f"result--{level}")))
            for word, level in zip(words, _LEVELS, strict=True)
        )

    def translate(self) -> None:
        """Say the words in the language in use."""
        self.refresh()
