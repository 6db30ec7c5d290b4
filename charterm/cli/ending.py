"""How a call of the program ends: its exit code, and what is said where it failed."""

import io
import os
import sys
from collections.abc import Callable

from charterm.errors import ChartermError
from charterm.text.display import visible


class ReaderLeftError(Exception):
    """Nobody reads what the program writes any more, as in ``charterm generate | head``."""


def exit_code(call: Callable[[], object]) -> int:
    """Do ``call`` and return the exit code of the process.

    An error meant for people becomes one line on stderr; a traceback only with ``--debug``. That
    the reader of stdout left is no failure. What the terminal's encoding does not have is written
    as an escape.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        call()
        sys.stdout.flush()  # here, where a failure is told, rather than at the interpreter's end
    except ChartermError as error:
        if os.environ.get("CHARTERM_DEBUG"):
            import traceback  # for this alone

            traceback.print_exc()
        else:
            print(f"charterm: {visible(str(error), lines=True)}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except (BrokenPipeError, ReaderLeftError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else 1 if leave.code else 0
    return 0
