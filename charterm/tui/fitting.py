"""How a text of any length is drawn in one line: in the cells there are, and safe to print."""

from rich.cells import cell_len

from charterm.text.display import visible


def fit(text: str, cells: int) -> str:
    """``text`` in at most ``cells`` cells.

    A newline would break the screen and is shown as ``⏎``, a tab as ``⇥``. What does not fit ends
    in ``…``; without a cell left the result is empty.
    """
    line = visible(text)
    if cell_len(line) <= cells:
        return line
    kept = _beginning(line, cells - 1)
    return f"{kept}…" if kept else ""


def fit_end(text: str, cells: int) -> str:
    """``text`` in at most ``cells`` cells; where it is longer, its end after ``…``."""
    line = visible(text)
    if cell_len(line) <= cells:
        return line
    kept = _beginning(line[::-1], cells - 1)[::-1]
    return f"…{kept}" if kept else ""


def fill(text: str, cells: int) -> str:
    """``text`` in exactly ``cells`` cells, with spaces behind it."""
    drawn = fit(text, cells)
    return drawn + " " * (cells - cell_len(drawn))


def _beginning(line: str, cells: int) -> str:
    kept, used = 0, 0
    for character in line:
        used += cell_len(character)
        if used > cells:
            break
        kept += 1
    return line[:kept]
