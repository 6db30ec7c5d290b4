"""What is known about one model: its facts, and the curve of its training."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import ScrollableContainer, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from charterm.engine.scoring import Score
from charterm.i18n import N_, _, ngettext
from charterm.model.summary import LossCurve, Summary
from charterm.text.display import cell_width, visible
from charterm.tui.bindings import keyed
from charterm.tui.widgets.loss_plot import LossPlot
from charterm.tui.widgets.words import Words

_NO_CURVE: Final = N_("No measurements were kept of this training.")
_CURVE: Final = N_("Bits/char over million characters")


class Facts(VerticalScroll, inherit_bindings=False):
    """Scrolls by keys that can be changed."""

    BINDINGS: ClassVar[list[BindingType]] = keyed("scroll", ScrollableContainer.BINDINGS)


class ModelDetails(Widget):
    """Facts and curve; empty where no model is highlighted."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "details--name",
        "details--label",
        "details--value",
        "details--problem",
    }

    HELP = N_("What is known about the highlighted model, and how its loss fell in training.")

    def __init__(self) -> None:
        super().__init__(id="details")
        self._summary: Summary | None = None
        self._default = False
        self._score: tuple[str, Score] | None = None

    def compose(self) -> ComposeResult:
        """The facts, and the curve under or beside them."""
        with Facts(id="facts"):
            yield Static("", id="facts-text", markup=False)
        with Vertical(id="curve"):
            yield Words(_CURVE, classes="heading", id="curve-title")
            yield Static("", id="curve-note", markup=False)
            yield LossPlot(id="plot")

    def show(
        self, summary: Summary | None, *, default: bool, score: tuple[str, Score] | None
    ) -> None:
        """Show a model's facts.

        Args:
            summary: the model; ``None`` empties the pane.
            default: whether it is the default model.
            score: a file's name and the model's figures on it, where it was evaluated.
        """
        self._summary, self._default, self._score = summary, default, score
        self.translate()

    def show_curve(self, curve: LossCurve, problem: str = "") -> None:
        """Show the curve of the model, or why there is none."""
        drawn = bool(curve.characters)
        self.query_one("#curve-title").display = drawn
        self.query_one("#plot").display = drawn
        note = self.query_one("#curve-note", Static)
        note.display = not drawn
        note.update(problem or (_(_NO_CURVE) if self._summary else ""))
        self.query_one(LossPlot).show(curve)

    def on_resize(self) -> None:
        """Fold the facts anew."""
        self.translate()

    def translate(self) -> None:
        """Say the facts in the language in use."""
        self.query_one("#facts-text", Static).update(self._facts())

    def _facts(self) -> Content:
        summary = self._summary
        if summary is None:
            return Content("")
        lines = [Content.assemble((visible(summary.name), self.get_visual_style("details--name")))]
        if summary.problem:
            problem = (visible(summary.problem), self.get_visual_style("details--problem"))
            return Content("\n").join([*lines, Content.assemble(problem)])
        if summary.description:
            lines.append(Content(visible(summary.description)))
        lines.append(Content(""))
        rows = [(label, value) for label, value in self._rows(summary) if value]
        width = max(cell_width(label) for label, _value in rows) + 2
        label_style = self.get_visual_style("details--label")
        value_style = self.get_visual_style("details--value")
        room = max(self.query_one(Facts).scrollable_content_region.width - width, 12)
        for label, value in rows:
            for part in folded(visible(value), room):
                padding = " " * (width - cell_width(label))
                lines.append(Content.assemble((label + padding, label_style), (part, value_style)))
                label = ""
        return Content("\n").join(lines)

    def _rows(self, summary: Summary) -> list[tuple[str, str]]:
        config = summary.config
        assert config is not None
        training = dict(summary.training or {})
        layers = ngettext("{n} layer", "{n} layers", config.layers).format(n=config.layers)
        units = _("{n} units").format(n=f"{config.hidden:,}")
        embedding = "one-hot" if config.embedding is None else str(config.embedding)
        if config.projection is not None:
            units += ", " + _("projected to {n}").format(n=f"{config.projection:,}")
        bits = summary.validation_bits
        rows = [
            (_("Network"), f"{config.cell.upper()}, {layers}, {units}"),
            (_("Embedding"), embedding),
            (_("Parameters"), f"{summary.parameters / 1e6:.2f} M, {summary.bytes / 1e6:.1f} MB"),
            (_("Alphabet"), _("{n} characters").format(n=f"{summary.characters:,}")),
            (_("Validation"), "" if bits is None else f"{bits:.4f} {_('bits/char')}"),
            (_("Trained"), _trained(training)),
            (_("Saved"), summary.created[:16].replace("T", " ")),
            (_("Texts"), ", ".join(summary.sources)),
            (_("Licence"), summary.licence),
            (_("Default"), _("yes") if self._default else ""),
        ]
        if self._score is not None:
            name, score = self._score
            rows[:0] = [
                (_("Measured"), name),
                ("", f"{score.bits_per_character:.4f} {_('bits/char')}"),
                ("", _("{share:.1%} right at first guess").format(share=score.top1)),
                ("", _("{share:.1%} among the first 5").format(share=score.top5)),
            ]
        return rows


def _trained(training: dict[str, object]) -> str:
    seconds, seen = training.get("seconds"), training.get("characters_seen")
    if not isinstance(seconds, int | float) or not isinstance(seen, int | float):
        return ""
    return _("{minutes:.0f} min, {millions:.1f} M characters").format(
        minutes=seconds / 60, millions=seen / 1e6
    )


def folded(text: str, cells: int) -> list[str]:
    """``text`` in lines of at most ``cells`` cells, broken at spaces where there are some."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_width(joined) <= cells:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if cell_width(lines[-1] + character) > cells:
                lines.append("")
            lines[-1] += character
    return lines
