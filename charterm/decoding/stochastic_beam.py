"""Sampling texts without replacement: a beam search on perturbed log-probabilities."""

from collections.abc import Callable, Iterator

import numpy as np

from charterm.decoding.beam import Scored, largest
from charterm.decoding.controls import Controls
from charterm.decoding.distributions import Scores
from charterm.decoding.frontier import Frontier, generated
from charterm.decoding.generated import Context, Progress, Results
from charterm.decoding.noise import generator_for, gumbel, seeded
from charterm.decoding.stopping import CANCELLED
from charterm.engine.backend import Backend
from charterm.text.alphabet import Alphabet


def stochastic_beam(
    backend: Backend,
    alphabet: Alphabet,
    context: Context,
    controls: Controls,
    *,
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[Progress | Results]:
    """Sample ``controls.n`` different texts that go on from ``context``.

    The texts are those of the n largest of log-probability plus independent Gumbel noise over all
    texts there are, which is a sample without replacement; the noise of a text's beginnings is
    drawn from the top down, so that only n texts are ever open (Kool et al. 2019, "Stochastic
    Beams and Where to Find Them", arXiv 1903.06059). The distribution is that after the whole
    chain of filters. The texts come in the order in which they would be drawn one by one.

    Yields:
        As :func:`charterm.decoding.beam.beam_search`.
    """
    controls = seeded(controls)
    generator = generator_for(controls.seed, 0)
    frontier = Frontier(backend, alphabet, context, controls, penalties_only=False)
    opened: list[Scored] = [(0.0, frontier.nodes[0])]  # in the order of the frontier's rows
    ended: list[Scored] = []
    step = 0
    while opened:
        if should_stop is not None and should_stop():
            break
        step += 1
        totals = np.array([[node.filtered] for node in frontier.nodes])
        logprobs = frontier.filtered + totals  # (N, V + 1)
        noisy = logprobs + gumbel(generator, logprobs.shape)
        maxima = np.array([[score] for score, _ in opened])
        children = condition_on_maximum(noisy, maxima).ravel()
        everything = np.concatenate([children, [score for score, _ in ended]])
        parents: list[int] = []
        opened, before = [], ended
        ended = []
        for place in largest(everything, controls.n):
            if place >= len(children):
                ended.append(before[place - len(children)])
                continue
            row, column = divmod(place, frontier.end + 1)
            node = frontier.extend(row, column)
            (ended if node.reason else opened).append((float(children[place]), node))
            if not node.reason:
                parents.append(row)
        if opened:
            frontier.advance(parents, [node for _, node in opened])
        yield Progress(step, tuple(node.text for _, node in _ranked(ended, opened)))
    yield Results(
        tuple(
            generated(node, score, index, CANCELLED)
            for index, (score, node) in enumerate(_ranked(ended, opened))
            if node.reason or (node.text and not node.pending)
        )
    )


def condition_on_maximum(noisy: Scores, maximum: Scores) -> Scores:
    """Gumbel variables given that the largest of each row is ``maximum``.

    Kool et al. 2019, appendix B.3, the numerically stable form.

    Args:
        noisy: independent Gumbel variables with locations of their own, shape (N, M).
        maximum: shape (N, 1).

    Returns:
        Shape (N, M); -inf stays -inf, and the largest of each row is exactly its maximum.
    """
    highest = noisy.max(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        below = maximum - noisy + _log1mexp(noisy - highest)
    shifted = maximum - np.maximum(0.0, below) - np.log1p(np.exp(-np.abs(below)))
    return np.where(noisy == -np.inf, -np.inf, shifted)


def _log1mexp(values: Scores) -> Scores:
    """ln(1 - exp(x)) for x <= 0 (Mächler 2012, "Accurately Computing log(1 - exp(-|a|))")."""
    return np.where(values > -np.log(2.0), np.log(-np.expm1(values)), np.log1p(-np.exp(values)))


def _ranked(ended: list[Scored], opened: list[Scored]) -> list[Scored]:
    """By perturbed log-probability, the largest first."""
    return sorted([*ended, *opened], key=lambda entry: -entry[0])
