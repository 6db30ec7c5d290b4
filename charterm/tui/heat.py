"""What each character of a judged text says, as numbers that can be drawn.

A code is 0 where a character says little, else ``3 * class + strength``, with strengths 1 to 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from charterm.text.difference import common_beginning, common_ending

if TYPE_CHECKING:
    from charterm.classify.pooling import Doubles

STRENGTHS: Final = (0.02, 0.05, 0.10)
"""Nats from which a character is drawn in the next stronger way."""

COLOURS: Final = 5
"""Classes with a colour of their own; the next ones begin again."""

_MOST_CLASSES: Final = 84  # that a byte can tell apart


def codes_of(heat: Doubles) -> bytes:
    """The code of each character, from its nats for each class, shape (characters, classes)."""
    if not heat.size:
        return bytes(len(heat))
    most = heat.max(1)
    strengths = sum((most >= limit).astype("u1") for limit in STRENGTHS)
    classes = heat.argmax(1).astype("u1") % _MOST_CLASSES
    codes: bytes = ((3 * classes + strengths) * (strengths > 0)).astype("u1").tobytes()
    return codes


def class_of(code: int) -> int:
    """The class that a code other than 0 speaks for."""
    return (code - 1) // 3


def strength_of(code: int) -> int:
    """How strongly, 0 to 3."""
    return (code - 1) % 3 + 1 if code else 0


def moved(codes: bytes, old: str, new: str) -> bytes:
    """Codes of ``old`` for ``new``: those of the part that is not in both become 0."""
    begin = common_beginning(old, new)
    end = common_ending(old, new, min(len(old), len(new)) - begin)
    middle = bytes(len(new) - begin - end)
    return codes[:begin] + middle + codes[len(old) - end :]


def style_name(code: int) -> str:
    """The component class that draws a code other than 0."""
    return f"heat--{class_of(code) % COLOURS + 1}-{strength_of(code)}"


STYLES: Final = frozenset(
    f"heat--{colour}-{strength}" for colour in range(1, COLOURS + 1) for strength in (1, 2, 3)
)
"""All of them."""
