"""Waiting for what a thread or a message will bring about, without guessing how long it takes."""

import asyncio
from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot


async def wait_until(
    pilot: Pilot[Any], predicate: Callable[[], object], seconds: float = 30.0
) -> None:
    """Let the program run until ``predicate`` is true; fail after ``seconds``."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not predicate():
        if loop.time() > end:
            raise AssertionError(f"still false after {seconds} s: {predicate}")
        await pilot.pause()
        await asyncio.sleep(0.01)


async def type_text(pilot: Pilot[Any], text: str) -> None:
    """Press the key of each character, without the pauses of ``pilot.press``."""
    from textual import events

    for character in text:
        key = {" ": "space", "\n": "enter", "\t": "tab"}.get(character, character)
        pilot.app.post_message(events.Key(key, "\r" if character == "\n" else character))
    await pilot.pause()
