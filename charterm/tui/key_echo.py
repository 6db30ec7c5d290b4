"""The program with a clock in it: how long a key takes until the paint that shows it has ended.

``charterm bench`` runs ``python -m charterm.tui.key_echo`` in a pseudo-terminal of its own. The
program goes from screen to screen and from field to field by itself; for each character it asks
the process at the other end of the terminal to press its key, so that keys come as they always
come.

A key has arrived when the input thread has parsed it. The paint that shows it is the first whose
output has its character in its place in the field; it has ended when the output thread has flushed
it.
"""

import json
import os
import random
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

from rich.cells import cell_len
from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Offset
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Input, TextArea

from charterm.actions import ACTIONS
from charterm.engine.benchmark_text import ENGLISH
from charterm.tui.app import ChartermApp
from charterm.tui.modes import MODES, Mode
from charterm.tui.widgets.editor import Editor

_PAUSES: Final = (0.04, 0.08)
"""Seconds between two of them, at least and at most: a quick typist."""

_FIRST: Final = 1.5
"""Seconds until the program has opened and read its model."""

_SETTLED: Final = 0.4
"""Seconds of rest before the first key of a field."""

_LIMIT: Final = 20.0
"""Seconds until a screen or a key must have come."""

_FINDING: Final = ("find", "filter", "search")
"""Ends of the ids of actions that open or focus a field to look for something."""

Field = Input | TextArea


class KeyClock:
    """Arrival and end of paint of each key typed into one field after another.

    Keys are taken and drawn on the program's thread, and flushed on the output thread.
    """

    def __init__(self) -> None:
        self.seconds: list[float] = []
        """From arrival to end of paint, of each key shown since :meth:`begin`."""
        self._lock = threading.Lock()
        self._field: Field | None = None
        self._expected = self._drawn = 0  # characters in the field
        self._waiting: deque[tuple[int, float]] = deque()  # (characters, arrival)
        self._painted: deque[tuple[int, float]] = deque()  # (number of the last write, arrival)
        self._asked = self._written = 0  # writes
        self._flushed = (0, 0.0)  # (writes, when)

    def begin(self, field: Field) -> None:
        """Time the keys that come for ``field`` from now on."""
        self._field = field
        self._expected = self._drawn = _length(field)
        self._waiting.clear()
        self._painted.clear()
        self.seconds = []

    def pressed(self, arrival: float) -> None:
        """A key with a character arrived at ``arrival``, by the monotonic clock."""
        self._expected += 1
        self._waiting.append((self._expected, arrival))

    def paints(self, update: object) -> None:
        """This is to be painted now."""
        field = self._field
        if field is not None and (place := _last_typed(field)) is not None:
            character, offset = place
            if _cell(update, offset) == character:
                self._drawn = _length(field)

    def asked(self) -> None:
        """The program handed something to the output thread."""
        self._asked += 1

    def painted(self) -> None:
        """A paint was handed to the output thread."""
        with self._lock:
            while self._waiting and self._waiting[0][0] <= self._drawn:
                self._painted.append((self._asked, self._waiting.popleft()[1]))
            self._settle()

    def written(self) -> None:
        """The output thread wrote what was handed to it."""
        self._written += 1

    def flushed(self) -> None:
        """The output thread flushed what it wrote."""
        with self._lock:
            self._flushed = (self._written, time.monotonic())
            self._settle()

    def _settle(self) -> None:
        writes, when = self._flushed
        while self._painted and self._painted[0][0] <= writes:
            self.seconds.append(when - self._painted.popleft()[1])


def _length(field: Field) -> int:
    return len(field.text if isinstance(field, TextArea) else field.value)


def _last_typed(field: Field) -> tuple[str, Offset] | None:
    """The character before the cursor and its cell on the screen; None where there is none."""
    corner = field.content_region.offset - field.scroll_offset
    if isinstance(field, Input):
        before = field.value[: field.cursor_position]
        place = Offset(cell_len(before[:-1]), 0)
    else:
        row, column = field.cursor_location
        before = field.document.get_line(row)[:column]
        place = field.wrapped_document.location_to_offset((row, max(column - 1, 0)))
    return (before[-1], corner + place) if before else None


def _cell(update: object, place: Offset) -> str:
    """What an update of the screen writes into a cell of it; empty where it leaves that alone."""
    x, y = place
    if isinstance(update, LayoutUpdate):
        region = update.region
        if not region.contains(x, y):
            return ""
        line = Strip.join(list(update.strips[y - region.y]))
        return line.crop(x - region.x, x - region.x + 1).text
    if isinstance(update, ChopsUpdate) and any(
        y == row and first <= x < end for row, first, end in update.spans
    ):
        for start, strip in update.chops[y].items():
            if strip is not None and start <= x < start + strip.cell_length:
                return strip.crop(x - start, x - start + 1).text
    return ""


