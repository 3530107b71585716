"""The parts of the page about places as HTML: the row of figures, the ranking, courses, hours, the card."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from core.captions import label
from core.clock import local
from core.drill.card import Bound, Card
from core.drill.ground import Redrawn
from core.drill.numbers import FORMULAS, NOW, RATES, Numbers
from core.drill.trends import Course, Repeated
from core.drill.view import Line, View
from core.language import N_, Translate
from core.place_words import Figure
from core.rules import Rules
from pages.ui import pieces
from pages.ui.drawings import image, spark
from pages.ui.place_map import CLASSES, Scale
from pages.ui.style import LIGHT

BAR, GAP, HIGH, SHOWN_AGAIN = 14, 6, 120, 8
USUAL = (Figure.OPEN, Figure.OVERDUE, Figure.ON_TIME)
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
        return translate("{hours} h").format(hours=f"{value:.1f}" if value < 10 else round(value))
    return pieces.number(round(value))


def row_of_figures(seen: View, rules: Rules, translate: Translate) -> list[Markup]:
    """Every figure beside the parent and the period before."""
    return [_figure(seen, figure, rules, translate) for figure in Figure]


def _figure(seen: View, figure: Figure, rules: Rules, translate: Translate) -> Markup:
    value = seen.now.value(figure)
    known = {"numerator": value.numerator, "denominator": value.denominator or 0, "settled": seen.now.settled}
    hours = rules.due_soon.total_seconds() / 3600
    formula = translate(FORMULAS[figure]).format(**known, due=seen.now.due, hours=f"{hours:g}")
    beside = []
    if figure not in NOW:
        beside.append(translate("before {value}").format(value=said(seen.before, figure, translate)))
    if seen.above and (figure in RATES or figure is Figure.MEDIAN):
        beside.append(translate("parent {value}").format(value=said(seen.above, figure, translate)))
    elif seen.above:
        whole = seen.above.value(figure).numerator
        beside.append(translate("{share} of the parent").format(share=pieces.share(value.numerator, whole)))
    parts = (value.numerator, value.denominator or 0) if figure in RATES else None
    shown = said(seen.now, figure, translate)
    return pieces.figure(
        translate(label(figure)), shown, formula, translate, parts=parts, note=" · ".join(beside) or translate("now")
    )


def ranking(lines: Sequence[Line], figure: Figure, course: Course, translate: Translate) -> Markup:
    """The children with the most first, each with the course of its reports; what belongs to none comes last."""
    ranked = sorted(lines, key=lambda line: (line.place is None, -(line.now.value(figure).value or 0)))
    shown = tuple(dict.fromkeys((figure, *USUAL)))
    head = Markup("").join(Markup("<th>{}</th>").format(translate(label(one))) for one in shown)
    body = Markup("").join(_rank(line, shown, course, translate) for line in ranked)
    first, reports = translate("Place"), translate("Reports")
    table = '<table class="ranking"><thead><tr><th>{}</th>{}<th>{}</th></tr></thead><tbody>{}</tbody></table>'
    return Markup(table).format(first, head, reports, body)


def _rank(line: Line, shown: Sequence[Figure], course: Course, translate: Translate) -> Markup:
    name = line.place.name if line.place else translate("In none of them")
    cells = Markup("").join(Markup("<td>{}</td>").format(said(line.now, one, translate)) for one in shown)
    values = course.of_child.get(line.place.id or 0, ()) if line.place else ()
    drawn = spark(values, LIGHT.accent)
    course_cell = Markup('<img src="{}" alt="" height="22">').format(drawn) if drawn else ""
    return Markup("<tr><th>{}</th>{}<td>{}</td></tr>").format(name, cells, course_cell)


def cells(line: Line, translate: Translate) -> list[str]:
    """A child as a row of a table to take along."""
    place = (line.place.code, line.place.name) if line.place else ("", translate("In none of them"))
    return [*place, *(said(line.now, figure, translate).replace(pieces.THIN, "") for figure in Figure)]


def list_title(figure: Figure, translate: Translate) -> str:
    """What the list behind a figure holds."""
    return translate(BEHIND.get(figure, label(figure)))


def again(repeated: Sequence[Repeated], rules: Rules, translate: Translate) -> Markup:
    """Where the same trouble came again and again in the last 90 days."""
    if not repeated:
        return Markup("")
    lines = (
        translate("{place}: {category}, {count} times").format(
            place=one.name, category=_category(one.category, rules), count=one.count
        )
        for one in repeated[:SHOWN_AGAIN]
    )
    note = translate("same building and category, 90 days")
    return pieces.heading(translate("Again and again"), len(repeated), note) + Markup("").join(map(pieces.note, lines))


def legend(known: Scale | None, figure: Figure, translate: Translate) -> Markup:
    """What the colours of the map mean."""
    if known is None:
        return pieces.note(translate("No data"))
    steps = [
        Markup('<span class="step"><i class="c{}"></i>{}</span>').format(
            number, " – ".join(dict.fromkeys(worded(value, figure, translate) for value in bounds))
        )
        for number, bounds in enumerate(known.bounds())
    ]
    return Markup('<p class="legend"><b>{}</b>{}</p>').format(translate(label(figure)), Markup("").join(steps))


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
    ends = f"{course.starts[0]:%Y-%m-%d} — {course.starts[-1]:%Y-%m-%d}"
    return Markup('<figure class="course"><img src="{}" alt="{}"><p>{}</p><p>{}</p></figure>').format(
        image(bars + axis, wide, HIGH), said_below, ends, said_below
    )


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
    """What was redrawn of late."""
    lines = []
    for change in changes:
        words, at = translate("{name} began on {day}"), change.from_at
        if change.to_at:
            words, at = translate("{name} ended on {day}"), change.to_at
        lines.append(words.format(name=change.node.name, day=f"{local(at):%Y-%m-%d}" if at else ""))
    return pieces.note("；".join(lines)) if lines else Markup("")


def card(seen: View, known: Card, translate: Translate) -> list[Markup]:
    """Kind, code and counts; heads, organisations, and what of interest stands here."""
    place = seen.place
    counts = [
        (translate("Code"), place.code),
        (translate("Kind"), translate(label(seen.kind))),
        (translate("Households"), _number(place.households)),
        (translate("Residents"), _number(place.residents)),
        *((translate(label(kind)), pieces.number(count)) for kind, count in sorted(known.points.items())),
    ]
    facts = Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(*row) for row in counts)
    return [
        Markup('<dl class="facts">{}</dl>').format(facts),
        pieces.heading(translate("Heads")),
        *(
            pieces.person(one.name, translate, role=f"{translate(label(one.role))} · {one.place}")
            for one in known.people
        ),
        *([] if known.people else [pieces.empty(translate("Nobody is appointed here"))]),
        pieces.heading(translate("Party organisations"), len(known.party)),
        _bound(known.party, translate),
        pieces.heading(translate("Property company")),
        _bound(known.property, translate),
    ]


def _bound(found: Sequence[Bound], translate: Translate) -> Markup:
    if not found:
        return pieces.empty(translate("None is known"))
    return Markup("").join(
        pieces.person(one.organisation.name, translate, role=one.place, phone=one.organisation.phone) for one in found
    )


def _number(count: int | None) -> str:
    return pieces.NOTHING if count is None else pieces.number(count)
