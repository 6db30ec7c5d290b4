"""The trainer: a source of events that turns a corpus into a model folder.

Truncated backpropagation through time with the state carried along contiguous streams (Mikolov
2010; Graves 2013). Everything that decides the next step is in one place, :class:`_Progress`,
the network, the optimizer and the averaged weights.
"""

import ctypes
import json
import math
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from charterm.errors import ChartermError
from charterm.model.folder import ModelInfo, save_model
from charterm.model.network import CharRNN
from charterm.text.corpus import Corpus
from charterm.training.averaging import AveragedWeights
from charterm.training.events import (
    Checkpoint,
    Event,
    Failed,
    Finished,
    Paused,
    Sample,
    Started,
    Step,
    Validation,
)
from charterm.training.optimizers import build_optimizer
from charterm.training.precision import ProductSpeed, probe
from charterm.training.schedule import learning_rate_factor
from charterm.training.settings import TrainSettings, choose_recipe
from charterm.training.streams import Streams
from charterm.training.token_rows import TokenRows, count_tokens
from charterm.training.validation import HeldOutText
from charterm.training.writing import write_sample

_REPORT_SECONDS = 0.25  # between two step events
_FREQUENT_TOKENS = 200_000  # validation tokens read while training, at most
_FREQUENT_TOKENS_A_MINUTE = 20_000  # of the budget, so that validation takes little of it
_FINAL_TOKENS = 5_000_000  # and at the end
_SHARED_MASS = 1e-5  # probability kept for the tokens that training never sees


