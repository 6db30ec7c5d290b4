"""Samples: text that the network under training writes."""

import torch

from charterm.model.network import CharRNN
from charterm.text.alphabet import Alphabet
from charterm.training.token_rows import TokenRows


@torch.no_grad()
def write_sample(
    network: CharRNN,
    rows: TokenRows,
    alphabet: Alphabet,
    *,
    prompt: str,
    length: int,
    seed: int,
    temperature: float = 0.8,
) -> str:
    """Let the network go on from a prompt.

    Args:
        network: the one under training.
        rows: its rows; the shared row is never drawn.
        alphabet: the tokens' meaning.
        prompt: text to begin with.
        length: tokens to draw.
        seed: of the draw; the random numbers of the training are not touched.
        temperature: divides the logits.

    Returns:
        The new text, without the prompt.
    """
    generator = torch.Generator().manual_seed(seed)
    was_training = network.training
    network.eval()
    given = torch.from_numpy(rows.row_of[alphabet.encode(prompt)]).unsqueeze(0)
    logits, state = network(given)
    drawn: list[int] = []
    for _ in range(length):
        chances = torch.softmax(logits[0, -1, : len(rows.active)] / temperature, 0)
        row = torch.multinomial(chances, 1, generator=generator)
        drawn.append(int(rows.active[int(row)]))
        logits, state = network(row.unsqueeze(0), state)
    network.train(was_training)
    return alphabet.decode(drawn)
