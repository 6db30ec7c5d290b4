"""A run's log as CSV, and the curves of runs as an SVG picture."""

import csv
import io
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

from charterm.training.history import Curve, History

COLUMNS: Final = (
    "event", "step", "seconds", "characters", "train_nats", "validation_nats", "learning_rate",
    "gradient_norm", "characters_per_second",
)  # fmt: skip

COLOURS: Final = ("#23756c", "#4a5ea8", "#b3571b", "#b03a45", "#4b7a2b", "#7a4b8f")
"""Of the curves, one for each run in turn."""

_WIDTH, _HEIGHT = 960, 540
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 24, 24, 56
_SMOOTHING = 0.9


def log_csv(history: History) -> str:
    """Steps and validations in their order, one a line; what does not apply is empty."""
    rows: list[dict[str, Any]] = [
        *(
            {
                "event": "step",
                "step": step.step,
                "seconds": step.seconds,
                "characters": step.characters,
                "train_nats": step.train_nats,
                "learning_rate": step.learning_rate,
                "gradient_norm": step.gradient_norm,
                "characters_per_second": step.characters_per_second,
            }
            for step in history.steps
        ),
        *(
            {
                "event": "validation",
                "step": each.step,
                "seconds": each.seconds,
                "characters": each.characters,
                "train_nats": each.train_nats,
                "validation_nats": each.validation_nats,
            }
            for each in history.validations
        ),
    ]
    rows.sort(key=lambda row: (row["step"], row["event"]))
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def loss_svg(histories: Mapping[str, History], smoothing: float = _SMOOTHING) -> str:
    """The curves of runs: faint the training loss, bold the loss on text kept out of it.

    Args:
        histories: by the name of the run.
        smoothing: of the training loss, as in :meth:`History.train_curve`.
    """
    curves = [
        (name, history.train_curve(smoothing), history.validation_curve())
        for name, history in histories.items()
    ]
    plane = _Plane([curve for _name, *both in curves for curve in both])
    body = [*plane.frame()]
    for number, (name, train, validation) in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        body.append(plane.line(train, colour, 'stroke-width="1.5" stroke-opacity="0.45"'))
        body.append(plane.line(validation, colour, 'stroke-width="2.5"'))
        body += plane.dots(validation, colour)
        y = _TOP + 20 * (number + 1)
        body.append(
            f'<text x="{_WIDTH - _RIGHT - 8}" y="{y}" text-anchor="end" fill="{colour}">'
            f"{escape(name)}</text>"
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" font-family="sans-serif" font-size="14">\n'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>\n'
        + "\n".join(filter(None, body))
        + "\n</svg>\n"
    )


class _Plane:
    """The axes: where a point of a curve stands in the picture."""

    def __init__(self, curves: list[Curve]) -> None:
        xs = [x for curve in curves for x in curve.x] or [0.0, 1.0]
        ys = [y for curve in curves for y in curve.y] or [0.0, 1.0]
        self.x_end = max(*xs, 1e-6) if len(xs) > 1 else max(xs[0], 1e-6)
        low, high = min(ys), max(ys)
        self.low, self.high = low, high if high > low else low + 1.0

    def place(self, x: float, y: float) -> tuple[float, float]:
        across = x / self.x_end
        up = (y - self.low) / (self.high - self.low)
        return (
            _LEFT + across * (_WIDTH - _LEFT - _RIGHT),
            _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM),
        )

    def frame(self) -> Iterator[str]:
        """Grid lines, their numbers, and what the axes mean."""
        for value in _ticks(self.low, self.high):
            y = self.place(0.0, value)[1]
            yield (
                f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" '
                'stroke="#dddddd"/>'
            )
            yield (
                f'<text x="{_LEFT - 8}" y="{y + 5:.1f}" text-anchor="end" fill="#555555">'
                f"{value:g}</text>"
            )
        for value in _ticks(0.0, self.x_end):
            x = self.place(value, self.low)[0]
            yield (
                f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle" '
                f'fill="#555555">{value:g}</text>'
            )
        yield (
            f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2:.0f}" y="{_HEIGHT - 12}" '
            'text-anchor="middle" fill="#333333">million characters trained on</text>'
        )
        yield (
            f'<text transform="translate(18 {_HEIGHT / 2:.0f}) rotate(-90)" '
            'text-anchor="middle" fill="#333333">bits per character</text>'
        )

    def line(self, curve: Curve, colour: str, look: str) -> str:
        """A curve; empty for less than two points."""
        if len(curve.x) < 2:
            return ""
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(self.place, curve.x, curve.y))
        return f'<polyline points="{points}" fill="none" stroke="{colour}" {look}/>'

    def dots(self, curve: Curve, colour: str) -> Iterator[str]:
        """A dot at each point."""
        for x, y in map(self.place, curve.x, curve.y):
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'


def _ticks(low: float, high: float) -> list[float]:
    """Four to ten round numbers from ``low`` to ``high``."""
    raw = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw)
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 10) for n in range(first, math.floor(high / step + 1e-9) + 1)]
