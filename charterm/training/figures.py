"""The figures of a run: what its steps come to in characters, passes and parts of the budget."""

import math

from charterm.text.corpus import Corpus
from charterm.training.events import Started, Step, Validation
from charterm.training.outcome import known
from charterm.training.plan import Plan
from charterm.training.precision import type_name
from charterm.training.progress import Progress


class Figures:
    """What the plan makes of the progress. Nothing here changes."""

    def __init__(self, corpus: Corpus, plan: Plan) -> None:
        self._corpus, self._plan = corpus, plan
        self._tokens_a_step = plan.recipe.batch_size * plan.recipe.sequence_length
        self.characters_per_token = corpus.length_characters / corpus.length

    def part_used(self, progress: Progress) -> float:
        """Part of the budget used, 0 to 1, and above where it was overrun."""
        recipe = self._plan.recipe
        if recipe.budget == "minutes":
            return progress.seconds / (60.0 * recipe.amount)
        steps = recipe.amount
        if recipe.budget == "epochs":
            steps = recipe.amount * self._corpus.length / self._tokens_a_step
        return progress.step / max(1, math.ceil(steps))

    def characters_seen(self, progress: Progress) -> int:
        """Characters trained on so far."""
        return round(progress.step * self._tokens_a_step * self.characters_per_token)

    def epochs(self, progress: Progress) -> float:
        """Passes over the text so far."""
        return progress.step * self._tokens_a_step / self._corpus.length

    def started(self, progress: Progress) -> Started:
        """What is known before the first step."""
        recipe, rows, speed = self._plan.recipe, self._plan.rows, self._plan.speed
        return Started(
            recipe={**recipe.to_json(), "precision": type_name(speed.product_type)},
            parameters=recipe.config(rows.size).parameters,
            train_characters=self._corpus.length_characters,
            validation_characters=self._corpus.validation_characters,
            threads=self._plan.threads,
            peak_flops=speed.peak_flops,
            step=progress.step,
            alphabet=len(self._corpus.alphabet.characters),
            sources=tuple(
                {
                    "name": source.path.name,
                    "characters": source.characters,
                    "encoding": source.encoding,
                    "guessed": source.guessed,
                }
                for source in self._corpus.sources
            ),
        )

    def step(
        self,
        progress: Progress,
        *,
        steps: int,
        seconds: float,
        learning_rate: float,
        gradient_norm: float,
    ) -> Step:
        """How far the run is.

        Args:
            progress: so far.
            steps: since the last report.
            seconds: that they took.
            learning_rate: of the last one.
            gradient_norm: of the last one.
        """
        rate = steps * self._tokens_a_step * self.characters_per_token / seconds
        part = self.part_used(progress)
        parameters = self._plan.recipe.config(self._plan.rows.rows).parameters
        return Step(
            step=progress.step,
            progress=min(1.0, part),
            epoch=self.epochs(progress),
            characters=self.characters_seen(progress),
            train_nats=progress.train_nats,
            learning_rate=learning_rate,
            gradient_norm=gradient_norm,
            characters_per_second=rate,
            peak_share=6.0 * parameters * rate / self._plan.speed.peak_flops,
            seconds=progress.seconds,
            seconds_left=progress.seconds * max(0.0, 1.0 / part - 1.0),
        )

    def validation(
        self,
        progress: Progress,
        nats: float,
        *,
        best: bool,
        train_nats: float | None = None,
        step: int | None = None,
    ) -> Validation:
        """A validation loss.

        Args:
            progress: so far.
            nats: the loss, nats per character.
            best: whether it is the lowest so far.
            train_nats: training loss to put beside it; by default the smoothed one.
            step: that the weights are of; by default the last one.
        """
        return Validation(
            step=progress.step if step is None else step,
            characters=self.characters_seen(progress),
            train_nats=known(progress.train_nats if train_nats is None else train_nats),
            validation_nats=nats,
            validation_bits=nats / math.log(2),
            best=best,
            seconds=progress.seconds,
        )
