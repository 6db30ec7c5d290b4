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

from charterm.classify import library
from charterm.classify.methods import best_method
from charterm.errors import ChartermError, UsageError
from charterm.i18n import _
from charterm.model.library import check_name
from charterm.tui.bindings import bindings_of
from charterm.tui.classifier_jobs import (
    Exported,
    FileJudged,
    TextRead,
    Trained,
    reading,
    training,
)
from charterm.tui.jobs import Failed
from charterm.tui.screens.judge_table import JudgeTableView
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.typed_paths import readable_file
from charterm.tui.widgets.dialog import Dialog
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.work import Work

if TYPE_CHECKING:
    pass

_QUICK = ("nbsvm", "ngrams")
_THOROUGH = ("likelihood", "state", *_QUICK)


class JudgeScreen(JudgeTableView, inherit_bindings=False):
    """Judge a text or a file, train classifiers, and choose between them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("judge"), *ModeScreen.BINDINGS]

    def __init__(self) -> None:
        super().__init__()
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
            return len(self.known) > 1
        return True

    # One text -----------------------------------------------------------------------------

    def action_open(self) -> None:
        """Ask for a file to judge as one text."""
        self.ask_file(_("File to judge as one text"), self._open, take=_("Open"))

    def _open(self, typed: str) -> None:
        path = readable_file(typed)
        self.query_one(Work).do(_("Reading {name}").format(name=path.name), reading(path))

    def action_signs(self) -> None:
        """Show or hide the signs under the characters."""
        self.show_signs(not self.with_signs)

    def action_next_classifier(self) -> None:
        """Judge with the classifier after this one."""
        names = self.known
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

        self.ask_file(
            _("Table of examples"),
            answer,
            take=_("Next"),
            note=_("On each line a class, a tab, then a text of it"),
        )

    def _require_rest(self) -> None:
        if self.query_one(Work).going:
            raise UsageError("Something else is still being done: wait for it or stop it")

    def _ask_name(self, path: Path, methods: tuple[str, ...]) -> None:
        taken = {entry.name for entry in library.list_classifiers()}

        def check(typed: str) -> None:
            check_name(typed, library.CLASSIFIER)
            if typed in taken:
                raise UsageError(
                    "There is a classifier {name} already: choose another name", name=typed
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
                if self.listing and self.texts is None and not self.waiting:
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
                self.draw()


def _free_name(stem: str, taken: set[str]) -> str:
    """A name that no classifier has, made of the name of a file."""
    plain = "".join(c if c.isalnum() or c in "._-" else "-" for c in stem).strip("-._") or "mine"
    names = itertools.chain((plain,), (f"{plain}-{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)


def _told(name: str, facts: dict[str, object]) -> str:
    """A line on a classifier that was trained."""
    figures = facts.get("validation")
    assert isinstance(figures, dict)
    best = figures[best_method(figures)]
    return _("{name} is trained: {percent} right on {n} texts kept aside.").format(
        name=name, percent=f"{100 * best['accuracy']:.1f} %", n=f"{facts['held_out']:,}"
    )
