"""How long work tells how far it is."""

from collections.abc import Callable

Watch = Callable[[float], None]
"""Is told the share of a piece of work that is done, 0 to 1; may raise to end the work."""

Narrate = Callable[[str, float], None]
"""Is told what is being done and the share of it that is done."""


def silent(share: float) -> None:
    """Tells nobody."""


def unheard(task: str, share: float) -> None:
    """Tells nobody."""
