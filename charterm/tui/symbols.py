"""One sign for one character, for a column of two cells."""

from rich.cells import cell_len

from charterm.text.display import visible

CELLS = 2


def symbol(character: str) -> str:
    """A sign of one or two cells for ``character``, safe to print anywhere.

    Space, newline and tab have signs of their own, control characters their pictures; what joins
    the character before it stands on a dotted circle; what could only be shown by its number is
    ``�``.
    """
    sign = visible(character, spaces=True)
    if cell_len(sign) > CELLS:
        return "�"
    return sign if cell_len(sign) else f"◌{sign}"
