"""The symbols of cases on a map, drawn once as an atlas: shape and colour tell the severity, a ring the overdue."""

import json

from core.words import Severity
from pages.ui.style import DARK, NEWEST, SEVERITY

SCALE = 4  # atlas pixels to a screen pixel: sharp on a 4K wall
CELL_PX, RINGS_PX, MARK_PX = 32, 96, 22
RADIUS_PX = {Severity.BLUE: 5.5, Severity.YELLOW: 6.5, Severity.ORANGE: 9, Severity.RED: 12}
# of a case that waits for its closure: nobody has to go there, so it is small, and only a grave one keeps its looks
IDLE_PX = {Severity.BLUE: 2.5, Severity.YELLOW: 2.5, Severity.ORANGE: 6.5, Severity.RED: 9}
KEYLINE_PX = 1.6  # around red
FRESH = {5: ((24, 0.95), (34, 0.5), (45, 0.25)), 15: ((21, 0.6),), 30: ((19, 0.35),)}  # minutes → radius px, opacity

Drawing = tuple[str, int, str]  # name, side in screen pixels, SVG around (0, 0)


def _idle(severity: Severity) -> str:
    radius = IDLE_PX[severity]
    if severity.rank <= Severity.ORANGE.rank:
        return _case(severity, radius)
    return f'<circle r="{radius + 1.5}" fill="{DARK.bg}"/><circle r="{radius}" fill="{DARK.text_3}"/>'


def _case(severity: Severity, radius: float, ring: str = "") -> str:
    look = SEVERITY[severity]
    box = f'transform="scale({radius / 12}) translate(-12 -12)"'
    edge = f'stroke="{DARK.time}" stroke-width="{KEYLINE_PX * 12 / radius}"' if severity is Severity.RED else ""
    halo = f'<path {box} d="{look.shape.path}" stroke="{DARK.bg}" stroke-width="{4 * 12 / radius}"/>'
    return f'{halo}<path {box} d="{look.shape.path}" fill="{look.dark}" {edge}/>{ring}'


def _ring(radius: float, opacity: float, colour: str, width: float) -> str:
    return f'<circle r="{radius}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-opacity="{opacity}"/>'


def _number(number: int) -> str:
    return (
        f'<circle r="10.5" fill="{DARK.bg}"/><circle r="9.5" fill="{NEWEST}"/>'
        f'<text y="5" text-anchor="middle" font-family="sans-serif" font-size="14" font-weight="600">{number}</text>'
    )


def _drawings() -> list[Drawing]:
    overdue = _ring(14.5, 1, DARK.time, 2.2)
    cases = [(str(level), CELL_PX, _case(level, size)) for level, size in RADIUS_PX.items()]
    late = [(f"{level}-overdue", CELL_PX, _case(level, size, overdue)) for level, size in RADIUS_PX.items()]
    idle = [(f"idle-{level}", CELL_PX, _idle(level)) for level in RADIUS_PX]
    fresh = [
        (f"fresh{minutes}", RINGS_PX, "".join(_ring(radius, opacity, NEWEST, 1.6) for radius, opacity in rings))
        for minutes, rings in FRESH.items()
    ]
    marks = [(f"mark{number}", MARK_PX, _number(number)) for number in (1, 2, 3)]
    return [*cases, *late, *idle, *fresh, *marks]


def _atlas(drawings: list[Drawing]) -> tuple[bytes, dict[str, dict[str, int]]]:
    x, parts, mapping = 0, [], {}
    for name, side, drawing in drawings:
        parts.append(f'<g transform="translate({x + side / 2} {side / 2})">{drawing}</g>')
        mapping[name] = {"x": x * SCALE, "y": 0, "width": side * SCALE, "height": side * SCALE}
        x += side
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{x * SCALE}" height="{RINGS_PX * SCALE}"'
    return f'{head} viewBox="0 0 {x} {RINGS_PX}">{"".join(parts)}</svg>'.encode(), mapping


SVG, _places = _atlas(_drawings())
MAPPING = json.dumps(_places, separators=(",", ":")).encode()
