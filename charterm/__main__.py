"""The entry of the program: ``charterm`` and ``python -m charterm``."""

import os
import sys

_COMPLETION = "_CHARTERM_COMPLETE"
"""Environment variable with which a shell asks for completions, without any arguments."""


def main() -> None:
    """Open the program, or run the command line where there is one; exit with its code."""
    if len(sys.argv) == 1 and _COMPLETION not in os.environ:
        from charterm.cli.ending import exit_code
        from charterm.tui.app import run as open_program

        # without the command line's application, which takes long to import
        sys.exit(exit_code(open_program))
    from charterm.cli.app import run

    sys.exit(run())


if __name__ == "__main__":
    main()
