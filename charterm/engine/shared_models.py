"""One loaded model for all who use it at the same time: two screens, one copy of the weights.

A loaded model is a value that nobody changes and whose backend keeps its work arrays for each
thread, so any number of threads may read with it. Here it is found again for as long as somebody
holds it; when the last lets go of it, its memory is free.
"""

import threading
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from charterm.engine.language_model import LanguageModel, load_language_model
from charterm.model import INFO_FILE, WEIGHTS_FILE, WORDS_FILE

_Stamp = tuple[tuple[int, int, int], ...]
_Key = tuple[str, str, _Stamp]

_guard: Final = threading.Lock()
_loaded: Final[WeakValueDictionary[_Key, LanguageModel]] = WeakValueDictionary()
_loading: Final[dict[_Key, threading.Lock]] = {}


def shared_language_model(folder: Path, *, name: str = "") -> LanguageModel:
    """The model in ``folder`` for one sequence on a CPU, loaded unless somebody has it already.

    A model whose files were replaced since, as by a training that goes on, is loaded anew. Of
    several threads that ask for one model at once, one loads it and the others wait for that.

    Args:
        folder: a model's folder.
        name: what to call it; the folder's name if empty.

    Raises:
        ChartermError: there is no model, or its files are damaged.
    """
    stamp = _stamp(folder)
    if not stamp:  # loading tells what is wrong, or brings back what a crash left half replaced
        return load_language_model(folder, name=name)
    key = (str(folder.resolve()), name or folder.name, stamp)
    with _guard:
        lock = _loading.setdefault(key, threading.Lock())
    with lock:
        try:
            with _guard:
                model = _loaded.get(key)
            if model is None:
                model = load_language_model(folder, name=name)
                with _guard:
                    _loaded[key] = model
        finally:
            with _guard:
                _loading.pop(key, None)
    return model


def _stamp(folder: Path) -> _Stamp:
    """Which files these are; empty where there are none."""
    try:
        states = [(folder / name).stat() for name in (INFO_FILE, WEIGHTS_FILE)]
        if (words := folder / WORDS_FILE).exists():
            states.append(words.stat())
    except OSError:
        return ()
    return tuple((state.st_ino, state.st_mtime_ns, state.st_size) for state in states)
