"""Fine-tuning a language model on short texts: whole texts in padded batches, each from its start.

Ordinary training (:mod:`charterm.training.trainer`) reads one long text with a carried state. A
class of short texts is learnt the way it is judged: every text begins in the start state.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from charterm.classify.padding import PaddedBatch, Tokens, group_by_length, pad
from charterm.classify.progress import Watch, silent
from charterm.model.config import ModelConfig
from charterm.model.folder import Tensors
from charterm.model.network import CharRNN
from charterm.training.averaging import AveragedWeights
from charterm.training.schedule import learning_rate_factor


@dataclass(frozen=True, slots=True)
class FineTuning:
    """How to fine-tune.

    Attributes:
        epochs: passes over the texts.
        learning_rate: its peak; it rises over a tenth and falls linearly (Howard and Ruder 2018).
        batch_tokens: places of a batch, padding included.
        dropout: probability of zeroing an output of a layer.
        weight_decay: decoupled.
        averaging: decay of the running average of the weights; 0 for none.
        seed: of the order of the texts and of dropout.
    """

    epochs: float = 2.0
    learning_rate: float = 1e-3
    batch_tokens: int = 4096
    dropout: float = 0.2
    weight_decay: float = 0.01
    averaging: float = 0.98
    seed: int = 0


def build_network(config: ModelConfig, tensors: Tensors) -> CharRNN:
    """The network with these weights, in float32 and in evaluation mode: without dropout."""
    network = CharRNN(config)
    network.load_state_dict(
        {name: torch.from_numpy(np.array(array, np.float32)) for name, array in tensors.items()}
    )
    return network.eval()


def tensors_of(network: CharRNN) -> Tensors:
    """Copies of the network's weights."""
    return {name: tensor.numpy().copy() for name, tensor in network.state_dict().items()}


def fine_tune(
    network: CharRNN,
    texts: Sequence[Tokens],
    newline: Tokens,
    settings: FineTuning,
    watch: Watch = silent,
) -> None:
    """Train ``network`` further on ``texts``, in place.

    Args:
        network: is left with the averaged weights, in evaluation mode.
        texts: tokens of each text.
        newline: the token that stands before and after each.
        settings: how.
        watch: is told the progress after each step.
    """
    torch.manual_seed(settings.seed)
    rng = np.random.default_rng(settings.seed)
    lengths = np.array([len(text) + 1 for text in texts], np.int64)
    wanted = settings.epochs * float(lengths.sum())
    optimizer = torch.optim.AdamW(
        network.parameters(), weight_decay=settings.weight_decay, betas=(0.9, 0.99), fused=True
    )
    averaged = AveragedWeights(network, settings.averaging)
    dropouts = _set_dropout(network, settings.dropout)
    network.train()
    seen, step = 0.0, 0
    while seen < wanted:
        groups = group_by_length(lengths, settings.batch_tokens, rng=rng)
        for batch in pad(texts, groups, newline, newline):
            rate = settings.learning_rate * learning_rate_factor(
                "linear", seen / wanted, warmup=0.1, final=0.02
            )
            for group in optimizer.param_groups:
                group["lr"] = rate
            loss = nats(network, batch).sum() / float(batch.lengths.sum())
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0, foreach=True)
            optimizer.step()
            averaged.update(network, step)
            seen += float(batch.lengths.sum())
            step += 1
            watch(min(1.0, seen / wanted))
            if seen >= wanted:
                break
    _set_dropout(network, dropouts)
    if settings.averaging:
        with torch.no_grad():
            for parameter, value in zip(network.parameters(), averaged.tensors, strict=True):
                parameter.copy_(value)
    network.eval()


def _set_dropout(network: CharRNN, dropout: float) -> float:
    """Change the network's dropout and return what it was."""
    before = network.config.dropout
    network.config = replace(network.config, dropout=dropout)
    return before


def nats(network: CharRNN, batch: PaddedBatch) -> Tensor:
    """Negative log-likelihood of each text's tokens, shape (T, B), zeros after its end."""
    features, _ = network.features(
        torch.from_numpy(batch.inputs), network.initial_state(len(batch.places))
    )
    return losses(network, features, batch)


def losses(network: CharRNN, features: Tensor, batch: PaddedBatch) -> Tensor:
    """As :func:`nats`, from the last layer's outputs (H, T, B)."""
    counted = torch.from_numpy(batch.counted)
    rows = features.permute(1, 2, 0)[counted]  # (counted, H): no product for the padding
    weight, bias = network.output.weight, network.output.bias
    logits = F.linear(rows, weight.to(rows.dtype), bias.to(rows.dtype)).to(weight.dtype)
    targets = torch.from_numpy(batch.targets)[counted]
    found = F.cross_entropy(logits, targets, reduction="none")
    return torch.zeros(counted.shape, dtype=found.dtype).masked_scatter(counted, found)
