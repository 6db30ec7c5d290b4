"""Everything before a training: the texts, what is in them, the form, and what to expect."""

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from charterm.errors import ChartermError, UsageError
from charterm.i18n import N_, _, ngettext
from charterm.model import library
from charterm.model.config import ModelConfig
from charterm.text.display import visible
from charterm.tui.after_keys import AfterKeys
from charterm.tui.bindings import keyed
from charterm.tui.jobs import Failed, Stopped, run
from charterm.tui.text_survey import Survey, Surveyor
from charterm.tui.train_fields import (
    BASE,
    CELL,
    FIELDS,
    NAME,
    NEW,
    Estimate,
    Wanted,
    estimate,
    is_better_new,
    wanted,
)
from charterm.tui.widgets.form import Form
from charterm.tui.widgets.line import Line, PathSuggester
from charterm.tui.widgets.run_view import clock
from charterm.tui.widgets.train_form import TrainForm
from charterm.tui.widgets.word import Word
from charterm.tui.widgets.words import Words, tell

_NOTED: Final = 0.05
"""A pace that has changed by this share is told."""
_PATH: Final = N_("A file or a folder; enter adds it")


class TextList(OptionList, inherit_bindings=False):
    """The chosen files and folders."""

    BINDINGS: ClassVar[list[BindingType]] = keyed("options", OptionList.BINDINGS)
    HELP = N_("The files and folders to train on. Delete takes the highlighted one out again.")


