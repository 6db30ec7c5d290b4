"""How fast the engine is on this machine, measured side by side with what it is compared to.

Things that are compared are timed in turns, a few calls each, many rounds, so that a busy moment
of the machine falls on all of them. Medians and 95th percentiles are over single calls.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from charterm.engine.benchmark_text import ENGLISH, KOREAN
from charterm.engine.blas_threads import PAUSES, blas_threads
from charterm.engine.completion import Completer
from charterm.engine.language_model import LanguageModel
from charterm.engine.numpy_backend import NumpyBackend
from charterm.engine.prediction import predict
from charterm.engine.products import Floats
from charterm.engine.session import Session
from charterm.engine.timing import (
    Line,
    Ratio,
    Report,
    line,
    measure,
    resident_megabytes,
)
from charterm.engine.weights import build_weights
from charterm.model.config import ModelConfig
from charterm.model.folder import Tensors, tensor_shapes

PREFIXES: Final = 200
EDITS: Final = 100
DOCUMENTS: Final = (1_000, 10_000, 100_000, 1_000_000)
SHAPES: Final[tuple[tuple[Any, int, int], ...]] = (
    ("gru", 1, 512),
    ("lstm", 1, 512),
    ("gru", 1, 1024),
    ("lstm", 2, 512),
)
"""(cell, layers, hidden) of the random models whose steps are timed beside the model's own."""

SEARCH: Final = "5 words, new search"
TYPING: Final = "key to characters and 5 words, typing on"

_STEP_TARGETS: Final = {"GRU 1×512": 2.2, "GRU 1×1024": 1.6}
_USUAL_TARGETS: Final = {"GRU 1×512": 4.0, "LSTM 2×512": 10.0}


Section = tuple[list[Line], list[Ratio]]
Tell = Callable[[str], None]


def predictions_report(model: LanguageModel, *, tell: Tell = lambda _: None) -> Report:
    """Time what the model predicts and what editing costs. Without PyTorch.

    Args:
        model: the model whose predictions are timed; its backend is NumPy.
        tell: told what is being timed.
    """
    facts = {"memory_at_rest_megabytes": resident_megabytes()}
    text = passage_for(model)
    tell("completions")
    lines, ratios = completion_section(model, text)
    for length in DOCUMENTS:
        tell(f"a document of {length:,} characters")
        lines = lines + document_section(model, text, length)[0]
    ratios = ratios + document_ratios(lines)
    return Report(machine=facts, lines=tuple(lines), ratios=tuple(ratios))


def beside_training_report(model: LanguageModel) -> Report:
    """Completions while a training runs beside this process, which the caller has seen to."""
    lines, _ = completion_section(model, passage_for(model))
    lines = [replace(entry, group="predictions beside a training") for entry in lines]
    p95 = {entry.name: entry.p95 / 1000 for entry in lines}
    named = {"5 words": SEARCH, "key to characters and 5 words": TYPING}
    return Report(
        machine={},
        lines=tuple(lines),
        ratios=tuple(
            Ratio(f"{what} beside a training: 95th percentile", p95[name], "ms", 50.0)
            for what, name in named.items()
        ),
    )


def steps_report(config: ModelConfig, *, torch: bool = True, tell: Tell = lambda _: None) -> Report:
    """Time single steps of a model of this shape and of :data:`SHAPES`.

    Args:
        config: sizes of the model.
        torch: also time PyTorch's steps (which imports it).
        tell: told what is being timed.
    """
    lines: list[Line] = []
    ratios: list[Ratio] = []
    own = replace(config, dropout=0.0)
    others = (ModelConfig(config.vocabulary, *shape) for shape in SHAPES)
    for shape in dict.fromkeys((own, *others)):
        tell(f"one step, {shape.title}")
        section = step_section(shape, torch=torch)
        lines.extend(section[0])
        ratios.extend(section[1])
    return Report(machine={}, lines=tuple(lines), ratios=tuple(ratios))


