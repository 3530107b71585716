"""Small drawings of the wall as SVG images, without text: words beside them are HTML."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.wall import HourBar, Rate
from pages.ui.style import DARK, FLOW_IN, FLOW_OUT

SPARK_WIDTH, SPARK_HEIGHT = 112, 32
SLOT = 10  # width of an hour in the drawing of the last 24
LINE_HEIGHT, IN_HEIGHT, OUT_HEIGHT = 22, 52, 26
LINE_TOP, LINE_BOTTOM = 2, 11  # the course of the open cases; below it stands the number of the highest bar
AXIS = LINE_HEIGHT + IN_HEIGHT
PLOT_HEIGHT = AXIS + OUT_HEIGHT


def image(body: str, width: float, height: float) -> str:
    """An address for `<img src>`: inline SVG does not survive the sanitiser, data addresses do."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" preserveAspectRatio="none">{body}'
    )
    return "data:image/svg+xml;base64," + b64encode(f"{svg}</svg>".encode()).decode()


def _line(points: Sequence[tuple[float, float]], colour: str, width: float) -> str:
    spots = " ".join(f"{x:.4g},{y:.4g}" for x, y in points)
    return (
        f'<polyline points="{spots}" fill="none" stroke="{colour}" stroke-width="{width}" '
        'stroke-linejoin="round" vector-effect="non-scaling-stroke"/>'
    )


def spark(values: Sequence[float], colour: str = DARK.accent) -> str:
    """The course of a few values, the last one dotted; an empty text for less than two."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    step = (SPARK_WIDTH - 10) / (len(values) - 1)
    rise = (SPARK_HEIGHT - 10) / ((high - low) or 1)
    flat = (SPARK_HEIGHT - 10) / 2 if high == low else 0
    points = [(3 + step * place, SPARK_HEIGHT - 5 - flat - rise * (v - low)) for place, v in enumerate(values)]
    x, y = points[-1]
    dot = f'<circle cx="{x:.4g}" cy="{y:.4g}" r="4" fill="{colour}"/>'
    return image(_line(points, colour, 2) + dot, SPARK_WIDTH, SPARK_HEIGHT)


def bars(values: Sequence[float], colour: str) -> str:
    """A few counts side by side, from zero: what a line would draw as up and down stays as small as it is."""
    wide, unit = SPARK_WIDTH / len(values), (SPARK_HEIGHT - 2) / (max(values, default=0) or 1)
    body = "".join(
        f'<path d="M{number * wide:.4g} {SPARK_HEIGHT}h{wide - 2:.4g}v-{unit * value:.4g}h-{wide - 2:.4g}Z"/>'
        for number, value in enumerate(values)
    )
    ground = f'<path d="M0 {SPARK_HEIGHT - 1}h{SPARK_WIDTH}v1H0Z"/>'
    return image(f'<g fill="{colour}">{body}{ground}</g>', SPARK_WIDTH, SPARK_HEIGHT)


def rate_spark(days: Sequence[Rate]) -> str:
    """The course of a daily share; days on which nothing counted are left out."""
    return spark([day.value for day in days if day.value is not None])


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The last 24 hours drawn, and the places of the words around the drawing.

    Units: `*_x` and `*_y` in per cent of the drawing, from the left and from the top.
    """

    image: str
    peak: int
    peak_x: float
    peak_y: float
    line_y: float
    now_x: float
    midnight_x: float | None


def _bars(heights: Sequence[float], down: bool) -> str:
    sign = 1 if down else -1
    return "".join(
        f"M{SLOT * place + 2} {AXIS}h6v{sign * height:.3g}h-6Z" for place, height in enumerate(heights) if height
    )


def _band(hours: Sequence[HourBar], unit: float) -> str:
    parts = []
    for place, hour in enumerate(hours):
        if hour.usual_low is not None and hour.usual_high is not None:
            top, depth = AXIS - unit * hour.usual_high, unit * (hour.usual_high - hour.usual_low)
            parts.append(f"M{SLOT * place} {top:.3g}h{SLOT}v{max(depth, 1):.3g}h-{SLOT}Z")
    return f'<path d="{"".join(parts)}" fill="{DARK.text_3}" fill-opacity=".24"/>'


def _open_line(hours: Sequence[HourBar], now_x: float) -> list[tuple[float, float]]:
    """The open cases at the end of each hour and now; at least a quarter of the top fills the strip."""
    counts = [hour.open for hour in hours]
    low, span = min(counts), max(max(counts) - min(counts), max(counts) / 4, 1)
    ends = [
        (SLOT * (place + 1), LINE_BOTTOM - (LINE_BOTTOM - LINE_TOP) * (n - low) / span)
        for place, n in enumerate(counts)
    ]
    return [(0, ends[0][1]), *ends[:-1], (now_x, ends[-1][1])]


def _midnight(hours: Sequence[HourBar], day_of: Sequence[int]) -> float | None:
    for place, (before, after) in enumerate(pairwise(day_of), start=1):
        if before != after:
            return 100 * place / len(hours)
    return None


def rhythm(hours: Sequence[HourBar], days: Sequence[int], minute: int) -> Rhythm:
    """Reports up, closures down, open cases as a line, the usual range of reports as a band.

    `days` holds the local day of each hour; it is `minute` of the last one. Needs one hour at least.
    """
    now_x = SLOT * (len(hours) - 1 + minute / 60)
    most_in = max(max(h.reported, h.usual_high or 0) for h in hours)
    unit = min(IN_HEIGHT * 0.84 / (most_in or 1), OUT_HEIGHT / (max(h.closed for h in hours) or 1))
    up, down = [unit * h.reported for h in hours], [unit * h.closed for h in hours]
    line, width = _open_line(hours, now_x), SLOT * len(hours)
    flows = [
        f'<path d="{_bars(heights[:-1], down)}" fill="{colour}"/>'
        f'<path d="{_bars([0] * (len(hours) - 1) + [heights[-1]], down)}" fill="{colour}" opacity=".55"/>'
        for heights, down, colour in ((up, False, FLOW_IN), (down, True, FLOW_OUT))
    ]
    axis = f'<path d="M0 {AXIS}h{width}" stroke="{DARK.line_strong}" vector-effect="non-scaling-stroke"/>'
    peak = max(range(len(hours)), key=lambda place: hours[place].reported)
    return Rhythm(
        image=image(_band(hours, unit) + "".join(flows) + axis + _line(line, DARK.text_1, 2), width, PLOT_HEIGHT),
        peak=hours[peak].reported,
        peak_x=100 * (peak + 0.5) / len(hours),
        peak_y=100 * (AXIS - up[peak]) / PLOT_HEIGHT,
        line_y=100 * line[-1][1] / PLOT_HEIGHT,
        now_x=100 * now_x / width,
        midnight_x=_midnight(hours, days),
    )
