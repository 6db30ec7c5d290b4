"""The form of the controls of a generation, made from their schema; every change counts at once."""

from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Select, Static

from charterm.decoding.controls import CONTROLS, Control, Controls
from charterm.errors import UsageError
from charterm.i18n import N_, _
from charterm.tui.widgets.form import Form
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.setting_row import SettingSelect

_CUSTOM = ""


def written(control: Control, value: Any) -> str:
    """A control's value as it stands in the form; several texts are separated by ``|``."""
    if control.kind == "texts":
        return "|".join(_escaped(text) for text in value)
    if control.kind == "text":
        return _escaped(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def read(control: Control, text: str) -> Any:
    r"""The value that ``text`` in the form stands for; ``\n`` and ``\t`` are newline and tab.

    Raises:
        UsageError: it stands for none; the message says what is allowed.
    """
    if control.kind == "texts":
        return control.parse(tuple(_unescaped(part) for part in text.split("|")))
    if control.kind == "text":
        return control.parse(_unescaped(text))
    return control.parse(text.strip())


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def _unescaped(text: str) -> str:
    plain = text.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t")
    return plain.replace("\0", "\\")


class ControlRow(Horizontal):
    """One control: its name and what it is set to."""

    def __init__(self, control: Control, value: Any) -> None:
        super().__init__(classes="control")
        self.control = control
        self._value = value

    def compose(self) -> ComposeResult:
        """The name, and a line or a choice."""
        yield Static(self.control.name, classes="control-name", markup=False)
        if self.control.choices:
            yield SettingSelect(
                [(choice, choice) for choice in self.control.choices],
                value=str(self._value),
                allow_blank=False,
                compact=True,
                classes="control-value",
            )
        else:
            yield Line(written(self.control, self._value), classes="control-value")

    def show(self, value: Any) -> None:
        """Show a value; what somebody is typing that means the same stays."""
        self._value = value
        widget = self.query_one(".control-value")
        with self.prevent(Input.Changed, Select.Changed):
            if isinstance(widget, SettingSelect):
                widget.value = str(value)
            elif isinstance(widget, Line) and not self._means(widget.value, value):
                widget.value = written(self.control, value)

    def _means(self, text: str, value: Any) -> bool:
        try:
            return bool(read(self.control, text) == value)
        except UsageError:
            return False

    def tidy(self) -> None:
        """Write the value in force as it is usually written."""
        widget = self.query_one(".control-value")
        if isinstance(widget, Line):
            with self.prevent(Input.Changed):
                widget.value = written(self.control, self._value)


class ControlsForm(Vertical):
    """The controls of a generation, with presets.

    Set :attr:`presets` and :attr:`controls` at any time; read :attr:`controls`. A control that the
    chosen method does not read is not shown.
    """

    HELP = N_(
        "How the model writes. A preset sets everything at once; every change counts from the "
        "next text on. Tab goes to the next control, its meaning stands below."
    )

    class Changed(Message):
        """The user changed the controls."""

        def __init__(self, form: "ControlsForm", controls: Controls) -> None:
            super().__init__()
            self.form = form
            self.controls = controls

        @property
        def control(self) -> "ControlsForm":
            """The form, for ``@on`` with a selector."""
            return self.form

    def __init__(
        self,
        controls: Controls | None = None,
        presets: dict[str, Controls] | None = None,
        *,
        id: str | None = None,
    ) -> None:
        """Make the form.

        Args:
            controls: what it shows first.
            presets: the presets it offers, by name.
            id: of the widget.
        """
        super().__init__(id=id)
        self._controls = controls or Controls()
        self._presets = dict(presets or {})

    def compose(self) -> ComposeResult:
        """The preset, the controls, and what the focused one means."""
        with Horizontal(id="preset-row", classes="control"):
            yield Static("", id="preset-name", classes="control-name", markup=False)
            yield SettingSelect(
                self._preset_options(),
                value=self.preset,
                allow_blank=False,
                compact=True,
                id="preset",
                classes="control-value",
            )
        with Form(id="control-rows"):
            for control in CONTROLS:
                yield ControlRow(control, getattr(self._controls, control.name))
        yield Static("", id="control-help", markup=False)

    def on_mount(self) -> None:
        """Say the words and hide what does not count."""
        self.translate()
        self._show_relevant()

    @property
    def controls(self) -> Controls:
        """The controls in force: every value that stands in the form and is allowed."""
        return self._controls

    @controls.setter
    def controls(self, controls: Controls) -> None:
        self._controls = controls
        for row in self.query(ControlRow):
            row.show(getattr(controls, row.control.name))
        self._show_relevant()
        self._show_preset()

    @property
    def presets(self) -> dict[str, Controls]:
        """The presets that are offered, by name."""
        return dict(self._presets)

    @presets.setter
    def presets(self, presets: dict[str, Controls]) -> None:
        self._presets = dict(presets)
        select = self.query_one("#preset", SettingSelect)
        with self.prevent(Select.Changed):
            select.set_options(self._preset_options())
        self._show_preset()

    @property
    def preset(self) -> str:
        """The name of the preset that the controls are; empty where they are none."""
        for name, controls in self._presets.items():
            if controls == self._controls:
                return name
        return _CUSTOM

    def _preset_options(self) -> list[tuple[str, str]]:
        return [(_("custom"), _CUSTOM), *((name, name) for name in self._presets)]

    def _show_preset(self) -> None:
        with self.prevent(Select.Changed):
            self.query_one("#preset", SettingSelect).value = self.preset

    def _show_relevant(self) -> None:
        for row in self.query(ControlRow):
            row.display = self._controls.method in row.control.methods

    def translate(self) -> None:
        """Say the words in the language in use."""
        self.query_one("#preset-name", Static).update(_("preset"))
        select = self.query_one("#preset", SettingSelect)
        with self.prevent(Select.Changed):
            select.set_options(self._preset_options())
        self._show_preset()
        self._tell("")

    def _tell(self, text: str, *, wrong: bool = False) -> None:
        told = self.query_one("#control-help", Static)
        told.update(text)
        told.set_class(wrong, "-wrong")

    def focus_first(self) -> None:
        """Begin at the preset."""
        self.query_one("#preset", SettingSelect).focus()

    # What the user does -------------------------------------------------------------------

    @on(Select.Changed, "#preset")
    def _take_preset(self, event: Select.Changed) -> None:
        event.stop()
        if event.value in self._presets:
            self.controls = self._presets[str(event.value)]
            self.post_message(self.Changed(self, self._controls))
        else:  # controls are not custom before one of them is changed
            self._show_preset()
            self._tell(_("Change a control below; what you have then can be saved as a preset."))

    @on(Select.Changed, ".control-value")
    @on(Input.Changed, ".control-value")
    def _take(self, event: Select.Changed | Input.Changed) -> None:
        if event.control.id == "preset":
            return
        event.stop()
        row = _row_of(event.control)
        try:
            value = read(row.control, str(event.value))
        except UsageError as error:
            self._tell(str(error), wrong=True)
            return
        if event.control.has_focus_within:
            self._tell(_(row.control.help))
        if value != getattr(self._controls, row.control.name):
            self.controls = self._controls.changed({row.control.name: value})
            self.post_message(self.Changed(self, self._controls))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Explain what has the focus now."""
        widget = event.widget
        if widget.id == "preset":
            self._tell(_("Sets all controls at once."))
        elif widget.has_class("control-value"):
            self._tell(_(_row_of(widget).control.help))

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """A value that is not allowed gives way to the one in force."""
        if isinstance(event.widget, Line):
            _row_of(event.widget).tidy()


def _row_of(widget: Widget) -> ControlRow:
    return next(node for node in widget.ancestors if isinstance(node, ControlRow))
