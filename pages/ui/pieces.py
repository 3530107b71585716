"""The pieces of light pages as HTML: whatever users wrote is escaped here.

They are drawn by `cards.show(piece, …)`, and put into cards and rows; nothing here reads a clock or the store.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from markupsafe import Markup

from core import spans
from core.captions import label
from core.language import Translate
from core.words import OPEN_STAGES, ClockState, Role, Severity, Stage
from pages.ui import camera, style
from pages.ui.camera import View

LINE = (*OPEN_STAGES, Stage.CLOSED)
NOTHING = "—"  # what has no value
THIN = "\u2009"
SCALE_PX = 90  # of the bar below a map, at most


class Shown(Protocol):
    """What a card shows of a case; core's own rows of cases have it."""

    @property
    def number(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def severity(self) -> Severity: ...

    @property
    def clock(self) -> ClockState | None: ...

    @property
    def due_at(self) -> datetime | None: ...


def mark(severity: Severity, translate: Translate) -> Markup:
    """A level: its shape in its colour, and its character."""
    return Markup('<span class="sev"><i class="m {}"></i>{}</span>').format(
        style.SEVERITY[severity].key, translate(label(severity))
    )


def clock_chip(
    state: ClockState | None, due_at: datetime | None, now: datetime, translate: Translate, whose: str = ""
) -> Markup:
    """How a promise stands at `now`: an icon, a form of border, and words, with what it promises or whose it is."""
    look, said = style.CLOCK[state] if state else style.NO_CLOCK, spans.clock_text(state, due_at, now, translate)
    return Markup('<span class="chip {}">{}</span>').format(look.key, f"{whose} {said}".lstrip())


def person(name: str, translate: Translate, *, role: Role | str = "", phone: str = "") -> Markup:
    """A person: name, what for, and a phone that a touch calls."""
    what = translate(label(role)) if isinstance(role, Role) else role
    said = Markup("<small>{}</small>").format(what) if what else ""
    return Markup('<span class="person"><b>{}</b>{}{}</span>').format(name, said, call(phone, translate))


def call(phone: str, translate: Translate) -> Markup:
    """A phone number that a touch calls; nothing without one."""
    if not phone:
        return Markup("")
    digits = "".join(letter for letter in phone if letter.isdigit() or letter == "+")
    return Markup('<a class="tel" href="tel:{}" aria-label="{} {}">{}</a>').format(
        digits, translate("Call"), phone, phone
    )


def trail(places: Sequence[str], translate: Translate) -> Markup:
    """Where something is, from the street down: the last place is the one meant."""
    steps = [Markup("<span>{}</span>").format(place) for place in places[:-1]]
    here = [Markup("<b>{}</b>").format(place) for place in places[-1:]]
    line = Markup("<i>›</i>").join([*steps, *here])
    return Markup('<nav class="trail" aria-label="{}">{}</nav>').format(translate("Place"), line)


def stage_line(stage: Stage, translate: Translate) -> Markup:
    """The loop as a line: what is behind the case, where it stands, what is to come; ended otherwise, in a word."""
    if stage not in LINE:
        return Markup('<p class="ended">{}</p>').format(translate(label(stage)))
    here = LINE.index(stage)
    steps = (
        Markup('<li class="{}"{}>{}</li>').format(
            "done" if place < here else "here" if place == here else "",
            Markup(' aria-current="step"') if place == here else "",
            translate(label(each)),
        )
        for place, each in enumerate(LINE)
    )
    return Markup('<ol class="stages">{}</ol>').format(Markup("").join(steps))


def demo_badge(translate: Translate) -> Markup:
    """Says that nothing here is real; dashed means not real."""
    return Markup('<span class="demo">{}</span>').format(translate("Demonstration data"))


def brand(name: str, what: str = "") -> Markup:
    """Whose door this is."""
    return Markup('<h1 class="brand">{}<small>{}</small></h1>').format(name, what)


def note(text: str) -> Markup:
    """A quiet line."""
    return Markup('<p class="note">{}</p>').format(text)


def heading(text: str, count: int | None = None, note: str = "") -> Markup:
    """The heading of a section, with how many things are in it, and a quiet word at the right."""
    figure = Markup("<b>{}</b>").format(number(count)) if count is not None else ""
    return Markup('<h2 class="section">{}{}<small>{}</small></h2>').format(text, figure, note)


def map_key(view: View, told: str | Markup, translate: Translate) -> Markup:
    """Below a map: what it shows, and how far a bar reaches on it."""
    metres, wide_px = camera.scale_bar(view, SCALE_PX)
    bar = Markup('<p class="map-key"><span>{}</span><i style="width:{}px"></i>{}</p>')
    return bar.format(told, f"{wide_px:.0f}", translate("{} m").format(metres))


def empty(text: str, hint: str = "") -> Markup:
    """What is said where there is nothing: never a picture."""
    return Markup('<p class="empty">{}{}</p>').format(text, Markup("<small>{}</small>").format(hint) if hint else "")


def figure(
    name: str,
    value: str,
    formula: str,
    translate: Translate,
    *,
    parts: tuple[int, int] | None = None,
    note: str = "",
) -> Markup:
    """A figure that says how it is reckoned: value, numerator / denominator, and the formula behind a touch.

    Without a denominator the value is a dash, whatever was given.
    """
    shown = NOTHING if parts is not None and not parts[1] else value
    quotient = Markup("<p>{} / {}</p>").format(number(parts[0]), number(parts[1])) if parts else ""
    return Markup(
        '<div class="figure"><p class="name">{}</p><p class="value">{}</p>{}{}'
        "<details><summary>{}</summary><p>{}</p></details></div>"
    ).format(name, shown, quotient, _lines([note]), translate("How it is reckoned"), formula)


def _lines(texts: Iterable[str]) -> Markup:
    return Markup("").join(Markup("<p>{}</p>").format(text) for text in texts if text)


def share(numerator: int, denominator: int) -> str:
    """A share in per cent; a dash without a denominator."""
    return f"{100 * numerator / denominator:.1f}%" if denominator else NOTHING


def number(count: int) -> str:
    """A count with thin spaces, and a true minus."""
    return f"{count:,}".replace(",", THIN).replace("-", "\u2212")


def case_row(
    case: Shown,
    now: datetime,
    translate: Translate,
    *,
    where: str = "",
    next_step: str = "",
    extra: Iterable[str] = (),
    whose: str = "",
) -> Markup:
    """A case as one row of a list: level, title, place, what comes next, and its clock; `whose` says what it is of."""
    coming = Markup("<em>{}</em> {}").format(translate("Next"), next_step) if next_step else ""
    return Markup('<article class="case-row">{}<b>{}</b>{}<div>{}</div></article>').format(
        mark(case.severity, translate),
        case.title,
        clock_chip(case.clock, case.due_at, now, translate, whose),
        _lines([where, " · ".join(extra), coming]),
    )


def case_card(
    case: Shown,
    now: datetime,
    translate: Translate,
    *,
    stage: Stage | None = None,
    where: str = "",
    extra: Iterable[str] = (),
    whose: str = "",
    due: str = "",
) -> Markup:
    """A case as a card: its clock as a band on top, then title and level, place, number, and the loop.

    `whose` says what the clock is of, `due` when it falls due.
    """
    look = style.CLOCK[case.clock] if case.clock else style.NO_CLOCK
    return Markup(
        '<article class="case-card"><header class="chip {}">{}{}</header>'
        '<div class="top"><h3>{}</h3>{}</div>{}{}</article>'
    ).format(
        look.key,
        f"{whose} {spans.clock_text(case.clock, case.due_at, now, translate)}".lstrip(),
        Markup("<small>{}</small>").format(due) if due else "",
        case.title,
        mark(case.severity, translate),
        _lines([where, " · ".join((case.number, *extra))]),
        stage_line(stage, translate) if stage else "",
    )


def lines(title: str, texts: Iterable[str]) -> Markup:
    """Something in a few lines, the first one strong."""
    return Markup('<div class="lines"><b>{}</b>{}</div>').format(title, _lines(texts))


def links(found: Iterable[tuple[str, str]], extra: Markup | str = "") -> Markup:
    """Links to addresses of ours as large as a thumb, side by side."""
    drawn = (Markup('<a class="tel" href="{}" target="_self">{}</a>').format(address, text) for text, address in found)
    return Markup('<p class="links">{}{}</p>').format(Markup("").join(drawn), extra)
