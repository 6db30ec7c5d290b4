"""What judged texts can be ordered by: without NumPy, so that a command's help knows it."""

from typing import Final, Literal

Order = Literal["number", "class", "probability", "given", "text"]
ORDERS: Final[tuple[Order, ...]] = ("number", "class", "probability", "given", "text")
