import gc
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from charterm.engine import shared_models
from charterm.engine.language_model import LanguageModel, load_language_model
from charterm.engine.shared_models import shared_language_model
from charterm.errors import ChartermError
from tests.tui.models import save_word_model


def test_two_who_use_a_model_have_one() -> None:
    folder = save_word_model()
    first = shared_language_model(folder, name="english")
    assert shared_language_model(folder, name="english") is first
    assert first.name == "english"


def test_a_model_that_nobody_holds_is_let_go() -> None:
    model = shared_language_model(save_word_model())
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_a_model_whose_files_were_replaced_is_loaded_anew() -> None:
    folder = save_word_model()
    old = shared_language_model(folder)
    save_word_model()
    assert shared_language_model(folder) is not old


def test_threads_that_ask_at_once_load_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = save_word_model()
    loads: list[LanguageModel] = []
    entered, go_on = threading.Event(), threading.Event()

    def load_slowly(*args: object, **options: object) -> LanguageModel:
        entered.set()
        assert go_on.wait(30)
        loads.append(load_language_model(folder))
        return loads[-1]

    monkeypatch.setattr(shared_models, "load_language_model", load_slowly)
    got: list[LanguageModel] = []
    threads = [
        threading.Thread(target=lambda: got.append(shared_language_model(folder))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    assert entered.wait(30)
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert len(loads) == 1
    assert len(got) == 4
    assert all(model is loads[0] for model in got)


def test_a_folder_without_a_model_is_told_each_time(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ChartermError, match="not a model"):
            shared_language_model(tmp_path / "nothing")
    assert not shared_models._loading


def test_a_damaged_model_can_be_loaded_once_it_is_mended() -> None:
    folder = save_word_model()
    (folder / "weights.safetensors").write_bytes(b"broken")
    with pytest.raises(ChartermError, match="damaged"):
        shared_language_model(folder)
    save_word_model()
    assert shared_language_model(folder).config.hidden > 0


def test_threads_that_read_with_one_model_do_not_disturb_each_other() -> None:
    model = shared_language_model(save_word_model())
    texts = ["bright cloud ", "안녕하세요 bright ", "cloud cloud 안", "x" * 40]

    def read(text: str) -> list[NDArray[np.float32]]:
        state = model.advance(model.start, text)
        batch = np.repeat(state, 6, axis=1)
        tokens = np.resize(model.alphabet.encode(text), 6)
        logits, batch = model.backend.step(batch, tokens)
        return [state, logits, batch]

    expected = [read(text) for text in texts]
    wrong: list[str] = []

    def read_often(number: int) -> None:
        for _ in range(50):
            for got, wanted in zip(read(texts[number]), expected[number], strict=True):
                if not np.allclose(got, wanted, atol=1e-4):  # another number of threads rounds anew
                    wrong.append(texts[number])

    threads = [threading.Thread(target=read_often, args=(n,)) for n in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert wrong == []
