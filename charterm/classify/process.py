"""Long work of the Judge screen in a process of its own: ``python -m charterm.classify.process``.

PyTorch at work in the program's own process would make the keys wait. The request is one line of
JSON on standard input; what happens is told in lines of JSON on standard output. The process ends
when its standard input does, so that it does not outlive the program that asked for it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any, Final

from charterm.errors import ChartermError
from charterm.priority import give_way

_TOLD_SECONDS: Final = 0.2
_PART: Final = 512  # texts that are judged together

Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """Train a classifier.

    Attributes:
        file: the table of labelled texts.
        name: of the classifier.
        methods: as in :class:`~charterm.classify.settings.ClassifierSettings`.
        start: name of the model to start from; empty for the one that suits best.
    """

    file: str
    name: str
    methods: tuple[str, ...]
    start: str = ""


@dataclass(frozen=True, slots=True)
class JudgeRequest:
    """Judge the texts of a file.

    Attributes:
        file: a text on each line.
        classifier: its name or folder.
    """

    file: str
    classifier: str


Request = TrainRequest | JudgeRequest
_KINDS: Final[dict[str, type[Request]]] = {"train": TrainRequest, "judge": JudgeRequest}


def command() -> list[str]:
    """The command that starts the process."""
    return [sys.executable, "-P", "-m", "charterm.classify.process"]


def to_line(request: Request) -> str:
    """The request as the process reads it."""
    kind = next(kind for kind, cls in _KINDS.items() if isinstance(request, cls))
    return json.dumps({"kind": kind, **asdict(request)}) + "\n"


def _from_line(line: str) -> Request:
    values = json.loads(line)
    cls = _KINDS[values.pop("kind")]
    if "methods" in values:
        values["methods"] = tuple(values["methods"])
    return cls(**values)


# How long each part of a training takes, as a share of the whole; measured on 10,000 sentences.
_COSTS: Final = {"choosing": 0.02, "nbsvm": 0.03, "ngrams": 0.15, "reader": 0.25, "state": 0.15,
                 "likelihood": 0.4}  # fmt: skip


def overall(methods: tuple[str, ...], task: str, share: float) -> float:
    """How far a training is, 0 to 1.

    Args:
        methods: of the training.
        task: what it says it is doing.
        share: of that which is done.
    """
    networks = bool({"likelihood", "state"} & set(methods))
    steps = [
        step for step in _COSTS if step in methods or (networks and step in ("reader", "choosing"))
    ]
    name = task.split()[0] if task else ""
    if name not in steps:
        return 0.0
    before = sum(_COSTS[step] for step in steps[: steps.index(name)])
    return (before + share * _COSTS[name]) / sum(_COSTS[step] for step in steps)


def train(request: TrainRequest, tell: Tell) -> dict[str, Any]:
    """Train and save a classifier, and tell how far it is; returns its facts.

    Raises:
        ChartermError: the table or the name will not do, or there is no model to start from.
    """
    from charterm.classify import library
    from charterm.classify.folder import save_classifier
    from charterm.classify.labelled import read_labelled
    from charterm.classify.settings import ClassifierSettings
    from charterm.model.library import find_model

    told = 0.0

    def narrate(task: str, share: float) -> None:
        nonlocal told
        if time.monotonic() - told > _TOLD_SECONDS:
            told = time.monotonic()
            tell({"share": overall(request.methods, task, share)})

    folder = library.new_classifier_folder(request.name)
    library.remove_leftovers(request.name)
    settings = ClassifierSettings(methods=request.methods)
    data = read_labelled(Path(request.file), per_class=4)

    from charterm.classify.training import choose_start, train_classifier  # imports torch

    entry = None
    if {"likelihood", "state"} & set(request.methods):
        entry = find_model(request.start) if request.start else choose_start(data, narrate)
    classifier = train_classifier(data, entry, settings, narrate)
    save_classifier(folder, replace(classifier, name=request.name))
    return classifier.facts


def judge(request: JudgeRequest, tell: Tell) -> None:
    """Judge the texts of a file and tell each part as soon as it is done.

    Raises:
        ChartermError: the file or the classifier cannot be read.
    """
    from charterm.classify import library
    from charterm.classify.folder import load_classifier
    from charterm.classify.labelled import read_texts

    entry = library.find_classifier(request.classifier)
    classifier = load_classifier(entry.folder, name=entry.name)
    texts, given = read_texts(Path(request.file), classifier.classes)
    for first in range(0, len(texts), _PART):
        part = texts[first : first + _PART]
        chances = classifier.probabilities(part)
        done = first + len(part)
        tell(
            {
                "share": done / len(texts),
                "texts": part,
                "probabilities": [[round(chance, 6) for chance in row] for row in chances.tolist()],
                "given": None if given is None else given[first:done].tolist(),
            }
        )


def serve(line: str, answers: IO[str]) -> int:
    """Do what a request asks for; returns the exit code.

    Args:
        line: the request.
        answers: takes what happens, a line of JSON each; last of all the result or the error.
    """

    def tell(values: dict[str, Any]) -> None:
        answers.write(json.dumps(values) + "\n")
        answers.flush()

    try:
        request = _from_line(line)
        if isinstance(request, JudgeRequest):
            judge(request, tell)
            tell({"result": {}})
        else:
            tell({"result": train(request, tell)})
    except ChartermError as error:
        tell({"error": str(error)})
        return error.exit_code
    except MemoryError:
        tell({"error": "there is not enough memory for this; close other programs"})
        return 1
    except Exception as error:
        tell({"error": f"{type(error).__name__}: {error} (a defect of charterm)"})
        raise
    return 0


def _end_with(requests: IO[str]) -> None:
    requests.read()  # returns when the other side is gone
    os._exit(1)  # nothing is left half-made: a classifier's folder is put in place in one step


def main() -> int:
    """Serve standard input and output."""
    logging.captureWarnings(capture=True)
    give_way()
    line = sys.stdin.readline()
    threading.Thread(target=_end_with, args=(sys.stdin,), daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        return serve(line, sys.stdout)
    return 1


if __name__ == "__main__":
    sys.exit(main())
