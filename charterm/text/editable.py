"""The form of text an editor can hold: one kind of line end, NFC, no control characters.

The same form as :func:`charterm.text.reading.clean` gives files, without NumPy, which the first
paint of the program does not wait for.
"""

import re
import unicodedata

# Everything a terminal could act on, and what Textual would take for a line end of its own.
_REPLACED: dict[int, int | None] = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0xFEFF))
_REPLACED.update({0x09: 0x09, 0x0A: 0x0A, 0x85: 0x0A, 0x2028: 0x0A, 0x2029: 0x0A})

_INVISIBLE = "‌‍"  # the joiners shape emoji and Indic words and are safe to pass on
_PLAIN = re.compile(r"[ -~\t]*")


def editable(text: str) -> str:
    """Bring ``text`` into the form an editor holds; doing so twice changes nothing more.

    CRLF, CR, NEL and the separators of lines and paragraphs become LF; control characters other
    than LF and tab and the byte-order mark are dropped; the rest is in normalization form C.
    """
    if _PLAIN.fullmatch(text):
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", text.translate(_REPLACED))


def drawable(line: str) -> str:
    """``line`` with every character that a terminal could misread replaced, one for one.

    Bidirectional controls, other invisible format characters and lone surrogates become ``�``.
    The number of characters stays, so that columns keep their meaning.
    """
    if line.isprintable():
        return line
    return "".join(map(_drawable_character, line))


def _drawable_character(character: str) -> str:
    if character.isprintable() or character == "\t" or character in _INVISIBLE:
        return character
    return " " if unicodedata.category(character) == "Zs" else "�"
