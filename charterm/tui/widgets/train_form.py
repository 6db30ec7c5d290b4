"""The form of a training: what is left empty is chosen, and stands there faintly."""

from collections.abc import Mapping
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Select, Static

from charterm.errors import UsageError
from charterm.i18n import N_, _
from charterm.tui.train_fields import BASE, FIELDS, NEW, SHAPE, Field
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.setting_row import SettingSelect

_NAMES = {"gru": "GRU", "lstm": "LSTM"}
_WORDS = {
    "minutes": N_("minutes"),
    "epochs": N_("passes over the text"),
    "steps": N_("steps"),
    NEW: N_("a new network"),
}


class FieldRow(Vertical):
    """One field: its title, a line or a choice, and under it its help while it has the focus."""

    class Changed(Message):
        """Something else stands there."""

    def __init__(self, field: Field, value: Any) -> None:
        super().__init__(id=f"field-{field.name}", classes="field")
        self.field = field
        self.problem = ""
        """What is wrong with what stands there."""
        self._first = value
        self._choices = field.setting.choices

    def compose(self) -> ComposeResult:
        """Title and field in a line, help or what is wrong under it."""
        with Horizontal(classes="field-line"):
            yield Static("", classes="field-title", markup=False)
            if self.field.setting.kind == "choice":
                yield SettingSelect(
                    self._options(),
                    value=str(self._first),
                    allow_blank=False,
                    compact=True,
                    classes="field-control",
                )
            else:
                yield Line(written(self._first), classes="field-control")
        yield Static("", classes="field-help", markup=False)

    def _options(self) -> list[tuple[str, str]]:
        words = {each: _WORDS.get(each, each) for each in self._choices}
        return [(_NAMES.get(each) or _(words[each]), each) for each in self._choices]

    def on_mount(self) -> None:
        """Say the words."""
        self.translate()

    def translate(self) -> None:
        """Say title and help in the language in use."""
        self.query_one(".field-title", Static).update(_(self.field.setting.title))
        self._tell()
        self.offer(self._choices)

    def _tell(self) -> None:
        told = self.query_one(".field-help", Static)
        told.update(self.problem or _(self.field.setting.help))
        self.set_class(bool(self.problem), "-wrong")

    def offer(self, choices: tuple[str, ...]) -> None:
        """Let the user choose among these."""
        self._choices = choices
        for select in self.query(SettingSelect):
            value = select.value
            with self.prevent(Select.Changed):
                select.set_options(self._options())
                select.value = value if value in choices else choices[0]

    def suggest(self, value: Any) -> None:
        """Show faintly what is chosen where the field is empty."""
        for line in self.query(Line):
            line.placeholder = written(value) if self.field.open else ""

    @property
    def value(self) -> Any:
        """What stands there; None where it was left open.

        Raises:
            UsageError: it is not allowed.
        """
        for select in self.query(SettingSelect):
            return str(select.value)
        typed = self.query_one(Line).value.strip()
        if not typed and self.field.open:
            return None
        setting = self.field.setting
        if setting.kind == "str":
            return typed
        try:
            return setting.parse(typed)
        except UsageError as error:  # by the name that stands beside the field
            raise UsageError(str(error).replace(setting.key, _(setting.title), 1)) from error

    def choose(self, value: str) -> None:
        """Choose one of :meth:`offer`; nobody is told where it is chosen already."""
        select = self.query_one(SettingSelect)
        if select.value != value:
            select.value = value

    def put(self, value: str) -> None:
        """Write something into the line."""
        self.query_one(Line).value = value

    @on(Input.Changed)
    @on(Select.Changed)
    def _look(self, event: Input.Changed | Select.Changed) -> None:
        event.stop()
        try:
            _value = self.value
        except UsageError as error:
            self.complain(str(error))
        else:
            self.complain("")
        self.post_message(self.Changed())

    @on(Input.Submitted)
    def _go_on(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    def complain(self, problem: str) -> None:
        """Say what is wrong with what stands there; an empty text: nothing."""
        if problem != self.problem:
            self.problem = problem
            self._tell()


class TrainForm(Vertical):
    """All fields."""

    HELP = N_(
        "What to train. A field that is left empty is chosen from the size of the text and the "
        "length of the training; the faint number is what is chosen now."
    )

    class Changed(Message):
        """Something else stands in the form."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        """Make the form.

        Args:
            values: what stands in it first, by the field's name; else the defaults.
        """
        super().__init__(id="train-form")
        self._first = values

    def compose(self) -> ComposeResult:
        """A row for each field."""
        for field in FIELDS:
            yield FieldRow(field, self._first.get(field.name, field.setting.default))

    def row(self, field: Field) -> FieldRow:
        """The row of a field."""
        return self.query_one(f"#field-{field.name}", FieldRow)

    def offer_bases(self, names: tuple[str, ...]) -> None:
        """List the models that can be trained further."""
        self.row(BASE).offer((NEW, *names))

    def fix_shape(self, fixed: bool) -> None:
        """Let nobody change what a model that is trained further has decided already."""
        for row in self.query_children(FieldRow):
            if row.field.name in SHAPE:
                row.disabled = fixed

    def values(self) -> dict[str, Any]:
        """What stands in the form, by the field's name.

        Raises:
            UsageError: a value is not allowed.
        """
        return {row.field.name: row.value for row in self.query_children(FieldRow)}

    @on(FieldRow.Changed)
    def _change(self, event: FieldRow.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())


def written(value: object) -> str:
    """A value as it stands in a line; empty where it is left open."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
