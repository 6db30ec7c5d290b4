"""What the generation screen shows: the prompt, the columns, and the controls of one of them."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from textual import on
from textual.app import SystemCommand
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.widget import Widget
from textual.widgets import Select
from textual.worker import Worker

from charterm.decoding.controls import PRESETS, Controls, for_method
from charterm.decoding.presets import all_presets
from charterm.errors import ChartermError
from charterm.i18n import N_, _
from charterm.model.library import list_models
from charterm.settings import schema
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.widgets.controls_form import ControlsForm
from charterm.tui.widgets.kept_area import KeptArea
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.result_column import ResultColumn
from charterm.tui.widgets.result_view import ResultView, SurpriseLegend
from charterm.tui.widgets.setting_row import SettingSelect
from charterm.tui.widgets.status import Fact, StatusLine
from charterm.tui.widgets.words import Words

_FIRST: Final = ("careful", "balanced", "wild")
_PROMPT: Final = N_("How should the text begin? Then {key} lets the model write on.")


class Prompt(KeptArea):
    """The text to go on from."""

    kept_as = "generate"
    HELP = N_(
        "The text that every column goes on from; it may be empty. Tab leads to the columns and "
        "their controls."
    )


class GenerateView(ModeScreen):
    """The generation screen without its actions."""

    mode = "generate"
    CSS_PATH = [  # noqa: RUF012
        Path(__file__).with_name("foot.tcss"),
        Path(__file__).parents[1] / "widgets" / "controls_form.tcss",
        Path(__file__).with_name("generate.tcss"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.model = ""
        """The model that was chosen here; empty for the one the program was opened with."""
        self._worker: Worker[None] | None = None
        self._current: ResultColumn | None = None

    # Layout -------------------------------------------------------------------------------

    def content(self) -> Iterable[Widget]:
        """The prompt over the columns, and beside them the controls of one column."""
        with Horizontal(id="desk"):
            with Vertical(id="sheet"):
                yield Prompt(id="prompt")
                with Horizontal(id="columns"):
                    for name in _FIRST:
                        yield ResultColumn(PRESETS[name], name)
                yield SurpriseLegend()
            with Vertical(id="panel"):
                with Horizontal(classes="control", id="model-row"):
                    yield Words(N_("model"), classes="control-name")
                    yield SettingSelect([], compact=True, id="model", classes="control-value")
                yield ControlsForm(PRESETS[_FIRST[0]], PRESETS, id="controls")
        yield Question()
        yield StatusLine()

    @property
    def prompt(self) -> Prompt:
        """The text to go on from."""
        return self.query_one(Prompt)

    @property
    def columns(self) -> list[ResultColumn]:
        """The columns, from the left."""
        place = self.query_one_optional("#columns")
        shown = place.children if place is not None else ()
        return [column for column in shown if isinstance(column, ResultColumn)]

    @property
    def current(self) -> ResultColumn:
        """The column that the controls belong to."""
        columns = self.columns
        return self._current if self._current in columns else columns[0]

    @property
    def working(self) -> bool:
        """Whether a generation goes on."""
        return self._worker is not None

    def command_nodes(self) -> Iterable[DOMNode]:
        """The screen, the prompt and the column."""
        return (self, self.prompt, self.current.view)

    def commands(self) -> Iterator[SystemCommand]:
        """The bindings' actions, and the models."""
        yield from super().commands()
        for entry in list_models():
            yield SystemCommand(
                _("Generate: model {name}").format(name=entry.name),
                _("Let this model write on from the prompt"),
                partial(self.use_model, entry.name),
            )

    def on_mount(self) -> None:
        """Begin in the prompt."""
        self.translate()
        self.prompt.focus()
        self._select(self.columns[0])

    def on_screen_resume(self) -> None:
        """Read again which models and presets there are."""
        self._list_models()
        self._list_presets()

    def translate(self) -> None:
        """Say everything in the language in use."""
        super().translate()
        self.prompt.placeholder = _(_PROMPT).format(key=self.program.shown_key("generate.run"))
        self._show_status()

    def leave(self) -> None:
        """Keep the prompt now: the program ends. Raises ChartermError."""
        self.prompt.keep_now()

    def settings_changed(self) -> None:
        """The default model may be another one, or a key."""
        self.translate()
        self._list_models()

    # Models and presets -------------------------------------------------------------------

    @property
    def used_model(self) -> str:
        """Name of the model that writes."""
        return self.model or self.program.model or str(self.program.settings.get(schema.MODEL))

    def _list_models(self) -> None:
        names = [entry.name for entry in list_models()]
        select = self.query_one("#model", SettingSelect)
        with self.prevent(Select.Changed):
            select.set_options((name, name) for name in names)
            if self.used_model in names:
                select.value = self.used_model
        self._show_status()

    @on(Select.Changed, "#model")
    def _take_model(self, event: Select.Changed) -> None:
        event.stop()
        if isinstance(event.value, str):
            self.use_model(event.value)

    def use_model(self, name: str) -> None:
        """Let this model write from now on."""
        self.model = name
        self._list_models()

    def _presets(self) -> dict[str, Controls]:
        try:
            return all_presets()
        except ChartermError as error:
            self.notify(str(error), severity="error", timeout=12)
            return dict(PRESETS)

    def _list_presets(self) -> None:
        self.query_one(ControlsForm).presets = self._presets()

    def _use_preset(self, name: str) -> None:
        self.current.change(self._presets()[name], name)
        self.query_one(ControlsForm).controls = self.current.controls
        self._show_status()

    @on(ControlsForm.Changed)
    def _take_controls(self, event: ControlsForm.Changed) -> None:
        event.stop()
        column, controls = self.current, event.controls
        form = event.form
        if not form.preset and controls.method != column.controls.method:
            controls = _beginning(column.controls, controls)
            form.controls = controls
        column.change(controls, form.preset)
        self._show_status()

    # Columns ------------------------------------------------------------------------------

    @on(ResultColumn.Selected)
    def _take_column(self, event: ResultColumn.Selected) -> None:
        event.stop()
        self._select(event.column)

    def _select(self, column: ResultColumn) -> None:
        if column is self._current:
            return
        self._current = column
        for each in self.columns:
            each.set_class(each is column, "-current")
        self.query_one(ControlsForm).controls = column.controls
        column.scroll_visible(animate=False)
        self._show_status()
        self.refresh_bindings()

    def _step(self, by: int) -> None:
        columns = self.columns
        column = columns[(columns.index(self.current) + by) % len(columns)]
        if isinstance(self.focused, ResultView):
            column.view.focus()
        self._select(column)

    # Status -------------------------------------------------------------------------------

    def _show_status(self) -> None:
        facts = [Fact(self.used_model, weight=9)]
        if self.working:
            key = self.program.shown_key("generate.stop")
            facts.append(Fact(_("writing …"), _("{key} stops").format(key=key), weight=8))
        sign, others = self.current.view.told() if self._current else ("", "")
        if sign:
            facts.append(Fact(sign, others, weight=7))
        self.query_one(StatusLine).facts = tuple(facts)

    @on(ResultView.Marked)
    def _tell_probability(self, event: ResultView.Marked) -> None:
        event.stop()
        self._show_status()


def _beginning(before: Controls, chosen: Controls) -> Controls:
    """``chosen``, whose method was just changed: its beams as a search of this kind begins."""
    usual, default = for_method(chosen.method), Controls()
    wanted = {
        name: getattr(usual, name)
        for name in ("num_beams", "num_beam_groups", "diversity_penalty")
        if getattr(chosen, name) == getattr(before, name) == getattr(default, name)
    }
    return chosen.changed(wanted)
