"""The form of a training as data: its fields, what is chosen where they are empty, its result."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from charterm.engine.product_speed import product_speed
from charterm.errors import UsageError
from charterm.i18n import N_
from charterm.model.config import ModelConfig
from charterm.model.library import check_name
from charterm.settings import schema
from charterm.settings.schema import Setting
from charterm.text.alphabet import BYTES
from charterm.text.corpus_options import CorpusOptions
from charterm.training.history import History
from charterm.training.settings import (
    REACHED_SHARE,
    WIDTH,
    Recipe,
    TrainSettings,
    choose_recipe,
    wants_own_network,
)

UNITS: Final = ("minutes", "epochs", "steps")
NEW: Final = "—"
"""The choice of a new network instead of a model to train further."""

_UNKNOWN_CHARACTERS: Final = 1_000_000  # of a text that was not read yet


@dataclass(frozen=True)
class Field:
    """A field of the form.

    Attributes:
        setting: its kind, range, title and help.
        open: whether it may be left empty, for the best choice.
    """

    setting: Setting[Any]
    open: bool = True

    @property
    def name(self) -> str:
        """Its name, also that of the option."""
        return self.setting.key.partition(".")[2]


def _field(name: str, kind: Any, title: str, help: str, **limits: Any) -> Field:
    return Field(Setting(f"train.{name}", kind, None, title, help, **limits))


NAME: Final = Field(
    Setting(
        "train.name",
        "str",
        "",
        N_("Name"),
        N_("What the model is called in the library"),
    ),
    open=False,
)
AMOUNT: Final = Field(
    Setting(
        "train.amount",
        "float",
        schema.TRAIN_MINUTES.default,
        N_("Length"),
        N_("How long to train: the learning rate falls to its end just then"),
        minimum=0.001,
    ),
    open=False,
)
UNIT: Final = Field(
    Setting(
        "train.unit",
        "choice",
        UNITS[0],
        N_("Unit"),
        N_("Minutes of this computer, passes over the text (epochs), or optimizer steps"),
        choices=UNITS,
    ),
    open=False,
)
BASE: Final = Field(
    Setting(
        "train.from",
        "choice",
        NEW,
        N_("Begin with"),
        N_(
            "A new network, or a model that is trained further: then its shape is kept. Where a "
            "starter knows the language of the texts it is chosen"
        ),
        choices=(NEW,),
    ),
    open=False,
)
CELL: Final = Field(schema.TRAIN_CELL, open=False)
FIELDS: Final[tuple[Field, ...]] = (
    NAME,
    AMOUNT,
    UNIT,
    BASE,
    CELL,
    _field("layers", "int", N_("Layers"), N_("Recurrent layers"), minimum=1, maximum=8),
    _field("hidden", "int", N_("Units"), N_("Units of each layer"), minimum=8, maximum=4096),
    _field(
        "embedding",
        "int",
        N_("Embedding"),
        N_("Size of the vector that stands for a character; 0 is one-hot"),
        minimum=0,
        maximum=4096,
    ),
    _field(
        "projection",
        "int",
        N_("Projection"),
        N_("Values to which the units are brought before they are read; 0 is none"),
        minimum=0,
        maximum=4096,
    ),
    _field(
        "dropout",
        "float",
        N_("Dropout"),
        N_("Share of the outputs that are dropped, against learning by heart"),
        minimum=0.0,
        maximum=0.9,
    ),
    Field(schema.TRAIN_VALIDATION, open=False),
    Field(
        Setting(
            "train.case_variation",
            "float",
            0.0,
            N_("Case variation"),
            N_("Share of sentences repeated without capitals and punctuation, for hurried typing"),
            minimum=0.0,
            maximum=1.0,
        ),
        open=False,
    ),
    Field(schema.TRAIN_MIN_COUNT, open=False),
    Field(
        Setting(
            "train.threads",
            "int",
            0,
            N_("Threads"),
            N_("Processor cores that the training may use; 0 is all of them"),
            minimum=0,
            maximum=1024,
        ),
        open=False,
    ),
    Field(schema.TRAIN_SEED, open=False),
)
"""Every field in the order of the form."""

SHAPE: Final = ("cell", "layers", "hidden", "embedding", "projection")
"""Fields that a model that is trained further has decided already."""


@dataclass(frozen=True)
class Wanted:
    """What the form asks for."""

    name: str
    base: str
    options: CorpusOptions
    settings: TrainSettings

    @property
    def further(self) -> bool:
        """Whether a model is trained further."""
        return self.base != ""


def wanted(values: Mapping[str, Any], *, named: bool = True) -> Wanted:
    """What the values of the fields ask for.

    Args:
        values: by the field's name; None where it was left open.
        named: whether the name must be a good one already.

    Raises:
        UsageError: a value does not fit.
    """
    name = str(values.get("name") or "")
    if named:
        if not name:
            raise UsageError("give the model a name")
        check_name(name)
    base = str(values.get("from") or NEW)
    further = base != NEW
    shape: dict[str, Any] = {key: None if further else values.get(key) for key in SHAPE}
    unit = str(values.get("unit") or UNITS[0])
    amount = values["amount"]
    budget: dict[str, Any] = {unit: max(round(amount), 1) if unit == "steps" else amount}
    seed = int(values.get("seed") or 0)
    options = CorpusOptions(
        min_count=int(values["min_count"]),
        validation=values["validation"],
        case_variation=values["case_variation"],
        seed=seed,
    )
    threads = int(values.get("threads") or 0)
    settings = TrainSettings(
        dropout=values.get("dropout"), seed=seed, threads=threads, **shape, **budget
    )
    return Wanted(name, base if further else "", options, settings)


@dataclass(frozen=True)
class Estimate:
    """What is to be expected of a training.

    Attributes:
        recipe: what was chosen where the form is empty.
        parameters: of the network.
        megabytes: of the saved model.
        characters_per_second: while training.
        minutes: until it is done.
        epochs: passes over the text.
    """

    recipe: Recipe
    parameters: int
    megabytes: float
    characters_per_second: float
    minutes: float
    epochs: float


def estimate(
    wanted: Wanted,
    characters: int,
    distinct: int,
    *,
    pace: float = 1.0,
    base: ModelConfig | None = None,
) -> Estimate:
    """What to expect.

    Args:
        wanted: the form.
        characters: of the text; 0 where it was not read yet.
        distinct: different characters of the text.
        pace: of this computer, see :func:`pace_of`.
        base: the shapes of the model that is trained further.
    """
    known = characters or _UNKNOWN_CHARACTERS
    share = 1.0 - wanted.options.validation
    read = max(known * share * (1.0 + wanted.options.case_variation), 1.0)
    vocabulary = base.vocabulary if base else BYTES + max(distinct, 1)
    settings = wanted.settings
    threads = settings.threads or os.cpu_count() or 1
    speed = pace * _typical(settings.hidden or WIDTH, threads)
    recipe = choose_recipe(settings, int(read), vocabulary, speed, fine_tuning=wanted.further)
    config = base or recipe.config(vocabulary)
    per_second = pace * _typical(config.hidden, threads) / (6.0 * config.parameters)
    if recipe.budget == "minutes":
        minutes = recipe.amount
        epochs = 60.0 * minutes * per_second / read
    else:
        epochs = recipe.amount
        if recipe.budget == "steps":
            epochs = recipe.amount * recipe.batch_size * recipe.sequence_length / read
        minutes = epochs * read / per_second / 60.0
    parameters = config.parameters
    return Estimate(recipe, parameters, 4e-6 * parameters, per_second, minutes, epochs)


def is_better_new(wanted: Wanted, characters: int, pace: float) -> bool:
    """Whether a new network is asked for, or better than a starter that knows the language.

    Args:
        wanted: the form, for a new network.
        characters: of the text.
        pace: of this computer, see :func:`pace_of`.
    """
    settings = wanted.settings
    if settings.cell == schema.TRAIN_CELL.default:  # stands there without being asked for
        settings = replace(settings, cell=None)
    threads = settings.threads or os.cpu_count() or 1
    return wants_own_network(settings, characters, pace * _typical(WIDTH, threads))


def pace_of(history: History) -> float | None:
    """How fast a training went here, compared with a typical computer; None before its first steps.

    The same computer may have other work to do the next time, so the latest training says most.
    """
    started, flops = history.started, history.flops
    if started is None or flops is None:
        return None
    return flops / _typical(started.recipe["hidden"], started.threads)


def expected_pace() -> float:
    """The same before anything was trained here, by a short measurement on the calling thread."""
    threads = os.cpu_count() or 1
    return REACHED_SHARE * product_speed(threads) / _typical(WIDTH, threads)


def _typical(hidden: int, threads: int) -> float:
    """Floating-point operations a second of a training with layers of H units.

    Measured on two quiet cores of an AMD Zen 4 in bfloat16: 3.7e11 for 1×512, 3e11 on one core
    for 1×768, less where the products are small.
    """
    return 3.7e11 * min(max(hidden / 512, 0.12), 1.4) * min(threads / 2, 4.0)
