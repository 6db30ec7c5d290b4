"""The entry of the program: ``charterm`` and ``python -m charterm``."""

import gc
import os
import sys

_COMPLETION = "_CHARTERM_COMPLETE"
"""Environment variable with which a shell asks for completions of a command line."""


def main() -> None:
    """Open the program, or run the command line where there is one; exit with its code."""
    from charterm.cli.ending import exit_code
    from charterm.cli.quick import quick_call

    gc.disable()  # until the first screen is there (charterm.tui.garbage)
    call = None if _COMPLETION in os.environ else quick_call(sys.argv[1:])
    if call is not None:
        sys.exit(exit_code(call))
    gc.enable()
    from charterm.cli.app import run

    sys.exit(run())


if __name__ == "__main__":
    main()
