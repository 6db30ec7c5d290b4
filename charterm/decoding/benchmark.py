"""How fast a model samples, and what several texts at once cost."""

import statistics
import time
from dataclasses import dataclass
from typing import Final

from charterm.decoding.controls import SAMPLE, Controls
from charterm.decoding.generated import Context
from charterm.decoding.generation import generate
from charterm.engine.language_model import LanguageModel

MANY: Final = 8
"""Texts that are sampled at once."""

_PROMPT: Final = "It was late in the evening when somebody knocked. " * 20


@dataclass(frozen=True, slots=True)
class SamplingSpeed:
    """The speed of one kind of sampling.

    Attributes:
        characters_per_second: of one text.
        cost_of_many: how many times as long :data:`MANY` texts of the same length take, sampled
            at once.
    """

    characters_per_second: float
    cost_of_many: float


def measure_sampling(
    model: LanguageModel, controls: Controls, *, length: int = 200, runs: int = 7
) -> SamplingSpeed:
    """Sample one text and many in turn, and take the median of each.

    One after the other, so that a machine that is busy is equally busy for both.

    Args:
        model: samples, after a prompt of a thousand characters.
        controls: the filters; the method, length, number and stop conditions are set here.
        length: characters of each text.
        runs: of each.
    """
    tokens = model.alphabet.encode(_PROMPT)
    context = Context(model.start, tokens[:0]).after(model.backend, tokens)
    one = controls.changed(
        {"method": SAMPLE, "n": 1, "length": length, "until": "length", "stop": (), "seed": 1}
    )
    taken: dict[int, list[float]] = {1: [], MANY: []}
    for _run in range(runs + 1):  # the first of each is not counted: it makes caches
        for count, seconds in taken.items():
            begin = time.perf_counter()
            for _event in generate(
                model.backend, model.alphabet, context, one.changed({"n": count})
            ):
                pass
            seconds.append(time.perf_counter() - begin)
    single, many = (statistics.median(seconds[1:]) for seconds in taken.values())
    return SamplingSpeed(length / single, many / single)
