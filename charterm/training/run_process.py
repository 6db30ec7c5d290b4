"""Does a run in this process: ``python -m charterm.training.run_process NAME``.

The terminal's ``charterm train`` calls :func:`train_run`; a run in the background is a process of
this module.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from charterm.errors import ChartermError
from charterm.model.library import find_model
from charterm.priority import give_way
from charterm.text.corpus import Corpus, build_corpus, load_corpus
from charterm.text.corpus_options import CorpusOptions
from charterm.training.events import Event, Failed, Finished, Paused, Reading
from charterm.training.run_folder import EventLog, Request, RunFolder

if TYPE_CHECKING:
    from charterm.training.fine_tuning import BaseModel, Recall
    from charterm.training.trainer import Trainer

_READING_SECONDS = 0.2  # between two events
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # the system's own among these

Tell = Callable[[Event], None]


def train_run(run: RunFolder, tell: Tell, *, old_text: bool = False) -> Finished | Paused:
    """Do a run, or go on with it, until it is finished or paused.

    Every event goes to ``events.jsonl`` and to ``tell``. SIGINT, SIGTERM, SIGHUP and the wish
    ``pause`` in the run's folder end it after a checkpoint; a second signal ends it at once.

    Args:
        run: with its request.
        tell: is called with each event. Where it raises OSError (its terminal is gone), it is
            not called again, and the run goes on.
        old_text: go on with the text as it was when the run began, though the files have changed.

    Returns:
        The last event.

    Raises:
        LockedError: another process works on the run.
        ChartermError: the text has changed or cannot be read, the base is gone, the disk is
            full, or the loss diverged. Told as the event Failed as well.
    """
    with run.locked():
        run.remove_leftovers()
        run.take_wish()
        with EventLog(run) as log:
            listening = True

            def report(event: Event) -> None:
                nonlocal listening
                log.append(event)
                if listening:
                    try:
                        tell(event)
                    except OSError:
                        listening = False

            try:
                last = _train(run, report, old_text=old_text)
            except Exception as error:
                message = str(error)
                if not isinstance(error, ChartermError):
                    message = f"{type(error).__name__}: {message} (a defect of charterm)"
                with contextlib.suppress(ChartermError):  # the disk may be what failed
                    report(Failed(message))
                raise
        if isinstance(last, Finished):
            run.checkpoint.unlink(missing_ok=True)
        return last


def _train(run: RunFolder, report: Tell, *, old_text: bool) -> Finished | Paused:
    # These bring torch, which takes seconds; by now the lock says that somebody is at it.
    from charterm.training.fine_tuning import BaseModel
    from charterm.training.trainer import Trainer

    request = run.request()
    base = None
    if request.base and not run.checkpoint.exists():
        base = BaseModel.load(request.base, find_model(request.base).folder)
    corpus = _open_corpus(run, request, base, report, old_text=old_text)
    trainer = Trainer(
        corpus,
        request.settings,
        run.model,
        description=request.description,
        run=run,
        base=base,
        recall=_open_recall(request, corpus),
    )
    with _pausing_at_signals(trainer):
        for event in trainer.run():
            if isinstance(event, Failed):  # told by the caller, like all other failures
                continue
            report(event)
            if isinstance(event, Finished | Paused):
                return event
            wish = run.take_wish()
            if wish == "pause":
                trainer.pause()
            elif wish == "stop":
                trainer.stop()
    raise ChartermError("the training ended without a result")  # a defect of the trainer


def _open_corpus(
    run: RunFolder, request: Request, base: BaseModel | None, report: Tell, *, old_text: bool
) -> Corpus:
    run.require_same_text(old_text=old_text)
    begun = run.corpus()
    if begun:
        kept = load_corpus(begun[0], request.options.weights)
        if kept is not None:
            return kept
        if request.changed_files():
            raise ChartermError(
                "the text that the training of {name} began with is no longer in the "
                "cache: put the files back as they were, or start a new training",
                name=run.name,
            )
    alphabet = base.info.alphabet if base else begun[1] if begun else None
    told = 0.0

    def watch(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > _READING_SECONDS:
            told = time.monotonic()
            report(Reading(done, total))

    paths = [Path(path) for path in request.paths]
    corpus = build_corpus(paths, request.options, alphabet=alphabet, watch=watch)
    run.keep_corpus(corpus.key, alphabet)
    return corpus


def _open_recall(request: Request, corpus: Corpus) -> Recall | None:
    """The text on which it is measured what the base still knows, if there is some.

    Where no file is given, the validation text of the base's own training, if that is there.
    """
    from charterm.training.fine_tuning import Recall

    if not request.base:
        return None
    if request.recall:
        options = CorpusOptions(validation=0.0)
        paths = [Path(path) for path in request.recall]
        given = build_corpus(paths, options, alphabet=corpus.alphabet, extend=False)
        names = ", ".join(path.name for path in paths)
        return Recall(names, (given.train,), given.train_characters)
    with contextlib.suppress(ChartermError):  # a starter model, or a model in another folder
        begun = RunFolder.existing(request.base).corpus()
        own = load_corpus(begun[0]) if begun else None
        characters = own.alphabet.characters if own else ()
        if own and own.validation and corpus.alphabet.characters[: len(characters)] == characters:
            name = f"validation text of {request.base}"
            return Recall(name, own.validation, own.validation_characters)
    return None


@contextlib.contextmanager
def _pausing_at_signals(trainer: Trainer) -> Iterator[None]:
    """The first signal pauses the training; the second does what it did before."""
    if threading.current_thread() is not threading.main_thread():  # signals go to the main one
        yield
        return
    kinds = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {kind: signal.getsignal(kind) for kind in kinds}

    def restore(*_: object) -> None:
        for kind, handler in before.items():
            signal.signal(kind, handler)

    def pause(number: int, _: object) -> None:
        trainer.pause(signal.Signals(number).name)
        restore()

    for kind in kinds:
        if before[kind] is not signal.SIG_IGN:  # as under nohup
            signal.signal(kind, pause)
    try:
        yield
    finally:
        restore()


def main() -> int:
    """Do the run named by the only argument; the exit code is that of ``charterm train``."""
    logging.captureWarnings(capture=True)
    give_way()
    try:
        train_run(
            RunFolder.existing(sys.argv[1]), lambda _: None, old_text="--old-text" in sys.argv
        )
    except ChartermError as error:
        print(f"charterm: {error}", file=sys.stderr)
        return error.exit_code
    except Exception:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
