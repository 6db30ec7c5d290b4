"""What the models screen does on threads: reading the library, and long work on one model.

Jobs know no widgets; see :mod:`charterm.tui.jobs`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from charterm.engine.language_model import load_language_model
from charterm.engine.scoring import Score, score
from charterm.errors import ChartermError
from charterm.i18n import _
from charterm.model import library
from charterm.model.archive import export_model, import_model
from charterm.model.folder import load_log
from charterm.model.summary import LossCurve, Summary, loss_curve, summarize
from charterm.text.reading import read_text_file
from charterm.tui.jobs import Advance


@dataclass(frozen=True)
class Listed:
    """The library was read.

    Attributes:
        summaries: every model.
        deleted: how many are in the trash.
    """

    summaries: tuple[Summary, ...]
    deleted: int


@dataclass(frozen=True)
class CurveRead:
    """A model's training log was read; where that failed, why."""

    name: str
    curve: LossCurve
    problem: str = ""


@dataclass(frozen=True)
class Done:
    """The work is done.

    Attributes:
        said: what to tell the user.
        highlight: name of the model it gave or was about.
        measured: the model's name, the file and the figures of an evaluation.
    """

    said: str
    highlight: str = ""
    measured: tuple[str, str, Score] | None = None


ModelJob = Callable[[Advance], Done]


def read_library() -> Listed:
    """Every model and what is known about it."""
    summaries = tuple(summarize(entry) for entry in library.list_models())
    return Listed(summaries, len(library.deleted_models()))


def read_curve(summary: Summary) -> CurveRead:
    """The curve of a model's training."""
    try:
        return CurveRead(summary.name, loss_curve(load_log(summary.entry.folder)))
    except ChartermError as error:
        return CurveRead(summary.name, LossCurve(), str(error))


def copying(name: str, new_name: str) -> ModelJob:
    """Copy a model."""

    def copy(_advance: Advance) -> Done:
        entry = library.duplicate_model(name, new_name)
        said = _("{name} was copied to {copy}.").format(name=name, copy=entry.name)
        return Done(said, entry.name)

    return copy


def exporting(name: str, path: Path) -> ModelJob:
    """Write a model into one file."""

    def export(advance: Advance) -> Done:
        written = export_model(name, path, on_progress=advance)
        return Done(_("{name} is in {path}.").format(name=name, path=written), name)

    return export


def importing(path: Path) -> ModelJob:
    """Take a model from one file."""

    def take_in(advance: Advance) -> Done:
        entry = import_model(path, on_progress=advance)
        return Done(_("{name} was imported.").format(name=entry.name), entry.name)

    return take_in


def evaluating(summary: Summary, path: Path) -> ModelJob:
    """Measure how well a model predicts a text."""

    def evaluate(advance: Advance) -> Done:
        text = read_text_file(path).text
        advance(0.0)
        model = load_language_model(summary.entry.folder)
        figures = score(model, text, on_progress=advance)
        said = _("{name} needs {bits:.3f} bits a character for {file}.").format(
            name=summary.name, bits=figures.bits_per_character, file=path.name
        )
        return Done(said, summary.name, (summary.name, path.name, figures))

    return evaluate
