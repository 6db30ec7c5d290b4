"""The transcript of a story: whose turn it is, what it says, and how surprising that was."""

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from charterm.i18n import N_, _
from charterm.story.store import Logprobs
from charterm.story.story import Story
from charterm.story.tree import MODEL, Turn
from charterm.text.display import NEWLINE, visible
from charterm.tui.bindings import bindings_of, keyed
from charterm.tui.line_breaks import cell_of, index_at, sign
from charterm.tui.passages import GAP, LABEL, TEXT, Passages, Row
from charterm.tui.surprise import SURPRISES, levels_of

_GUTTER = 2  # cells left of the text: the bar and a space
_MARGIN = 3  # rows from the window's edge at which it slides


class Transcript(ScrollView, can_focus=True, inherit_bindings=False):
    """The turns of a story. A turn is chosen with the arrows, or, when :attr:`exact`, a character.

    Only a window of the story is laid out, and only the lines in sight are drawn.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of("turn"),
        *keyed(
            "transcript",
            [
                ("up", "up", "Up"),
                ("down", "down", "Down"),
                ("left", "left", "Left"),
                ("right", "right", "Right"),
                ("pageup", "page_up", "Page up"),
                ("pagedown", "page_down", "Page down"),
                ("home", "to_begin", "Beginning"),
                ("end", "to_end", "End"),
                ("enter", "screen.edit_turn", "Edit"),
            ],
        ),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "transcript--writer",
        "transcript--model",
        "transcript--text",
        "transcript--branch",
        "transcript--chosen",
        "transcript--cursor",
        "transcript--surprise-0",
        "transcript--surprise-1",
        "transcript--surprise-2",
        "transcript--surprise-3",
        "transcript--surprise-4",
    }
    HELP = N_(
        "The story. ↑ and ↓ choose a turn: enter edits it, ← and → show its other versions, g lets "
        "the story end there, to go on from there, ctrl+r lets the model write it again.\n\n"
        "With the probabilities shown, the arrows choose a character, and enter lists what the "
        "model would have written in its place."
    )

    class ChosenChanged(Message):
        """Another turn, or another character of it, is chosen."""

    class Needed(Message):
        """The probabilities of a turn's characters are needed."""

        def __init__(self, turn: int) -> None:
            super().__init__()
            self.turn = turn

    class VersionTaken(Message):
        """Another version of the chosen turn is wanted."""

        def __init__(self, turn: int) -> None:
            super().__init__()
            self.turn = turn

    class EditWanted(Message):
        """The chosen turn is to be changed."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.passages = Passages()
        self.story: Story | None = None
        self.exact = False
        """Whether characters are coloured and chosen instead of turns."""
        self.chosen: int | None = None
        self.offset_in_turn = 0
        self.levels: dict[int, list[int]] = {}
        """Of the turns that were weighed: how surprising each character was."""
        self._asked: set[int] = set()
        self._following = True

    # What it shows ------------------------------------------------------------------------

    def show(self, story: Story | None) -> None:
        """Show a story from its end."""
        self.story = story
        self.chosen = None
        self.forget_weights()
        self.passages = Passages()
        self.passages.lay_out(self._room, exact=self.exact)
        self._following = True
        self.read()

    def forget_weights(self) -> None:
        """The probabilities are no longer those of the model."""
        self.levels.clear()
        self._asked.clear()

    def read(self) -> None:
        """The story reads otherwise now."""
        path = self.story.tree.path if self.story is not None else []
        self.passages.read(path)
        if self.chosen is not None and self.chosen not in self.passages:
            self.chosen = self.passages.turns[-1] if self.exact and path else None
            if self.chosen is not None:
                length = len(self.passages[self.chosen].text)
                self.offset_in_turn = max(min(self.offset_in_turn, length - 1), 0)
            self.post_message(self.ChosenChanged())
        self._settle()

    def grow(self, turn: int) -> None:
        """A turn has more text."""
        if self.story is not None and turn in self.story.tree:
            self.passages.grow(self.story.tree[turn])
            self._settle()

    def weigh(self, turn: int, logprobs: Logprobs) -> None:
        """Colour a turn."""
        self.levels[turn] = levels_of(logprobs)
        self._asked.discard(turn)
        self.refresh()

    def set_exact(self, exact: bool) -> None:
        """Show how surprising each character was, and choose characters; or turns."""
        self.exact = exact
        at = self.passages.rows[self.scroll_offset.y : self.scroll_offset.y + 1]
        following = self._at_end
        self.passages.lay_out(self._room, exact=exact)
        if exact and self.passages.turns and self.chosen is None:
            self.chosen = self.passages.turns[-1]
            self.offset_in_turn = max(len(self.passages[self.chosen].text) - 1, 0)
        self._following = following
        self._settle()
        if at and not following:
            row = self.passages.row_of(at[0].turn, at[0].start)
            if row is not None:
                self.scroll_to(y=row, animate=False)
        self.post_message(self.ChosenChanged())

    @property
    def _room(self) -> int:
        return max(self.scrollable_content_region.width - _GUTTER - 1, 0)

    @property
    def _at_end(self) -> bool:
        return not self.passages.has_later and self.scroll_offset.y >= self.max_scroll_y

    def _settle(self) -> None:
        """The rows have changed: their number, what is in sight, what is drawn."""
        following = self._following or self._at_end
        self.virtual_size = Size(self.size.width, len(self.passages.rows))
        if following:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)
        self.refresh()

    def on_resize(self) -> None:
        """Break the lines anew."""
        following = self._at_end or self._following
        self.passages.lay_out(self._room, exact=self.exact)
        self._following = following
        self._settle()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Move the window when its edge comes into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._following = self._at_end
        height = self.scrollable_content_region.height
        if new_value < old_value and new_value < _MARGIN and self.passages.has_earlier:
            self._slide(later=False)
        elif (
            new_value > old_value
            and new_value + height > len(self.passages.rows) - _MARGIN
            and self.passages.has_later
        ):
            self._slide(later=True)

    def _slide(self, *, later: bool) -> None:
        moved = self.passages.slide(later)
        if moved:
            self.virtual_size = Size(self.size.width, len(self.passages.rows))
            self.scroll_target_y = self.scroll_y = max(self.scroll_y + moved, 0)
            self.refresh()

    def to_end(self) -> None:
        """Go to where the story goes on."""
        self.passages.to_end()
        self._following = True
        self._settle()

    # Choosing -----------------------------------------------------------------------------

    def choose(self, turn: int | None, offset: int = 0) -> None:
        """Choose a turn or a character and bring it into sight."""
        self.chosen, self.offset_in_turn = turn, offset
        if turn is not None and turn in self.passages:
            self.passages.show(turn, offset if self.exact else 0)
            self.virtual_size = Size(self.size.width, len(self.passages.rows))
            row = self.passages.row_of(turn, offset) if self.exact else None
            last = row
            if row is None:
                row = self.passages.first_row(turn)
                last = self.passages.row_of(turn, len(self.passages[turn].text))
            if row is not None and last is not None:
                self._bring(row, last)
        self.refresh()
        self.post_message(self.ChosenChanged())

    def _bring(self, first: int, last: int) -> None:
        height = self.scrollable_content_region.height
        top = self.scroll_offset.y
        if first < top:
            top = first
        elif last >= top + height:
            top = min(first, last - height + 1)
        self._following = False
        self.scroll_to(y=top, animate=False)

    @property
    def chosen_turn(self) -> Turn | None:
        """The chosen turn."""
        if self.chosen is None or self.chosen not in self.passages:
            return None
        return self.passages[self.chosen]

    def step(self, by: int) -> bool:
        """Choose another turn; False where there is none on that side."""
        turns = self.passages.turns
        if not turns:
            return False
        at = turns.index(self.chosen) if self.chosen in turns else len(turns)
        if not 0 <= at + by < len(turns):
            return False
        self.choose(turns[at + by])
        return True

    def action_up(self) -> None:
        """The turn before, or the line above."""
        if self.exact:
            self._move_line(-1)
        else:
            self.step(-1)

    def action_down(self) -> None:
        """The next turn, or the line below; after the last, back to where one writes."""
        if self.exact:
            self._move_line(1)
        elif not self.step(1):
            self.screen.focus_next()

    def action_left(self) -> None:
        """The version of the turn before this one, or the character to the left."""
        if self.exact:
            self._move(-1)
        else:
            self._other_version(-1)

    def action_right(self) -> None:
        """The version of the turn after this one, or the character to the right."""
        if self.exact:
            self._move(1)
        else:
            self._other_version(1)

    def _other_version(self, by: int) -> None:
        """Ask for the version of the chosen turn before or after it."""
        if self.story is None or self.chosen is None or self.chosen not in self.story.tree:
            return
        versions = [version.id for version in self.story.tree.branches(self.chosen)]
        at = versions.index(self.chosen) + by
        if 0 <= at < len(versions):
            self.post_message(self.VersionTaken(versions[at]))

    def _move(self, by: int) -> None:
        turn = self.chosen_turn
        if turn is None:
            return
        offset = self.offset_in_turn + by
        if 0 <= offset < len(turn.text):
            self.choose(turn.id, offset)
            return
        turns = self.passages.turns
        at = turns.index(turn.id) + by
        if 0 <= at < len(turns):
            other = self.passages[turns[at]]
            self.choose(other.id, 0 if by > 0 else max(len(other.text) - 1, 0))

    def _move_line(self, by: int) -> None:
        turn = self.chosen_turn
        here = self.passages.row_of(turn.id, self.offset_in_turn) if turn is not None else None
        if turn is None or here is None:
            self.step(-1)
            return
        cell = cell_of(turn.text, self.passages.rows[here].start, self.offset_in_turn)
        row = here + by
        while 0 <= row < len(self.passages.rows) and self.passages.rows[row].kind != TEXT:
            row += by
        if 0 <= row < len(self.passages.rows):
            there = self.passages.rows[row]
            text = self.passages[there.turn].text
            self.choose(there.turn, index_at(text, there.start, there.end, cell))

    def action_page_up(self) -> None:
        """A screen up."""
        self.scroll_page_up(animate=False)  # the window may move meanwhile

    def action_page_down(self) -> None:
        """A screen down."""
        self.scroll_page_down(animate=False)

    def action_to_begin(self) -> None:
        """The beginning of the story."""
        if self.passages.turns:
            self.choose(self.passages.turns[0])

    def action_to_end(self) -> None:
        """The end of the story."""
        if self.passages.turns:
            last = self.passages.turns[-1]
            self.choose(last, max(len(self.passages[last].text) - 1, 0))
            self.to_end()

    def on_focus(self) -> None:
        """Begin with the last turn."""
        if self.chosen is None and self.passages.turns:
            last = self.passages.turns[-1]
            self.choose(last, max(len(self.passages[last].text) - 1, 0))

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked; two clicks edit the turn."""
        y = event.y + self.scroll_offset.y
        if 0 <= y < len(self.passages.rows):
            row = self.passages.rows[y]
            text = self.passages[row.turn].text
            cell = event.x - _GUTTER
            self.choose(row.turn, index_at(text, row.start, row.end, cell) if row.end else 0)
            if event.chain == 2 and not self.exact:
                self.post_message(self.EditWanted())

    # Drawing ------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.scrollable_content_region.width
        number = y + self.scroll_offset.y
        blank = self.rich_style
        if number >= len(self.passages.rows):
            return Strip.blank(width, blank)
        row = self.passages.rows[number]
        turn = self.passages[row.turn]
        base = blank
        if row.turn == self.chosen and not self.exact and self.has_focus and row.kind != GAP:
            base = self._style("chosen")
        if row.kind == GAP:
            return Strip.blank(width, base)
        author = self._style(turn.author, base)
        segments = [Segment("▎ ", author)]
        if row.kind == LABEL:
            segments += self._label(turn, author, base)
        else:
            segments += self._line(turn, row, base, number)
        return Strip(segments).crop_extend(0, width, base).apply_offsets(0, number)

    def _style(self, name: str, base: Style | None = None) -> Style:
        """The style of a part; on the background of ``base`` where one is given."""
        style = self.get_component_rich_style(f"transcript--{name}")
        return style if base is None else style + Style(bgcolor=base.bgcolor)

    def _label(self, turn: Turn, author: Style, base: Style) -> list[Segment]:
        segments = [Segment(_("Model") if turn.author == MODEL else _("You"), author)]
        assert self.story is not None
        versions = [version.id for version in self.story.tree.branches(turn.id)]
        if len(versions) > 1:
            at = versions.index(turn.id) + 1
            segments.append(Segment(f"  ‹ {at}/{len(versions)} ›", self._style("branch", base)))
        return segments

    def _line(self, turn: Turn, row: Row, base: Style, number: int) -> list[Segment]:
        text = turn.text[row.start : row.end]
        if self.exact:
            return self._exact_line(turn, row, base)
        style = self._style("text", base)
        shown = visible(text.removesuffix("\n"))
        selected = self.text_selection.get_span(number) if self.text_selection else None
        if selected is None:
            return [Segment(shown, style)]
        start, end = (max(place - _GUTTER, 0) for place in selected)
        end = len(shown) if selected[1] == -1 else end
        chosen = self.screen.get_component_rich_style("screen--selection")
        return [
            Segment(shown[:start], style),
            Segment(shown[start:end], style + chosen),
            Segment(shown[end:], style),
        ]

    def _exact_line(self, turn: Turn, row: Row, base: Style) -> list[Segment]:
        levels = self._levels(turn)
        styles = [self._style(f"surprise-{level}", base) for level in range(len(SURPRISES) + 1)]
        cursor = self._style("cursor")
        segments: list[Segment] = []
        run, run_style = "", base
        for index in range(row.start, row.end):
            character = turn.text[index]
            style = styles[levels[index]]
            if turn.id == self.chosen and index == self.offset_in_turn:
                style = cursor if self.has_focus else style + Style(underline=True)
            drawn = NEWLINE if character == "\n" else sign(character)
            if style is not run_style and cell_len(drawn):
                segments.append(Segment(run, run_style))
                run, run_style = "", style
            run += drawn
        return [*segments, Segment(run, run_style)]

    def _levels(self, turn: Turn) -> list[int]:
        """The levels of a turn's characters; they are asked for where they are not known yet."""
        known = self.levels.get(turn.id, [])
        if len(known) != len(turn.text):
            if turn.id not in self._asked:
                self._asked.add(turn.id)
                self.post_message(self.Needed(turn.id))
            return [0] * len(turn.text)
        return known

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text that was selected with the mouse."""
        extracted = selection.extract("\n".join(self.passages.drawn(_GUTTER)))
        return "\n".join(line.strip() for line in extracted.split("\n")), "\n"
