"""What a user may ask of a training, and what is chosen where they do not."""

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, Self

from charterm.errors import UsageError
from charterm.model.config import CELLS, Cell, ModelConfig
from charterm.training.schedule import SCHEDULES, Schedule

Optimizer = Literal["adamw", "adam", "rmsprop"]
OPTIMIZERS: tuple[Optimizer, ...] = ("adamw", "adam", "rmsprop")
Precision = Literal["auto", "float32", "bfloat16"]
PRECISIONS: tuple[Precision, ...] = ("auto", "float32", "bfloat16")

Keep = Literal["best", "last"]
KEEPS: tuple[Keep, ...] = ("best", "last")

_DEFAULT_MINUTES = 10.0
WIDTH: Final = 512
"""Units of a layer where nothing asks for fewer or more."""

_WIDE, _WIDEST = 768, 1024
_WIDE_WORK = 1.2e14  # floating-point operations, about six minutes on two cores
_LONG_TEXT = 3e6  # characters from which there are enough steps with larger batches
_LEARNING_RATE = 4e-3
_FEW_STEPS, _FEW_STEPS_RATE = 1000, 8e-3
"""On a slow processor a few minutes are a few hundred steps, which have to be longer (measured on
tiny-shakespeare, LSTM 1×512, 339 steps: 1.666 nats with 4e-3, 1.576 with 8e-3)."""
_FINE_TUNING_RATE = 1.5e-3  # what the model knows should not be shaken off at the first steps
_FEW_STEPS_SCHEDULE: Final[Schedule] = "wsd"
_FEW_STEPS_AVERAGING = 0.99
"""So few steps should be long ones until near the end (the English starter on tiny-shakespeare, 126
seconds, 290 to 360 steps: cosine 1.508 nats, constant 1.473, wsd 1.462; with an average over fewer
steps 1.469 and 1.460)."""


