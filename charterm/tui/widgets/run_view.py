"""One training as it goes on: how far it is, its figures, its curves, what it writes."""

import math
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, ScrollableContainer, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import ProgressBar, Static

from charterm.i18n import N_, _
from charterm.model.config import shape_of
from charterm.text.display import visible
from charterm.training.events import Finished
from charterm.training.history import History
from charterm.training.watching import RunStatus
from charterm.tui.bindings import keyed
from charterm.tui.widgets.run_list import state_title
from charterm.tui.widgets.run_plot import RunPlot
from charterm.tui.widgets.words import Words

SMOOTHINGS = (0.0, 0.9, 0.98)


def clock(seconds: float) -> str:
    """A time as ``1:02:03`` or ``2:03``."""
    whole = max(round(seconds), 0)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


class Samples(VerticalScroll, inherit_bindings=False):
    """What the model wrote, the latest first."""

    BINDINGS: ClassVar[list[BindingType]] = keyed("scroll", ScrollableContainer.BINDINGS)
    HELP = N_("What the model wrote during the training, the latest on top.")


class RunView(Vertical):
    """A run and its history."""

    def __init__(self) -> None:
        super().__init__(id="run")
        self._status: RunStatus | None = None
        self._history = History()
        self._seen = 0

    def compose(self) -> ComposeResult:
        """A line on how far it is, figures, the plot, the samples."""
        yield Static("", id="run-title", markup=False)
        with Horizontal(id="run-progress"):
            yield ProgressBar(total=1.0, show_eta=False, id="run-bar")
            yield Static("", id="run-left", markup=False)
        yield Static("", id="run-figures", markup=False)
        yield Static("", id="run-problem", markup=False)
        with Vertical(id="run-body"):
            with Vertical(id="run-curves"):
                yield Words(N_("Bits/char over million characters"), classes="heading")
                yield RunPlot()
            with Vertical(id="run-writing"):
                yield Words(N_("What it writes"), classes="heading")
                with Samples(id="run-samples"):
                    yield Static("", id="run-text", markup=False)

    def on_resize(self) -> None:
        """Fit the title anew."""
        self.translate()

    def show(self, status: RunStatus, history: History) -> None:
        """Show a run as it is now."""
        other = self._status is None or self._status.name != status.name
        self._status, self._history = status, history
        self.translate()
        if other or self._seen != len(history.samples):
            self._seen = len(history.samples)
            self.query_one("#run-text", Static).update(self._samples())
            if other:
                self.query_one(Samples).scroll_home(animate=False)

    def draw(self, runs: tuple[tuple[str, History], ...], smoothing: float) -> None:
        """Draw the curves."""
        plot = self.query_one(RunPlot)
        plot.show(runs, smoothing)
        plot.display = any(history.steps or history.validations for _name, history in runs)

    def translate(self) -> None:
        """Say everything in the language in use."""
        status, history = self._status, self._history
        if status is None:
            return
        self.query_one("#run-title", Static).update(self._title(status, history))
        step = history.last_step
        share = 1.0 if status.state == "finished" else step.progress if step else status.progress
        self.query_one(ProgressBar).update(progress=share)
        self.query_one("#run-left", Static).update(self._left(status, history))
        self.query_one("#run-figures", Static).update(self._figures(history))
        problem = self.query_one("#run-problem", Static)
        problem.display = bool(status.message)
        problem.update(visible(status.message))

    def _title(self, status: RunStatus, history: History) -> str:
        parts = [status.name, state_title(status.state)]
        if history.started is not None:
            recipe = history.started.recipe
            shape = f"{recipe['cell'].upper()} {shape_of(recipe)}"
            parts.append(shape)
            parts.append(
                _("{n} characters of text").format(n=f"{history.started.train_characters:,}")
            )
        while len(parts) > 1 and cell_len(" · ".join(parts)) > self.content_size.width > 0:
            parts.pop()  # a whole fact rather than half of one
        return " · ".join(parts)

    def _left(self, status: RunStatus, history: History) -> str:
        step = history.last_step
        if isinstance(history.end, Finished):
            return _("took {time}").format(time=clock(status.seconds))
        if status.state == "running" and history.reading is not None:
            done = history.reading.done / max(history.reading.total, 1)
            return _("reading the text, {percent} %").format(percent=round(100 * done))
        if status.state == "running" and history.comparing is not None:
            done = history.comparing.done / max(history.comparing.total, 1)
            return _("looking for what it copies, {percent} %").format(percent=round(100 * done))
        if status.state == "running" and step is None:
            return _("it begins …")
        if step is None:
            return ""
        if status.state == "running":
            return _("{left} left").format(left=clock(step.seconds_left))
        return _("after {time}").format(time=clock(step.seconds))

    def _figures(self, history: History) -> Content:
        """The figures; those of the curves in their colours, which is the plot's legend."""
        step = history.last_step
        facts: list[str | tuple[str, str]] = []
        if history.validations:
            bits = history.validations[-1].validation_nats / math.log(2)
            facts.append((_("validation {bits:.3f} bits").format(bits=bits), "$primary"))
        if step is not None:
            bits = step.train_nats / math.log(2)
            facts.append((_("training {bits:.3f} bits").format(bits=bits), "$secondary"))
            rate = f"{step.characters_per_second:,.0f}"
            facts.append(_("{rate} characters/s").format(rate=rate))
            facts.append(_("pass {epoch:.1f}").format(epoch=step.epoch))
            facts.append(_("learning rate {rate:.2g}").format(rate=step.learning_rate))
            facts.append(_("step {step}").format(step=f"{step.step:,}"))
        return Content(" · ").join(Content.assemble(fact) for fact in facts)

    def _samples(self) -> str:
        texts = [
            _("Step {step}").format(step=f"{sample.step:,}")
            + "\n"
            + visible(sample.text.strip(), lines=True)
            for sample in reversed(self._history.samples[-20:])
        ]
        if texts:
            return "\n\n".join(texts)
        if self._status is not None and self._status.state == "finished":
            return _("Nothing: it was ended before the first validation.")
        return _("Nothing yet: the first comes with the first validation.")
