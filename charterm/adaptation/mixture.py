"""The network's distribution and the memory's, mixed."""

from collections.abc import Sequence

import numpy as np

from charterm.adaptation.contexts import Context
from charterm.adaptation.gates import Gates, Shares
from charterm.adaptation.memory import Memory
from charterm.engine.products import Floats
from charterm.text.alphabet import BYTES, allowed_mask


def mix(probabilities: Floats, contexts: Sequence[Context], memory: Memory, gates: Gates) -> None:
    """Mix the memory into distributions, in place.

    The result is a distribution over the same tokens: none that UTF-8 does not allow gets any.

    Args:
        probabilities: what the network expects after each of N contexts, shape (N, V).
        contexts: N of them.
        memory: what was written.
        gates: how far to trust it.
    """
    lowest = memory.unigrams()
    if lowest is None:
        return
    trust = gates.values
    rows, width = probabilities.shape
    base = trust[lowest[0]]
    levels = memory.levels
    kept, single = [], []  # share of the network and of level 0 in each row
    tokens: list[int] = []
    shares: list[float] = []
    parts: list[float] = []  # share of each level in its row
    sizes: list[int] = []  # tokens of each level
    counts: list[int] = []  # tokens of each row
    spelt = []
    for row, context in enumerate(contexts):
        left, before = 1.0, len(tokens)
        for bucket, (followers, known, mass, _, _, _) in levels(context)[::-1]:
            gate = left * trust[bucket]
            left -= gate * mass
            tokens += followers
            shares += known
            parts.append(gate)
            sizes.append(len(followers))
        counts.append(len(tokens) - before)
        pending = b""
        if context.recent and 0x80 <= context.recent[0] < BYTES:
            spelt.append(row)
            pending = pending_bytes(context)
        share = 0.0 if pending else left * base
        single.append(share)
        kept.append(left - share)
    of_network, of_lowest = np.array((kept, single), np.float32)[:, :, None]
    probabilities *= of_network
    probabilities += of_lowest * lowest[1]
    if tokens:
        places = np.arange(0, rows * width, width).repeat(counts)
        places += np.array(tokens, np.intp)
        gained = np.array(parts, np.float32).repeat(sizes)
        gained *= np.array(shares, np.float32)
        np.add.at(probabilities.reshape(-1), places, gained)
    for row in spelt:
        _allow(probabilities[row], contexts[row], memory)


def _allow(probabilities: Floats, context: Context, memory: Memory) -> None:
    """Take from ``probabilities``, shape (V,), what cannot follow a byte of a character."""
    probabilities *= allowed_mask(memory.alphabet, pending_bytes(context))
    probabilities /= probabilities.sum()


def pending_bytes(context: Context) -> bytes:
    """The bytes of the character that ``context`` ends inside of, empty where it does not."""
    spelling: list[int] = []
    for token in context.recent[:3]:
        if not 0x80 <= token < BYTES:
            return b""
        spelling.insert(0, token)
        if token >= 0xC0:
            length = 2 + (token >= 0xE0) + (token >= 0xF0)
            return bytes(spelling) if len(spelling) < length else b""
    return b""


def shares_of(token: int, context: Context, memory: Memory) -> Shares:
    """What each level of the memory knows of ``token`` after ``context``."""
    shares = []
    lowest = memory.unigrams()
    if lowest is not None and not pending_bytes(context):
        shares.append((lowest[0], float(lowest[1][token]), 1.0))
    for bucket, known in memory.levels(context):
        share = known.shares[known.tokens.index(token)] if token in known.tokens else 0.0
        shares.append((bucket, share, known.mass))
    return shares
