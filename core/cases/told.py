"""How the clocks of a case are told in words, on the screen and on paper."""

from datetime import datetime, timedelta

from core import spans
from core.cases.why import Why
from core.clock import local
from core.language import N_, Translate
from core.promises import ORDERED, REPLY
from core.rules import Rules

LATE = timedelta(minutes=5)  # what was typed so much later than it happened says so

COUNTED = N_("from {start}, allowed {allowed}, counted {counted}")
UNCOUNTED = {"skipped": N_("skipped {skipped}"), "paused": N_("paused {paused}")}
OWN = {REPLY: N_("Reply to the order"), ORDERED: N_("Resolved at a meeting")}  # clocks that no regime names


def moment(at: datetime | None) -> str:
    """A moment on the street's own clock; nothing without one."""
    return f"{local(at):%Y-%m-%d %H:%M}" if at else ""


def length(span: timedelta, translate: Translate) -> str:
    """A length of time to the minute: accounts add up."""
    return spans.exact(int(span.total_seconds()), spans.words(translate))


def named(regime: str, name: str, rules: Rules, translate: Translate) -> str:
    """What a promise is called: the word of its regime, or what an order asked for."""
    found = rules.regimes.get(regime)
    labels = {promise.name: promise.label for promise in found.clock} if found else {}
    if name in OWN:
        return translate(OWN[name])
    return labels.get(name, name)


def account(why: Why, translate: Translate) -> tuple[str, str]:
    """The account of a clock in two sentences: how it stands, and what was counted; what is nothing is not said."""
    values = {
        name: moment(value) if isinstance(value, datetime) else length(value, translate)
        for name, value in why.values.items()
        if isinstance(value, datetime | timedelta)
    }
    said = [COUNTED, *(words for name, words in UNCOUNTED.items() if why.values[name])]
    return translate(why.sentence).format(**values), "，".join(translate(words).format(**values) for words in said)
