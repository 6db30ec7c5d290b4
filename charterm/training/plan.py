"""Everything a run decides before its first step, kept so that a resumed run decides nothing."""

import os
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch

from charterm.text.corpus import Corpus
from charterm.training.precision import ProductSpeed, probe, product_type, type_name
from charterm.training.settings import (
    REACHED_SHARE,
    WIDTH,
    Recipe,
    TrainSettings,
    choose_recipe,
)
from charterm.training.token_rows import TokenRows


@dataclass(frozen=True)
class Plan:
    """The choices of a run, some of them measured on this machine at this moment.

    Attributes:
        recipe: what the settings left open.
        rows: the rows of the network.
        threads: of the matrix products; their number changes the last bits of a sum.
        speed: type of the matrix products, and how fast they are.
    """

    recipe: Recipe
    rows: TokenRows
    threads: int
    speed: ProductSpeed

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return {
            "recipe": self.recipe.to_json(),
            "tokens": self.rows.size,
            "active": self.rows.active.tolist(),
            "threads": self.threads,
            "precision": type_name(self.speed.product_type),
            "peak_flops": self.speed.peak_flops,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The inverse of :meth:`to_json`."""
        return cls(
            Recipe(**values["recipe"]),
            TokenRows(values["tokens"], np.array(values["active"], np.int64)),
            values["threads"],
            ProductSpeed(product_type(values["precision"]), values["peak_flops"]),
        )


def make_plan(
    corpus: Corpus, settings: TrainSettings, rows: TokenRows, *, fine_tuning: bool
) -> Plan:
    """Decide what ``settings`` leave open, by how fast matrix products are here."""
    threads = settings.threads or os.cpu_count() or 1
    torch.set_num_threads(threads)
    speed = probe(settings.precision, hidden=settings.hidden or WIDTH)
    recipe = choose_recipe(
        settings,
        corpus.length_characters,
        rows.rows,
        REACHED_SHARE * speed.peak_flops,
        fine_tuning=fine_tuning,
    )
    return Plan(recipe, rows, threads, speed)