def random_tensors(config: ModelConfig) -> Tensors:
    """Tensors as of a model that was not trained: products cost the same."""
    rng = np.random.default_rng(0)
    return {
        name: rng.normal(0.0, 0.05, shape).astype(np.float32)
        for name, shape in tensor_shapes(config).items()
    }


def step_section(config: ModelConfig, *, torch: bool) -> Section:
    """One step, beside its matrix-vector products alone and beside the usual way in PyTorch."""
    name = config.title
    tensors = random_tensors(config)
    backend = NumpyBackend(build_weights(config, tensors))
    state, token = backend.initial_state(), np.array([1], np.int32)
    tokens = np.resize(np.arange(256, dtype=np.int32), 64) % config.vocabulary
    calls: dict[str, Callable[[], object]] = {
        "floor": _floor(backend),
        "step": lambda: backend.step(state, token),
        "64 steps of reading": lambda: backend.advance(state, tokens),
    }
    _settle(calls["step"])
    lines = measure(calls, group=name)
    if torch:
        from charterm.engine.torch_backend import TorchBackend

        reference = TorchBackend(config, tensors)
        # not in turns with NumPy: PyTorch's threads go on turning for a while after each call, and
        # each library would wait for the other's
        with_torch: dict[str, Callable[[], object]] = {
            "step in PyTorch": lambda: reference.step(state, token),
            "the usual way": _usual_way(config),
        }
        lines += measure(with_torch, group=name)
        lines += _measure_on_one_thread({"the usual way, one thread": _usual_way(config)}, name)
    median = {entry.name: entry.median for entry in lines}
    ratios = [
        Ratio(
            f"{name}: step / floor", median["step"] / median["floor"], "", _STEP_TARGETS.get(name)
        )
    ]
    if torch:
        usual = min(median["the usual way"], median["the usual way, one thread"])
        faster = usual / median["step"]
        target = _USUAL_TARGETS.get(name)
        ratios.append(Ratio(f"{name}: usual way / step", faster, "", target, at_least=True))
    return lines, ratios


def _settle(step: Callable[[], object]) -> None:
    """Step until the second thread is in use again, as long as that may take.

    PyTorch's threads, or a training, were in its way; the program that people type in has neither.
    """
    threads = blas_threads()
    end = time.perf_counter() + PAUSES[1] + 1.0
    while threads.possible and not threads.parallel and time.perf_counter() < end:
        step()


def _floor(backend: NumpyBackend) -> Callable[[], object]:
    """Only the matrix-vector products of a step, the output layer's included."""
    weights = backend.weights
    vector = np.random.default_rng(0).normal(size=weights.config.hidden).astype(np.float32)
    matrices: list[Floats] = [weights.output]
    for layer in weights.layers:
        found = (layer.recurrent, layer.projection, layer.input)
        matrices += [matrix for matrix in found if matrix is not None]
    products = [(m, vector[: m.shape[1]], np.empty(len(m), np.float32)) for m in matrices]

    def multiply() -> None:
        for matrix, read, out in products:
            np.dot(matrix, read, out)

    return multiply


def _usual_way(config: ModelConfig) -> Callable[[], object]:
    """A step as it is usually written: an nn.GRU or nn.LSTM fed one character, then softmax."""
    import torch
    from torch import nn

    size = config.input_size
    shape = (size, config.hidden, config.layers)
    embedding = nn.Embedding(config.vocabulary, size)
    network: nn.RNNBase
    if config.cell == "gru":  # PyTorch's has no projection: its own step has all the products
        network = nn.GRU(*shape, batch_first=True)
    else:
        network = nn.LSTM(*shape, batch_first=True, proj_size=config.projection or 0)
    read = config.hidden if config.cell == "gru" else config.output_size
    output = nn.Linear(read, config.vocabulary)
    token = torch.tensor([[1]])
    with torch.inference_mode():
        state = network(embedding(token))[1]

    def step() -> object:
        with torch.inference_mode():
            hidden, after = network(embedding(token), state)
            return torch.softmax(output(hidden[:, -1]), dim=-1), after

    return step


