"""One sign for one character, for a column of two cells."""

from charterm.text.display import cell_width, visible

CELLS = 2


def symbol(character: str) -> str:
    """A sign of at most two cells for ``character``, safe to print anywhere.

    Space, newline and tab have signs of their own, control characters their pictures; what could
    only be shown by its number is ``�``.
    """
    sign = visible(character, spaces=True)
    return sign if cell_width(sign) <= CELLS else "�"