class TrainSetup(Form):
    """Texts and form."""

    @dataclass
    class Advanced(Message):
        """The reading is that far, 0 to 1."""

        share: float

    @dataclass
    class Read(Message):
        """The texts were read, or not; for which choice of paths."""

        paths: tuple[Path, ...]
        result: Any

    class Ready(Message):
        """Whether a training can begin may have changed."""

    def __init__(self, values: dict[str, Any]) -> None:
        """Make it.

        Args:
            values: what stands in the form first.
        """
        super().__init__(id="setup")
        self._values = values
        self.paths: tuple[Path, ...] = ()
        """The chosen files and folders."""
        self.survey = Survey()
        """What is in them, as far as they were read."""
        self.estimate: Estimate | None = None
        """What to expect; None while the form is wrong."""
        self._pace = 1.0
        self._reading: float | None = None
        self._problem = ""
        self._surveyor = Surveyor()
        self._estimating = AfterKeys(self, self._estimate)
        self._named = ""
        self._begun = NEW
        self._started = NEW  # what was chosen for the texts
        self._chosen = False  # whether the user chose what to begin with
        self._base: tuple[str, ModelConfig | None] = ("", None)

    def compose(self) -> ComposeResult:
        """The texts beside or over the form."""
        with Vertical(id="texts"):
            yield Words(N_("Texts"), classes="heading")
            yield Line(id="text-path")
            with Horizontal(id="text-words"):
                yield Word("add_file", N_("Choose a file …"))
                yield Word("add_folder", N_("Choose a folder …"))
            yield TextList(id="text-list", markup=False, compact=True)
            yield Static("", id="text-facts", markup=False)
            yield Static("", id="text-preview", markup=False)
        with Vertical(id="form-side"):
            yield Words(N_("Training"), classes="heading")
            yield TrainForm(self._values)
            yield Static("", id="expected", markup=False)
            yield Word("start", N_("Start training"))

    def on_mount(self) -> None:
        """Say the words, and complete paths."""
        self.query_one("#text-path", Line).suggester = PathSuggester()
        self.translate()

    def translate(self) -> None:
        """Say everything in the language in use."""
        self.query_one("#text-path", Line).placeholder = _(_PATH)
        self._tell_texts()
        self._tell_expected()

    def begin(self) -> None:
        """Begin at the first thing that is missing."""
        if self.paths:
            self.form.row(NAME).query_one(Line).focus()
        else:
            self.query_one("#text-path", Line).focus()

    @property
    def pace(self) -> float:
        """Of this computer, see :func:`~charterm.tui.train_fields.pace_of`."""
        return self._pace

    @pace.setter
    def pace(self, pace: float) -> None:
        changed = abs(pace / self._pace - 1.0) > _NOTED
        self._pace = pace
        if changed:
            self._tell_expected()

    def renew(self) -> None:
        """Suggest another name where that in the form was taken, as by the last training."""
        row = self.form.row(NAME)
        name = str(row.value)
        if name and (free := library.free_name(name)) != name:
            row.put(free)

    @property
    def form(self) -> TrainForm:
        """The form."""
        return self.query_one(TrainForm)

    @property
    def list(self) -> TextList:
        """The chosen files and folders."""
        return self.query_one(TextList)

    # Texts --------------------------------------------------------------------------------

    @on(Input.Submitted, "#text-path")
    def _take_path(self, event: Input.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        if not typed:
            self.begin()
            return
        try:
            path = Path(typed).expanduser()
        except RuntimeError:  # "~nobody"
            path = Path(typed)
        event.input.value = ""
        self.add(path)

    def add(self, path: Path) -> None:
        """Train on this file or folder too."""
        path = path.absolute()
        if path not in self.paths:
            self._use((*self.paths, path))

    def remove_highlighted(self) -> None:
        """Take the highlighted text out again."""
        place = self.list.highlighted
        if place is not None and place < len(self.paths):
            self._use((*self.paths[:place], *self.paths[place + 1 :]))

    def _use(self, paths: tuple[Path, ...]) -> None:
        self.paths = paths
        self.list.clear_options()
        self.list.add_options(Option(visible(str(path))) for path in paths)
        self.list.display = bool(paths)
        self._suggest_name()
        self.survey, self._problem = Survey(), ""
        self._reading = 0.0 if paths else None
        if paths:
            job = partial(self._read, paths)
            self.run_worker(job, thread=True, group="survey", exclusive=True, exit_on_error=False)
        self.translate()
        self.post_message(self.Ready())

    def _read(self, paths: tuple[Path, ...]) -> None:
        worker = get_current_worker()

        def advance(share: float) -> None:
            if worker.is_cancelled:
                raise Stopped
            self.post_message(self.Advanced(share))

        result = run(lambda advance: self._surveyor.survey(paths, advance), advance)
        self.post_message(self.Read(paths, result))

    @on(Advanced)
    def _show_advance(self, event: Advanced) -> None:
        event.stop()
        if self._reading is not None:
            self._reading = event.share
            self._tell_texts()

    @on(Read)
    def _take_survey(self, event: Read) -> None:
        event.stop()
        if event.paths != self.paths:
            return
        self._reading = None
        if isinstance(event.result, Failed):
            self._problem = event.result.reason
        else:
            self.survey = event.result
            self._choose_start()
        self.translate()
        self.post_message(self.Ready())

    def _tell_texts(self) -> None:
        facts = self.query_one("#text-facts", Static)
        facts.set_class(bool(self._problem), "-wrong")
        survey = self.survey
        if self._problem:
            told = visible(self._problem)
        elif self._reading is not None:
            told = _("Reading, {percent} %").format(percent=round(100 * self._reading))
        elif survey.files:
            count = ngettext("{n} file", "{n} files", survey.files).format(n=survey.files)
            told = " · ".join(
                (
                    count,
                    _("{n} characters").format(n=f"{survey.characters:,}"),
                    _("{n} distinct").format(n=f"{survey.distinct:,}"),
                    ", ".join(survey.encodings) + (_(" (guessed)") if survey.guessed else ""),
                )
            )
        else:
            told = _("Add a text file or a folder of them: a novel is enough to begin with.")
        facts.update(told)
        preview = self.query_one("#text-preview", Static)
        preview.update(survey.preview)
        preview.display = bool(survey.preview)

    # The form -----------------------------------------------------------------------------

    def _suggest_name(self) -> None:
        """A name from the model to begin with and the first text, unless another was typed."""
        row = self.form.row(NAME)
        typed = row.query_one(Line).value
        begun = self._begun if self._chosen and self._begun != NEW else ""
        stem = self.paths[0].stem if self.paths else ""
        if typed not in ("", self._named) or not (begun or stem):
            return
        words = re.sub(r"[^\w.\-]+", "-", f"{begun} {stem}").strip("-_.") or "model"
        self._named = library.free_name(words[:48])
        row.put(self._named)

    def _choose_start(self) -> None:
        """Begin with the starter that knows the language, unless the user chose."""
        if self._chosen:
            return
        start = self.survey.start
        self._started = NEW
        with suppress(UsageError):  # a field that is wrong says so itself
            new = wanted({**self.form.values(), "from": NEW}, named=False)
            if start and not is_better_new(new, self.survey.characters, self._pace):
                self._started = start.name
        self.form.row(BASE).choose(self._started)
        self._follow_base()

    def further(self, model: str, models: tuple[str, ...]) -> None:
        """Begin with a model that there is.

        Args:
            model: its name.
            models: all that can be trained further, this one among them.
        """
        self.form.offer_bases(models)
        self.form.row(BASE).choose(model)
        self._follow_base()
        self.begin()

    def wanted(self, *, named: bool = True) -> Wanted:
        """What the form asks for.

        Raises:
            UsageError: something in it is wrong.
        """
        return wanted(self.form.values(), named=named)

    @on(TrainForm.Changed)
    def _change(self, event: TrainForm.Changed) -> None:
        event.stop()
        self._follow_base()
        self._estimating.soon()

    def _estimate(self) -> None:
        self._tell_expected()
        self.post_message(self.Ready())

    def _follow_base(self) -> None:
        """A model that is trained further keeps its shape, and gives the new one its name."""
        base = str(self.form.row(BASE).value)
        if base == self._begun:
            return
        self._begun = base
        self._chosen = base != self._started
        self.form.fix_shape(base != NEW)
        self._suggest_name()

    def _base_config(self, name: str) -> ModelConfig | None:
        if name != self._base[0]:
            config = library.find_model(name).info().config if name else None
            self._base = (name, config)
        return self._base[1]

    def _tell_expected(self) -> None:
        told = self.query_one("#expected", Static)
        try:
            asked = self.wanted(named=False)
            base = self._base_config(asked.base)
            survey = self.survey
            self.estimate = estimate(
                asked, survey.characters, survey.distinct, pace=self._pace, base=base
            )
        except ChartermError as error:
            self.estimate = None
            told.set_class(True, "-wrong")
            tell(told, str(error))
            return
        told.set_class(False, "-wrong")
        tell(told, self._expected(self.estimate))
        for field in FIELDS:
            if field.open:
                config = base or self.estimate.recipe
                value = getattr(config, field.name, None)
                if field.name == "dropout":
                    value = self.estimate.recipe.dropout
                self.form.row(field).suggest(value)
        if base is not None:
            self.form.row(CELL).choose(base.cell)

    def _expected(self, found: Estimate) -> str:
        size = _("{millions:.2f} M parameters, {megabytes:.1f} MB").format(
            millions=found.parameters / 1e6, megabytes=found.megabytes
        )
        speed = _("about {n} characters/s").format(n=f"{found.characters_per_second:,.0f}")
        if not self.survey.characters:
            return f"{size} · {speed}"
        time = _("about {time}, {epochs:.1f} passes over the text").format(
            time=clock(60 * found.minutes), epochs=found.epochs
        )
        return f"{size} · {speed} · {time}"

    @property
    def told(self) -> tuple[tuple[str, str], ...] | None:
        """Time, size and speed in short, each with its unit; None where too little is known."""
        found = self.estimate
        if found is None or not self.survey.characters:
            return None
        return (
            (clock(60 * found.minutes), _("of training")),
            (f"{found.parameters / 1e6:.2f} M", _("parameters")),
            (f"{found.characters_per_second:,.0f}", _("characters/s")),
        )

    def check(self) -> Wanted:
        """What is to be trained, when everything is there.

        Raises:
            UsageError: something is missing or wrong; the message says what to do.
        """
        if not self.paths:
            raise UsageError("Add a text file or a folder of them first")
        if self._problem:
            raise UsageError(self._problem)
        asked = self.wanted()
        library.unused_folder(asked.name)
        return asked

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Bring the field into sight with its help."""
        self.call_after_refresh(event.widget.scroll_visible, animate=False)