@dataclass(frozen=True)
class TrainSettings:
    """The options of a training. None means: chosen from the corpus and the budget.

    Attributes:
        cell: ``gru`` or ``lstm``.
        layers: L, recurrent layers.
        hidden: H, units of each.
        embedding: E, size of the input vectors; 0 for one-hot input.
        projection: P, values to which each layer's units are brought before they are read; 0 for
            none.
        dropout: probability of zeroing an output of a layer.
        sequence_length: T, tokens of truncated backpropagation.
        batch_size: B, streams read side by side.
        optimizer: ``adamw`` (Loshchilov and Hutter 2019), ``adam`` or ``rmsprop``.
        learning_rate: its peak.
        weight_decay: decoupled, per unit of learning rate; not for biases.
        beta2: decay of the optimizer's second moment.
        clip: largest gradient norm; 0 for no clipping.
        schedule: of the learning rate over the budget.
        averaging: decay of the running average of the weights per step; 0 for none.
        epochs: budget in passes over the training text.
        steps: budget in optimizer steps.
        minutes: budget in minutes of training; at most one budget.
        precision: of the matrix products; ``auto`` measures which is faster here.
        threads: of the matrix products; 0 for one on each processor core.
        seed: of the initial weights and of dropout.
        patience: validations without a new best before training stops early; 0 for never.
        validations: validations in the budget.
        sample_length: characters of each sample; 0 for none.
        prompt: text that samples go on from.
        checkpoint_seconds: time between checkpoints; None for a minute, or longer where writing
            one takes long.
        keep: which weights become the model, those of the ``best`` validation or the ``last``.

    Raises:
        UsageError: a value is out of range, or there are two budgets.
    """

    cell: Cell | None = None
    layers: int | None = None
    hidden: int | None = None
    embedding: int | None = None
    projection: int | None = None
    dropout: float | None = None
    sequence_length: int | None = None
    batch_size: int | None = None
    optimizer: Optimizer | None = None
    learning_rate: float | None = None
    weight_decay: float | None = None
    beta2: float | None = None
    clip: float | None = None
    schedule: Schedule | None = None
    averaging: float | None = None
    epochs: float | None = None
    steps: int | None = None
    minutes: float | None = None
    precision: Precision = "auto"
    threads: int = 0
    seed: int = 0
    patience: int = 0
    validations: int | None = None
    sample_length: int = 120
    prompt: str = "\n"
    checkpoint_seconds: float | None = None
    keep: Keep = "best"

    def __post_init__(self) -> None:
        choices = (
            ("cell", CELLS),
            ("optimizer", OPTIMIZERS),
            ("schedule", SCHEDULES),
            ("precision", PRECISIONS),
            ("keep", KEEPS),
        )
        for name, allowed in choices:
            value = getattr(self, name)
            if value is not None and value not in allowed:
                raise UsageError(
                    "unknown {name} {value!r}: choose one of {known}",
                    name=name,
                    value=value,
                    known=", ".join(allowed),
                )
        above_zero = (
            "layers", "hidden", "sequence_length", "batch_size", "learning_rate", "epochs",
            "steps", "minutes", "checkpoint_seconds",
        )  # fmt: skip
        for name in above_zero:
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise UsageError(
                    "{name} must be above 0, not {value}", name=_option(name), value=value
                )
        not_negative = (
            "embedding", "projection", "weight_decay", "clip", "threads", "patience", "validations",
            "sample_length", "seed",
        )  # fmt: skip
        for name in not_negative:
            value = getattr(self, name)
            if value is not None and value < 0:
                raise UsageError(
                    "{name} must not be negative, not {value}", name=_option(name), value=value
                )
        for name in ("dropout", "beta2", "averaging"):
            value = getattr(self, name)
            if value is not None and not 0.0 <= value < 1.0:
                raise UsageError(
                    "{name} must be at least 0 and below 1, not {value}",
                    name=_option(name),
                    value=value,
                )
        budgets = [n for n in ("epochs", "steps", "minutes") if getattr(self, n) is not None]
        if len(budgets) > 1:
            raise UsageError(
                "{budgets} are two budgets: give one of them", budgets=" and ".join(budgets)
            )
        if not self.prompt:
            raise UsageError("the prompt of samples must not be empty")

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The inverse of :meth:`to_json`.

        Raises:
            UsageError: a name is unknown or a value out of range.
        """
        try:
            return cls(**values)
        except TypeError as error:
            raise UsageError("the training's settings do not fit: {error}", error=error) from error


def _option(name: str) -> str:
    return name.replace("_", "-")


@dataclass(frozen=True)
class Recipe:
    """Every choice of one run; what :class:`TrainSettings` left open is decided here.

    Attributes as there, and:
        budget: ``"epochs"``, ``"steps"`` or ``"minutes"``.
        amount: of the budget.
        warmup: part of the budget in which the learning rate rises.
        final_rate: learning rate at the end, as a part of the peak.
    """

    cell: Cell
    layers: int
    hidden: int
    embedding: int
    dropout: float
    sequence_length: int
    batch_size: int
    optimizer: Optimizer
    learning_rate: float
    weight_decay: float
    beta2: float
    clip: float
    schedule: Schedule
    averaging: float
    budget: Literal["epochs", "steps", "minutes"]
    amount: float
    validations: int
    warmup: float = 0.02
    final_rate: float = 0.02
    projection: int = 0  # runs that were begun before there were projections have none

    def config(self, vocabulary: int) -> ModelConfig:
        """The network's shapes for V tokens."""
        return ModelConfig(
            vocabulary,
            self.cell,
            self.layers,
            self.hidden,
            self.embedding or None,
            self.dropout,
            self.projection or None,
        )

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return asdict(self)


REACHED_SHARE: Final = 0.5
"""About the part of a processor's fastest matrix product that training reaches."""

_TYPICAL_SPEED = 3e11  # of two cores of AMD's Zen 4 in bfloat16, where nothing was measured


