"""What the commands print: data on stdout, narration on stderr, ``--json`` for programs."""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

from charterm.text.display import cell_width, visible

_ACTED_ON: Final = re.compile(
    r"[\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""DEL, C1 controls, marks that turn the line around, lone surrogates; JSON escapes the others."""


def print_json(value: Any) -> None:
    """Print ``value`` as one JSON document on stdout; what a terminal acts on is escaped in it."""
    written = json.dumps(value, ensure_ascii=False, indent=1)
    sys.stdout.write(_ACTED_ON.sub(_escape, written) + "\n")


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def narrate(line: str) -> None:
    """Tell the user something that is not data, on stderr."""
    print(visible(line, lines=True), file=sys.stderr, flush=True)


def tell(data: Any, line: str, as_json: bool) -> None:
    """Say what was done: ``data`` as JSON on stdout, or ``line`` on stderr."""
    if as_json:
        print_json(data)
    else:
        narrate(line)


def _pad(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - cell_width(text))
    return space + text if right else text + space


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: str = "") -> None:
    """Print aligned columns on stdout; ``right`` marks each column to align right with ``r``."""
    lines = [list(header), *([visible(cell) for cell in row] for row in rows)]
    widths = [max(cell_width(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        cells = (
            _pad(cell, width, right=right[column : column + 1] == "r")
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  ".join(cells).rstrip())


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print one fact a line on stdout, the names aligned."""
    facts = list(facts)
    width = max(len(name) for name, _ in facts)
    for name, value in facts:
        print(f"{name:<{width}}  {visible(value)}")
