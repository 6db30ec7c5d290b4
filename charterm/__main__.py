"""The entry of the program: ``charterm`` and ``python -m charterm``."""

import sys


def main() -> None:
    """Run the command line; the process exits with its code."""
    from charterm.cli.app import run

    sys.exit(run())


if __name__ == "__main__":
    main()