def choose_recipe(
    settings: TrainSettings,
    characters: int,
    vocabulary: int,
    speed: float = _TYPICAL_SPEED,
    *,
    fine_tuning: bool = False,
) -> Recipe:
    """Fill in what the settings leave open.

    Args:
        settings: what was asked for.
        characters: of one pass over the training text.
        vocabulary: rows of the network that are trained.
        speed: floating-point operations a second that training is expected to reach; only used
            to guess how often the text is read within a number of minutes, so that a factor of two
            does not matter.
        fine_tuning: whether the weights are those of a trained model.
    """
    budget, amount = _budget(settings)
    work = _work(settings, speed)
    cell = settings.cell or "lstm"
    hidden = settings.hidden or choose_hidden(work, characters)
    layers = settings.layers or 1
    embedding = 64 if settings.embedding is None else settings.embedding
    batch = settings.batch_size or (64 if hidden > WIDTH and characters > _LONG_TEXT else 32)
    length = settings.sequence_length or 64
    projection = settings.projection or 0
    config = ModelConfig(
        vocabulary, cell, layers, hidden, embedding or None, projection=projection or None
    )
    epochs = amount
    if budget == "steps":
        epochs = amount * batch * length / characters
    elif budget == "minutes":
        epochs = work / (6.0 * config.parameters) / characters
    dropout = settings.dropout
    if dropout is None:
        dropout = choose_dropout(epochs)

    few = budget == "minutes" and epochs * characters < _FEW_STEPS * batch * length
    rate = _FEW_STEPS_RATE if few else _LEARNING_RATE

    def given(name: str, default: Any) -> Any:
        value = getattr(settings, name)
        return default if value is None else value

    return Recipe(
        cell=cell,
        layers=layers,
        hidden=hidden,
        embedding=embedding,
        projection=projection,
        dropout=dropout,
        sequence_length=length,
        batch_size=batch,
        optimizer=given("optimizer", "adamw"),
        learning_rate=given("learning_rate", _FINE_TUNING_RATE if fine_tuning else rate),
        weight_decay=given("weight_decay", 0.01),
        beta2=given("beta2", 0.99),
        clip=given("clip", 1.0),
        schedule=given("schedule", _FEW_STEPS_SCHEDULE if few else "cosine"),
        averaging=given("averaging", _FEW_STEPS_AVERAGING if few else 0.995),
        budget=budget,
        amount=amount,
        validations=given("validations", 3 if few else 6),
    )


def choose_hidden(work: float, characters: float) -> int:
    """Units that fit the budget and the text.

    In few minutes 512 units learn fastest. With more time a wider layer with more dropout does
    better, also on a text of one megabyte (measured on tiny-shakespeare, 1 MB, and on 10 MB of
    novels and sentences); a large text that is read hardly twice lies between.

    Args:
        work: floating-point operations that the budget allows; 0 where it does not say.
        characters: of one pass over the training text.
    """
    if work < _WIDE_WORK:
        return WIDTH
    config = ModelConfig(256, "lstm", 1, _WIDE, 64)
    passes = work / (6.0 * config.parameters) / characters
    if passes >= 12.0:  # a short text: time is better spent on width than on more passes
        return _WIDEST
    return _WIDE if passes >= 2.0 or work >= 5.0 * _WIDE_WORK else 640


def wants_own_network(settings: TrainSettings, characters: float, speed: float) -> bool:
    """Whether a network of another shape than a starter's is asked for, or better.

    A starter has learnt from ten megabytes: only a text of some megabytes, and the time to train a
    wide network on it, make up for that.

    Args:
        settings: what was asked for.
        characters: of the text, about.
        speed: floating-point operations a second that training is expected to reach.
    """
    shape = (settings.cell, settings.layers, settings.hidden, settings.embedding)
    if any(value is not None for value in (*shape, settings.projection)):
        return True
    if characters < _LONG_TEXT:
        return False
    return choose_hidden(_work(settings, speed), characters) > WIDTH


def _budget(settings: TrainSettings) -> tuple[Literal["epochs", "steps", "minutes"], float]:
    """What the training's length is counted in, and how much of it."""
    if settings.epochs is not None:
        return "epochs", settings.epochs
    if settings.steps is not None:
        return "steps", float(settings.steps)
    return "minutes", settings.minutes or _DEFAULT_MINUTES


def _work(settings: TrainSettings, speed: float) -> float:
    """Floating-point operations that a budget of minutes allows; 0 where it is another."""
    budget, amount = _budget(settings)
    return 60.0 * amount * speed if budget == "minutes" else 0.0


def choose_dropout(epochs: float) -> float:
    """Dropout that fits the number of passes over the text: none while hardly any repeats."""
    if epochs < 1.5:
        return 0.0
    if epochs < 3.0:
        return 0.1
    return 0.25 if epochs < 8.0 else 0.6
