"""The wall's panels as one HTML text, drawn on the server once per version of the wall."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise

from babel.dates import format_date, format_skeleton
from jinja2 import Environment
from markupsafe import Markup

from core import rules, spans
from core.board import colour_class
from core.captions import label
from core.clock import local
from core.language import Translate, translator
from core.wall import CaseLine, Wall
from core.words import OPEN_STAGES, ClockState, Measure, Severity, Stage
from pages.ui import sheets, style
from pages.ui.drawings import Rhythm, rate_spark, rhythm, spark

TICK_JS = (sheets.TEMPLATES / "tick.js").read_text(encoding="utf-8")  # `tick(root, nowMs, heardMs)` for the browser

FAR_ABOVE = 0.5, 20  # a share of the open cases a week ago, and a number below which it may be chance
NOT_LATE = 4  # rows of the tightest that are kept for what can be kept in time
INKS = {"over": style.DARK.on_time, "soon": style.DARK.time, "met": style.DARK.text_3}  # of the chips' icons
HAIRLINE_PX = 3  # shorter lengths do not grow with the screen


def _number(count: int) -> str:
    return f"{count:,}".replace(",", "\u2009")


def _signed(change: int) -> str:
    sign = "+" if change > 0 else "\u2212" if change < 0 else "±"
    return sign + _number(abs(change))


def _cell(count: int) -> Markup:
    return Markup("<b>{}</b>").format(_number(count)) if count else Markup('<b class="zero">–</b>')


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def _clock_text(moment: datetime, form: str) -> str:
    return local(moment).strftime({"HH": "%H", "HH:mm": "%H:%M", "HH:mm:ss": "%H:%M:%S"}[form])


def _filled(words: str, *values: object) -> str:
    return words.format(*values)


def browser_words(_: Translate, language: str) -> dict[str, str]:
    """The texts with which the browser rewrites times between two versions; `{}` takes the figure."""
    return {"locale": language.replace("_", "-"), "asof": _("Data as of {}"), **spans.words(_)}


@dataclass(frozen=True, slots=True)
class Most:
    """How many rows the columns of a wall can hold."""

    usual_tight: int  # with the line that says how many more are overdue
    tight: int
    newest: int
    places: int
    units: int
    categories: int


MOST = Most(usual_tight=10, tight=13, newest=12, places=12, units=6, categories=5)
WIDE = Most(usual_tight=14, tight=14, newest=20, places=28, units=12, categories=8)  # two screens side by side


@dataclass(frozen=True, slots=True)
class Chip:
    """The clock of a case as drawn: class, text, the moment to count to, and the used share in per cent."""

    key: str
    text: str
    due: int | None = None
    used: int | None = None


def _chip(case: CaseLine, now: datetime, _: Translate) -> Chip:
    key = style.CLOCK[case.clock].key if case.clock else style.NO_CLOCK.key
    text = spans.clock_text(case.clock, case.due_at, now, _)
    if case.due_at is None or case.clock not in spans.COUNTED:
        return Chip(key, text)
    return Chip(key, text, _epoch(case.due_at), _used(case.clock_from, case.due_at, now))


def _used(start: datetime | None, due: datetime, now: datetime) -> int | None:
    """The used share of a time limit in per cent, full when over and not before."""
    if start is None or due <= start:
        return None
    share = (now - start) / (due - start)
    return 100 if share > 1 else max(0, min(99, round(100 * share)))


def _first(cases: Sequence[CaseLine], *states: ClockState) -> CaseLine | None:
    dated = [(case.due_at, case) for case in cases if case.clock in states and case.due_at]
    return min(dated, key=lambda pair: pair[0])[1] if dated else None


def _class_words(measure: Measure) -> list[str]:
    """The legend of a measure's classes: 0–4, 5–9 … ≥20."""
    lows = (0, *rules.current().breaks.of(measure))
    spans = [f"{low}–{high - 1}" if high - 1 > low else f"{low}" for low, high in pairwise(lows)]
    return [*spans, f"≥{lows[-1]}"]


def _map_title(measure: Measure, _: Translate) -> str:
    titles = {
        Measure.OPEN: _("Where cases are open"),
        Measure.OVERDUE: _("Where cases are overdue"),
        Measure.DUE_SOON: _("Where cases fall due soon"),
    }
    return titles[measure]


def _rhythm(wall: Wall) -> Rhythm | None:
    days = [local(hour.starts_at).day for hour in wall.hours]
    return rhythm(wall.hours, days, local(wall.now).minute) if days else None


def _tight(wall: Wall, most: Most) -> dict[str, object]:
    """The overdue and the others, of equal haste those in an emergency first; some rows are kept for the others."""
    tightest = sorted(wall.tightest, key=lambda case: (case.clock is not ClockState.DUE_SOON, not case.is_framed))
    late = [case for case in tightest if case.clock is ClockState.OVERDUE]
    running = [case for case in tightest if case.clock is not ClockState.OVERDUE]
    room = most.usual_tight - min(NOT_LATE, len(running))
    shown = late[:room]  # a line says how many more
    return {
        "late": shown,
        "more_late": wall.overdue - len(shown),
        "red": Severity.RED,
        "more_red": wall.overdue_red - sum(case.severity is Severity.RED for case in shown),
        "running": running[: most.tight - len(shown)],
    }


def _units(wall: Wall, most: int) -> dict[str, object]:
    """The units with most in hand, the sums of the others, and what no unit has: together all open cases."""
    shown, others = wall.units[:most], wall.units[most:]
    return {
        "units": shown,
        "other_units": others,
        "undispatched": wall.open - sum(unit.open for unit in wall.units),
        "undispatched_late": wall.overdue - sum(unit.overdue for unit in wall.units),
    }


