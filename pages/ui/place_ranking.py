"""The children of a place ranked by a figure, each with the course of its reports."""

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

from core.captions import label
from core.drill.numbers import Numbers
from core.drill.view import Line, View
from core.language import Translate
from core.place_words import Figure
from core.words import Level
from pages.ui import pieces, place_parts
from pages.ui.drawings import bars
from pages.ui.style import LIGHT

Sparks = Mapping[int, Sequence[int]]  # reports by child, step by step
FEW = 8  # children that are all ranked, busy or not
USUAL = (Figure.OPEN, Figure.OVERDUE, Figure.ON_TIME)


def ranking(seen: View, figure: Figure, sparks: Sparks, link: Callable[[str], str], translate: Translate) -> Markup:
    """The children with the most first, each with the course of its reports; what belongs to none comes last.

    Where many have nothing to show, they are only counted.
    """
    shown = tuple(one for one in dict.fromkeys((figure, *USUAL)) if one is not Figure.REPORTED)
    ranked = sorted(seen.lines, key=lambda line: (line.place is None, -(line.now.value(figure).value or 0)))
    busy = [line for line in ranked if line.place is None or _has_something(line.now)]
    if len(ranked) <= FEW:
        busy = ranked
    head = Markup("").join(Markup("<th>{}</th>").format(translate(label(one))) for one in shown)
    body = Markup("").join(_rank(seen, line, shown, sparks, link, translate) for line in busy)
    table = '<table class="ranking"><thead><tr><th>{}</th>{}<th>{}</th></tr></thead><tbody>{}</tbody></table>'
    drawn = Markup(table).format(translate("Place"), head, translate("Reports"), body)
    rest = translate("{count} more without a case in this period").format(count=len(ranked) - len(busy))
    return drawn + pieces.note(rest) if len(busy) < len(ranked) else drawn


def _has_something(numbers: Numbers) -> bool:
    return bool(numbers.open or numbers.reported or numbers.closed or numbers.promised)


def _rank(
    seen: View, line: Line, shown: Sequence[Figure], sparks: Sparks, link: Callable[[str], str], translate: Translate
) -> Markup:
    name = Markup("{}").format(of_no_child(seen, translate))
    if line.place:
        name = Markup('<a href="{}" target="_self">{}</a>').format(link(line.place.code), line.place.name)
    cells = Markup("").join(Markup("<td>{}</td>").format(place_parts.said(line.now, one, translate)) for one in shown)
    values = sparks.get(line.place.id or 0, ()) if line.place else ()
    steps = (
        Markup('<img src="{}" alt="">').format(bars(values, LIGHT.accent)) if len(values) > 1 and any(values) else ""
    )
    reports = Markup("{}{}").format(steps, pieces.number(line.now.reported))
    return Markup("<tr><th>{}</th>{}<td>{}</td></tr>").format(name, cells, reports)


def of_no_child(seen: View, translate: Translate) -> str:
    """What is said of cases that belong to none of the children: nobody has said at which of them they are."""
    below = seen.here.children[0].level if seen.here.children else Level.BUILDING
    return translate("Not at a building") if below == Level.BUILDING else translate("In no place of today")


def cells(seen: View, line: Line, translate: Translate) -> list[str]:
    """A child as a row of a table to take along."""
    place = (line.place.code, line.place.name) if line.place else ("", of_no_child(seen, translate))
    return [*place, *(place_parts.said(line.now, figure, translate).replace(pieces.THIN, "") for figure in Figure)]
