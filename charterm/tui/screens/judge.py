"""The Judge screen: which class a text belongs to, and why; for one text or for a file of many."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.message import Message
from textual.widgets import DataTable, Input, Static

from charterm.classify import library
from charterm.errors import ChartermError, UsageError
from charterm.i18n import _, ngettext
from charterm.model.library import check_name
from charterm.settings import schema
from charterm.tui.bindings import bindings_of
from charterm.tui.classifier_jobs import (
    Exported,
    FileJudged,
    TextRead,
    Trained,
    exporting,
    judging,
    reading,
    training,
)
from charterm.tui.jobs import Failed
from charterm.tui.screens.judge_view import JudgeView
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.typed_paths import folder_line, new_file, readable_file
from charterm.tui.widgets.dialog import Dialog
from charterm.tui.widgets.judged_table import MOST_ROWS, JudgedTable
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.status import Fact
from charterm.tui.widgets.work import Work

if TYPE_CHECKING:
    from charterm.classify.judged import JudgedTexts, Order

_REDRAW_EVERY = 0.5  # seconds, while the texts of a file are being judged
_QUICK = ("nbsvm", "ngrams")
_THOROUGH = ("likelihood", "state", *_QUICK)


class JudgeScreen(JudgeView, inherit_bindings=False):
    """Judge a text or a file, train classifiers, and choose between them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("judge"), *ModeScreen.BINDINGS]

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
        self._trained_name = ""  # while it is being trained

    def command_nodes(self) -> Iterable[DOMNode]:
        """The screen, the text and the table."""
        return (self, self.area, self.table)

    def commands(self) -> Iterator[SystemCommand]:
        """The bindings' actions, and the classifiers."""
        yield from super().commands()
        for entry in library.list_classifiers():
            yield SystemCommand(
                _("Judge: classifier {name}").format(name=entry.name),
                _("Judge with this classifier"),
                partial(self.use_classifier, entry.name),
            )

    @property
    def table(self) -> JudgedTable:
        """The table of a file's texts."""
        return self.query_one(JudgedTable)

    @property
    def listing(self) -> bool:
        """Whether the table is shown in place of the text."""
        return self.has_class("-listing")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done with what is shown."""
        if not self.is_mounted:
            return True
        if action in ("read", "sort", "reverse", "filter", "export"):
            return self.listing and self.texts is not None
        if action == "judge_file":
            return bool(self.class_names)
        if action == "delete":
            return bool(self.classifier)
        if action == "view":
            return self.texts is not None
        if action == "next_classifier":
            return len(library.list_classifiers()) > 1
        return True

    # One text -----------------------------------------------------------------------------

    def action_open(self) -> None:
        """Ask for a file to judge as one text."""
        self._ask_file(_("File to judge as one text"), self._open, take=_("Open"))

    def _ask_file(self, label: str, answer: Callable[[str], None], *, take: str) -> None:
        folder: Path = self.program.settings.get(schema.FOLDER)
        self.query_one(Question).ask(label, answer, value=folder_line(folder), take=take, path=True)

    def _open(self, typed: str) -> None:
        path = readable_file(typed)
        self.query_one(Work).do(_("Reading {name}").format(name=path.name), reading(path))

    def put_text(self, text: str) -> None:
        """Put a text where texts are typed; undo brings the one before back."""
        self.show_listing(False)
        area = self.area
        area.replace(text, (0, 0), area.document.end)
        area.move_cursor((0, 0))

    def action_signs(self) -> None:
        """Show or hide the signs under the characters."""
        self.show_signs(not self.with_signs)

    def action_next_classifier(self) -> None:
        """Judge with the classifier after this one."""
        names = [entry.name for entry in library.list_classifiers()]
        at = names.index(self.classifier) if self.classifier in names else -1
        if names:
            self.use_classifier(names[(at + 1) % len(names)])

    # Training and deleting ----------------------------------------------------------------

    def action_train(self) -> None:
        """Ask for a table of examples and a name, and train."""
        self._ask_table(_THOROUGH)

    def action_train_quickly(self) -> None:
        """The same on counted words and characters only."""
        self._ask_table(_QUICK)

    def _ask_table(self, methods: tuple[str, ...]) -> None:
        def answer(typed: str) -> None:
            path = readable_file(typed)
            self._require_rest()
            self.call_after_refresh(self._ask_name, path, methods)

        self._ask_file(_("Table of examples: class, tab, text"), answer, take=_("Next"))

    def _require_rest(self) -> None:
        if self.query_one(Work).going:
            raise UsageError(_("Something else is still being done: wait for it or stop it"))

    def _ask_name(self, path: Path, methods: tuple[str, ...]) -> None:
        taken = {entry.name for entry in library.list_classifiers()}

        def check(typed: str) -> None:
            check_name(typed, "classifier")
            if typed in taken:
                raise UsageError(
                    _("There is a classifier {name} already: choose another name").format(
                        name=typed
                    )
                )

        def answer(typed: str) -> None:
            check(typed)
            label = _("Training {name}").format(name=typed)
            self.query_one(Work).do(label, training(path, typed, methods))
            self._trained_name = typed

        self.query_one(Question).ask(
            _("Name of the classifier"),
            answer,
            value=_free_name(path.stem, taken),
            take=_("Train"),
            note=_("Letters, digits, dots, hyphens and underscores"),
            check=check,
        )

    def action_delete(self) -> None:
        """Ask, then delete the classifier."""
        name = self.classifier

        def answer(chosen: str | None) -> None:
            if chosen != "delete":
                return
            try:
                library.delete_classifier(name)
            except ChartermError as error:
                self.notify(str(error), severity="error")
            self.list_classifiers()

        self.app.push_screen(
            Dialog(
                _("Delete the classifier {name}?").format(name=name),
                _("This cannot be undone; it can be trained again."),
                (("", _("Keep it")), ("delete", _("Delete it"))),
            ),
            answer,
        )

    def asks_before_leaving(self, leave: Callable[[], object]) -> bool:
        """Ask while a classifier is being trained: the training ends with the program."""
        if not self._trained_name or isinstance(self.app.screen, Dialog):
            return False

        def answer(chosen: str | None) -> None:
            if chosen == "leave":
                leave()

        self.app.push_screen(
            Dialog(
                _("The classifier {name} is being trained").format(name=self._trained_name),
                _("Its training ends with the program, and nothing of it is kept."),
                (("", _("Stay")), ("leave", _("Stop it and quit"))),
            ),
            answer,
        )
        return True

    # A file of many texts -----------------------------------------------------------------

    def action_judge_file(self) -> None:
        """Ask for a file with a text on each line."""
        self._ask_file(_("File with a text on each line"), self._judge_file, take=_("Judge"))

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
        self._draw()
        self.call_after_refresh(self.table.focus)  # the question gives the focus back first

    @on(PartJudged)
    def _take_part(self, event: PartJudged) -> None:
        self._parts.append(event.part)
        if not self._draw_due:
            self._draw_due = True
            self.set_timer(_REDRAW_EVERY, self._draw)

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
    def _draw(self) -> None:
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
        order: Order = self.table.columns_shown[event.column_index]  # type: ignore[assignment]
        self.descending = order == self.order and not self.descending
        self.order = order
        self._draw()

    def action_sort(self) -> None:
        """Order by the next column."""
        names = self.table.columns_shown
        following = names[(names.index(self.order) + 1) % len(names)]
        self.order = following  # type: ignore[assignment]
        self.descending = following == "probability"
        self._draw()

    def action_reverse(self) -> None:
        """Turn the order around."""
        self.descending = not self.descending
        self._draw()

    def action_filter(self) -> None:
        """Type what to look for."""
        self.query_one("#filter", Line).focus()

    @on(Input.Submitted, "#filter")
    def _filtered(self) -> None:
        self.table.focus()

    @on(JudgedTable.Read)
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

    # What ends ----------------------------------------------------------------------------

    def action_stop(self) -> None:
        """Stop the work; else clear the filter; else go back to the text."""
        work, wanted = self.query_one(Work), self.query_one("#filter", Line)
        if work.going:
            work.stop()
        elif self.listing and (wanted.value or wanted.has_focus):
            wanted.value = ""
            self.table.focus()
        elif self.listing:
            self.show_listing(False)
        else:
            self.area.focus()

    @on(Work.Ended)
    def _take_result(self, event: Work.Ended) -> None:
        self._trained_name = ""
        match event.result:
            case Failed(reason):
                if reason:
                    self.notify(reason, severity="error", timeout=12)
                else:
                    self.notify(_("Stopped."))
                if self.listing and self.texts is None and not self._parts:
                    self.show_listing(False)
            case Trained(name, facts):
                self.list_classifiers()
                self.use_classifier(name, anew=True)
                self.notify(_told(name, facts), timeout=10)
            case TextRead(path, text, left_out):
                self.put_text(text)
                if left_out:
                    self.notify(
                        _("{name} is long: its first {n} characters are judged.").format(
                            name=path.name, n=f"{len(text):,}"
                        ),
                        severity="warning",
                    )
            case Exported(path):
                self.notify(_("Written to {path}.").format(path=path))
            case FileJudged():
                self._draw()

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
        listed = len(self.places()) if self.query_one("#filter", Line).value else count
        if listed != count:
            facts.append(Fact(f"{listed:,}", _("fit the filter"), weight=6))
        if self.file is not None:
            facts.append(Fact(self.file.name, weight=3, right=True))
        return facts


def _free_name(stem: str, taken: set[str]) -> str:
    """A name that no classifier has, made of the name of a file."""
    plain = "".join(c if c.isalnum() or c in "._-" else "-" for c in stem).strip("-._") or "mine"
    names = itertools.chain((plain,), (f"{plain}-{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)


def _told(name: str, facts: dict[str, object]) -> str:
    """A line on a classifier that was trained."""
    figures = facts.get("validation")
    assert isinstance(figures, dict)
    best = figures.get("combined") or next(iter(figures.values()))
    return _("{name} is trained: {percent} right on {n} texts kept aside.").format(
        name=name, percent=f"{100 * best['accuracy']:.1f} %", n=f"{facts['held_out']:,}"
    )
