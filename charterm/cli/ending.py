"""How a call of the program ends: its exit code, and what is said where it failed."""

import os
import sys
import traceback
from collections.abc import Callable

from charterm.errors import ChartermError


def exit_code(call: Callable[[], object]) -> int:
    """Do ``call`` and return the exit code of the process.

    An error meant for people becomes one line on stderr; a traceback only with ``--debug``.
    """
    try:
        call()
    except ChartermError as error:
        if os.environ.get("CHARTERM_DEBUG"):
            traceback.print_exc()
        else:
            print(f"charterm: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our stdout left, as in `charterm ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else 1 if leave.code else 0
    return 0
