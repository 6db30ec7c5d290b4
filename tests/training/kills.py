"""Kills a short run again and again and compares with one that was left alone.

``python -m tests.training.kills [--kills 20] [--steps 400] [--cell gru] [--threads 2]``: each
time a process is started, it gets SIGKILL at a random moment after its start, be it while it
reads, steps, validates, or writes a checkpoint. After each kill the model, if there is one yet,
must be readable. The last process is left alone. The weights must be those of the other run.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from charterm.model.folder import load_info, load_tensors
from charterm.text.corpus_options import CorpusOptions
from charterm.training.run_folder import RunFolder
from charterm.training.runs import create_run
from charterm.training.settings import TrainSettings


def weights_hash(folder: Path) -> str:
    return hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest()


def start(run: RunFolder) -> "subprocess.Popen[bytes]":
    with run.process_log.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "charterm.training.run_process", run.name],
            stdout=log,
            stderr=log,
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def kill_and_resume(run: RunFolder, *, kills: int, most_events: int, seed: int) -> dict[str, Any]:
    """Do the run with that many kills; how it went.

    Args:
        run: newly created.
        kills: to be done.
        most_events: a process gets its kill up to half a second after fewer events than these.
        seed: of the moments.
    """
    moments = random.Random(seed)
    steps_at_kill: list[int] = []
    readable = 0
    while len(steps_at_kill) < kills:
        events = _size(run.events_file)
        process = start(run)
        for _ in range(moments.randrange(1, most_events)):  # so that it does something each time
            while process.poll() is None and _size(run.events_file) == events:
                time.sleep(0.02)
            events = _size(run.events_file)
        time.sleep(moments.uniform(0.0, 0.5))
        if process.poll() is not None:  # it was done sooner
            break
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        if run.model.exists():
            load_tensors(run.model, load_info(run.model).config)
            readable += 1
        lines = run.events_file.read_bytes().splitlines()
        found = [json.loads(line) for line in lines if line.endswith(b"}")]
        steps_at_kill.append(max((event.get("step", 0) for event in found), default=0))
    last = start(run) if run.checkpoint.exists() or not run.model.exists() else None
    if last is not None and last.wait() != 0:
        raise SystemExit(run.process_log.read_text("utf-8"))
    return {
        "kills": len(steps_at_kill),
        "models_read": readable,
        "furthest_step_at_kill": steps_at_kill,
        "sha256": weights_hash(run.model),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--cell", default="gru")
    parser.add_argument("--hidden", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--most-events", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for kind in ("DATA", "CACHE", "CONFIG"):
            os.environ[f"CHARTERM_{kind}_DIR"] = f"{name}/{kind.lower()}"
        vocabulary = ("the", "cat", "sat", "on", "a", "mat", "while", "it", "was", "raining")
        words = random.Random(1).choices(vocabulary, k=20000)
        text = Path(name) / "text.txt"
        text.write_text(" ".join(words))
        settings = TrainSettings(
            cell=chosen.cell,
            hidden=chosen.hidden,
            layers=2,
            dropout=0.2,
            threads=chosen.threads,
            precision=chosen.precision,
            steps=chosen.steps,
            validations=20,
            sample_length=20,
            checkpoint_seconds=0.2,
        )
        runs = [create_run(n, [text], CorpusOptions(), settings) for n in ("left-alone", "killed")]
        if start(runs[0]).wait() != 0:
            raise SystemExit(runs[0].process_log.read_text("utf-8"))
        outcome = kill_and_resume(
            runs[1], kills=chosen.kills, most_events=chosen.most_events, seed=chosen.seed
        )
        outcome["sha256_left_alone"] = weights_hash(runs[0].model)
        outcome["same"] = outcome["sha256"] == outcome["sha256_left_alone"]
        print(json.dumps(outcome, indent=1))
        return 0 if outcome["same"] else 1


if __name__ == "__main__":
    sys.exit(main())
