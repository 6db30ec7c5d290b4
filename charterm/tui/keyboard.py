"""Keys that Textual reads in another way than the user means them."""

from collections.abc import MutableMapping

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

_ALT_WITH = "0123456789-=§"


def let_alt_digits_be_keys() -> None:
    """Let alt with a digit be that key on terminals that send escape and the digit for it.

    Textual 8.2.8 makes characters of these, those that a Mac has on the keys: alt+3 types a £ and
    alt+4 a ¢. A terminal that sends escape first has been told that alt is no way to type, and
    whoever means a £ sends a £, with alt or without: that stays one.
    """
    if isinstance(ANSI_SEQUENCES_KEYS, MutableMapping):
        for character in _ALT_WITH:
            ANSI_SEQUENCES_KEYS.pop(f"\x1b{character}", None)
