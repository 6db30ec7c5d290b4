"""Optimizers for the network's parameters."""

from typing import Any

import torch
from torch import nn

from charterm.training.settings import Recipe

_BETA1 = 0.9


def build_optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """The recipe's optimizer; biases are not decayed."""
    matrices = [p for p in network.parameters() if p.dim() > 1]
    vectors = [p for p in network.parameters() if p.dim() <= 1]
    groups: list[dict[str, Any]] = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    betas = (_BETA1, recipe.beta2)
    if recipe.optimizer == "rmsprop":
        return torch.optim.RMSprop(groups, lr=recipe.learning_rate, alpha=recipe.beta2)
    if recipe.optimizer == "adam":
        return torch.optim.Adam(groups, lr=recipe.learning_rate, betas=betas, fused=True)
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=betas, fused=True)