def _measure_on_one_thread(calls: dict[str, Callable[[], object]], group: str) -> list[Line]:
    """Not in turns with the others: PyTorch makes its threads anew when their number changes."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return measure(calls, group=group)
    finally:
        torch.set_num_threads(threads)


def passage_for(model: LanguageModel) -> str:
    """The passage that the model's alphabet spells best."""

    def known(text: str) -> float:
        return sum(character in model.alphabet for character in text) / len(text)

    return max((ENGLISH, KOREAN), key=known)


def completion_section(model: LanguageModel, text: str) -> Section:
    """Next characters and 5 words: at real prefixes from nothing kept, and typed key by key."""
    begin = min(100, len(text) // 4)
    places = np.linspace(begin, len(text), PREFIXES).astype(int)
    searches, distributions = [], []
    completer = Completer(model)
    for place in places:
        session = Session(model, text[: place - 1])
        session.state()
        start = time.perf_counter()
        session.insert(text[place - 1])
        completer.next_characters(session, 10)
        distributions.append(time.perf_counter() - start)
        completer = Completer(model)
        start = time.perf_counter()
        completer.complete(session, 5)
        searches.append(time.perf_counter() - start)
    typed = []
    session, completer = Session(model, text[:begin]), Completer(model)
    predict(session, completer)
    for character in text[begin : begin + 2 * PREFIXES]:
        start = time.perf_counter()
        session.insert(character)
        predict(session, completer)
        typed.append(time.perf_counter() - start)
    group = "predictions"
    lines = [
        line(group, "next-character distribution after a key", distributions),
        line(group, SEARCH, searches),
        line(group, TYPING, typed),
    ]
    return lines, [
        Ratio("5 words: median", lines[1].median / 1000, "ms", 6.0),
        Ratio("5 words: 95th percentile", lines[1].p95 / 1000, "ms", 16.0),
    ]


def document_section(model: LanguageModel, text: str, length: int) -> Section:
    """Opening and editing a document of ``length`` characters, to a new prediction each time."""
    document = (text * (length // len(text) + 1))[:length]
    group = f"document of {length:,} characters"
    rng = np.random.default_rng(length)
    opened = []
    for _ in range(10):
        start = time.perf_counter()
        session, completer = Session(model, document), Completer(model)
        predict(session, completer)
        opened.append(time.perf_counter() - start)
    appended, deleted, edited = [], [], []
    for character in text[: EDITS // 2]:
        start = time.perf_counter()
        session.insert(character)
        predict(session, completer)
        appended.append(time.perf_counter() - start)
    for _ in range(EDITS // 2):
        start = time.perf_counter()
        session.backspace()
        predict(session, completer)
        deleted.append(time.perf_counter() - start)
    for place in rng.integers(0, length, EDITS).tolist():
        start = time.perf_counter()
        session.replace(place, place + 1, "e")
        predict(session, completer)
        edited.append(time.perf_counter() - start)
    return [
        line(group, "open to prediction", opened),
        line(group, "append to prediction", appended),
        line(group, "backspace to prediction", deleted),
        line(group, "mid-text edit to prediction", edited),
    ], []


def document_ratios(lines: list[Line]) -> list[Ratio]:
    """The mid-text edit of the longest document, and beside that of 10,000 characters."""
    p95 = {entry.group: entry.p95 for entry in lines if entry.name == "mid-text edit to prediction"}
    longest, short = (p95[f"document of {n:,} characters"] for n in (1_000_000, 10_000))
    return [
        Ratio("mid-text edit in 1 M characters: 95th percentile", longest / 1000, "ms", 50.0),
        Ratio("mid-text edit, 1 M / 10 k characters", longest / short, "", 1.5),
    ]
