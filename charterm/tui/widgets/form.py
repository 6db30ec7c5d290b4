"""A scrolling form in which up and down go from one field to the next."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from charterm.i18n import N_


class Form(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Fields under one another."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "down",
            "app.focus_next",
            N_("Next setting"),
            tooltip=N_("Next setting"),
            id="form.next",
            show=False,
        ),
        Binding(
            "up",
            "app.focus_previous",
            N_("Previous setting"),
            tooltip=N_("Previous setting"),
            id="form.previous",
            show=False,
        ),
    ]
