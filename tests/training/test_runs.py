"""Runs in processes of their own, by the functions and by the program."""

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from charterm import storage
from charterm.errors import ChartermError, UsageError
from charterm.model.folder import load_info
from charterm.process_lock import LockedError, holder, locked
from charterm.text.corpus_options import CorpusOptions
from charterm.training import runs, watching
from charterm.training.events import Failed, Finished, Paused, Reading, Started, Step, Validation
from charterm.training.model_changes import delete_model, rename_model
from charterm.training.run_folder import EventLog, RunFolder, parse_events
from charterm.training.run_process import train_run
from charterm.training.settings import TrainSettings
from tests.cli.program import charterm

SMALL = {"hidden": 16, "embedding": 8, "batch_size": 4, "sequence_length": 16, "threads": 1,
         "precision": "float32", "sample_length": 5}  # fmt: skip
OPTIONS = ("--hidden", "16", "--embedding", "8", "--batch-size", "4", "--sequence-length", "16",
           "--threads", "1", "--precision", "float32", "--sample-length", "5")  # fmt: skip


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("the cat sat on the mat, and the dog sat on the cat.\n" * 40)
    return path


def new_run(name: str, text: Path, **chosen: object) -> RunFolder:
    training = TrainSettings(**{**SMALL, **chosen})  # type: ignore[arg-type]
    return runs.create_run(name, [text], CorpusOptions(), training)


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_run_in_the_background_is_followed_paused_continued_and_stopped(text: Path) -> None:
    run = new_run("background", text, minutes=60)
    pid = runs.start_run(run)
    assert run.holder() == pid
    assert watching.run_status("background").state == "running"
    seen = []
    gone = threading.Event()

    def follow() -> None:
        seen.extend(watching.follow_events("background", gone))

    follower = threading.Thread(target=follow)
    follower.start()
    with pytest.raises(LockedError, match=str(pid)):
        runs.continue_run("background")
    with pytest.raises(LockedError, match=str(pid)):
        new_run("background", text)
    with pytest.raises(UsageError, match="running"):
        runs.delete_run("background")
    wait_until(lambda: any(isinstance(event, Step) for event in seen))
    paused = runs.pause_run("background")
    follower.join()
    assert isinstance(seen[-1], Paused)
    assert any(isinstance(event, Started) for event in seen)
    assert paused.state == "paused"
    assert paused.step == seen[-1].step > 0
    with pytest.raises(UsageError, match="it is paused"):
        runs.pause_run("background")
    assert load_info(run.model).training["steps"] == paused.step

    runs.continue_run("background")
    wait_until(lambda: watching.run_status("background").step > paused.step)
    finished = runs.stop_run("background")
    assert finished.state == "finished"
    assert finished.step >= paused.step
    with pytest.raises(UsageError, match="--from background"):
        runs.continue_run("background")
    assert [status.name for status in watching.list_runs()] == ["background"]
    runs.delete_run("background")
    assert watching.list_runs() == []
    assert run.model.exists()


def test_a_process_that_fails_says_why_in_one_line(text: Path) -> None:
    run = new_run("diverging", text, minutes=5, learning_rate=1e30, clip=0)
    runs.start_run(run)
    events = list(watching.follow_events("diverging"))
    assert isinstance(events[-1], Failed)
    status = watching.run_status("diverging")
    assert status.state == "failed"
    assert "learning-rate" in status.message
    assert "\n" not in status.message
    empty = new_run("emptied", text)
    text.write_text("")
    with pytest.raises(ChartermError, match="changed since"):
        runs.start_run(empty)


def test_a_killed_process_leaves_an_interrupted_run_and_no_lock(text: Path) -> None:
    run = new_run("killed", text, minutes=60)
    process = psutil.Process(runs.start_run(run))
    process.kill()
    wait_until(lambda: run.holder() is None)
    assert watching.run_status("killed").state == "interrupted"
    run.process_log.write_text("Traceback (most recent call last):\nMemoryError: too large\n")
    assert watching.run_status("killed").message == "MemoryError: too large"
    with pytest.raises(UsageError, match="no model yet"):
        runs.stop_run("killed")


