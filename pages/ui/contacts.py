"""Who answers, as pieces of light pages: a row of the box, the way that led there, a card, times."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from core import spans
from core.captions import label
from core.language import N_, Translate
from core.liaison_words import Coverage, Why
from core.liaisons.answer import Answer, Tried, recorded_way
from core.liaisons.cards import Card
from core.liaisons.directory import Contact
from core.liaisons.times import Spread, UnitTimes
from core.liaisons.tonight import Watch, night_of
from pages.ui import pieces

SIGNS = {
    Coverage.COVERED: "●",
    Coverage.FROM_ABOVE: "↑",
    Coverage.STALE: N_("unverified"),
    Coverage.DUTY_ROOM: N_("to the duty room"),
    Coverage.GAP: N_("none"),
}
ABSENT = frozenset({Why.NOBODY, Why.OFF_DUTY, Why.ON_LEAVE})
HOURS = 90  # minutes from which hours are said


def row(answer: Answer, sector: str, places: Sequence[str], translate: Translate) -> Markup:
    """Who answers for a sector at a place, with the phone, and the way on which that was found."""
    who = answer.name or (translate("Duty room") if answer.unit else translate("Nobody"))
    also = translate("as well: {names}").format(names="、".join(answer.also)) if answer.also else ""
    return Markup(
        '<article class="answer"><div><b>{}</b><small>{}</small></div>'
        '<div class="who"><b>{}</b><small>{}</small></div>{}{}</article>'
    ).format(
        sector, " › ".join(places), who, " · ".join(filter(None, (answer.unit, answer.role, also))),
        pieces.call(answer.phone, translate), way(answer.way, translate),
    )  # fmt: skip


def way(tried: Iterable[Tried], translate: Translate) -> Markup:
    """Where somebody was looked for, from the nearest up; the last is who answers."""
    steps = [
        Markup('<li class="{}"><span>{}</span> {}</li>').format(
            "absent" if one.why in ABSENT else "found",
            translate(label(one.rung)),
            " ".join(filter(None, (one.who, translate(label(one.why))))),
        )
        for one in tried
    ]
    return Markup('<ol class="way" aria-label="{}">{}</ol>').format(
        translate("How this was found"), Markup("").join(steps)
    )


def recorded(given: Mapping[str, Any] | None, translate: Translate) -> str:
    """Whom the directory named when something was dispatched, and the way it took; nothing of other steps."""
    called = (given or {}).get("called")
    steps = [
        " ".join(filter(None, (translate(label(one.rung)), one.who, translate(label(one.why)))))
        for one in (recorded_way(called) if called else ())
    ]
    return translate("Notified: {way}").format(way=" › ".join(steps)) if steps else ""


def card(shown: Card, translate: Translate) -> Markup:
    """A liaison: whom one would ring, how, until when, and where the places lie."""
    state = translate(label(shown.presence))
    if shown.leave_until:
        state = translate("on leave until {day}").format(day=spans.day_text(shown.leave_until, translate))
    mobile = (
        Markup('<span class="masked">{}</span>').format(shown.mobile)
        if shown.is_masked
        else pieces.call(shown.mobile, translate)
    )
    phones = [
        Markup('<span class="phone"><small>{}</small>{}</span>').format(name, number)
        for name, number in (
            (translate("Duty phone"), pieces.call(shown.duty_phone, translate)), (translate("Mobile"), mobile),
        )
        if number
    ]  # fmt: skip
    return Markup(
        '<article class="contact"><header><h3>{}</h3><small>{}</small><em class="{}">{}</em></header>'
        '<p>{}</p><div class="phones">{}</div><dl>{}</dl>{}</article>'
    ).format(
        shown.name, shown.role, "on" if shown.is_present else "off", state, f"{shown.sector} · {shown.unit}",
        Markup("").join(phones), Markup("").join(_facts(shown, translate)),
        _map(shown, translate),
    )  # fmt: skip


def _map(shown: Card, translate: Translate) -> Markup:
    """Where the places lie; the picture is drawn after the page, by a route of its own."""
    if not (shown.places or shown.beyond):
        return Markup("")
    words, asked = translate("Places on the map"), urlencode([("place", place.id) for place in shown.beyond])
    address = f"/liaisons/{shown.id}/map" + (f"?{asked}" if asked else "")
    return Markup('<img class="places" src="{}" alt="{}">').format(address, words)


def _facts(shown: Card, translate: Translate) -> list[Markup]:
    deputy = (
        Markup("{} {}").format(shown.deputy, pieces.call(shown.deputy_phone, translate))
        if shown.deputy
        else pieces.NOTHING
    )
    facts: list[tuple[str, object]] = [
        (translate("Hours on duty"), _hours(shown, translate)),
        (translate("Stands in"), shown.stand_in),
        (translate("Deputy"), deputy),
        (translate("Answers for"), _answers_for(shown, translate) or pieces.NOTHING),
        (translate("Verified"), verified(shown.verified_on, translate, is_stale=shown.is_stale)),
    ]
    return [Markup("<dt>{}</dt><dd>{}</dd>").format(name, value) for name, value in facts if value]


def _hours(shown: Card, translate: Translate) -> str:
    """The usual hours, and until when the roster has somebody there beyond them."""
    usual = translate("Around the clock") if shown.is_all_hours else shown.hours or pieces.NOTHING
    if not shown.turn_ends_at:
        return usual
    until = spans.moment_text(shown.turn_ends_at, translate)
    return translate("{hours}; on the roster until {moment}").format(hours=usual, moment=until)


def _answers_for(shown: Card, translate: Translate) -> str:
    """The places asked for that the liaison is not named for, with the reason, then those that the liaison has."""
    words = translate("{places} (on the roster)") if shown.turn_ends_at else translate("{places} (for a colleague)")
    beyond = [words.format(places="、".join(place.name for place in shown.beyond))] if shown.beyond else []
    return "、".join([*beyond, *(place.name for place in shown.places)])


def verified(day: date | None, translate: Translate, *, is_stale: bool) -> Markup:
    """When an entry was last found right, marked when that is too long ago."""
    said = f"{day:%Y-%m-%d}" if day else translate("never")
    stale = Markup('<em class="stale">{}</em>').format(translate(label(Coverage.STALE))) if is_stale else ""
    return Markup("{} {}").format(said, stale)


def doubt(one: Contact, unit: str, phone: str, places: int, translate: Translate) -> Markup:
    """An entry to be verified: who, of which unit, the phone, for how many places, since when."""
    day = f"{one.verified_on:%Y-%m-%d}" if one.verified_on else translate("never")
    said = translate("{count} places, last verified {day}").format(count=places, day=day)
    return Markup('<p class="doubt"><b>{}</b><span>{}</span>{}<small>{}</small></p>').format(
        one.name, " · ".join(filter(None, (unit, one.role))), pieces.call(phone, translate), said
    )


def legend(counts: Mapping[Coverage, int], translate: Translate) -> Markup:
    """What the signs of the matrix mean, and how many there are."""
    keys = [
        Markup('<span><i class="{}">{}</i>{} <b>{}</b></span>').format(
            one, "" if one is Coverage.DUTY_ROOM else translate(SIGNS[one]), translate(label(one)), counts.get(one, 0)
        )
        for one in Coverage
    ]
    return Markup('<p class="legend">{}</p>').format(Markup("").join(keys))


def night(watches: Sequence[Watch], at: datetime, translate: Translate) -> Markup:
    """Who is on tonight, as a table; who is on at `at` is marked, hours are said where they are not the whole night."""
    head = [
        translate("Sector"), translate("Unit"), translate("On tonight"), translate("Phone"), translate("Hours on duty"),
    ]  # fmt: skip
    begins, ends = night_of(at)
    rows: list[list[object]] = []
    for one in watches:
        now = Markup('<em class="now">{}</em>').format(translate("now")) if one.from_at <= at < one.to_at else ""
        who = Markup("<b>{}</b> {}").format(one.name or translate("Duty room"), now)
        hours = "" if (one.from_at, one.to_at) == (begins, ends) else one.hours
        rows.append([one.sector, one.unit, who, pieces.call(one.phone, translate), hours])
    is_whole = not any(row[-1] for row in rows)
    return table(head[:-1], [row[:-1] for row in rows]) if is_whole else table(head, rows)


def times(found: Mapping[str, UnitTimes], first: str, translate: Translate) -> Markup:
    """Answer and arrival times, refusals and returns; who is slowest to arrive first, and said above."""
    slow = translate("Arrived, 9 of 10 within")
    head = [
        first, translate("Dispatched"),
        translate("Answered, median"), translate("Answered, 9 of 10 within"), translate("Answered, cases"),
        translate("Arrived, median"), f"{slow} ↓", translate("Arrived, cases"),
        translate("Sent back as not theirs"), translate("Returned"),
    ]  # fmt: skip
    ranked = sorted(found.items(), key=lambda pair: -(pair[1].to_arrive.p90 or 0))
    rows: list[list[object]] = [
        [
            name, _some(one.dispatched), *spread(one.to_answer, translate), *spread(one.to_arrive, translate),
            _some(one.refused), _some(one.returned),
        ]
        for name, one in ranked
    ]  # fmt: skip
    empty = {at for at in (8, 9) if all(row[at] == pieces.NOTHING for row in rows)}
    kept = [[cell for at, cell in enumerate(row) if at not in empty] for row in rows]
    heads = [name for at, name in enumerate(head) if at not in empty]
    name, slowest = ranked[0]
    said = pieces.note(translate("Slowest to arrive first; a dash where there was no case."))
    if slowest.to_arrive.p90 is not None:
        longest = _long(slowest.to_arrive.p90, translate)
        words = translate("Slowest: {name}, nine of ten arrivals within {time}")
        said = Markup('<p class="slowest">{}</p>{}').format(words.format(name=name, time=longest), said)
    return said + table(heads, kept, figures=9 - len(empty))


def spread(found: Spread, translate: Translate) -> tuple[str, str, str]:
    """The middle, what nine of ten stay below, and of how many."""
    if found.median is None or found.p90 is None:
        return pieces.NOTHING, pieces.NOTHING, pieces.NOTHING
    return _long(found.median, translate), _long(found.p90, translate), _some(found.count)


def _some(count: int) -> str:
    return pieces.number(count) if count else pieces.NOTHING


def _long(minutes: float, translate: Translate) -> str:
    if minutes < HOURS:
        return translate("{minutes} min").format(minutes=round(minutes))
    return translate("{hours} h").format(hours=f"{minutes / 60:.1f}")


def table(head: Sequence[str], rows: Sequence[Sequence[object]], figures: int = 0) -> Markup:
    """A plain table; the last `figures` columns are set at the right."""
    at = len(head) - figures

    def cells(texts: Sequence[object], tag: str) -> Markup:
        kinds = ("num" if number >= at else "" for number in range(len(texts)))
        one = Markup("<" + tag + ' class="{}">{}</' + tag + ">")
        return Markup("").join(one.format(kind, text) for kind, text in zip(kinds, texts, strict=True))

    body = Markup("").join(Markup("<tr>{}</tr>").format(cells(row, "td")) for row in rows)
    return Markup(
        '<div class="wide"><table class="plain"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(cells(head, "th"), body)
