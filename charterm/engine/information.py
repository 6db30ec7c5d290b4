"""How much a text tells a model: its information in bits (Shannon 1951)."""

import numpy as np

from charterm.engine.backend import State
from charterm.engine.language_model import LanguageModel

_BITS_PER_NAT = float(1 / np.log(2))


def information(model: LanguageModel, state: State, text: str) -> float:
    """Bits of ``text`` when it follows ``state``: minus log2 of its probability.

    Args:
        model: gives the probabilities.
        state: of what stands before the text, shape (S, 1, H).
        text: any text; characters outside of the alphabet count with all of their bytes.
    """
    tokens = model.alphabet.encode(text)
    if not len(tokens):
        return 0.0
    rows = model.backend.logits(state)  # (1, V)
    if len(tokens) > 1:
        read, _ = model.backend.read(state, tokens[:-1])
        rows = np.concatenate((rows, read))  # (T, V)
    rows = rows - rows.max(axis=1, keepdims=True)
    nats = np.log(np.exp(rows).sum(axis=1)) - rows[np.arange(len(tokens)), tokens]
    return float(nats.sum()) * _BITS_PER_NAT
