"""Walls to draw: an ordinary afternoon, nothing at all, far too much, and a calm night."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.wall import CaseLine, CategoryLine, HourBar, PlaceLine, Rate, Step, UnitLine, Wall
from core.words import OPEN_STAGES, ClockState, Severity

NOW = datetime(2025, 11, 22, 6, 32, 10, tzinfo=UTC)  # a Saturday, 14:32:10 in Shanghai
R, O, Y, B = Severity  # noqa: E741 - one letter each keeps the table readable


def minutes(count: float) -> timedelta:
    """A span of minutes."""
    return timedelta(minutes=count)


# severity, title, grid, unit, phone, minutes left, limit in minutes
TIGHT = (
    (R, "燃气管道第三方施工挖损", "09 中山路", "应急分站", "6316 0119", -134, 60),
    (R, "临街广告牌松动坠落隐患", "09 中山路", "城管中队", "6316 2071", -51, 120),
    (O, "人行道塌陷，盲道中断", "06 桥东", "市政所", "6316 2088", -37, 180),
    (Y, "夜间施工噪声扰民（第 3 次）", "09 中山路", "环保办", "6316 2103", -12, 1440),
    (R, "高层外墙砖脱落，已拉警戒", "06 桥东", "应急分站", "6316 0119", 9, 180),
    (O, "消防通道被共享单车堵塞", "05 书院巷", "城管中队", "6316 2071", 18, 180),
    (O, "路灯成片不亮（7 盏）", "11 南市", "市政所", "6316 2088", 46, 1440),
    (Y, "小区化粪池满溢", "04 望湖里", "物业办", "6316 2090", 80, 1440),
    (Y, "占道经营，影响学校门口通行", "08 织造坊", "城管中队", "6316 2071", 112, 1440),
    (B, "河岸护栏松动", "12 新港", "河长办", "6316 2115", 340, 4320),
    (B, "绿地内堆放废旧家具", "02 云汀", None, None, 415, 1440),
    (Y, "二次供水水压不足", "10 西堤", "供水所", "6316 2044", 1890, 4320),
    (B, "树枝遮挡信号灯", "07 老码头", "园林站", "6316 2061", 2960, 4320),
)
NEW = (
    (O, "井盖破损，机动车道", "06 桥东", 1),
    (Y, "油烟直排，居民楼下餐饮店夜间经营", "05 书院巷", 4),
    (B, "公厕照明不足", "03 柳浪", 9),
    (B, "绿化带垃圾堆放", "08 织造坊", 13),
    (Y, "电动车楼道充电", "01 北苑", 21),
    (B, "垃圾桶满冒", "11 南市", 64),
)
GRIDS = (
    (1, "北苑", 7, 0, 9.5),
    (2, "云汀", 3, 0, 5),
    (3, "柳浪", 10, 0, 15),
    (4, "望湖里", 12, 0, 18),
    (5, "书院巷", 17, 0, 20.5),
    (6, "桥东", 15, 1, 12.5),
    (7, "老码头", 6, 0, 9.5),
    (8, "织造坊", 11, 0, 13.5),
    (9, "中山路", 23, 3, 19),
    (10, "西堤", 2, 0, 5.5),
    (11, "南市", 13, 0, 16.5),
    (12, "新港", 9, 0, 11),
)
UNITS = (
    ("城管中队", 41, 4, 1, 3.1),
    ("市政所", 27, 3, 1, 5.4),
    ("物业办", 22, 2, 0, 7.8),
    ("环保办", 15, 1, 1, 6.2),
    ("应急分站", 12, 1, 1, 1.2),
    ("河长办", 11, 1, 0, 9.5),
)
CATEGORIES = (
    ("市容环境", 86, 71),
    ("物业管理", 64, 70),
    ("道路设施", 52, 38),
    ("噪声油烟", 41, 44),
    ("公共安全", 23, 19),
)
REPORTED = (6, 7, 5, 4, 6, 5, 4, 3, 2, 1, 1, 0, 0, 1, 1, 4, 8, 11, 9, 6, 5, 4, 5, 7)
CLOSED = (4, 5, 4, 4, 3, 2, 2, 2, 1, 0, 0, 0, 0, 0, 1, 2, 4, 6, 6, 5, 3, 3, 3, 4)


def case(place: int, row: tuple[Severity, str, str, str | None, str | None, float, float]) -> CaseLine:
    """A row of the list of tight limits."""
    severity, title, grid, unit, phone, left, limit = row
    state = ClockState.OVERDUE if left < 0 else ClockState.DUE_SOON if left <= 120 else ClockState.RUNNING
    due = NOW + minutes(left)
    return CaseLine(
        id=place,
        number=f"2025112200{place:02}",
        title=title,
        severity=severity,
        grid=grid,
        address="",
        unit=unit,
        unit_phone=phone,
        reported_at=due - minutes(limit),
        clock=state,
        clock_from=due - minutes(limit),
        due_at=due,
    )


def newest() -> tuple[CaseLine, ...]:
    """The newest cases, the first three numbered as on the map."""
    return tuple(
        CaseLine(
            id=100 + place,
            number=f"2025112210{place:02}",
            title=title,
            severity=severity,
            grid=grid,
            address="",
            unit=None,
            unit_phone=None,
            reported_at=NOW - minutes(age),
            clock=None,
            clock_from=None,
            due_at=None,
            mark=place if place <= 3 else None,
        )
        for place, (severity, title, grid, age) in enumerate(NEW, start=1)
    )


def hours() -> tuple[HourBar, ...]:
    """The last 24 hours, the running one last."""
    start, still_open, bars = (
        NOW.replace(minute=0, second=0) - timedelta(hours=23),
        128 - sum(REPORTED) + sum(CLOSED),
        [],
    )
    for place, (reported, closed) in enumerate(zip(REPORTED, CLOSED, strict=True)):
        still_open += reported - closed
        low, high = max(0.0, reported * 0.7 - 1), reported * 0.9 + 1.5
        bars.append(HourBar(start + timedelta(hours=place), reported, closed, still_open, low, high))
    return tuple(bars)


def ordinary() -> Wall:
    """An afternoon with four cases overdue."""
    return Wall(
        trail=(Step("410000001", "云汀街道"),),
        is_demo=True,
        stands_still=False,
        now=NOW,
        open=128,
        open_change=-9,
        by_severity=dict(zip(Severity, (3, 11, 42, 72), strict=True)),
        overdue=4,
        overdue_red=2,
        due_soon=12,
        reported_today=63,
        reported_usual=(44, 63),
        reported_days=(52, 49, 58, 66, 58, 51, 63),
        closed_today=57,
        closed_days=(40, 42, 49, 55, 48, 61, 57),
        on_time=Rate(412, 428),
        on_time_days=tuple(Rate(n, 20) for n in (18, 19, 19, 18, 20, 19, 20)),
        last_overdue_at=None,
        stages=tuple(zip(OPEN_STAGES, (6, 9, 21, 17, 24, 31, 12, 8), strict=True)),
        tightest=tuple(case(place, row) for place, row in enumerate(TIGHT, start=1)),
        newest=newest(),
        children=tuple(
            PlaceLine(f"{n:03}", name, f"{n:02}", count, late, 1, usual) for n, name, count, late, usual in GRIDS
        ),
        siblings=(),
        watched="009",
        units=tuple(
            UnitLine(name, "6316 2000", in_hand, soon, late, median, sample=57)
            for name, in_hand, soon, late, median in UNITS
        ),
        hours=hours(),
        categories=tuple(CategoryLine(*row) for row in CATEGORIES),
        located=128,
        drawn=128,
    )


def empty() -> Wall:
    """A place in which nothing has ever happened."""
    return replace(
        ordinary(),
        is_demo=False,
        open=0,
        open_change=None,
        by_severity=dict.fromkeys(Severity, 0),
        overdue=0,
        overdue_red=0,
        due_soon=0,
        reported_today=0,
        reported_usual=None,
        reported_days=(),
        closed_today=0,
        closed_days=(),
        on_time=Rate(0, 0),
        on_time_days=(),
        stages=tuple((stage, 0) for stage in OPEN_STAGES),
        tightest=(),
        newest=(),
        children=(),
        watched=None,
        units=(),
        hours=(),
        categories=(),
        located=0,
        drawn=0,
    )


def calm() -> Wall:
    """Nothing overdue for six hours, and the wall stands in a grid of a community."""
    wall = ordinary()
    trail = (*wall.trail, Step("410000001003", "书院社区"), Step("410000001003009", "09 中山路"))
    running = tuple(line for line in wall.tightest if line.clock is not ClockState.OVERDUE)
    return replace(
        wall,
        trail=trail,
        overdue=0,
        overdue_red=0,
        due_soon=5,
        tightest=running,
        last_overdue_at=NOW - minutes(372),
        stands_still=True,
    )


def overfull() -> Wall:
    """Every list longer than its column, every name as long as real ones get."""
    wall = ordinary()
    grids = tuple(
        PlaceLine(f"{n:03}", "白河滨江花园", f"{n:02}", 46 - n, 3 if n < 16 else 0, 4, 20.0 + n % 7)
        for n in range(1, 33)
    )
    title = "小区东门外临街商铺二层外墙保温层大面积脱落砸坏车辆"
    late = tuple(
        replace(
            case(n, (R, title, "09 白河滨江花园", "住房和城乡建设所", "0377-6316 2071-8", -n * 400, 60)),
            unit="住房城乡建设所",
        )
        for n in range(30, 0, -1)
    )
    return replace(
        wall,
        trail=(Step("410000001", "五里堡街道"), Step("410000001003", "白河滨江花园社区")),
        open=12_345,
        open_change=1_204,
        by_severity=dict(zip(Severity, (120, 1_980, 4_021, 6_224), strict=True)),
        overdue=1_036,
        overdue_red=41,
        due_soon=1_412,
        reported_today=1_463,
        reported_usual=(1_144, 1_263),
        closed_today=1_257,
        on_time=Rate(14_120, 14_866),
        stages=tuple((stage, 1_500 + 40 * place) for place, stage in enumerate(OPEN_STAGES)),
        tightest=late,
        newest=tuple(replace(line, title=title, grid="09 白河滨江花园") for line in newest() * 4),
        children=grids,
        units=tuple(UnitLine("住房城乡建设所", "0377-6316 2071", 1_041, 104, 113, 127.5, 57) for _ in range(12)),
        categories=tuple(CategoryLine("公共设施与市容", 1_086 - n, 960 + 30 * n) for n in range(9)),
        located=12_001,
        drawn=580,
    )
