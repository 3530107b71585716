"""The words of the domain: every enumeration, each value one English word; `core/captions.py` has their labels."""

from enum import IntEnum, StrEnum


class Level(StrEnum):
    """Levels of places, from the street down."""

    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"
    MICRO_GRID = "micro_grid"
    BUILDING = "building"


class GridKind(StrEnum):
    """What a grid is bound to: a unit of streets and blocks, or one large compound."""

    UNIT = "unit"
    DEDICATED = "dedicated"


class CaseClass(StrEnum):
    """The three classes of cases."""

    EVENT = "event"
    PART = "part"
    REQUEST = "request"


class Severity(StrEnum):
    """The four legal levels, by nature, reach and harm."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"

    @property
    def rank(self) -> int:
        """0 for red to 3 for blue."""
        return list(Severity).index(self)


class Source(StrEnum):
    """Where a report comes from."""

    PATROL = "patrol"
    RESIDENT = "resident"
    HOTLINE = "hotline"
    CITY_PLATFORM = "city_platform"
    VIDEO = "video"
    POLICE = "police"
    DEPARTMENT = "department"
    LEADER = "leader"
    PHONE = "phone"


class Stage(StrEnum):
    """Where a case stands in the loop."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    TAKEN_ON = "taken_on"
    ON_SITE = "on_site"
    RESOLVED = "resolved"
    ANSWERED = "answered"
    CHECKED = "checked"
    CLOSED = "closed"
    VOIDED = "voided"
    REFUSED = "refused"
    MERGED = "merged"


ENDED = frozenset({Stage.CLOSED, Stage.VOIDED, Stage.REFUSED, Stage.MERGED})
OPEN_STAGES = tuple(stage for stage in Stage if stage not in ENDED)


class Verb(StrEnum):
    """The legal moves of a case."""

    REPORT = "report"
    ACCEPT = "accept"
    DISPATCH = "dispatch"
    TAKE_ON = "take_on"
    ARRIVE = "arrive"
    RESOLVE = "resolve"
    ANSWER = "answer"
    CHECK = "check"
    CLOSE = "close"
    SELF_HANDLE = "self_handle"
    VOID = "void"
    REFUSE = "refuse"
    RETURN_WRONG = "return_wrong"
    ASK_RETURN = "ask_return"
    APPROVE_RETURN = "approve_return"
    REWORK = "rework"
    ASK_EXTENSION = "ask_extension"
    APPROVE_EXTENSION = "approve_extension"
    ASK_SUSPENSION = "ask_suspension"
    APPROVE_SUSPENSION = "approve_suspension"
    RESUME = "resume"
    DECLINE = "decline"
    MERGE = "merge"
    CORRECT = "correct"
    CHASE = "chase"
    SUPERVISE = "supervise"
    REPLY = "reply"
    ESCALATE = "escalate"
    SHORTEN = "shorten"
    RECKON = "reckon"
    ORDER = "order"
    RATE_SATISFIED = "rate_satisfied"
    RATE_MOSTLY = "rate_mostly"
    REOPEN = "reopen"
    BRING_TO_MEETING = "bring_to_meeting"


class Verdict(StrEnum):
    """What a resident says of the result when called back."""

    SATISFIED = "satisfied"
    MOSTLY_SATISFIED = "mostly_satisfied"
    NOT_SATISFIED = "not_satisfied"


class PhotoKind(StrEnum):
    """Which moment of a case a photo shows."""

    BEFORE = "before"
    AFTER = "after"


class DiaryKind(StrEnum):
    """What a line of the diary tells of."""

    PATROL = "patrol"
    VISIT = "visit"
    KNOCK = "knock"
    DISPUTE = "dispute"
    SAFETY = "safety"
    POLICY = "policy"


class Request(StrEnum):
    """What a unit asks leave for."""

    RETURN = "return"
    EXTENSION = "extension"
    SUSPENSION = "suspension"


class ClockState(StrEnum):
    """How a promise stands."""

    RUNNING = "running"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    MET = "met"
    MISSED = "missed"
    CANCELLED = "cancelled"
    PAUSED = "paused"
    SUPERSEDED = "superseded"


