"""What there is to choose when files become a corpus."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from charterm.errors import UsageError


@dataclass(frozen=True)
class CorpusOptions:
    """How files become a corpus.

    Attributes:
        min_count: characters seen less often have no token of their own.
        validation: share of the characters kept out of training, from the end.
        validation_from: the end of ``"whole"``, all files one after another, or of ``"each"``.
        weights: how many times a file is read in one pass over the training text, by a pattern
            for its name or path (``{"tatoeba_*": 4}``); 1 where none fits. The last that fits
            counts.
        case_variation: share of the training sentences that are there a second time without
            capitals and punctuation, so that the model is at home in hurried typing.
        seed: decides which.

    Raises:
        UsageError: a value is out of range.
    """

    min_count: int = 1
    validation: float = 0.1
    validation_from: Literal["whole", "each"] = "whole"
    weights: Mapping[str, int] = field(default_factory=dict)
    case_variation: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.min_count < 1:
            raise UsageError(
                "min-count must be at least 1, not {min_count}", min_count=self.min_count
            )
        if not 0.0 <= self.validation < 1.0:
            raise UsageError(
                "validation must be at least 0 and below 1, not {validation}",
                validation=self.validation,
            )
        if self.validation_from not in ("whole", "each"):
            raise UsageError(
                "validation comes from whole or each, not {validation_from}",
                validation_from=self.validation_from,
            )
        if not 0.0 <= self.case_variation <= 1.0:
            raise UsageError(
                "case variation must be from 0 to 1, not {case_variation}",
                case_variation=self.case_variation,
            )
        for pattern, weight in self.weights.items():
            if weight < 1:
                raise UsageError(
                    "the weight of {pattern} must be at least 1, not {weight}",
                    pattern=pattern,
                    weight=weight,
                )