def test_a_lock_of_a_dead_or_another_process_is_stale(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    own = psutil.Process()
    with locked(lock, "it"):
        assert holder(lock) == own.pid
        with pytest.raises(LockedError, match=f"process {own.pid}"), locked(lock, "it"):
            pass
    assert holder(lock) is None
    for content in ("", "{}", '{"pid": 1, "started": 0}', '{"pid": 99999999, "started": 1}'):
        storage.write_text(lock, content)
        assert holder(lock) is None
        with locked(lock, "it"):
            assert holder(lock) == os.getpid()


def test_half_a_line_of_a_killed_process_is_cut_off(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    with EventLog(run) as log:
        log.append(Reading(1, 2))
    with run.events_file.open("ab") as file:
        file.write('{"kind": "sample", "text": "한'.encode()[:-1])
    with EventLog(run) as log:
        log.append(Failed("x"))
    assert list(parse_events(run.events_file.read_bytes())) == [Reading(1, 2), Failed("x")]


def test_every_event_survives_the_log(text: Path) -> None:
    run = new_run("logged", text, steps=30)
    told: list[object] = []
    train_run(run, told.append)
    kept = list(parse_events(run.events_file.read_bytes()))
    assert {event.kind for event in kept} >= {"started", "sample", "checkpoint", "finished"}
    assert [e for e in kept if isinstance(e, Validation)] == [
        e for e in told if isinstance(e, Validation)
    ]
    assert isinstance(kept[-1], Finished)
    assert kept[-1].facts["verbatim"]["characters"] > 0
    assert kept[-1].facts["overfitting_nats"] == pytest.approx(
        kept[-1].facts["validation_nats"] - kept[-1].facts["train_text_nats"]
    )


def test_names_that_are_taken_are_refused(text: Path) -> None:
    run = new_run("taken", text, steps=2)
    with pytest.raises(UsageError, match="--resume taken"):
        new_run("taken", text)
    train_run(run, lambda _: None)
    with pytest.raises(UsageError, match="--overwrite"):
        new_run("taken", text)
    with pytest.raises(UsageError, match="there are: taken"):
        watching.run_status("other")


def test_the_program_trains_resumes_lists_and_follows(text: Path) -> None:
    shown = charterm("train", str(text), "--name", "m", "--steps", "20", *OPTIONS, "--json")
    assert shown.returncode == 0, shown.stderr
    assert "going on from" not in shown.stderr  # the options ask for another shape
    facts = json.loads(shown.stdout)
    assert facts["name"] == "m"
    assert facts["verbatim"]["longest"] >= 0
    assert "longest stretch" in shown.stderr
    rows = json.loads(charterm("runs", "--json").stdout)
    assert [(row["name"], row["state"], row["step"]) for row in rows] == [("m", "finished", 20)]
    assert "finished" in charterm("runs", "list").stdout
    events = [
        json.loads(line)
        for line in charterm("runs", "attach", "m", "--json").stdout.split("\n")
        if line
    ]
    assert events[-1]["kind"] == "finished"
    shown = charterm(
        "train", str(text), "--name", "n", "--from", "m", "--steps", "20", "--threads", "1",
        "--batch-size", "4", "--sequence-length", "16", "--detach", "--json",
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["folder"].endswith("n")
    followed_by_people = charterm("runs", "attach", "n")
    assert "what it knew (validation text of m)" in followed_by_people.stderr
    assert json.loads(charterm("verbatim", "-m", "n", "--length", "50", "--json").stdout)[
        "characters"
    ] in range(40, 60)
    for wrong, part in (
        (("train", "--resume", "m"), "--from m"),
        (("train", "--resume", "nobody"), "there are: m, n"),
        (("train", "--resume", "m", "--hidden", "3"), "--hidden"),
        (("train",), "--name"),
        (("train", str(text), "--name", "m"), "--overwrite"),
    ):
        refused = charterm(*wrong)
        assert refused.returncode == 2
        assert part in refused.stderr
        assert refused.stderr.count("\n") == 1


def test_a_model_and_its_waiting_training_are_renamed_together(text: Path) -> None:
    run = new_run("before", text, steps=40)

    def pause(event: object) -> None:
        if isinstance(event, Started):
            run.wish("pause")

    assert isinstance(train_run(run, pause), Paused)
    new_run("taken", text, steps=4)
    with pytest.raises(UsageError, match="there is a training of 'taken'"):
        rename_model("before", "taken")
    assert rename_model("before", "after").name == "after"
    assert not run.exists
    assert watching.run_status("after").state == "paused"
    assert isinstance(train_run(RunFolder.existing("after"), lambda _: None), Finished)
    assert load_info(RunFolder.existing("after").model).training["steps"] == 40


def test_a_model_that_a_training_is_about_to_read_stays(text: Path) -> None:
    run = new_run("base", text, steps=2)
    train_run(run, lambda _: None)
    further = runs.create_run(
        "further", [text], CorpusOptions(), TrainSettings(steps=2), base="base"
    )
    with further.locked():
        for change in (lambda: delete_model("base"), lambda: rename_model("base", "other")):
            with pytest.raises(LockedError, match="the training of further is reading base"):
                change()
    assert delete_model("base").name == "base"


def test_without_options_a_training_goes_on_from_the_starter_that_knows_the_language(
    tmp_path: Path,
) -> None:
    (tmp_path / "text.txt").write_text(
        "It was raining when the train came in, and nobody had thought of an umbrella.\n" * 30
    )
    (tmp_path / "code.txt").write_text("for (i = 0; i < n; i++) x[i] = y[n - i];\n" * 30)
    few = ("--steps", "2", "--batch-size", "2", "--sequence-length", "8", "--sample-length", "0")
    for text, options, base in (
        ("text.txt", (), "english"),
        ("text.txt", ("--from", "none", "--hidden", "8"), None),
        ("text.txt", ("--hidden", "8"), None),
        ("code.txt", (), None),
    ):
        shown = charterm(
            "train", str(tmp_path / text), "--name", "m", "--overwrite", "--json", *few, *options
        )
        assert shown.returncode == 0, shown.stderr
        assert json.loads(shown.stdout).get("from") == base
        assert ("going on from english" in shown.stderr) == (base is not None)


def test_files_beside_the_user_are_no_modules_of_a_run(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "random.py").write_text("raise SystemExit('a file of the user')\n")
    monkeypatch.chdir(tmp_path)
    run = new_run("beside", text, steps=3)
    runs.start_run(run)
    wait_until(lambda: watching.run_status("beside").state == "finished")
