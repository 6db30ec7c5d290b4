"""Options that several commands share."""

from typing import Annotated, Any

import typer

from charterm.cli import quick
from charterm.cli.given import DEFAULT_MODEL, chosen_model

__all__ = ["DEFAULT_MODEL", "JsonOption", "ModelOption", "TextArgument", "declared"]


def declared(option: quick.Option) -> Any:
    """What :func:`typer.Option` makes of the declaration of an option."""
    return typer.Option(*option.names, min=option.least, max=option.most, help=option.help)


JsonOption = Annotated[bool, declared(quick.JSON)]
ModelOption = Annotated[
    str,
    typer.Option(
        *quick.MODEL.names,
        callback=chosen_model,
        show_default="the setting models.default",
        help=quick.MODEL.help,
    ),
]
TextArgument = Annotated[
    str | None, typer.Argument(help="The text so far; read from standard input where missing.")
]
