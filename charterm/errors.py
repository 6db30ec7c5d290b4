"""Errors that are meant for people: one line that says what was wrong and what to do."""

from typing import Any, Final

from charterm.i18n import N_, _

SYSTEM_REASONS: Final = (
    N_("No space left on device"),
    N_("Permission denied"),
    N_("Operation not permitted"),
    N_("Read-only file system"),
    N_("No such file or directory"),
    N_("Is a directory"),
    N_("Not a directory"),
    N_("Directory not empty"),
    N_("File exists"),
    N_("File name too long"),
    N_("Input/output error"),
    N_("Disk quota exceeded"),
    N_("File too large"),
    N_("Too many open files"),
    N_("Too many levels of symbolic links"),
    N_("Cannot allocate memory"),
)
"""What systems say of files, so that it is in the catalog."""


class ChartermError(Exception):
    """A failure the user can act on. The message is one line and says what to do.

    The command line prints the message to stderr, without a traceback, and exits with
    ``exit_code``; the interface shows it as a notice. The message is a plain text with
    placeholders, so that it is in the catalog, and is put into the language in use when it is
    shown::

        raise UsageError("{path} exists already: choose another name", path=path)

    Args:
        message: in English. Without values it is taken as it is, braces and all.
        values: what the placeholders stand for. An ``OSError`` among them says its reason.
    """

    exit_code = 1

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return _filled(self.message, self.values)

    def to_json(self) -> dict[str, Any]:
        """The message and its values as text, for a process that shows it in its own language."""
        values = {name: _plain(value) for name, value in self.values.items()}
        return {"message": self.message, "values": values}


class UsageError(ChartermError):
    """The user asked for something that does not exist or does not fit together."""

    exit_code = 2


class Phrase:
    """A part of an error's message: :func:`str` gives it in the language in use."""

    def __init__(self, message: str, **values: object) -> None:
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return _filled(self.message, self.values)


def number_from(low: float | None, high: float | None, *, whole: bool) -> Phrase:
    """What a number must be, to follow "must be".

    Args:
        low: the least it may be; None for no limit.
        high: the most.
        whole: whether it has no fraction.
    """
    noun = Phrase("a whole number") if whole else Phrase("a number")
    if low is not None and high is not None:
        return Phrase("{noun} from {low:.12g} to {high:.12g}", noun=noun, low=low, high=high)
    if low is not None:
        return Phrase("{noun} of at least {low:.12g}", noun=noun, low=low)
    return noun if high is None else Phrase("{noun} of at most {high:.12g}", noun=noun, high=high)


def reason_of(error: OSError) -> str:
    """What the system says was wrong, in the language in use."""
    return _(error.strerror) if error.strerror else str(error)


def _filled(message: str, values: dict[str, object]) -> str:
    shown = {name: _shown(value) for name, value in values.items()}
    return _(message).format(**shown) if values else _(message)


def _shown(value: object) -> object:
    if isinstance(value, OSError):
        return reason_of(value)
    return value


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str) else str(_shown(value))
