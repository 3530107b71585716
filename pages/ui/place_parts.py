"""The parts of the page about places as HTML: the row of figures, courses, hours, the card."""

from collections.abc import Mapping, Sequence
from datetime import date

from markupsafe import Markup

from core.captions import label
from core.clock import local
from core.drill.card import Bound, Card, Served
from core.drill.ground import Redrawn
from core.drill.numbers import FORMULAS, NOW, RATES, Numbers, shortfall
from core.drill.trends import Course, Repeated
from core.drill.view import View
from core.language import N_, Translate
from core.liaison_words import Coverage
from core.place_words import Figure
from core.rules import Rules
from core.words import Level, Role
from pages.ui import pieces
from pages.ui.drawings import image
from pages.ui.place_scale import Scale
from pages.ui.style import LIGHT

BAR, GAP, HIGH = 14, 6, 120
CLASSES = 5
BEHIND = {
    Figure.ON_TIME: N_("Not closed in time"),
    Figure.REWORKED: N_("Sent back for rework"),
    Figure.SATISFIED: N_("Residents not satisfied"),
    Figure.MEDIAN: N_("Closed cases"),
}


def said(numbers: Numbers, figure: Figure, translate: Translate) -> str:
    """A figure in words: a count, a share, or a time."""
    value = numbers.value(figure)
    if value.value is None:
        return pieces.NOTHING
    return worded(value.value, figure, translate)


def worded(value: float, figure: Figure, translate: Translate) -> str:
    """A value of a figure in words."""
    if figure in RATES:
        return f"{100 * value:.1f}%"
    if figure is Figure.MEDIAN:
        return translate("{hours} h").format(hours=_hours(value))
    return pieces.number(round(value))


