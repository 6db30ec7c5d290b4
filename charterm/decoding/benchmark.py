"""How fast a model samples, and what several texts at once cost."""

import time
from typing import Final

from charterm.decoding.controls import SAMPLE, Controls
from charterm.decoding.generated import Context
from charterm.decoding.generation import generate
from charterm.engine.benchmark import passage_for
from charterm.engine.language_model import LanguageModel
from charterm.engine.timing import Line, Ratio, Report, line

MANY: Final = 8
"""Texts that are sampled at once."""


def generation_report(
    model: LanguageModel,
    controls: Controls | None = None,
    *,
    name: str = "sampling",
    length: int = 1000,
    runs: int = 7,
) -> Report:
    """Sample one text and many in turn.

    One after the other, so that a machine that is busy is equally busy for both.

    Args:
        model: samples, after a prompt of a thousand characters.
        controls: the filters, the defaults if ``None``; the method, length, number and stop
            conditions are set here.
        name: of the controls, in the report.
        length: characters of each text.
        runs: of each.

    Returns:
        The time of each text (of as many as are sampled at once); characters a second of one
        text, and how many times as long :data:`MANY` of them take.
    """
    tokens = model.alphabet.encode(passage_for(model)[:1000])
    context = Context(model.start, tokens[:0]).after(model.backend, tokens)
    one = (controls or Controls()).changed(
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
    single, many = (_line(name, length, count, taken[count][1:]) for count in taken)
    return Report(
        machine={},
        lines=(single, many),
        ratios=(
            Ratio(
                f"{name}: characters a second of one text, median",
                length / (single.median / 1e6),
                "characters/s",
                5000.0,
                at_least=True,
            ),
            Ratio(f"{name}: {MANY} texts at once / one", many.median / single.median, "", 4.0),
        ),
    )


def _line(name: str, length: int, count: int, seconds: list[float]) -> Line:
    texts = "1 text" if count == 1 else f"{count} texts at once"
    return line("generation", f"{name}: {length} characters of {texts}", seconds)