def keep_freed_memory() -> None:
    """Have the allocator keep freed memory instead of giving it back at every step.

    A step allocates some tens of megabytes; fetching them from the system anew each time costs a
    quarter of the time. Works with glibc, does nothing elsewhere.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        trim_threshold, mmap_threshold = -1, -3
        mallopt(mmap_threshold, 1 << 30)
        mallopt(trim_threshold, (1 << 31) - 1)


@dataclass
class _Progress:
    """How far a run is."""

    step: int = 0
    seconds: float = 0.0
    best_nats: float = math.inf
    best_step: int = 0
    worse: int = 0  # validations since the best
    validated: int = 0  # validations done
    train_nats: float = math.nan  # smoothed


class Trainer:
    """One training run. ``for event in trainer.run(): ...`` does the work.

    Attributes:
        recipe: every choice made.
        network: the one under training.
    """

    def __init__(
        self,
        corpus: Corpus,
        settings: TrainSettings,
        folder: Path,
        *,
        description: str = "",
    ) -> None:
        """Prepare a new run.

        Args:
            corpus: what to train on and to validate with.
            settings: what the user asked for.
            folder: where the model belongs; replaced when there is something to save.
            description: a sentence for ``model.json``.

        Raises:
            ChartermError: the corpus is too short to train on.
        """
        self.corpus, self.settings, self.folder = corpus, settings, folder
        self.description = description
        counts = count_tokens(corpus)
        self.rows = TokenRows(corpus.alphabet.size, np.flatnonzero(counts))
        self.recipe = choose_recipe(settings, corpus.length_characters, self.rows.rows)
        if corpus.length <= self.recipe.sequence_length:
            raise ChartermError(
                f"the training text has {corpus.length} tokens, fewer than one sequence of "
                f"{self.recipe.sequence_length}: give more text or a shorter sequence-length"
            )
        self.threads = settings.threads or os.cpu_count() or 1
        torch.set_num_threads(self.threads)
        torch.manual_seed(settings.seed)
        keep_freed_memory()
        self.network = CharRNN(self.recipe.config(self.rows.rows))
        self.rows.prepare(self.network, counts)
        self._optimizer = build_optimizer(self.network, self.recipe)
        self._averaged = AveragedWeights(self.network, self.recipe.averaging)
        self._streams = Streams(
            corpus, self.rows.row_of, self.recipe.batch_size, self.recipe.sequence_length
        )
        self._state = self.network.initial_state(self.recipe.batch_size)
        self._progress = _Progress()
        self._characters_per_token = corpus.length_characters / corpus.length
        self._log: list[str] = []
        self._asked: str = ""
        self._speed: ProductSpeed | None = None

    def pause(self) -> None:
        """Ask the run to end after a checkpoint. May be called from any thread."""
        self._asked = "pause"

    def stop(self) -> None:
        """Ask the run to finish now with the model as it is. May be called from any thread."""
        self._asked = "stop"

    def run(self) -> Iterator[Event]:
        """Train, yielding events. The last one is Finished, Paused or Failed."""
        try:
            for event in self._run():
                if not isinstance(event, Step):
                    self._log.append(json.dumps(event.to_json(), ensure_ascii=False))
                yield event
        except ChartermError as error:
            yield Failed(str(error))
            raise

    def _run(self) -> Iterator[Event]:
        speed = self._speed = probe(
            self.settings.precision, hidden=self.recipe.hidden, batch=self.recipe.batch_size
        )
        self.network.product_type = speed.product_type
        yield Started(
            recipe={**self.recipe.to_json(), "precision": str(speed.product_type).split(".")[1]},
            parameters=self.recipe.config(self.rows.size).parameters,
            train_characters=self.corpus.length_characters,
            validation_characters=self.corpus.validation_characters,
            threads=self.threads,
            peak_flops=speed.peak_flops,
            step=self._progress.step,
        )
        progress, recipe = self._progress, self.recipe
        limit = _FREQUENT_TOKENS
        if recipe.budget == "minutes":
            limit = min(limit, max(8192, round(_FREQUENT_TOKENS_A_MINUTE * recipe.amount)))
        frequent, final = self._held_out(limit), self._held_out(_FINAL_TOKENS)
        reason = "budget"
        losses: list[Tensor] = []
        reported, stepped = progress.step, 0.0  # steps and their seconds since the last report
        checkpoint_at = time.perf_counter() + self.settings.checkpoint_seconds
        since_validation: list[float] = []
        self.network.train()
        clock = time.perf_counter()
        while (part := self._part_used()) < 1.0:
            begin = time.perf_counter()
            losses.append(self._train_step(part))
            progress.step += 1
            now = time.perf_counter()
            progress.seconds += now - clock  # what lies between two steps counts too
            clock, stepped = now, stepped + now - begin
            if stepped >= _REPORT_SECONDS:
                nats = float(torch.stack(losses).mean()) / self._characters_per_token
                if not math.isfinite(nats):
                    raise ChartermError(
                        f"the loss is no longer a number after {progress.step} steps: train again "
                        "with a lower learning-rate"
                    )
                since_validation += [nats] * len(losses)
                progress.train_nats = (
                    nats
                    if math.isnan(progress.train_nats)
                    else (0.9 * progress.train_nats + 0.1 * nats)
                )
                yield self._report(progress.step - reported, stepped)
                reported, stepped, losses = progress.step, 0.0, []
            if frequent.tokens and part * (recipe.validations + 1) >= progress.validated + 1:
                yield from self._validate(frequent, since_validation)
                since_validation = []
                if self.settings.patience and progress.worse >= self.settings.patience:
                    reason = "early stopping"
                    break
            if time.perf_counter() >= checkpoint_at:
                yield self._save(self._facts(progress.best_nats))
                checkpoint_at = time.perf_counter() + self.settings.checkpoint_seconds
            if self._asked == "stop":
                reason = "stopped"
                break
            if self._asked == "pause":
                yield self._save(self._facts(progress.best_nats))
                yield Paused(progress.step, self._part_used())
                return
        yield from self._finish(reason, final)

    def _finish(self, reason: str, final: HeldOutText) -> Iterator[Event]:
        progress = self._progress
        with self._averaged.applied(self.network):
            nats = final.nats(self.network)
        best = nats < progress.best_nats
        if best:
            progress.best_nats, progress.best_step = nats, progress.step
        if final.tokens:
            yield Validation(
                progress.step, self._characters_seen(), progress.train_nats, nats,
                nats / math.log(2), best, progress.seconds,
            )  # fmt: skip
        facts = self._facts(nats)
        finished = Finished(reason, str(self.folder), facts)
        self._log.append(json.dumps(finished.to_json(), ensure_ascii=False))
        self._save(facts)
        yield finished

    def _part_used(self) -> float:
        """Part of the budget used, 0 to 1."""
        recipe, progress = self.recipe, self._progress
        if recipe.budget == "minutes":
            return progress.seconds / (60.0 * recipe.amount)
        steps = recipe.amount
        if recipe.budget == "epochs":
            steps = recipe.amount * self.corpus.length / self._tokens_a_step
        return progress.step / max(1, math.ceil(steps))

    @property
    def _tokens_a_step(self) -> int:
        return self.recipe.batch_size * self.recipe.sequence_length

    def _characters_seen(self) -> int:
        return round(self._progress.step * self._tokens_a_step * self._characters_per_token)

    def _train_step(self, part: float) -> Tensor:
        """One optimizer step; returns the loss in nats per token."""
        recipe, network = self.recipe, self.network
        rate = recipe.learning_rate * learning_rate_factor(
            recipe.schedule, part, warmup=recipe.warmup, final=recipe.final_rate
        )
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        inputs, targets = self._streams.chunk(self._progress.step)
        features, state = network.features(inputs, self._state)
        self._state = state.detach()
        weight, bias = network.output.weight, network.output.bias
        logits = F.linear(
            features.permute(1, 2, 0).flatten(0, 1),
            weight.to(features.dtype),
            bias.to(features.dtype),
        )
        log_chances = F.log_softmax(logits.to(weight.dtype), 1)
        loss = F.nll_loss(log_chances, targets.flatten())
        objective = loss
        if self.rows.shared:  # keeps the unseen tokens possible, at a cost of nothing
            objective = loss - _SHARED_MASS * log_chances[:, -1].mean()
        self._optimizer.zero_grad(set_to_none=True)
        objective.backward()  # type: ignore[no-untyped-call]
        self._norm = torch.nn.utils.clip_grad_norm_(
            network.parameters(), recipe.clip or math.inf, foreach=True
        )
        self._optimizer.step()
        self._averaged.update(network, self._progress.step)
        return loss.detach()

    def _report(self, steps: int, seconds: float) -> Step:
        progress = self._progress
        characters = steps * self._tokens_a_step * self._characters_per_token
        rate = characters / seconds
        part = self._part_used()
        parameters = self.recipe.config(self.rows.rows).parameters
        assert self._speed is not None
        return Step(
            step=progress.step,
            progress=min(1.0, part),
            epoch=progress.step * self._tokens_a_step / self.corpus.length,
            characters=self._characters_seen(),
            train_nats=progress.train_nats,
            learning_rate=self._optimizer.param_groups[0]["lr"],
            gradient_norm=float(self._norm),
            characters_per_second=rate,
            peak_share=6.0 * parameters * rate / self._speed.peak_flops,
            seconds=progress.seconds,
            seconds_left=progress.seconds * max(0.0, 1.0 / part - 1.0),
        )

    def _held_out(self, limit: int) -> HeldOutText:
        newline = int(self.corpus.alphabet.encode("\n")[0])
        return HeldOutText(
            self.corpus.validation, self.rows, self.corpus.validation_characters, newline, limit
        )

    def _validate(self, text: HeldOutText, train: list[float]) -> Iterator[Event]:
        progress = self._progress
        progress.validated += 1
        with self._averaged.applied(self.network):
            nats = text.nats(self.network)
            best = nats < progress.best_nats
            if best:
                progress.best_nats, progress.best_step, progress.worse = nats, progress.step, 0
            else:
                progress.worse += 1
            yield Validation(
                step=progress.step,
                characters=self._characters_seen(),
                train_nats=sum(train) / len(train) if train else progress.train_nats,
                validation_nats=nats,
                validation_bits=nats / math.log(2),
                best=best,
                seconds=progress.seconds,
            )
            if self.settings.sample_length:
                yield Sample(
                    progress.step,
                    write_sample(
                        self.network,
                        self.rows,
                        self.corpus.alphabet,
                        prompt=self.settings.prompt,
                        length=self.settings.sample_length,
                        seed=progress.step,
                    ),
                )

    def _facts(self, nats: float) -> dict[str, Any]:
        progress = self._progress
        known = math.isfinite(nats)
        return {
            "validation_nats": nats if known else None,
            "validation_bits": nats / math.log(2) if known else None,
            "train_nats": None if math.isnan(progress.train_nats) else progress.train_nats,
            "characters_seen": self._characters_seen(),
            "steps": progress.step,
            "epochs": progress.step * self._tokens_a_step / self.corpus.length,
            "seconds": progress.seconds,
            "characters_per_second": self._characters_seen() / max(progress.seconds, 1e-9),
            "train_characters": self.corpus.train_characters,
            "validation_characters": self.corpus.validation_characters,
            "recipe": self.recipe.to_json(),
            "settings": self.settings.to_json(),
        }

    def _save(self, facts: dict[str, Any]) -> Checkpoint:
        """Write the model with the averaged weights."""
        with self._averaged.applied(self.network):
            tensors = {
                name: tensor.numpy()
                for name, tensor in self.rows.expand(self.network.state_dict()).items()
            }
        info = ModelInfo(
            config=self.recipe.config(self.rows.size),
            alphabet=self.corpus.alphabet,
            training=facts,
            sources=[
                {"name": source.path.name, "characters": source.characters}
                for source in self.corpus.sources
            ],
            description=self.description,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        save_model(self.folder, info, tensors, log="".join(line + "\n" for line in self._log))
        return Checkpoint(self._progress.step, str(self.folder))
