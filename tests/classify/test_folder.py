import json
from pathlib import Path

import numpy as np
import pytest

from charterm.classify import library
from charterm.classify.folder import load_classifier, load_facts, save_classifier
from charterm.errors import ChartermError, UsageError

from .samples import trained


@pytest.mark.parametrize(
    ("methods", "shape"),
    [
        ("likelihood,state,nbsvm,ngrams", {}),
        ("nbsvm", {}),
        ("state", {}),
        ("state", {"cell": "lstm", "projection": 5}),
    ],
)
def test_a_saved_classifier_judges_the_same(
    tmp_path: Path, methods: str, shape: dict[str, object]
) -> None:
    classifier = trained(methods=methods, **shape)
    save_classifier(tmp_path / "it", classifier)
    again = load_classifier(tmp_path / "it")
    assert again.name == "it"
    assert again.methods == classifier.methods
    texts = ["the warm rain", "boat", ""]
    found = again.probabilities(texts)
    # the networks are kept in half precision
    np.testing.assert_allclose(found, classifier.probabilities(texts), atol=0.01)
    assert found[2].tolist() == classifier.prior.tolist()
    assert load_facts(tmp_path / "it")["texts"] == 90


def test_damage_is_said_and_never_a_traceback(tmp_path: Path) -> None:
    save_classifier(tmp_path / "it", trained())
    info = tmp_path / "it" / "classifier.json"
    weights = tmp_path / "it" / "weights.safetensors"
    whole_info, whole_weights = info.read_text("utf-8"), weights.read_bytes()
    values = json.loads(whole_info)
    broken = [
        "",
        "[]",
        whole_info[:-20],
        json.dumps({**values, "classes": ["one"]}),
        json.dumps({**values, "format_version": 99}),
        json.dumps({k: v for k, v in values.items() if k != "pools"}),
        json.dumps({**values, "networks": {**values["networks"], "by_class": 2}}),
    ]
    for content in broken:
        info.write_text(content, "utf-8")
        with pytest.raises(ChartermError):
            load_classifier(tmp_path / "it")
    info.write_text(whole_info, "utf-8")
    for cut in (0, 5, 100, len(whole_weights) // 2):
        weights.write_bytes(whole_weights[:cut])
        with pytest.raises(ChartermError):
            load_classifier(tmp_path / "it")


def test_the_library_lists_finds_and_deletes() -> None:
    assert library.list_classifiers() == []
    with pytest.raises(UsageError, match="none yet"):
        library.find_classifier("weather")
    save_classifier(library.new_classifier_folder("weather"), trained(methods="nbsvm"))
    assert [entry.name for entry in library.list_classifiers()] == ["weather"]
    assert library.find_classifier("weather").bytes > 0
    with pytest.raises(UsageError, match="cannot name a classifier"):
        library.new_classifier_folder("../up")
    library.delete_classifier("weather")
    assert library.list_classifiers() == []
