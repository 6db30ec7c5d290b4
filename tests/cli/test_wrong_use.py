"""What the parser of the command line finds wrong is told in one line, as everything else is."""

import os
import signal
import subprocess
import sys
import time

import pytest

from charterm.model import library
from tests.model.random_model import save_random_model

from .program import ROOT, charterm

WRONG = {
    ("telepathy",): "no such command 'telepathy'; charterm --help tells more",
    ("stories", "burn"): "no such command 'burn'; charterm stories --help tells more",
    ("--wibble",): "no such option: --wibble; charterm --help tells more",
    ("stories", "show"): "ID is missing; charterm stories show --help tells more",
    ("stories", "show", "one"): "ID must be a whole number, not 'one'; "
    "charterm stories show --help tells more",
    ("stories", "show", "1", "2"): "got unexpected extra argument(s) (2); "
    "charterm stories show --help tells more",
    (
        "story",
        "Clouds",
    ): "ID must be a whole number, not 'Clouds'; charterm story --help tells more",
    ("story", "7", "--new"): "open a story or begin a new one; leave out ID or --new",
    ("bench", "--only", "speed"): "--only: 'speed' is not one of 'predictions', 'memory', ",
    ("bench", "--only", "training", "--no-training"): "nothing is left to time: leave out --only",
    ("config", "set"): "KEY is missing; charterm config set --help tells more",
    ("classify", "train", "x.tsv"): "--name is missing; charterm classify train --help tells more",
    ("train", "x.txt", "--minutes", "soon"): "--minutes must be a number, not 'soon'; "
    "charterm train --help tells more",
    ("complete", "a", "-n", "0"): "--count must be at least 1, not 0; "
    "charterm complete --help tells more",
    ("generate", "--temperature", "abc"): "--temperature must be a number, not 'abc'; "
    "charterm generate --help tells more",
    ("generate", "--seed"): "option '--seed' requires an argument; charterm --help tells more",
    ("generate", "-p", "a", "--top-p", "7"): "top_p must be",
    ("generate", "-p", "a", "--n", "0"): "n must be",
    ("generate", "-p", "a", "--method", "beam", "--num-beams", "2", "--n", "3"): "--num-beams 2 "
    "finds no 3 texts: give --num-beams 3 or more, or a smaller --n",
}


@pytest.mark.parametrize(("arguments", "told"), WRONG.items(), ids=map(" ".join, WRONG))
def test_wrong_use_gets_one_line_that_says_what_to_do(
    arguments: tuple[str, ...], told: str
) -> None:
    shown = charterm(*arguments)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr.startswith(f"charterm: {told}")
    assert shown.stderr.count("\n") == 1
    assert shown.stderr.endswith("\n")


def test_debug_shows_where_wrong_use_was_found() -> None:
    shown = charterm("--debug", "stories", "show", "one")
    assert shown.returncode == 2
    assert "Traceback" in shown.stderr


@pytest.mark.parametrize(
    ("piped", "told"),
    [
        (b"", "standard input is empty: give a text as an argument, or pipe one in"),
        (
            b"Once \xff upon",
            "the text is not UTF-8 (byte 6): convert it first, as with iconv -t UTF-8",
        ),
    ],
)
def test_what_is_piped_in_must_be_text(piped: bytes, told: str) -> None:
    shown = _run(["generate"], input=piped, capture_output=True)
    assert shown.returncode == 2
    assert shown.stderr.decode() == f"charterm: {told}\n"


def test_an_argument_must_be_text() -> None:
    shown = _run([b"complete", b"\xed\x95"], stdin=subprocess.DEVNULL, capture_output=True)
    assert shown.returncode == 2
    assert shown.stderr.startswith(b"charterm: the text is not UTF-8 (byte 1)")
    assert shown.stderr.count(b"\n") == 1


def test_a_reader_that_leaves_is_no_failure() -> None:
    save_random_model(library.new_model_folder("tiny"))
    writer = _start(["generate", "-p", "a", "-m", "tiny", "--length", "1000000"])
    assert writer.stdout is not None
    assert writer.stderr is not None
    assert len(writer.stdout.read(10)) == 10  # characters come as they are made
    writer.stdout.close()
    assert writer.stderr.read() == b""
    assert writer.wait(60) == 0


def test_an_interrupted_command_ends_without_a_traceback() -> None:
    save_random_model(library.new_model_folder("tiny"))
    for more in ([], ["--n", "3"], ["--method", "beam", "--json"]):
        command = ["generate", "-p", "a", "-m", "tiny", "--length", "1000000", *more]
        writer = _start(command)
        if more:
            time.sleep(2.0)
        else:
            assert writer.stdout is not None
            writer.stdout.read(10)
        writer.send_signal(signal.SIGINT)
        _out, told = writer.communicate(timeout=60)
        assert b"Traceback" not in told
        assert writer.returncode == 130


def test_what_the_terminal_cannot_show_is_written_as_an_escape() -> None:
    save_random_model(library.new_model_folder("tiny"))
    command = ["generate", "-p", "한a", "--echo", "-m", "tiny", "--length", "1"]
    shown = _run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
    )
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith(b"\\ud55ca")


def _run(arguments: list[str] | list[bytes], **more: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "charterm", *arguments],  # type: ignore[list-item]
        cwd=ROOT,
        check=False,
        timeout=120,
        **more,  # type: ignore[call-overload]
    )


def _start(arguments: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "charterm", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_heed_interrupts if os.name == "posix" else None,
    )


def _heed_interrupts() -> None:
    """For tests that run as a shell's background job, which ignores interrupts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
