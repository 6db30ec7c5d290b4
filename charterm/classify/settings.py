"""How a classifier is trained: every choice, with its default."""

from dataclasses import asdict, dataclass
from typing import Any

from charterm.classify.methods import METHODS
from charterm.errors import UsageError


@dataclass(frozen=True, slots=True)
class ClassifierSettings:
    """The options of a training.

    Attributes:
        methods: which of :data:`~charterm.classify.classifier.METHODS`.
        held_out: share of the texts kept aside to choose penalties and to calibrate with.
        reader_epochs: passes over all texts, whatever their class, before classes are learnt.
        class_epochs: passes of each class model over its texts. None is 2, and fewer, down to
            1, for more than a million characters.
        learning_rate: its peak in fine-tuning.
        dropout: in fine-tuning.
        prior: probabilities of the classes before anything is read: ``trained`` (their shares of
            the labelled texts) or ``even``.
        seed: of the parts and the order of the texts.

    Raises:
        UsageError: a value is out of range.
    """

    methods: tuple[str, ...] = METHODS
    held_out: float = 0.1
    reader_epochs: float = 1.0
    class_epochs: float | None = None
    learning_rate: float = 1e-3
    dropout: float = 0.3
    prior: str = "trained"
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.methods:
            raise UsageError("choose at least one method of {known}", known=", ".join(METHODS))
        for method in self.methods:
            if method not in METHODS:
                raise UsageError(
                    "unknown method {method!r}: choose from {known}",
                    method=method,
                    known=", ".join(METHODS),
                )
        if not 0.0 < self.held_out <= 0.5:
            raise UsageError(
                "held-out must be above 0 and at most 0.5, not {held_out}", held_out=self.held_out
            )
        for name in ("reader_epochs", "class_epochs"):
            epochs = getattr(self, name)
            if epochs is not None and not 0.0 <= epochs <= 100.0:
                raise UsageError(
                    "{name} must be from 0 to 100, not {epochs}",
                    name=name.replace("_", " "),
                    epochs=epochs,
                )
        if not 0.0 < self.learning_rate <= 1.0:
            raise UsageError(
                "the learning rate must be above 0, not {learning_rate}",
                learning_rate=self.learning_rate,
            )
        if not 0.0 <= self.dropout < 1.0:
            raise UsageError(
                "dropout must be at least 0 and below 1, not {dropout}", dropout=self.dropout
            )
        if self.prior not in ("trained", "even"):
            raise UsageError("unknown prior {prior!r}: choose trained or even", prior=self.prior)

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return asdict(self)
