"""From the live picture to what the wall says about one place; pure."""

import heapq
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import median

from core.board import Board, Counts
from core.cases.queries import OpenCase
from core.clock import stands_still
from core.places import Node
from core.wall import trends
from core.wall.view import Alarm, CaseLine, EmergencyLine, PlaceLine, Step, UnitLine, Wall
from core.words import OPEN_STAGES, ClockState, Level, Severity, Stage

TIGHTEST = 14  # rows of the list on the widest wall
Due = tuple[datetime, int, int, OpenCase]  # when, how grave, its id
NEWEST = 20
LOUD = timedelta(minutes=30)  # for so long a red or overdue case is worth an alarm


def picture(board: Board, node: Node) -> Wall:
    """What the wall says about `node` at the version of `board`."""
    cases = board.below(node)
    counts = board.counts_of(node)
    flows = trends.Flows.of(board.window, board.tree.grids(node), board.at, counts.open)
    return Wall(
        trail=tuple(Step(step.code, step.name) for step in board.tree.trail(node)),
        is_demo=board.is_demo,
        stands_still=stands_still(),
        now=board.at,
        open=counts.open,
        open_change=flows.open_change,
        by_severity={severity: _count(cases, severity) for severity in Severity},
        overdue=counts.overdue,
        overdue_red=_count([case for case in cases if board.states[case.id] is ClockState.OVERDUE], Severity.RED),
        due_soon=counts.due_soon,
        reported_today=flows.reported_days[-1],
        reported_usual=flows.reported_usual,
        reported_days=flows.reported_days,
        closed_today=flows.closed_days[-1],
        closed_days=flows.closed_days,
        on_time=trends.on_time(board, node, cases),
        on_time_days=trends.on_time_days(board, node),
        last_overdue_at=board.last_overdue_at,
        stages=_stages(cases),
        tightest=_tightest(board, cases),
        newest=_newest(board, cases),
        children=(children := _children(board, node)),
        siblings=_siblings(board, node),
        watched=_watched(board, children),
        units=_units(board, cases),
        hours=flows.hours,
        categories=trends.categories(board, node),
        located=sum(case.lon is not None for case in cases),
        drawn=len(board.drawn(node)),
        emergencies=_emergencies(board, node),
        alarms=tuple(_alarms(board, cases)),
        on_shift=next((name for path, name in board.officers.items() if node.path.startswith(path)), ""),
    )


def _emergencies(board: Board, node: Node) -> tuple[EmergencyLine, ...]:
    """Those declared for the place, for one above it or for one below it."""
    return tuple(
        EmergencyLine(place.name, each.reason, each.from_at, each.by, counts.open, counts.overdue)
        for each in board.emergencies
        if (each.path.startswith(node.path) or node.path.startswith(each.path))
        and (place := board.tree.nodes.get(each.place_id))
        and (counts := board.counts_of(place))
    )


def _alarms(board: Board, cases: list[OpenCase]) -> Iterator[Alarm]:
    """Red cases just reported, and cases just overdue, of any level."""
    since = board.at - LOUD
    for case in cases:
        grid = board.tree.nodes.get(case.grid_id)
        where = grid.name if grid else ""
        if case.severity is Severity.RED and case.reported_at > since:
            yield Alarm(f"red-{case.id}", None, case.severity, case.title, where)
        if case.due_at and case.due_at > since and board.states[case.id] is ClockState.OVERDUE:
            yield Alarm(f"over-{case.id}-{case.due_at:%m%d%H%M}", ClockState.OVERDUE, case.severity, case.title, where)


def _count(cases: list[OpenCase], severity: Severity) -> int:
    return sum(case.severity is severity for case in cases)


def _stages(cases: list[OpenCase]) -> tuple[tuple[Stage, int], ...]:
    found = Counter(case.stage for case in cases)
    return tuple((stage, found[stage]) for stage in OPEN_STAGES)


def _line(board: Board, case: OpenCase) -> CaseLine:
    unit = board.units.get(case.unit_id) if case.unit_id else None
    grid = board.tree.nodes.get(case.grid_id)
    return CaseLine(
        id=case.id,
        number=case.number,
        title=case.title,
        severity=case.severity,
        grid=grid.name if grid else "",
        address=case.address,
        unit=unit.name if unit else None,
        unit_phone=unit.duty_phone if unit else None,
        reported_at=case.reported_at,
        clock=board.states[case.id],
        clock_from=case.clock_from,
        due_at=case.due_at,
        mark=board.newest.index(case.id) + 1 if case.id in board.newest else None,
        is_framed=case.path.startswith(board.framed),
    )


def _tightest(board: Board, cases: list[OpenCase]) -> tuple[CaseLine, ...]:
    """The promises longest overdue, then as many of the others that fall due first; as many again in an emergency."""
    late: list[Due] = []
    running: list[Due] = []
    for case in cases:
        if case.due_at:
            is_late = board.states[case.id] is ClockState.OVERDUE
            (late if is_late else running).append((case.due_at, case.severity.rank, case.id, case))
    return tuple(_line(board, row[-1]) for rows in (late, running) for row in _first_due(rows, board.framed))


def _first_due(rows: list[Due], framed: tuple[str, ...]) -> list[Due]:
    held = [row for row in rows if row[-1].path.startswith(framed)]
    return sorted({*heapq.nsmallest(TIGHTEST, rows), *heapq.nsmallest(TIGHTEST, held)})


def _newest(board: Board, cases: list[OpenCase]) -> tuple[CaseLine, ...]:
    found = heapq.nlargest(NEWEST, cases, key=lambda case: (case.reported_at, case.id))
    return tuple(_line(board, case) for case in found)


def _siblings(board: Board, node: Node) -> tuple[PlaceLine, ...]:
    above = board.tree.back(node) if node.level is Level.GRID else None
    return _children(board, above) if above else ()


def _children(board: Board, node: Node) -> tuple[PlaceLine, ...]:
    """The grids at or below `node`, those with most open cases first."""
    grids = board.tree.grids(node)
    usual = trends.usual_open(board, grids)
    lines = [_place_line(board, grid, usual.get(grid.id)) for grid in grids]
    return tuple(sorted(lines, key=lambda line: (-line.open, -line.overdue, line.code)))


def _place_line(board: Board, grid: Node, usual: float | None) -> PlaceLine:
    counts = board.counts_of(grid)
    words, figures = (grid.code, grid.name, grid.short_code), (counts.open, counts.overdue, counts.due_soon)
    return PlaceLine(*words, *figures, usual, board.is_aside(grid))


def _watched(board: Board, lines: tuple[PlaceLine, ...]) -> str | None:
    node = board.tree.nodes.get(board.watched) if board.watched else None
    return node.code if node and any(line.code == node.code for line in lines) else None


def _units(board: Board, cases: list[OpenCase]) -> tuple[UnitLine, ...]:
    found: dict[int, Counts] = {}
    for case in cases:
        if case.unit_id:
            found[case.unit_id] = found.get(case.unit_id, Counts()).plus(1, board.states[case.id])
    ranked = sorted(found.items(), key=lambda item: (-item[1].open, item[0]))
    return tuple(_unit_line(board, unit_id, counts) for unit_id, counts in ranked if unit_id in board.units)


def _unit_line(board: Board, unit_id: int, counts: Counts) -> UnitLine:
    unit, hours = board.units[unit_id], board.window.unit_hours.get(unit_id, ())
    middle = median(hours) if hours else None
    on_duty = board.on_duty.get(unit_id, "")
    return UnitLine(
        unit.name, unit.duty_phone, counts.open, counts.due_soon, counts.overdue, middle, len(hours), on_duty
    )
