"""The Judge screen's table: the texts of a file, each judged, ordered, filtered and exported."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message
from textual.widgets import DataTable, Input, Static

from charterm.i18n import _, ngettext
from charterm.settings import schema
from charterm.tui.after_keys import AfterKeys
from charterm.tui.classifier_jobs import exporting, judging
from charterm.tui.screens.judge_view import JudgeView
from charterm.tui.typed_paths import folder_line, new_file, readable_file
from charterm.tui.widgets.judged_table import MOST_ROWS, JudgedTable
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.status import Fact
from charterm.tui.widgets.work import Work

if TYPE_CHECKING:
    from charterm.classify.judged import JudgedTexts
    from charterm.classify.orders import Order

_MOST_SHARES = 3  # classes whose shares the status line tells
_REDRAW_EVERY = 0.5  # seconds, while the texts of a file are being judged


class JudgeTableView(JudgeView, inherit_bindings=False):
    """A table in place of the text."""

    class PartJudged(Message):
        """Some more texts of the file were judged."""

        def __init__(self, part: "JudgedTexts") -> None:
            super().__init__()
            self.part = part

    def __init__(self) -> None:
        super().__init__()
        self.file: Path | None = None
        """The file whose texts are in the table."""
        self.texts: JudgedTexts | None = None
        """Its texts, as far as they are judged."""
        self.order: Order = "number"
        self.descending = False
        self._parts: list[JudgedTexts] = []
        self._draw_due = False
        self._filtering = AfterKeys(self, self.draw)

    @property
    def table(self) -> JudgedTable:
        """The table of a file's texts."""
        return self.query_one(JudgedTable)

    @property
    def listing(self) -> bool:
        """Whether the table is shown in place of the text."""
        return self.has_class("-listing")

    @property
    def waiting(self) -> bool:
        """Whether texts were judged that are not in the table yet."""
        return bool(self._parts)

    def ask_file(
        self, label: str, answer: Callable[[str], None], *, take: str, note: str = ""
    ) -> None:
        """Ask for a file at the foot of the screen."""
        folder: Path = self.program.settings.get(schema.FOLDER)
        self.query_one(Question).ask(
            label, answer, value=folder_line(folder), take=take, note=note, path=True
        )

    def put_text(self, text: str) -> None:
        """Put a text where texts are typed; undo brings the one before back."""
        self.show_listing(False)
        area = self.area
        area.replace(text, (0, 0), area.document.end)
        area.move_cursor((0, 0))

    def action_judge_file(self) -> None:
        """Ask for a file with a text on each line."""
        self.ask_file(_("File with a text on each line"), self._judge_file, take=_("Judge"))

    def _judge_file(self, typed: str) -> None:
        path = readable_file(typed)

        def take(part: "JudgedTexts") -> None:
            self.post_message(self.PartJudged(part))

        self.query_one(Work).do(
            _("Judging {name}").format(name=path.name),
            judging(path, self.classifier, self.class_names, take),
        )
        self.file, self.texts, self._parts = path, None, []
        self.query_one("#filter", Line).value = ""
        self.order, self.descending = "number", False
        self.show_listing(True)
        self.draw()
        self.call_after_refresh(self.table.focus)  # the question gives the focus back first

    @on(PartJudged)
    def _take_part(self, event: PartJudged) -> None:
        self._parts.append(event.part)
        if not self._draw_due:
            self._draw_due = True
            self.set_timer(_REDRAW_EVERY, self.draw)

    def show_listing(self, shown: bool) -> None:
        """Show the table, or the text."""
        self.set_class(shown, "-listing")
        (self.table if shown else self.area).focus()
        self._show_margin()

    def _show_margin(self) -> None:
        if self.listing:
            shares = tuple(self.texts.shares.tolist()) if self.texts is not None else ()
            self.show_bars(shares if self.texts and self.texts.classes == self.class_names else ())
        else:
            self._show_judgement()
        self.show_status()
        self.refresh_bindings()

    def action_view(self) -> None:
        """Change between text and table."""
        self.show_listing(not self.listing)

    @on(Input.Changed, "#filter")
    def _filter(self) -> None:
        self._filtering.soon()

    def draw(self) -> None:
        """Show the texts that are judged, as they are to be ordered and filtered."""
        self._draw_due = False
        for part in self._parts:
            self.texts = part if self.texts is None else self.texts.joined(part)
        self._parts.clear()
        places = self.places()
        self.table.show(self.texts, places, self.order, descending=self.descending)
        note = ""
        if self.texts is not None and not places:
            note = _("No text fits the filter. Escape clears it.")
        elif len(places) > MOST_ROWS:
            note = _("The first {n} of {all} are listed; the export has all of them.").format(
                n=f"{MOST_ROWS:,}", all=f"{len(places):,}"
            )
        self.query_one("#note", Static).update(note)
        self._show_margin()

    def places(self) -> list[int]:
        """Places of the texts that fit the filter, in the order that is wanted."""
        if self.texts is None:
            return []
        chosen = self.texts.chosen(self.query_one("#filter", Line).value)
        return self.texts.ordered(chosen, self.order, descending=self.descending)

    @on(DataTable.HeaderSelected)
    def _sort_by_title(self, event: DataTable.HeaderSelected) -> None:
        order = self.table.columns_shown[event.column_index]
        self.descending = order == self.order and not self.descending
        self.order = order
        self.draw()

    def action_sort(self) -> None:
        """Order by the next column."""
        names = self.table.columns_shown
        following = names[(names.index(self.order) + 1) % len(names)]
        self.order = following
        self.descending = following == "probability"
        self.draw()

    def action_reverse(self) -> None:
        """Turn the order around."""
        self.descending = not self.descending
        self.draw()

    def action_filter(self) -> None:
        """Type what to look for."""
        self.query_one("#filter", Line).focus()

    @on(Input.Submitted, "#filter")
    def _filtered(self) -> None:
        self._filtering.now()
        self.table.focus()

    @on(JudgedTable.Opened)
    def action_read(self) -> None:
        """Put the highlighted text where texts are typed."""
        place = self.table.highlighted
        if place is not None and self.texts is not None:
            self.put_text(self.texts.texts[place])

    def action_export(self) -> None:
        """Ask for a file, and write the table into it."""
        texts, places = self.texts, self.places()
        if texts is None:
            return
        folder: Path = self.program.settings.get(schema.FOLDER)
        stem = self.file.stem if self.file is not None else "texts"
        names = (f"{stem}-judged{each}.csv" for each in ("", *(f"-{n}" for n in range(2, 1000))))
        free = next((name for name in names if not (folder / name).exists()), "judged.csv")

        def write(typed: str) -> None:
            path = new_file(typed, free)
            self.query_one(Work).do(
                _("Writing {name}").format(name=path.name), exporting(texts, places, path)
            )

        self.query_one(Question).ask(
            _("File to write the table into"),
            write,
            value=str(folder / free),
            take=_("Export"),
            note=ngettext("{n} text", "{n} texts", len(places)).format(n=f"{len(places):,}"),
            path=True,
        )

    # Status -------------------------------------------------------------------------------

    def more_facts(self) -> list[Fact]:
        """What the status line says of the text, or of the file."""
        if not self.listing:
            return super().more_facts()
        if self.texts is None:
            return []
        count = len(self.texts)
        facts = [Fact(f"{count:,}", ngettext("text", "texts", count), weight=8)]
        if self.texts.right is not None:
            share = f"{100 * self.texts.right / count:.1f} %"
            facts.append(Fact(share, _("judged as the file says"), weight=7))
        if not self.query_one("#margin").display:  # the bars tell it elsewhere
            judged = zip(self.texts.classes, self.texts.shares.tolist(), strict=True)
            most = sorted(judged, key=lambda each: -each[1])[:_MOST_SHARES]
            facts += [Fact(f"{100 * part:.0f} %", name, weight=2) for name, part in most]
        listed = len(self.places()) if self.query_one("#filter", Line).value else count
        if listed != count:
            facts.append(Fact(f"{listed:,}", _("fit the filter"), weight=6))
        if self.file is not None:
            facts.append(Fact(self.file.name, weight=3, right=True))
        return facts
