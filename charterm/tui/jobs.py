"""Long work on a thread: a job tells how far it is, and ends when nobody wants it any more."""

from collections.abc import Callable
from dataclasses import dataclass

from charterm.errors import ChartermError
from charterm.i18n import _

Advance = Callable[[float], None]
"""Told how far the work is, 0 to 1. Raises :class:`Stopped`."""
Job = Callable[[Advance], object]
"""Does the work and returns its result."""


class Stopped(Exception):  # noqa: N818 (not an error: the user stopped the work)
    """The work was stopped."""


@dataclass(frozen=True)
class Failed:
    """The work ended early; why, or nothing where the user stopped it."""

    reason: str = ""


def run(job: Job, advance: Advance) -> object:
    """Do a job to its end: its result, or a :class:`Failed`."""
    try:
        return job(advance)
    except Stopped:
        return Failed()
    except ChartermError as error:
        return Failed(str(error))
    except MemoryError:
        return Failed(_("there is not enough memory for this; close other programs"))
