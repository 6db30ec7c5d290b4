"""Files that are written whole or not at all."""

import os
import subprocess
import sys
import time
from pathlib import Path

from charterm import storage

_KILLED = """
import os, signal, sys
from pathlib import Path
from charterm import storage

os.fsync = lambda _descriptor: os.kill(os.getpid(), signal.SIGKILL)
storage.write_text(Path(sys.argv[1]), "new", mode=0o600)
"""


def killed_while_writing(path: Path) -> Path:
    """Let a program die while it writes ``path``; what it left."""
    before = set(path.parent.iterdir())
    subprocess.run([sys.executable, "-c", _KILLED, str(path)], check=False)
    (left,) = set(path.parent.iterdir()) - before
    return left


def test_what_a_killed_program_left_goes_with_the_next_write(tmp_path: Path) -> None:
    folder = tmp_path / "memory"
    path = folder / "memory[1].json"
    storage.write_text(path, "old")
    left = killed_while_writing(path)
    assert path.read_text() == "old"
    assert left.read_text() == "new"  # what was learnt, where nobody would look for it
    storage.write_text(path, "newer")
    assert left.exists()  # for all that is known it is being written by another program
    then = time.time() - 3600
    os.utime(left, (then, then))
    other = folder / ".memory[1].json.settings"
    other.write_text("somebody else's")
    os.utime(other, (then, then))
    storage.write_text(path, "newest")
    assert sorted(file.name for file in folder.iterdir()) == [other.name, path.name]
    assert path.read_text() == "newest"
