"""What Typer finds wrong with a call of the program, in one line that says what to do."""

from typing import Any, Final

import typer

from charterm.errors import UsageError

_LIMITS: Final = {
    "greater_than_equal": ("at least {}", "ge"),
    "less_than_equal": ("at most {}", "le"),
    "greater_than": ("more than {}", "gt"),
    "less_than": ("less than {}", "lt"),
}
"""What a value must be, by the kind of mistake that Typer's validation tells."""


def usage_error(error: typer.TyperException) -> UsageError:
    """The program's own error for one of Typer's, with the help that tells more."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "charterm"
    return UsageError(f"{_told(error)}; {command} --help tells more")


def _told(error: typer.TyperException) -> str:
    name = _name(error)
    if name and isinstance(error, typer.BadParameter):
        if type(error) is typer.BadParameter:
            return _wrong_value(error, name)
        return f"{name} is missing"
    message = " ".join(error.format_message().split()).rstrip(".")
    # "No such command" and the like; what follows may be the user's own word
    return message[:1].lower() + message[1:]


def _name(error: typer.TyperException) -> str:
    """What the wrong option or argument is called in the help; "" where it is none."""
    parameter = getattr(error, "param", None)
    if parameter is None:
        return ""
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    return str(parameter.get_error_hint()).strip("'[]").upper()


def _wrong_value(error: typer.BadParameter, name: str) -> str:
    # numbers are judged by pydantic, which tells more exactly what is wrong
    judged = getattr(error.__cause__, "errors", None)
    mistake: dict[str, Any] = judged()[0] if judged is not None else {"type": "", "input": None}
    kind, value = str(mistake["type"]), mistake["input"]
    if kind.startswith("int_"):
        return f"{name} must be a whole number, not {value!r}"
    if kind.startswith("float_"):
        return f"{name} must be a number, not {value!r}"
    if kind in _LIMITS:
        wanted, limit = _LIMITS[kind]
        return f"{name} must be {wanted.format(mistake['ctx'][limit])}, not {value}"
    told = " ".join(error.message.split()).rstrip(".").removeprefix("Value error, ")
    return f"{name}: {told}"