def _hours(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{round(value)}"


def tile(seen: View, figure: Figure, translate: Translate) -> Markup:
    """A figure with its numerator and denominator, beside the period before and the parent; one fact a line."""
    value = seen.now.value(figure)
    shown = Markup("{}").format(said(seen.now, figure, translate))
    if figure is Figure.OVERDUE and value.numerator:
        shown = Markup('<span class="chip over">{}</span>').format(shown)
    if figure is Figure.MEDIAN and value.value is not None:
        shown = Markup(translate("{hours} h").replace("{hours} ", "{}<small>") + "</small>").format(_hours(value.value))
    facts: list[str | Markup] = [_parts(seen.now, figure, translate)]
    if figure not in NOW:
        facts.append(translate("before {value}").format(value=said(seen.before, figure, translate)))
        facts.append(_worse(seen.now, seen.before, figure, translate))
    if seen.above:
        facts.append(_of_parent(seen, seen.above, figure, translate))
        facts.append(_worse(seen.now, seen.above, figure, translate))
    lines = Markup("").join(Markup("<p>{}</p>").format(fact) for fact in facts if fact)
    name = translate(label(figure))
    return Markup('<div class="tile"><p class="name">{}</p><p class="value">{}</p>{}</div>').format(name, shown, lines)


def _parts(numbers: Numbers, figure: Figure, translate: Translate) -> str:
    """Numerator and denominator of a rate, how many a median is of, and when a count of open cases holds."""
    value = numbers.value(figure)
    if figure in RATES:
        of, all_of = pieces.number(value.numerator), pieces.number(value.denominator or 0)
        return translate("{numerator} of {denominator}").format(numerator=of, denominator=all_of)
    if figure is Figure.MEDIAN:
        return translate("of {count} closed").format(count=pieces.number(value.numerator))
    return translate("now") if figure in NOW else ""


def _worse(numbers: Numbers, other: Numbers, figure: Figure, translate: Translate) -> str | Markup:
    """By how much a share is plainly worse than the one it stands beside; nothing where few cases make it by chance."""
    gap = shortfall(numbers.value(figure), other.value(figure), figure)
    if gap is None:
        return ""
    words = translate("{points} points higher") if figure is Figure.REWORKED else translate("{points} points lower")
    return Markup("<b>{}</b>").format(words.format(points=f"{100 * gap:.1f}"))


def _of_parent(seen: View, above: Numbers, figure: Figure, translate: Translate) -> str:
    parent = seen.trail[-1].name if seen.trail else ""
    if figure in RATES or figure is Figure.MEDIAN:
        return translate("{place} {value}").format(place=parent, value=said(above, figure, translate))
    share = pieces.share(seen.now.value(figure).numerator, above.value(figure).numerator)
    if share == pieces.NOTHING:
        return ""
    return translate("{share} of {place}").format(share=share, place=parent)


def meaning(seen: View, figure: Figure, rules: Rules, translate: Translate) -> str:
    """What a figure counts, said with its name."""
    return f"{translate(label(figure))}：{formula(seen, figure, rules, translate)}"


def formula(seen: View, figure: Figure, rules: Rules, translate: Translate) -> str:
    """How a figure is reckoned, with its numbers."""
    value = seen.now.value(figure)
    known = {"numerator": value.numerator, "denominator": value.denominator or 0, "settled": seen.now.settled}
    hours = rules.due_soon.total_seconds() / 3600
    return translate(FORMULAS[figure]).format(**known, due=seen.now.due, hours=f"{hours:g}")


def formulas(seen: View, rules: Rules, translate: Translate) -> Markup:
    """How every figure is reckoned."""
    rows = (
        Markup("<dt>{}</dt><dd>{}</dd>").format(translate(label(figure)), formula(seen, figure, rules, translate))
        for figure in Figure
    )
    return Markup('<dl class="formulas">{}</dl>').format(Markup("").join(rows))


def list_title(figure: Figure, translate: Translate) -> str:
    """What the list behind a figure holds."""
    return translate(BEHIND.get(figure, label(figure)))


def again(one: Repeated, rules: Rules, translate: Translate) -> Markup:
    """Where the same trouble came again and again in the last 90 days."""
    return Markup('<div class="again"><b>{}</b><span>{}</span><small>{}</small><i>›</i></div>').format(
        translate("{count} times").format(count=one.count), one.name, _category(one.category, rules)
    )


def legend(known: Scale, figure: Figure, translate: Translate, *, has_edges: bool) -> Markup:
    """What the colours of the map mean: the same bounds every day; and the edges of roofs."""
    steps = [
        Markup('<span class="step"><i class="c{}"></i>{}</span>').format(
            number, _reach(known, *ends, figure, translate)
        )
        for number, ends in enumerate(known.steps())
    ]
    if has_edges:
        steps.append(_key("edge", "Again and again", translate))
    return Markup('<p class="legend"><b>{}</b>{}</p>').format(translate(label(figure)), Markup("").join(steps))


def not_drawn(apart: Numbers | None, figure: Figure, level: Level, translate: Translate) -> Markup:
    """What the map does not show, for it belongs to nothing that is drawn."""
    if not apart or not apart.value(figure).value:
        return Markup("")
    told = said(apart, figure, translate)
    late = said(apart, Figure.OVERDUE, translate) if apart.value(Figure.OVERDUE).value else ""
    words = translate("Not on the map: {figure}").format(figure=told)
    if level is Level.BUILDING and figure in NOW:
        words = translate("{count} stand outside the buildings").format(count=told)
        if late and figure is Figure.OPEN:
            words = translate("{count} stand outside the buildings, {late} overdue").format(count=told, late=late)
    return Markup("<em>{}</em>").format(words)


def legend_of_one(translate: Translate) -> Markup:
    """What the map of one building shows: itself, those beside it, and an edge where trouble comes again."""
    keys = {"this": N_("This building"), "beside": N_("Beside it"), "edge": N_("Again and again")}
    steps = Markup("").join(_key(key, said, translate) for key, said in keys.items())
    return Markup('<p class="legend">{}</p>').format(steps)


def _key(look: str, said: str, translate: Translate) -> Markup:
    return Markup('<span class="step"><i class="{}"></i>{}</span>').format(look, translate(said))


def _reach(known: Scale, low: float, high: float | None, figure: Figure, translate: Translate) -> str:
    if high is None:
        return f"≥ {_plain(low, figure, translate)}"
    if not low and not known.are_counts:
        return f"< {_plain(high, figure, translate)}"
    return "–".join(dict.fromkeys(_plain(value, figure, translate) for value in (low, high)))


def _plain(value: float, figure: Figure, translate: Translate) -> str:
    """A bound without decimals."""
    return f"{100 * value:.0f}%" if figure in RATES else worded(round(value), figure, translate).replace(".0", "")


def courses(course: Course, translate: Translate) -> Markup:
    """Reports up and closures down, by step; the first and last day beneath."""
    most = max((*course.reported, *course.closed), default=0) or 1
    wide, unit = len(course.starts) * (BAR + GAP), HIGH / 2 / most
    bars = "".join(
        f'<path d="M{n * (BAR + GAP)} {HIGH / 2}h{BAR}v{sign * unit * count:.3g}h-{BAR}Z" fill="{colour}"/>'
        for values, sign, colour in ((course.reported, -1, LIGHT.accent), (course.closed, 1, LIGHT.line_strong))
        for n, count in enumerate(values)
    )
    axis = f'<path d="M0 {HIGH / 2}h{wide}" stroke="{LIGHT.text_3}"/>'
    said_below = translate("Reported above ({reported}), closed below ({closed}); the highest bar is {most}").format(
        reported=sum(course.reported), closed=sum(course.closed), most=most
    )
    ends_drawn = '<p class="ends"><span>{}</span><span>{}</span></p>'
    drawn = f'<figure class="course"><p>{{}}</p><img src="{{}}" alt="{{}}">{ends_drawn}</figure>'
    ends = [f"{start:%Y-%m-%d}" for start in (course.starts[0], course.starts[-1])]
    return Markup(drawn).format(said_below, image(bars + axis, wide, HIGH), said_below, *ends)


def heat(hours: Mapping[str, tuple[int, ...]], rules: Rules, translate: Translate) -> Markup:
    """Reports by category and hour, the count in each cell."""
    if not hours:
        return pieces.empty(translate("Nothing was reported in this period"))
    most = max(max(row) for row in hours.values())
    head = Markup("").join(Markup("<th>{}</th>").format(hour) for hour in range(24))
    rows = Markup("").join(
        Markup("<tr><th>{}</th>{}</tr>").format(_category(code, rules), Markup("").join(_cell(n, most) for n in row))
        for code, row in hours.items()
    )
    return Markup('<table class="heat"><thead><tr><th></th>{}</tr></thead><tbody>{}</tbody></table>').format(head, rows)


def _cell(count: int, most: int) -> Markup:
    level = min(CLASSES - 1, CLASSES * (count - 1) // most) if count else -1
    return Markup('<td class="{}">{}</td>').format(f"c{level}" if count else "", count or "")


def _category(code: str, rules: Rules) -> str:
    known = rules.categories.get(code)
    return known.name if known else code


def redrawn(changes: Sequence[Redrawn], translate: Translate) -> Markup:
    """What was redrawn of late, the newest day first, and what that means for the figures."""
    days: dict[tuple[str, date], list[str]] = {}
    for change in changes:
        words, at = (
            (N_("{day} no longer: {names}"), change.to_at)
            if change.to_at
            else (N_("{day} new: {names}"), change.from_at)
        )
        if at:
            days.setdefault((words, local(at).date()), []).append(change.node.name)
    if not days:
        return Markup("")
    said = "；".join(translate(words).format(day=day, names="、".join(names)) for (words, day), names in days.items())
    drawn = '<p class="redrawn"><b>{}</b><span>{}</span><small>{}</small></p>'
    meant = translate("What was counted before stays with the place above") if any(one.to_at for one in changes) else ""
    return Markup(drawn).format(translate("Redrawn boundaries"), said, meant)


def card(seen: View, known: Card, translate: Translate) -> list[Markup]:
    """Kind, code and counts; heads, organisations, who answers, and what of interest stands here."""
    place = seen.place
    counts = [
        (translate("Kind"), translate(label(seen.kind))),
        (translate("Code"), place.code),
        (translate("Households"), _number(place.households)),
        (translate("Residents"), _number(place.residents)),
        *((translate(label(kind)), pieces.number(count)) for kind, count in sorted(known.points.items())),
    ]
    facts = Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(*row) for row in counts)
    gaps = sum(one.coverage in (Coverage.GAP, Coverage.DUTY_ROOM) for one in known.served)
    note = translate("{count} without a liaison").format(count=gaps) if gaps else translate("no gap")
    return [
        Markup('<dl class="facts">{}</dl>').format(facts),
        *_section(translate("Heads"), known.people, translate("Nobody is appointed here"), translate),
        *_section(translate("Party organisations"), known.party, translate("None is known"), translate),
        *_section(translate("Property company"), known.property, translate("None is known"), translate),
        *(
            [pieces.heading(translate("Who answers"), None, note), _served(known.served, translate)]
            if known.served
            else []
        ),
    ]


def _section(title: str, found: Sequence[Bound], nobody: str, translate: Translate) -> list[Markup]:
    rows = [_bound(one, translate) for one in found] or [pieces.empty(nobody)]
    return [pieces.heading(title, len(found) or None), *rows]


def _bound(one: Bound, translate: Translate) -> Markup:
    said = [one.place]
    if isinstance(one.what, Role):
        said.insert(0, translate(label(one.what)))
    if one.from_on:
        said.append(translate("since {day}").format(day=f"{one.from_on:%Y-%m-%d}"))
    if one.members:
        said.append(translate("{count} members").format(count=one.members))
    return pieces.person(one.name, translate, role=" · ".join(said), phone=one.phone)


def _served(found: Sequence[Served], translate: Translate) -> Markup:
    """Who answers for each sector; a gap is said in words, not by a colour."""
    rows = Markup("").join(
        Markup("<tr><th>{}</th><td>{}</td><td>{}</td></tr>").format(
            one.sector, _answers(one, translate), pieces.call(one.phone, translate)
        )
        for one in found
    )
    return Markup('<table class="served">{}</table>').format(rows)


def _answers(one: Served, translate: Translate) -> Markup:
    who = one.name or (translate("Duty room") if one.unit else pieces.NOTHING)
    chip = Markup('<span class="chip none">{}</span>').format(translate(label(one.coverage)))
    is_marked = one.coverage in (Coverage.STALE, Coverage.GAP)
    return Markup("<b>{}</b><small>{}</small>{}").format(who, one.unit, chip if is_marked else "")


def _number(count: int | None) -> str:
    return pieces.NOTHING if count is None else pieces.number(count)
