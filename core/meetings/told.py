"""What speaks for an item, in words."""

from collections.abc import Iterable
from typing import Any

from core.language import N_, Translate
from core.meeting_words import Cause
from core.meetings import kinds

ROUNDED = 0.01  # an amount is kept with two decimals
SAYS = {
    Cause.CARRIED: N_("dropped or put off {amount} times"),
    Cause.OVERDUE: N_("has used {amount} times its limit"),
    Cause.DEPARTMENTS: N_("{amount} departments have had it"),
    Cause.RETURNED: N_("returned or reworked {amount} times"),
    Cause.SUSPENDED: N_("on hold for {amount} days"),
    Cause.REPORTS: N_("{amount} reports in 30 days"),
    Cause.RED: N_("red"),
    Cause.UNSATISFIED: N_("the resident is not satisfied"),
    Cause.WHISTLE: N_("whistle for a tough case"),
    Cause.PROMOTED: N_("unsolved at {amount} meetings below"),
    Cause.NOT_DONE: N_("{amount} earlier resolutions not done"),
}


def reason(part: dict[str, Any], translate: Translate) -> str:
    """One part of a score in words: how often, how long, how many."""
    cause, amount = Cause(part["cause"]), float(part["amount"])
    shown = f"{amount:.1f}" if cause is Cause.OVERDUE else f"{amount:.0f}"
    return translate(SAYS[cause]).format(amount=shown)


def formula(part: dict[str, Any], translate: Translate) -> str:
    """How the points of a part are reckoned by the rules in force; empty when it was weighed by others."""
    rule, amount = kinds.current().reasons[Cause(part["cause"])], float(part["amount"])
    if abs(rule.worth(amount) - part["points"]) > ROUNDED * rule.points:
        return ""
    shown = f"{amount:g} × {rule.points:g}"
    return translate("{product}, {most} at most").format(product=shown, most=f"{rule.most:g}")


def reasons(parts: Iterable[dict[str, Any]], translate: Translate) -> str:
    """All parts of a score in words, the weightiest first."""
    return " · ".join(reason(part, translate) for part in parts)