def _lists(wall: Wall, most: Most) -> dict[str, object]:
    """The rows of the panels, cut to what the columns can hold, and the full length of their bars."""
    ranked = sorted(wall.siblings or wall.children, key=lambda place: (-place.open, -place.overdue, place.code))
    extra = max(0, most.places - len(ranked)) // 2  # rows that the ranking leaves to each of the other two
    categories = sorted(wall.categories, key=lambda line: -line.now)[: most.categories + min(3, extra)]
    return {
        **_tight(wall, most),
        **_units(wall, most.units + min(4, extra)),
        "newest": wall.newest[: most.newest],
        "ranked": ranked[: most.places],
        "others": ranked[most.places :],
        "categories": categories,
        "longest_bar": max((max(place.open, place.usual or 0) for place in ranked), default=0) or 1,
        "most_reports": max((max(line.now, line.before or 0) for line in categories), default=0) or 1,
        "fullest_stage": max((count for _stage, count in wall.stages), default=0) or 1,
    }


def _figures(wall: Wall) -> dict[str, object]:
    """What the tiles and the rhythm say beyond the plain counts."""
    return {
        "longest": _first(wall.tightest, ClockState.OVERDUE) if wall.overdue else None,
        "next_due": _first(wall.tightest, ClockState.DUE_SOON, ClockState.RUNNING),
        "sparks": {
            "reported": spark(wall.reported_days),
            "closed": spark(wall.closed_days),
            "on_time": rate_spark(wall.on_time_days),
        },
        "far_above": _is_far_above(wall),
        "checked": dict(wall.stages).get(Stage.CHECKED, 0),
        "rhythm": _rhythm(wall),
        "has_usual": any(hour.usual_low is not None for hour in wall.hours),
        "is_night": not 6 <= local(wall.now).hour < 22,
    }


def _is_far_above(wall: Wall) -> bool:
    """Whether far more is open than a week ago."""
    share, least = FAR_ABOVE
    more = wall.open_change or 0
    return more >= least and more > share * (wall.open - more)


def _alarms(wall: Wall, _: Translate) -> list[dict[str, str]]:
    """What the browser shows and says of each alarm."""
    return [
        {
            "key": alarm.key,
            "mark": style.SEVERITY[alarm.severity].dark,
            "clip": style.SEVERITY[alarm.severity].shape.clip,
            "head": _("Now overdue") if alarm.state else _("New red case"),
            "text": f"{alarm.title} · {alarm.grid}",
            "say": (_("Now overdue: {grid}, {title}") if alarm.state else _("New red case: {grid}, {title}")).format(
                grid=alarm.grid, title=alarm.title
            ),
        }
        for alarm in wall.alarms
    ]


@cache
def _environment(language: str) -> Environment:
    environment = sheets.environment(language)
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    environment.filters |= {"n": _number, "signed": _signed, "cell": _cell, "epoch": _epoch, "at": _clock_text}
    environment.filters |= {"filled": _filled, "bar_class": lambda count: colour_class(count, Measure.OPEN)}
    environment.filters["date"] = lambda moment: format_skeleton("MMMMd", local(moment), locale=language)
    environment.filters["day"] = lambda moment: (
        f"{format_skeleton('MMMMd', local(moment), locale=language)} "
        f"{format_date(local(moment), 'EEEE', locale=language)}"
    )
    return environment


def render(wall: Wall, language: str, measure: Measure = Measure.OPEN, *, is_wide: bool = False) -> str:
    """The panels of `wall` as HTML that survives the sanitiser; the legend is that of `measure`."""
    _ = translator(language)
    words = browser_words(_, language)
    html = (
        _environment(language)
        .get_template("wall.html")
        .render(
            wall=wall,
            words=words,
            measure=measure,
            classes=_class_words(measure),
            map_title=_map_title(measure, _),
            looks=style.SEVERITY,
            small=Severity.RED,
            label=label,
            is_latin=language == "en",
            alarms=_alarms(wall, _),
            kept_percent=round(100 * rules.current().emergency.factor),
            since=lambda moment: spans.late(abs(_epoch(wall.now) - _epoch(moment)), words),
            ago=lambda moment: spans.ago(max(0, _epoch(wall.now) - _epoch(moment)), words),
            chip_of=lambda case: _chip(case, wall.now, _),
            **_lists(wall, WIDE if is_wide else MOST),
            **_figures(wall),
        )
    )
    return re.sub(r"\s*\n\s*", "", html)


def scale(metres: int, width_px: float, rem_px: float, language: str) -> str:
    """The bar that says how far it is on the map."""
    _ = translator(language)
    far = _("{} km").format(metres // 1000) if metres >= 1000 else _("{} m").format(metres)
    return f'<div class="scale"><i style="width:{width_px / rem_px:.3f}rem"></i>{far}</div>'


def _rem(length: re.Match[str]) -> str:
    pixels = float(length[1])
    return length[0] if abs(pixels) < HAIRLINE_PX else f"{pixels / 16:g}rem"


@cache
def stylesheet() -> str:
    """The wall's style sheet; it never changes while the process runs, so it is sent once."""
    css = (
        _environment("en")
        .get_template("wall.css")
        .render(
            t=style.DARK,
            night_text=style.NIGHT_TEXT,
            night_time=style.NIGHT_TIME,
            severity=style.SEVERITY.values(),
            clocks=sheets.icons(INKS, style.DARK.text_2),
            bars=style.BARS,
            newest=style.NEWEST,
            soon_bar=style.SOON_BAR,
            flow_in=style.FLOW_IN,
            stages=len(OPEN_STAGES),
        )
    )
    return re.sub(r"(-?\d*\.?\d+)px", _rem, css)
