"""Text in lines of so many cells, each as a range of characters, so that a cell has a character."""

from rich.cells import cell_len

from charterm.text.display import visible


def wrap(text: str, cells: int) -> list[tuple[int, int]]:
    """The lines of ``text`` as (start, end) character ranges, in order and without gaps.

    A newline belongs to the line that it ends. Lines are broken after white space where there is
    some, and else where the cells end; white space that no longer fits hangs over the edge.

    Args:
        text: any text; its control characters take the cells of what they are shown as.
        cells: width of a line, at least 2.

    Returns:
        At least one line.
    """
    cells = max(cells, 2)
    lines: list[tuple[int, int]] = []
    begin = 0
    while True:
        newline = text.find("\n", begin)
        end = len(text) if newline < 0 else newline
        lines += _wrap_line(text, begin, end, cells)
        if newline < 0:
            return lines
        start, _ = lines.pop()
        lines.append((start, newline + 1))
        begin = newline + 1


def _wrap_line(text: str, begin: int, end: int, cells: int) -> list[tuple[int, int]]:
    line = text[begin:end]
    if line.isascii() and line.isprintable():
        if len(line) <= cells:
            return [(begin, end)]
        return _break(line, begin, None, cells)
    widths = [cell_len(sign(character)) for character in line]
    return _break(line, begin, widths, cells)


def _break(line: str, begin: int, widths: list[int] | None, cells: int) -> list[tuple[int, int]]:
    lines, start, length = [], 0, len(line)
    while True:
        if widths is None:
            stop = min(start + cells, length)
        else:
            stop, used = start, 0
            while stop < length and used + widths[stop] <= cells:
                used += widths[stop]
                stop += 1
            stop = max(stop, min(start + 1, length))
        if stop == length:
            lines.append((begin + start, begin + length))
            return lines
        if line[stop] != " ":
            space = line.rfind(" ", start, stop)
            stop = space + 1 if space > start else stop
        while stop < length and line[stop] == " ":
            stop += 1  # hangs over the edge
        lines.append((begin + start, begin + stop))
        if stop == length:
            return lines
        start = stop


def sign(character: str) -> str:
    """How one character is drawn within a line: a combining mark as itself, others visibly."""
    shown = visible(character)
    return character if shown == f"◌{character}" else shown


def index_at(text: str, start: int, end: int, cell: int) -> int:
    """The character of the line ``text[start:end]`` that is drawn at ``cell``, or its last."""
    at = 0
    for index in range(start, end):
        at += cell_len(sign(text[index]))
        if cell < at:
            return index
    return max(start, end - 1)


def cell_of(text: str, start: int, index: int) -> int:
    """The cell at which a character of the line that begins at ``start`` is drawn."""
    return sum(cell_len(sign(character)) for character in text[start:index])
