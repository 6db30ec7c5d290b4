"""The trainer: a source of events that turns a corpus into a model folder.

Truncated backpropagation through time with the state carried along contiguous streams (Mikolov
2010; Graves 2013). What decides the next step is in few places, all kept in a checkpoint: the
plan, the progress, the network, the optimizer, the averaged weights, the carried state and the
random numbers' state. What is measured by the clock decides nothing, except how much of a budget
in minutes is used up.
"""

import json
import math
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from charterm.errors import ChartermError
from charterm.model.network import CharRNN
from charterm.text.corpus import Corpus
from charterm.training.averaging import holding
from charterm.training.checkpoint import Saved, read_checkpoint, write_checkpoint
from charterm.training.events import (
    Checkpoint,
    Comparing,
    Event,
    Failed,
    Finished,
    Paused,
    Reading,
    Sample,
    Step,
)
from charterm.training.figures import Figures
from charterm.training.fine_tuning import BaseModel, Recall, adopt, rows_of, shaped_like
from charterm.training.learner import Learner
from charterm.training.outcome import final_facts, known, save_weights, training_facts
from charterm.training.plan import Plan, make_plan
from charterm.training.progress import Progress
from charterm.training.run_folder import RunFolder
from charterm.training.settings import TrainSettings
from charterm.training.token_rows import TokenRows, count_tokens
from charterm.training.validation import HeldOutText, held_out_text
from charterm.training.writing import write_sample

