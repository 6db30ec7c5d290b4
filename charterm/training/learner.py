"""What learns: the network, its optimizer, the averaged weights and the state it carries."""

import ctypes
import math
import sys

import torch
import torch.nn.functional as F
from torch import Tensor

from charterm.model.network import CharRNN
from charterm.text.corpus import Corpus
from charterm.training.averaging import AveragedWeights
from charterm.training.checkpoint import Saved, optimizer_tensors, restore_optimizer
from charterm.training.optimizers import build_optimizer
from charterm.training.plan import Plan
from charterm.training.schedule import learning_rate_factor
from charterm.training.streams import Streams

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


class Learner:
    """One step of training after the other, and all of it that a checkpoint holds.

    Attributes:
        plan: every choice of the run.
        network: the one under training.
        optimizer: its optimizer.
        averaged: the running average of its weights.
        state: (S, B, H) carried from the last step to the next.
        gradient_norm: of the last step, before clipping, a scalar.
    """

    def __init__(self, corpus: Corpus, plan: Plan, network: CharRNN) -> None:
        """Prepare the first step.

        Args:
            corpus: to train on.
            plan: every choice of the run.
            network: with the weights to begin with.
        """
        keep_freed_memory()
        recipe = plan.recipe
        self.plan, self.network = plan, network
        network.product_type = plan.speed.product_type
        self.optimizer = build_optimizer(network, recipe)
        self.averaged = AveragedWeights(network, recipe.averaging)
        self.state = network.initial_state(recipe.batch_size)
        self.gradient_norm = torch.zeros(())
        self._streams = Streams(corpus, plan.rows.row_of, recipe.batch_size, recipe.sequence_length)

    def tensors(self) -> dict[str, Tensor]:
        """Everything that decides the next step, by name; not copied."""
        named = dict(self.network.named_parameters())
        tensors: dict[str, Tensor] = {"state": self.state, "random": torch.get_rng_state()}
        tensors |= {f"network.{name}": tensor for name, tensor in named.items()}
        for name, tensor in optimizer_tensors(self.optimizer).items():
            tensors[f"optimizer.{name}"] = tensor
        if self.plan.recipe.averaging:
            for name, tensor in zip(named, self.averaged.tensors, strict=True):
                tensors[f"averaged.{name}"] = tensor
        return tensors

    def restore(self, saved: Saved) -> None:
        """Go on from what :meth:`tensors` gave an earlier run."""
        self.network.load_state_dict(saved.group("network."))
        averaged = saved.group("averaged.")
        if averaged:
            self.averaged.restore([averaged[name] for name, _ in self.network.named_parameters()])
        restore_optimizer(self.optimizer, saved.group("optimizer."))
        self.state = saved.tensors["state"]
        torch.set_rng_state(saved.tensors["random"])

    def is_finite(self) -> bool:
        """Whether all weights are numbers."""
        return all(bool(p.isfinite().all()) for p in self.network.parameters())

    def train_step(self, step: int, part: float) -> Tensor:
        """Do one optimizer step.

        Args:
            step: its number, from 0.
            part: of the budget that is used, 0 to 1.

        Returns:
            The loss in nats per token, a scalar.
        """
        recipe, network = self.plan.recipe, self.network
        rate = recipe.learning_rate * learning_rate_factor(
            recipe.schedule, part, warmup=recipe.warmup, final=recipe.final_rate
        )
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        inputs, targets = self._streams.chunk(step)
        features, state = network.features(inputs, self.state)
        self.state = state.detach()
        weight, bias = network.output.weight, network.output.bias
        logits = F.linear(
            features.permute(1, 2, 0).flatten(0, 1),
            weight.to(features.dtype),
            bias.to(features.dtype),
        )
        log_chances = F.log_softmax(logits.to(weight.dtype), 1)
        loss = F.nll_loss(log_chances, targets.flatten())
        objective = loss
        if self.plan.rows.shared:  # keeps the unseen tokens possible, at a cost of nothing
            objective = loss - _SHARED_MASS * log_chances[:, -1].mean()
        self.optimizer.zero_grad(set_to_none=True)
        objective.backward()  # type: ignore[no-untyped-call]
        self.gradient_norm = torch.nn.utils.clip_grad_norm_(
            network.parameters(), recipe.clip or math.inf, foreach=True
        )
        self.optimizer.step()
        self.averaged.update(network, step)
        return loss.detach()
