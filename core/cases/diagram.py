"""The steps of a case as a picture and as tables for the documents, drawn from the table of steps."""

from collections.abc import Iterator

from core.captions import label
from core.cases.step_table import STEPS, Step
from core.rules import Rules

START = "[*]"


def steps_diagram() -> str:
    """The steps that change the stage, as a Mermaid state diagram."""
    return "\n".join(["stateDiagram-v2", *dict.fromkeys(_arrows())])


def steps_table() -> str:
    """The steps off the way, as a Markdown table."""
    lines = ["| step | verb | from | to | who | again | needs | clocks | asks or settles |", "|" + "---|" * 9]
    return "\n".join([*lines, *(_row(step) for step in STEPS.values() if step.is_side_step)])


def regimes_table(rules: Rules) -> str:
    """The promises of every regime, as a Markdown table."""
    lines = ["| regime | clock | hours | calendar | starts on | kept by |", "|" + "---|" * 6]
    for regime in rules.regimes.values():
        for clock in regime.clock:
            name = f"{clock.name}{' (final)' if clock.is_final else ''}"
            lines.append(_line(regime.name, name, _hours(clock.hours), clock.calendar, clock.starts_on, clock.met_on))
        if unit := regime.unit:
            hours = _hours(unit.hours)
            lines.append(_line(regime.name, "unit", hours, unit.calendar, "dispatch, rework", unit.met_on))
    return "\n".join(lines)


def _arrows() -> Iterator[str]:
    for step in STEPS.values():
        for stage in sorted(step.before, key=str) if step.after else ():
            yield f"    {stage or START} --> {step.after}: {step.verb}"


def _row(step: Step) -> str:
    settled = ", ".join(sorted(step.settles))
    request = f"asks {step.asks}" if step.asks else f"settles {settled}" if settled else ""
    return _line(
        label(step.verb),
        step.verb,
        tuple(sorted(str(stage) for stage in step.before)),
        step.after or "stays",
        step.who.name.lower(),
        step.who_again.name.lower() if step.who_again else "",
        tuple(sorted(step.needs)),
        step.effect or "",
        request,
    )


def _line(*cells: object) -> str:
    return "| " + " | ".join(", ".join(cell) if isinstance(cell, tuple) else str(cell) for cell in cells) + " |"


def _hours(hours: object) -> str:
    if isinstance(hours, dict):
        return ", ".join(f"{grade} {number:g}" for grade, number in hours.items())
    return f"{hours:.3g}"