class _ClockedFile:
    """The terminal's file, which tells a clock what the output thread does with it."""

    def __init__(self, file: IO[str], clock: KeyClock) -> None:
        self._file = file
        self._clock = clock

    def write(self, text: str) -> int:
        count = self._file.write(text)
        self._clock.written()
        return count

    def flush(self) -> None:
        self._file.flush()
        self._clock.flushed()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _ClockedDriver(LinuxDriver):
    def __init__(self, app: "ClockedApp", **options: Any) -> None:
        super().__init__(app, **options)
        self._clock = app.clock
        if self._file is not None:
            self._file = _ClockedFile(self._file, app.clock)  # type: ignore[assignment]

    def write(self, data: str) -> None:
        self._clock.asked()
        super().write(data)


class ClockedApp(ChartermApp):
    """charterm, going through its screens by itself while a clock watches the keys."""

    def __init__(self, model: str, keys: int, press: Callable[[str], object]) -> None:
        """Prepare.

        Args:
            model: name or folder of the model that completes.
            keys: how many to press in each field.
            press: lets somebody press the key of a character in the program's terminal.
        """
        super().__init__(model)
        self.clock = KeyClock()
        self.found: dict[str, list[float]] = {}
        """Seconds from key to echo, by field."""
        self.lost = 0
        """Keys that were never shown."""
        self.failure = ""
        """What stopped it."""
        self._keys = keys
        self._press = press
        self._rng = random.Random(0)
        self._typist = threading.Thread(target=self._go_through, name="typist", daemon=True)

    def get_driver_class(self) -> type[Any]:
        """The one that the clock watches."""
        return _ClockedDriver

    def on_mount(self) -> None:
        """Begin when the program runs."""
        super().on_mount()
        self.call_after_refresh(self._typist.start)

    async def on_event(self, event: events.Event) -> None:
        """Take the time of keys with a character."""
        if isinstance(event, events.Key) and event.is_printable:
            self.clock.pressed(event.time)
        await super().on_event(event)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self.clock.paints(renderable)
        super()._display(screen, renderable)

    def post_display_hook(self) -> None:
        """A paint was handed out."""
        self.clock.painted()

    # On the typist's thread -----------------------------------------------------------------

    def _go_through(self) -> None:
        try:
            time.sleep(_FIRST)
            for mode in MODES:
                self._visit(mode)
        except Exception as error:
            self.failure = f"{type(error).__name__}: {error}"
        self.call_from_thread(self.exit)

    def _visit(self, mode: Mode) -> None:
        self.call_from_thread(self._go_to, mode)
        fields = self._wait_for_fields()
        typed: set[str] = set()
        for field in fields:
            self._type_once(mode, field, typed)
        for action in ACTIONS:
            if action.screen == mode.id and action.id.rpartition(".")[2] in _FINDING:
                self.call_from_thread(self._run_later, action.run)
                time.sleep(_SETTLED)
                if isinstance(self.focused, Field):
                    self._type_once(mode, self.focused, typed)

    def _wait_for_fields(self) -> list[Field]:
        end = time.monotonic() + _LIMIT
        while not (fields := self.call_from_thread(self._text_fields)) and time.monotonic() < end:
            time.sleep(0.05)
        return fields

    def _type_once(self, mode: Mode, field: Field, typed: set[str]) -> None:
        """Type into a field, if it is still there and none of its name was typed into."""
        name = _name(field)
        if name in typed or not field.region:
            return
        typed.add(name)
        self.call_from_thread(self._enter_field, field)
        time.sleep(_SETTLED)
        self.call_from_thread(self._clock_field, field)
        for character in ENGLISH.replace("\n", " ")[: self._keys]:
            self._press(character)
            time.sleep(self._rng.uniform(*_PAUSES))
        end = time.monotonic() + _LIMIT
        while len(self.clock.seconds) < self._keys and time.monotonic() < end:
            time.sleep(0.01)
        self.lost += self._keys - len(self.clock.seconds)
        self.found[f"{mode.action.title}, {name}"] = self.clock.seconds
        self.call_from_thread(self._clear_field, field)

    # On the program's thread ----------------------------------------------------------------

    def _go_to(self, mode: Mode) -> None:
        if self.current_mode != mode.id:
            self.switch_mode(mode.id)

    def _run_later(self, action: str) -> None:
        self.call_later(self.run_action, action, self.screen)

    def _text_fields(self) -> list[Field]:
        return [
            field
            for field in self.screen.query("*")
            if isinstance(field, Field) and field.focusable and field.region
        ]

    def _enter_field(self, field: Field) -> None:
        field.focus()
        if isinstance(field, Editor):  # a text of some length
            field.load_text(ENGLISH)
            field.move_cursor(field.document.end)

    def _clock_field(self, field: Field) -> None:
        if isinstance(field, Input):  # what a field selects on focus, the first key would replace
            field.cursor_position = len(field.value)
        self.clock.begin(field)

    def _clear_field(self, field: Field) -> None:
        if isinstance(field, Input):  # what filters shows everything again
            field.value = ""


def _name(field: Field) -> str:
    """What tells a field from the others of its screen; those of one form share it."""
    return field.id or next((each for each in field.classes if not each.startswith("-")), "")


def main() -> None:
    """Run; the arguments are the model, how many keys, where to ask for them, and a result file."""
    model, keys, ask, result = sys.argv[1:]
    app = ClockedApp(model, int(keys), lambda character: os.write(int(ask), character.encode()))
    app.run()
    told = {"seconds": app.found, "lost": app.lost, "failure": app.failure}
    Path(result).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
