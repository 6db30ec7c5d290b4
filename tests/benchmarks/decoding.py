"""Speed of sampling, searches and long stories: ``python -m tests.benchmarks.decoding [FOLDER]``.

With the model in FOLDER, or a GRU 1x512 of random weights. Prints medians.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from charterm.decoding.benchmark import generation_report
from charterm.decoding.controls import PRESETS, Controls, for_method
from charterm.decoding.generated import Context
from charterm.decoding.generation import generate
from charterm.engine.language_model import LanguageModel, load_language_model
from charterm.story.exchange import import_text, to_markdown
from charterm.story.narrator import Narrator
from charterm.story.store import StoryStore
from charterm.story.story import Story
from tests.model.random_model import save_random_model

LENGTH = 400


def median(function: Callable[[], object], runs: int = 5) -> float:
    """Seconds of the median of ``runs``."""
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        function()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def sampling(model: LanguageModel) -> None:
    """Characters per second, and what eight alternatives cost."""
    prompt = model.alphabet.encode("It was late in the evening when somebody knocked. " * 20)
    context = Context(model.start, prompt[:0]).after(model.backend, prompt)

    def run(controls: Controls) -> object:
        for _ in generate(model.backend, model.alphabet, context, controls):
            pass
        return None

    chosen = {"no filter": Controls(top_k=0), "defaults": Controls(), **PRESETS}
    for name, controls in chosen.items():
        if controls.method != "sample":
            continue
        report = generation_report(model, controls, name=name, length=LENGTH, runs=5)
        for figure in report.ratios:
            print(f"{figure.name}: {figure.value:,.2f} {figure.unit}".rstrip())
    for method in ("beam", "diverse-beam", "stochastic-beam"):
        controls = for_method(method).changed({"n": 4, "length": 100, "seed": 1})
        taken = median(lambda given=controls: run(given), 3)  # type: ignore[misc]
        print(f"{method}, n = 4, 100 characters: {1e3 * taken:.0f} ms")


def stories(model: LanguageModel, folder: Path) -> None:
    """A story of a thousand turns and a million characters."""
    store = StoryStore(folder / "stories.sqlite3")
    paragraph = ("The fox looked at the river and went on. " * 25)[:998] + "\n\n"
    story = Story.create(store, "long")
    for number in range(1000):
        story.add(story.tree.head, "model" if number % 2 else "writer", paragraph)
    narrator = Narrator(model, story)
    turns = iter(range(1, 1000, 7))
    measured = {
        "open": lambda: Story(store, story.id),
        "say": lambda: story.say("The fox stopped."),
        "undo": story.undo,
        "edit in the middle": lambda: story.edit(500, f"{paragraph}{time.perf_counter()}"),
        "back to the long branch": lambda: story.switch(501),
        "context at a turn that was not read": lambda: narrator.context(next(turns)),
        "context at a turn that was": lambda: narrator.context(1),
        "log-probabilities of a turn": lambda: narrator.logprobs(next(turns)),
        "alternatives in a turn that was not read": lambda: narrator.alternatives(
            next(turns), 500, 8
        ),
        "search all stories": lambda: store.stories("no such words"),
        "export as Markdown": lambda: to_markdown("long", story.path),
        "import": lambda: import_text(store, story.text),
    }
    print(f"a story of {len(story.path)} turns and {len(story.text)} characters")
    for name, function in measured.items():
        print(f"  {name}: {1e3 * median(function):.2f} ms")


def main() -> None:
    """Run it all."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary) / "random"
        if len(sys.argv) < 2:
            letters = "".join(map(chr, range(32, 127))) + "\n"
            save_random_model(folder, letters, scale=0.06, hidden=512, embedding=64)
        model = load_language_model(folder)
        if len(sys.argv) < 2:  # a trained model hardly ever spells in bytes
            model.backend.weights.output_bias[:256] -= 20.0  # type: ignore[attr-defined]
        config = model.config
        print(f"{config.cell} {config.layers}x{config.hidden}, V = {config.vocabulary}")
        sampling(model)
        stories(model, Path(temporary))


if __name__ == "__main__":
    main()
