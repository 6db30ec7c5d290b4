"""The mixture is what its definition says, level by level."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from charterm.adaptation.contexts import EMPTY, Context
from charterm.adaptation.gates import Gates
from charterm.adaptation.memory import Memory
from charterm.adaptation.mixture import mix, pending_bytes
from charterm.text.alphabet import Alphabet, allowed_mask

ALPHABET = Alphabet(tuple("\n abcAB'"))
texts = st.text("abAB \n'é한", max_size=40)


def mixed(row: list[float], context: Context, memory: Memory, gates: Gates) -> list[float]:
    """The definition: each level takes its share, the most trusted first."""
    left, gained = 1.0, [0.0] * len(row)
    for bucket, known in reversed(memory.levels(context)):
        gate = left * gates.values[bucket]
        for token, share in zip(known.tokens, known.shares, strict=True):
            gained[token] += gate * share
        left -= gate * known.mass
    lowest = memory.unigrams()
    if lowest is not None and not pending_bytes(context):
        gate = left * gates.values[lowest[0]]
        gained = [sum(pair) for pair in zip(gained, (gate * lowest[1]).tolist(), strict=True)]
        left -= gate
    allowed = allowed_mask(ALPHABET, pending_bytes(context)).tolist()
    result = [(left * p + g) * ok for p, g, ok in zip(row, gained, allowed, strict=True)]
    return [value / sum(result) for value in result]


@given(texts, st.lists(texts, min_size=1, max_size=5))
def test_every_row_of_a_batch_is_mixed_by_the_definition(written: str, read: list[str]) -> None:
    memory, gates = Memory(ALPHABET), Gates()
    memory.change(ALPHABET.encode(written).tolist(), 1)
    contexts = [memory.reader.read(ALPHABET.encode(text).tolist()[-7:]) for text in read]
    contexts.append(memory.reader.read(ALPHABET.encode("é").tolist()[:1], EMPTY))
    generator = np.random.default_rng(len(read))
    rows = []
    for context in contexts:
        row = generator.random(ALPHABET.size) * allowed_mask(ALPHABET, pending_bytes(context))
        rows.append(row / row.sum())
    probabilities = np.array(rows, np.float32)
    mix(probabilities, contexts, memory, gates)
    if memory.unigrams() is None:
        assert np.allclose(probabilities, rows, atol=1e-6)
        return
    wanted = [
        mixed(row.tolist(), context, memory, gates)
        for row, context in zip(rows, contexts, strict=True)
    ]
    assert np.allclose(probabilities, wanted, rtol=1e-4, atol=1e-6)
