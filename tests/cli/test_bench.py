"""Parts of the benchmark, timed by themselves."""

import json

from charterm.model import library
from tests.model.random_model import save_random_model

from .program import charterm


def test_a_part_of_the_benchmark_is_timed_alone() -> None:
    save_random_model(library.new_model_folder("tiny"), scale=0.8)
    shown = charterm("bench", "-m", "tiny", "--only", "generation", "--only", "memory", "--json")
    assert shown.returncode == 0, shown.stderr
    report = json.loads(shown.stdout)
    assert [line["group"] for line in report["lines"]] == ["memory"] * 2 + ["generation"] * 2
    assert all(line["median"] > 0.0 for line in report["lines"])
    assert {"a key with the memory / without, median", "sampling: 8 texts at once / one"} <= {
        ratio["name"] for ratio in report["ratios"]
    }
    assert report["machine"]["cores"] >= 1