_REPORT_SECONDS = 0.25  # between two step events
_TELL_SECONDS = 0.5  # between two events of the comparison at the end
_FREQUENT_TOKENS = 200_000  # validation tokens read while training, at most
_FREQUENT_TOKENS_A_MINUTE = 6_000  # of the budget, so that validation takes little of it
_FINAL_TOKENS = 5_000_000  # and at the end
_FINAL_SHARE = 0.25  # of the tokens trained on, where that is more than is read while training
_EARLY_SECONDS = 10.0  # until the first checkpoint, so that the model can be tried at once
_CHECKPOINT_SECONDS = 60.0  # between two checkpoints, where nothing else is asked for
_CHECKPOINT_SHARE = 0.02  # of the time that writing them may take then
_UNLOGGED = (Step, Checkpoint, Reading, Comparing)  # events that the model's log leaves out


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
        run: RunFolder | None = None,
        base: BaseModel | None = None,
        recall: Recall | None = None,
    ) -> None:
        """Prepare a new run, or go on with the one in ``run``.

        Args:
            corpus: what to train on and to validate with.
            settings: what the user asked for.
            folder: where the model belongs; replaced when there is something to save.
            description: a sentence for ``model.json``.
            run: where checkpoints are written; if one is there, the run goes on from it. None
                for a run that cannot be resumed.
            base: a model to train further; not looked at where the run goes on.
            recall: text on which it is measured what the base still knows.

        Raises:
            ChartermError: the corpus is too short to train on, or is not the one that the run
                began with.
            UsageError: the base has other sizes than asked for.
        """
        base = base.shaped_for(settings, corpus) if base else None
        self.corpus, self.folder, self.description = corpus, folder, description
        self.settings = shaped_like(settings, base.info.config) if base else settings
        self._run_folder, self._recall = run, recall
        saved: Saved | None = None
        if run is not None and run.checkpoint.exists():
            saved = read_checkpoint(run.checkpoint)
            if saved.facts["corpus"] != corpus.key:
                raise ChartermError(
                    "the text is not the one that the training of {name} began with: "
                    "put it back as it was, or start a new training",
                    name=run.name,
                )
            self._plan = Plan.from_json(saved.facts["plan"])
        else:
            counts = count_tokens(corpus)
            rows = TokenRows(corpus.alphabet.size, np.flatnonzero(counts))
            if base is not None:
                rows = rows_of(base, corpus.alphabet, counts)
            self._plan = make_plan(corpus, self.settings, rows, fine_tuning=base is not None)
        self.recipe, self.rows, self.threads = (
            self._plan.recipe,
            self._plan.rows,
            self._plan.threads,
        )
        if corpus.length <= self.recipe.sequence_length:
            raise ChartermError(
                "the training text has {tokens} tokens, fewer than one sequence of "
                "{sequence_length}: give more text or a shorter sequence-length",
                tokens=corpus.length,
                sequence_length=self.recipe.sequence_length,
            )
        torch.set_num_threads(self.threads)
        torch.manual_seed(settings.seed)
        self.network = CharRNN(self.recipe.config(self.rows.rows))
        if saved is None and base is not None:
            adopt(self.network, self.rows, base, corpus.alphabet)
        elif saved is None:
            self.rows.prepare(self.network, counts)
        self._learner = Learner(corpus, self._plan, self.network)
        self._figures = Figures(corpus, self._plan)
        self._best: list[Tensor] = []  # weights, in the order of the parameters
        self._progress = Progress()
        self._before: dict[str, Any] = {"from": base.name} if base else {}
        self._log: list[str] = []
        self._losses: list[Tensor] = []
        self._asked = self._signal = ""
        self._checkpoint_cost = 0.0
        if saved is not None:
            self._restore(saved)

    def pause(self, signal: str = "") -> None:
        """Ask the run to end after a checkpoint. May be called from any thread.

        Args:
            signal: name of the one that asks for it, for the event.
        """
        self._asked, self._signal = "pause", signal

    def stop(self) -> None:
        """Ask the run to finish now with the model as it is. May be called from any thread."""
        self._asked = "stop"

    def run(self) -> Iterator[Event]:
        """Train, yielding events. The last one is Finished, Paused or Failed."""
        try:
            for event in self._run():
                if not isinstance(event, _UNLOGGED):
                    self._log.append(json.dumps(event.to_json(), ensure_ascii=False))
                yield event
        except ChartermError as error:
            yield Failed(str(error))
            raise

    def _run(self) -> Iterator[Event]:
        progress = self._progress
        yield self._figures.started(progress)
        frequent = self._frequent_text()
        if self._before and not progress.step:
            yield from self._measure_base(frequent)
        last_checkpoint = time.perf_counter()
        asked_pause = self.settings.checkpoint_seconds
        pause = asked_pause or _EARLY_SECONDS
        reported, stepped = progress.step, 0.0  # steps and their seconds since the last report
        self.network.train()
        clock = time.perf_counter()
        while not (reason := self._reason_to_finish()):
            part = self._figures.part_used(self._progress)
            begin = time.perf_counter()
            self._losses.append(self._learner.train_step(progress.step, part))
            progress.step += 1
            now = time.perf_counter()
            progress.seconds += now - clock  # what lies between two steps counts too
            clock, stepped = now, stepped + now - begin
            if stepped >= _REPORT_SECONDS:
                self._take_losses()
                yield self._figures.step(
                    progress,
                    steps=progress.step - reported,
                    seconds=stepped,
                    learning_rate=self._learner.optimizer.param_groups[0]["lr"],
                    gradient_norm=float(self._learner.gradient_norm),
                )
                reported, stepped = progress.step, 0.0
            due = part * (self.recipe.validations + 1) >= progress.validated + 1
            if due and frequent.tokens:
                self._take_losses()
                yield from self._validate(frequent)
                pause = asked_pause or _EARLY_SECONDS
            if not asked_pause:
                pause = max(pause, self._checkpoint_cost / _CHECKPOINT_SHARE)
            if self._asked == "pause" or time.perf_counter() - last_checkpoint >= pause:
                yield self._checkpoint()
                last_checkpoint = time.perf_counter()
                pause = asked_pause or _CHECKPOINT_SECONDS
            if self._asked == "pause":
                yield Paused(progress.step, self._figures.part_used(self._progress), self._signal)
                return
            progress.stopped = self._asked == "stop"
        yield from self._finish(reason)

    def _reason_to_finish(self) -> str:
        """Why no further step is done; empty while the run goes on."""
        if self._figures.part_used(self._progress) >= 1.0:
            return "budget"
        if 0 < self.settings.patience <= self._progress.worse:
            return "early stopping"
        return "stopped" if self._progress.stopped else ""

    def _finish(self, reason: str) -> Iterator[Event]:
        progress = self._progress
        if self._asked == "stop":  # which is being done; another one ends the comparison too
            self._asked = ""
        if self._run_folder is not None:  # killed from here on, only the evaluation is repeated
            yield self._checkpoint()
        seen = progress.step * self.recipe.batch_size * self.recipe.sequence_length
        limit = min(_FINAL_TOKENS, max(_FREQUENT_TOKENS, round(_FINAL_SHARE * seen)))
        final, frequent = self._held_out(limit), self._frequent_text()
        weights, step = self._learner.averaged.tensors, progress.step
        nats = last_nats = self._nats(weights, final)
        other: list[Tensor] = []
        if self._best and progress.best_step != progress.step:
            same = frequent.tokens == final.tokens
            if progress.best_nats < (nats if same else self._nats(weights, frequent)):
                best_nats = self._nats(self._best, final)
                if best_nats < nats:
                    weights, other, nats, step = self._best, weights, best_nats, progress.best_step
                    if self.settings.keep == "last":
                        weights, other, nats, step = other, weights, last_nats, progress.step
        if final.tokens:
            self._take_losses()
            best = nats <= progress.best_nats
            yield self._figures.validation(progress, nats, best=best, step=step)
        facts = self._facts(nats) | {"kept_step": step, "last_validation_nats": known(last_nats)}
        with holding(self.network, weights):
            facts |= yield from self._compare(nats)
            if self._asked == "pause":
                yield Paused(progress.step, self._figures.part_used(self._progress), self._signal)
                return
            facts |= self._fine_tuning_facts(frequent)
            finished = Finished(reason, str(self.folder), facts)
            self._log.append(json.dumps(finished.to_json(), ensure_ascii=False))
            self._save(self.folder, facts)
        if other and self._run_folder is not None:
            with holding(self.network, other):
                self._save(self._run_folder.other_model, facts)
        yield finished

    def _compare(self, nats: float) -> Generator[Event, None, dict[str, Any]]:
        """Look whether the text was learnt by heart; nothing where that is asked to end."""
        told = time.monotonic()
        comparison = final_facts(self.network, self.rows, self.corpus, nats)
        while not self._asked:
            try:
                done, total = next(comparison)
            except StopIteration as end:
                return cast("dict[str, Any]", end.value)
            if time.monotonic() - told > _TELL_SECONDS:
                told = time.monotonic()
                yield Comparing(done, total)
        return {}

    def _measure_base(self, frequent: HeldOutText) -> Iterator[Event]:
        """Before the first step: what the model that is trained further knows already."""
        if self._recall is not None:
            text = self._recall.text(self.rows, self.corpus.alphabet)
            self._before["recall_nats"] = self._nats(self._learner.averaged.tensors, text)
        if frequent.tokens:
            yield from self._validate(frequent)
            self._progress.validated = 0
            self._before["nats"] = self._progress.last_nats

    def _fine_tuning_facts(self, frequent: HeldOutText) -> dict[str, Any]:
        """The base's losses beside those of the weights that are kept now."""
        if not self._before:
            return {}
        facts = {"from": self._before["from"]}
        weights = [p.detach() for p in self.network.parameters()]
        if "nats" in self._before:
            facts["before_nats"] = self._before["nats"]
            facts["after_nats"] = self._nats(weights, frequent)
        if "recall_nats" in self._before and self._recall is not None:
            text = self._recall.text(self.rows, self.corpus.alphabet)
            facts["recall"] = self._recall.name
            facts["recall_before_nats"] = self._before["recall_nats"]
            facts["recall_after_nats"] = self._nats(weights, text)
        return facts

    def _take_losses(self) -> None:
        """Add the losses since the last time to the progress; they are read all at once."""
        if not self._losses:
            return
        nats = float(torch.stack(self._losses).mean()) / self._figures.characters_per_token
        if not math.isfinite(nats):
            raise ChartermError(
                "the loss is no longer a number after {steps} steps: train again "
                "with a lower learning-rate",
                steps=self._progress.step,
            )
        self._progress.add_losses(nats, len(self._losses))
        self._losses = []

    def _held_out(self, limit: int) -> HeldOutText:
        return held_out_text(self.corpus, self.rows, limit)

    def _frequent_text(self) -> HeldOutText:
        """What is read at each validation."""
        limit = _FREQUENT_TOKENS
        if self.recipe.budget == "minutes":
            limit = min(limit, max(8192, round(_FREQUENT_TOKENS_A_MINUTE * self.recipe.amount)))
        return self._held_out(limit)

    def _nats(self, weights: list[Tensor], text: HeldOutText) -> float:
        with holding(self.network, weights):
            return text.nats(self.network)

    def _validate(self, text: HeldOutText) -> Iterator[Event]:
        progress = self._progress
        progress.validated += 1
        train_nats = progress.train_nats_since_validation
        nats = self._nats(self._learner.averaged.tensors, text)
        best = progress.add_validation(nats)
        if best:
            self._best = [tensor.clone() for tensor in self._learner.averaged.tensors]
        yield self._figures.validation(progress, nats, best=best, train_nats=train_nats)
        if self.settings.sample_length:
            with holding(self.network, self._learner.averaged.tensors):
                sample = write_sample(
                    self.network,
                    self.rows,
                    self.corpus.alphabet,
                    prompt=self.settings.prompt,
                    length=self.settings.sample_length,
                    seed=progress.step,
                )
            yield Sample(progress.step, sample)

    def _facts(self, nats: float) -> dict[str, Any]:
        return training_facts(
            self.corpus,
            self.settings,
            self.recipe,
            self._progress,
            nats=nats,
            characters_seen=self._figures.characters_seen(self._progress),
            epochs=self._figures.epochs(self._progress),
        )

    def _checkpoint(self) -> Checkpoint:
        """Write all that decides how the run goes on, and the model as it is now."""
        begin = time.perf_counter()
        self._take_losses()
        progress, run = self._progress, self._run_folder
        if not self._learner.is_finite():
            raise ChartermError(
                "the weights are no longer numbers after {steps} steps: train again "
                "with a lower learning-rate",
                steps=progress.step,
            )
        if run is not None:
            tensors = self._learner.tensors()
            for (name, _), tensor in zip(self.network.named_parameters(), self._best, strict=False):
                tensors[f"best.{name}"] = tensor
            facts = {
                "corpus": self.corpus.key,
                "plan": self._plan.to_json(),
                "progress": progress.to_json(),
                "before": self._before,
                "log": self._log,
            }
            write_checkpoint(run.checkpoint, tensors, facts)
        current = (
            self._learner.averaged.tensors if not (progress.worse and self._best) else self._best
        )
        with holding(self.network, current):
            self._save(self.folder, self._facts(progress.best_nats))
        self._checkpoint_cost = time.perf_counter() - begin
        return Checkpoint(progress.step, str(self.folder))

    def _restore(self, saved: Saved) -> None:
        self._learner.restore(saved)
        best = saved.group("best.")
        self._best = [best[name] for name, _ in self.network.named_parameters()] if best else []
        self._progress = Progress.from_json(saved.facts["progress"])
        self._before, self._log = saved.facts["before"], saved.facts["log"]

    def _save(self, folder: Path, facts: dict[str, Any]) -> None:
        """Write the weights that the network holds now as a model."""
        config = self.recipe.config(self.rows.size)
        tensors = self.rows.expand(self.network.state_dict())
        save_weights(folder, config, self.corpus, tensors, facts, self._log, self.description)
