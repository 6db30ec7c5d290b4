"""Text that is safe to print on any terminal, and how many cells it takes there."""

import unicodedata
from typing import Final

NEWLINE: Final = "⏎"
TAB: Final = "⇥"
SPACE: Final = "␣"

_JOINER = "\u200d"
_JOINERS = (_JOINER, "\u200c")  # shape emoji and Indic words; harmless between two characters
_EMOJI_STYLE = "\ufe0f"


def visible(text: str, *, lines: bool = False, spaces: bool = False) -> str:
    """``text`` with nothing in it that a terminal could act on or a reader could not see.

    Newline and tab become ⏎ and ⇥, other control characters their pictures (␛), and what would
    be invisible or turn the line around (bidirectional and format characters, lone surrogates,
    code points without a meaning) its number, as ⟨U+202E⟩. A combining mark at the beginning
    stands on a dotted circle instead of on what is printed before it.

    Args:
        text: any string, valid Unicode or not.
        lines: print newlines and tabs as they are.
        spaces: show a space as ␣.

    Returns:
        A string that encodes as UTF-8 without error.
    """
    if text.isprintable():  # "" too
        shown = text
    else:
        last = len(text) - 1
        shown = "".join(
            character
            if character.isprintable()
            or (lines and character in "\n\t")
            or (character in _JOINERS and 0 < i < last)
            else _sign(character)
            for i, character in enumerate(text)
        )
    if spaces:
        shown = shown.replace(" ", SPACE)
    if shown and unicodedata.category(shown[0]).startswith("M"):
        shown = f"◌{shown}"
    return shown


def _sign(character: str) -> str:
    code = ord(character)
    if character in "\n\t":
        return NEWLINE if character == "\n" else TAB
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if unicodedata.category(character) == "Zs":
        return " "  # no-break and typographic spaces
    return f"⟨U+{code:04X}⟩"


def cell_width(text: str) -> int:
    """Cells that ``text`` takes in a terminal, from Unicode Standard Annex 11.

    Wide and full-width characters take two; combining marks, jamo that join a syllable, and what
    an emoji sequence joins to its first character take none. A text with control characters has
    no width; give it to :func:`visible` first.
    """
    if text.isascii():
        return len(text)
    width = last = 0  # cells in all, and of the character before
    before = ""
    for character in text:
        if before == _JOINER or _joins(character, before):
            here = 0
        elif character == _EMOJI_STYLE:
            here = 1 if last == 1 and unicodedata.category(before) == "So" else 0
        else:
            here = _own_width(character)
        width += here
        last = here
        # of two regional indicators, the third begins a new flag
        before = "" if _is_regional(character) and here == 0 else character
    return width


def _own_width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    code = ord(character)
    if 0x1160 <= code < 0x1200 or 0xD7B0 <= code < 0xD800:  # vowel and final jamo
        return 0
    if _is_regional(character):
        return 2
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _joins(character: str, before: str) -> bool:
    """Whether an emoji sequence of two makes one sign of these: a skin tone, a flag."""
    if unicodedata.category(character) == "Sk":
        return "🏻" <= character <= "🏿" and before != "" and unicodedata.category(before) == "So"
    return before != "" and _is_regional(character) and _is_regional(before)


def _is_regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