class WhistleKind(StrEnum):
    """How urgently a grid calls departments."""

    DAILY = "daily"
    TOUGH = "tough"
    URGENT = "urgent"


class Measure(StrEnum):
    """What colours the grids of a map."""

    OPEN = "open"
    OVERDUE = "overdue"
    DUE_SOON = "due_soon"


class Role(StrEnum):
    """What a person is appointed to be."""

    DUTY_OFFICER = "duty_officer"
    LEADER = "leader"
    SECRETARY = "secretary"
    GRID_HEAD = "grid_head"
    LIAISON = "liaison"
    ADMINISTRATOR = "administrator"
    WALL = "wall"
    SYSTEM = "system"


class Permission(IntEnum):
    """What a role may do at its places."""

    READ_WALL = 1
    READ_CASES = 2
    REPORT = 3
    INTAKE = 4
    DISPATCH = 5
    WORK_FOR_UNIT = 6
    RECORD_FOR_UNIT = 7
    SELF_HANDLE = 8
    CHECK = 9
    VOID = 10
    READ_REPORTER = 11
    ADMINISTER = 12
    APPROVE = 13
    APPROVE_HIGHER = 14
    CORRECT = 15
    CHASE = 16
    SUPERVISE = 17
    DECLARE_EMERGENCY = 18
    UPKEEP = 19
    READ_AUDIT = 20
    KEEP_DIARY = 21
    BLOW_WHISTLE = 22
    LOOK_UP = 23
    READ_MOBILES = 24
    EDIT_DIRECTORY = 25
    CALL_BACK = 26
    READ_MEETINGS = 27
    PREPARE_MEETING = 28
    DECIDE_AT_MEETING = 29
    KEEP_SHIFT = 30
    SIT_AT_DESK = 31
    READ_FIGURES = 32


class Outcome(StrEnum):
    """How an audited act ended."""

    DONE = "done"
    REFUSED = "refused"


class Action(StrEnum):
    """What is audited."""

    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    CHANGE_PASSWORD = "change_password"
    ADD_PERSON = "add_person"
    APPOINT = "appoint"
    END_APPOINTMENT = "end_appointment"
    UNLOCK = "unlock"
    DISABLE = "disable"
    ENABLE = "enable"
    END_SESSIONS = "end_sessions"
    RESET_PASSWORD = "reset_password"
    INVITE_WALL = "invite_wall"
    PAIR_WALL = "pair_wall"
    REVOKE_WALL = "revoke_wall"
    UNMASK_REPORTER = "unmask_reporter"
    EXPORT_CASE = "export_case"
    EXPORT_AUDIT = "export_audit"
    OPEN_DEMO = "open_demo"
    TAKE_STEP = "take_step"
    WRITE_DIARY = "write_diary"
    MARK_SEEN = "mark_seen"
    BLOW_WHISTLE = "blow_whistle"
    ANSWER_WHISTLE = "answer_whistle"
    WITHDRAW_WHISTLE = "withdraw_whistle"
    FOUND_SERIES = "found_series"
    BUILD_AGENDA = "build_agenda"
    CHANGE_AGENDA = "change_agenda"
    FREEZE_AGENDA = "freeze_agenda"
    MARK_ATTENDANCE = "mark_attendance"
    DECIDE_ITEM = "decide_item"
    END_MEETING = "end_meeting"
    TELL_PROGRESS = "tell_progress"
    SIGN_OFF = "sign_off"
    EDIT_DIRECTORY = "edit_directory"
    IMPORT_DIRECTORY = "import_directory"
    UNDO_IMPORT = "undo_import"
    EXPORT_DIRECTORY = "export_directory"
    REGISTER = "register"
    MOVE_CASE = "move_case"
    WRITE_SHIFT = "write_shift"
    HAND_OVER = "hand_over"
    TAKE_OVER = "take_over"
    EMERGENCY = "emergency"
    EXPORT_PLACES = "export_places"
    CORRECT_CASE = "correct_case"
    DRAW_POINT = "draw_point"
