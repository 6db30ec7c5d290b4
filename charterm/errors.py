"""Errors that are meant for people: one line that says what was wrong and what to do."""


class ChartermError(Exception):
    """A failure the user can act on. The message is one line and says what to do.

    The command line prints the message to stderr, without a traceback, and exits with
    ``exit_code``; the interface shows it as a notice.
    """

    exit_code = 1


class UsageError(ChartermError):
    """The user asked for something that does not exist or does not fit together."""

    exit_code = 2
