"""What is seen of curves."""

from textual.screen import Screen
from textual.strip import Strip


def curve_is_seen(screen: Screen[object]) -> bool:
    """Whether a curve, which is of Braille characters, is anywhere on the screen."""
    lines = (Strip(line).text for line in screen._compositor.render_strips())
    return any("\u2800" < character <= "\u28ff" for line in lines for character in line)
