"""The models screen: compare the models, look after them, and try them on a text."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widgets import Input

from charterm.errors import ChartermError
from charterm.i18n import _
from charterm.model import library
from charterm.model.archive import SUFFIX
from charterm.model.summary import (
    COLUMNS,
    Summary,
)
from charterm.settings import schema
from charterm.training.model_changes import delete_model, rename_model
from charterm.tui.bindings import bindings_of
from charterm.tui.jobs import Failed
from charterm.tui.model_jobs import (
    Done,
    copying,
    evaluating,
    exporting,
    importing,
)
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.screens.model_shelf import ModelShelfScreen
from charterm.tui.screens.write import WriteScreen
from charterm.tui.typed_paths import folder_line, new_file, readable_file
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.model_table import TITLES, ModelTable
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.work import Work


class ModelsScreen(ModelShelfScreen, inherit_bindings=False):
    """The model library."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("models"), *ModeScreen.BINDINGS]
    mode = "models"
    CSS_PATH = [Path(__file__).with_name(name) for name in ("foot.tcss", "models.tcss")]  # noqa: RUF012

    # Actions ------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done with the highlighted model, or without one."""
        summary = self.highlighted if self.is_mounted else None
        if action in ("rename", "delete"):
            return summary is not None
        if action in ("use", "train", "evaluate", "make_default", "export", "duplicate"):
            return summary is not None and not summary.problem
        if action == "restore":
            return self._deleted > 0
        return True

    @on(ModelTable.Opened)
    async def action_use(self) -> None:
        """Let the model complete the text on the writing screen."""
        summary = self.highlighted
        if summary is None or summary.problem:
            return
        await self.app.switch_mode("write")
        if isinstance(self.app.screen, WriteScreen):
            self.app.screen.use_model(summary.name)

    async def action_train(self) -> None:
        """Go to the form of a training that begins with this model."""
        summary = self.highlighted
        if summary is None or summary.problem:
            return
        from charterm.tui.screens.train import TrainScreen  # its plots and pickers, only now

        await self.app.switch_mode("train")
        screen = self.app.screen
        if isinstance(screen, TrainScreen):
            screen.call_after_refresh(screen.further, summary.name)

    def action_filter(self) -> None:
        """Type what to look for."""
        self.query_one("#filter", Line).focus()

    @on(Input.Submitted, "#filter")
    def _filtered(self) -> None:
        self._filtering.now()
        self.table.focus()

    def action_sort(self) -> None:
        """Order by the next column."""
        self.sort_by(COLUMNS[(COLUMNS.index(self.column) + 1) % len(COLUMNS)])
        self.notify(_("Sorted by {column}").format(column=_(TITLES[self.column])), timeout=2)

    def action_reverse(self) -> None:
        """Turn the order around."""
        self.sort_by(self.column, descending=not self.descending)

    def action_cancel(self) -> None:
        """Stop the work; where there is none, show every model."""
        work = self.query_one(Work)
        if work.going:
            work.stop()
        else:
            self.query_one("#filter", Line).value = ""
            self.table.focus()

    def action_rename(self) -> None:
        """Ask for another name."""
        summary = self.highlighted
        if summary is not None and not self._is_starter(summary):
            self._ask_name(
                _("New name of {name}").format(name=summary.name),
                partial(self._rename, summary.name),
                value=summary.name,
                take=_("Rename"),
            )

    def _is_starter(self, summary: Summary) -> bool:
        """Whether a model stays as it came; says so."""
        if summary.entry.starter:
            key = self.program.shown_key("models.duplicate")
            self.notify(
                _("{name} came with charterm and stays as it is; {key} copies it.").format(
                    name=summary.name, key=key
                )
            )
        return summary.entry.starter

    def action_duplicate(self) -> None:
        """Ask for the copy's name."""
        if (summary := self.highlighted) is not None:
            self._ask_name(
                _("Name of the copy of {name}").format(name=summary.name),
                partial(self._duplicate, summary.name),
                value=library.free_name(f"{summary.name}-copy"),
                take=_("Duplicate"),
            )

    def _ask_name(
        self, label: str, answer: Callable[[str], None], *, value: str, take: str
    ) -> None:
        note = _("Letters, digits, dots, hyphens and underscores")
        question = self.query_one(Question)
        question.ask(label, answer, value=value, note=note, take=take, check=library.check_name)

    def _rename(self, name: str, new_name: str) -> None:
        if name == new_name:
            return
        rename_model(name, new_name)
        if name in self.measured:
            self.measured[new_name] = self.measured.pop(name)
        if self.default == name:
            self.program.change_setting(schema.MODEL, new_name)
        for screen in self.program.opened_screens:
            if isinstance(screen, WriteScreen):
                used = screen.model == name
                screen.documents.rename_model(name, new_name)
                if used:
                    screen.use_model(new_name)
        self.reload(new_name)

    def _duplicate(self, name: str, new_name: str) -> None:
        library.unused_folder(new_name)
        self.query_one(Work).do(_("Copying {name}").format(name=name), copying(name, new_name))

    def action_delete(self) -> None:
        """Move the model into the trash, and say how it comes back."""
        summary = self.highlighted
        if summary is None or self._is_starter(summary):
            return
        try:
            delete_model(summary.name)
        except ChartermError as error:
            self.notify(str(error), severity="error")
            return
        self._curves.pop(summary.name, None)
        key = self.program.shown_key("models.restore")
        self.notify(
            _("{name} is in the trash. {key} brings it back.").format(name=summary.name, key=key)
        )
        self.reload()

    def action_restore(self) -> None:
        """Bring the last deleted model back."""
        try:
            entry = library.restore_model()
        except ChartermError as error:
            self.notify(str(error), severity="error")
            return
        self.notify(_("{name} is back.").format(name=entry.name))
        self.reload(entry.name)

    def action_make_default(self) -> None:
        """Complete with this model wherever no other is asked for."""
        if (summary := self.highlighted) is not None:
            self.program.change_setting(schema.MODEL, summary.name)
            self._show()

    # Files --------------------------------------------------------------------------------

    def _folder(self) -> str:
        return folder_line(self.program.settings.get(schema.FOLDER))

    def action_export(self) -> None:
        """Ask where to write the file."""
        if (summary := self.highlighted) is not None:
            self.query_one(Question).ask(
                _("File to write {name} into").format(name=summary.name),
                partial(self._export, summary.name),
                value=f"{self._folder()}{summary.name}{SUFFIX}",
                take=_("Export"),
                note=_("One file with everything, to keep or to give away"),
                path=True,
            )

    def _export(self, name: str, typed: str) -> None:
        path = new_file(typed, f"{name}{SUFFIX}")
        self.query_one(Work).do(_("Writing {name}").format(name=path.name), exporting(name, path))

    def action_import(self) -> None:
        """Ask for the file."""
        self.query_one(Question).ask(
            _("File to import"),
            self._import,
            value=self._folder(),
            take=_("Import"),
            note=_("A file that was exported; it is checked before it is believed"),
            path=True,
        )

    def _import(self, typed: str) -> None:
        path = readable_file(typed)
        self.query_one(Work).do(_("Reading {name}").format(name=path.name), importing(path))

    def action_evaluate(self) -> None:
        """Ask for a text to predict."""
        if (summary := self.highlighted) is not None:
            self.query_one(Question).ask(
                _("Text to measure {name} on").format(name=summary.name),
                partial(self._evaluate, summary),
                value=self._folder(),
                take=_("Evaluate"),
                note=_("A text the model was not trained on says most"),
                path=True,
            )

    def _evaluate(self, summary: Summary, typed: str) -> None:
        path = readable_file(typed)
        self.query_one(Work).do(
            _("Measuring on {name}").format(name=path.name), evaluating(summary, path)
        )

    @on(Work.Ended)
    def _take_result(self, event: Work.Ended) -> None:
        result = event.result
        if isinstance(result, Failed):
            if result.reason:
                self.notify(result.reason, severity="error", timeout=12)
            else:
                self.notify(_("Stopped."))
        elif isinstance(result, Done):
            if result.measured is not None:
                name, file, figures = result.measured
                self.measured[name] = (file, figures)
            self.notify(result.said)
            self.reload(result.highlight)
