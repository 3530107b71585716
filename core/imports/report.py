"""The report of an import, as lines of text."""

from collections.abc import Iterator, Sequence

from core.imports.plan import Remark
from core.imports.run import AnyPlan, Outcome

WORTH_A_LINE_M2 = 100


def lines(outcome: Outcome) -> Iterator[str]:
    """What was refused, left out, repaired and doubtful row by row, then the sums."""
    plan, job = outcome.plan, outcome.job
    if outcome.earlier is not None:
        earlier = outcome.earlier
        yield f"This very file was imported on {earlier.at:%Y-%m-%d %H:%M} UTC (import {earlier.id}, {earlier.kind})."
    yield from _remarks("Refused", plan.refused)
    yield from _remarks("Repaired", plan.repaired)
    yield from _doubtful(plan)
    yield ""
    yield f"{job.kind}: {job.file.name} by {job.mapping.name}"
    yield f"{plan.read} rows read, {len(plan.taken)} taken, {len(plan.refused)} refused, {len(plan.left_out)} left out"
    for reason, number in plan.reasons().most_common():
        yield f"{number:>8} {reason}"
    yield from (f"Warning: {warning}" for warning in plan.warnings)
    yield _verdict(outcome)


def _remarks(title: str, remarks: Sequence[Remark]) -> Iterator[str]:
    if remarks:
        yield f"{title}:"
        yield from (f"  {remark.where}: {remark.what}" for remark in remarks)


def _doubtful(plan: AnyPlan) -> Iterator[str]:
    if plan.overlaps:
        large = [overlap for overlap in plan.overlaps if overlap.area_m2 >= WORTH_A_LINE_M2]
        yield f"Overlaps ({len(plan.overlaps)}):"
        yield from (f"  {o.one} and {o.other}: {o.area_m2:,.0f} m²" for o in large)
        if small := len(plan.overlaps) - len(large):
            yield f"  and {small} of less than {WORTH_A_LINE_M2} m²"
    if plan.border:
        yield f"Border cases ({len(plan.border)}), the first grid leads:"
        yield from (f"  {b.where}: {b.lead}; also {', '.join(b.others)}" for b in plan.border)


def _verdict(outcome: Outcome) -> str:
    if outcome.written:
        return f"Written: {len(outcome.plan.taken)} {outcome.job.kind}."
    if not outcome.plan.taken and not outcome.plan.refused:
        return "Nothing new: nothing was written."
    if outcome.job.dry_run:
        return "A dry run: nothing was written."
    if outcome.is_refused:
        return "Nothing was written: mend the rows above, or take the others with --accept-partial."
    return "No row can be taken: nothing was written."
