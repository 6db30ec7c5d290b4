"""What a list of models says about each: facts, order, filter, and the curve of its training."""

import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from charterm.errors import ChartermError
from charterm.model.config import ModelConfig
from charterm.model.library import Entry

Column = Literal["name", "cell", "size", "alphabet", "bits", "date", "source"]
COLUMNS: Final[tuple[Column, ...]] = ("name", "cell", "size", "alphabet", "bits", "date", "source")


@dataclass(frozen=True)
class Summary:
    """A model in a list.

    Attributes:
        entry: the name, the folder, and whether it is a starter model.
        bytes: size on disk.
        config: the shapes; ``None`` where the model is damaged.
        characters: characters in the alphabet.
        validation_bits: bits per character on text kept out of training, where measured.
        created: time of saving, ISO 8601, or empty.
        licence: licence of the weights, or empty.
        description: a sentence, or empty.
        sources: names of the texts it was trained on.
        training: facts of the training.
        problem: why the model cannot be used, or empty.
    """

    entry: Entry
    bytes: int
    config: ModelConfig | None = None
    characters: int = 0
    validation_bits: float | None = None
    created: str = ""
    licence: str = ""
    description: str = ""
    sources: tuple[str, ...] = ()
    training: Mapping[str, Any] | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        """Name in the library."""
        return self.entry.name

    @property
    def cell(self) -> str:
        """``gru`` or ``lstm``."""
        return self.config.cell if self.config else ""

    @property
    def shape(self) -> str:
        """See :attr:`ModelConfig.shape`."""
        return self.config.shape if self.config else ""

    @property
    def parameters(self) -> int:
        """Number of trained values."""
        return self.config.parameters if self.config else 0

    @property
    def source(self) -> str:
        """The first text it was trained on and how many more there are."""
        more = f" +{len(self.sources) - 1}" if len(self.sources) > 1 else ""
        return f"{self.sources[0]}{more}" if self.sources else ""


def summarize(entry: Entry) -> Summary:
    """Read what is known about a model; what is wrong with it is in ``problem``, never raised."""
    size = 0
    try:
        size = entry.bytes
        info = entry.info()
    except (ChartermError, OSError) as error:
        return Summary(entry, size, problem=str(error))
    bits = info.training.get("validation_bits") if isinstance(info.training, dict) else None
    return Summary(
        entry,
        size,
        config=info.config,
        characters=len(info.alphabet.characters),
        validation_bits=float(bits) if isinstance(bits, int | float) else None,
        created=info.created,
        licence=info.licence,
        description=info.description,
        sources=tuple(str(source.get("name", "")) for source in info.sources),
        training=info.training,
    )


def _sort_key(summary: Summary, column: Column) -> tuple[bool, Any]:
    """What to order by, and before it whether it is unknown: that comes last."""
    values: dict[Column, Any] = {
        "name": summary.name.casefold(),
        "cell": summary.cell or None,
        "size": summary.parameters or None,
        "alphabet": summary.characters or None,
        "bits": summary.validation_bits,
        "date": summary.created or None,
        "source": summary.source.casefold() or None,
    }
    value = values[column]
    return value is None, value


def order(
    summaries: Iterable[Summary], column: Column = "name", *, descending: bool = False
) -> list[Summary]:
    """Sorted by a column, models of equal value by name; those without a value come last."""
    by_name = sorted(summaries, key=lambda summary: summary.name.casefold())
    known = [summary for summary in by_name if not _sort_key(summary, column)[0]]
    unknown = [summary for summary in by_name if _sort_key(summary, column)[0]]
    known.sort(key=lambda summary: _sort_key(summary, column)[1], reverse=descending)
    return known + unknown


def matches(summary: Summary, wanted: str) -> bool:
    """Whether each word of ``wanted`` is part of something that the list says of the model."""
    said = " ".join(
        (summary.name, summary.cell, summary.shape, summary.description, *summary.sources)
    )
    folded = _fold(said)
    return all(word in folded for word in _fold(wanted).split())


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@dataclass(frozen=True)
class LossCurve:
    """How the loss fell in a training, in bits per character.

    Attributes:
        characters: characters trained on at each measurement, in millions.
        train: training loss since the measurement before, with dropout.
        validation: loss on the text kept out of training.
    """

    characters: tuple[float, ...] = ()
    train: tuple[float, ...] = ()
    validation: tuple[float, ...] = ()


def loss_curve(log: Iterable[Mapping[str, Any]]) -> LossCurve:
    """The curve in a training log, as :func:`charterm.model.folder.load_log` gives it."""
    points = []
    for event in log:
        if event.get("kind") != "validation":
            continue
        try:
            point = (
                float(event["characters"]) / 1e6,
                float(event["train_nats"]) / math.log(2),
                float(event["validation_nats"]) / math.log(2),
            )
        except (KeyError, TypeError, ValueError):
            continue
        if all(map(math.isfinite, point)):
            points.append(point)
    if not points:
        return LossCurve()
    characters, train, validation = zip(*points, strict=True)
    return LossCurve(characters, train, validation)
