"""The words of the domain: every enumeration, each value one English word, and its label as a message id."""

from enum import IntEnum, StrEnum

from core.language import N_


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


class Purpose(StrEnum):
    """What a one-time code opens."""

    HANDOFF = "handoff"
    PAIRING = "pairing"


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
    EXPORT_AUDIT = "export_audit"
    OPEN_DEMO = "open_demo"


# By class first: equal values of two enumerations hash alike.
LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    Level: {
        Level.STREET: N_("Street"),
        Level.COMMUNITY: N_("Community"),
        Level.GRID: N_("Grid"),
        Level.MICRO_GRID: N_("Micro-grid"),
        Level.BUILDING: N_("Building"),
    },
    GridKind: {
        GridKind.UNIT: N_("Unit grid"),
        GridKind.DEDICATED: N_("Dedicated grid"),
    },
    CaseClass: {
        CaseClass.EVENT: N_("Event"),
        CaseClass.PART: N_("Part"),
        CaseClass.REQUEST: N_("Request"),
    },
    Severity: {
        Severity.RED: N_("Red"),
        Severity.ORANGE: N_("Orange"),
        Severity.YELLOW: N_("Yellow"),
        Severity.BLUE: N_("Blue"),
    },
    Source: {
        Source.PATROL: N_("Grid patrol"),
        Source.RESIDENT: N_("Resident"),
        Source.HOTLINE: N_("12345 hotline"),
        Source.CITY_PLATFORM: N_("Digital city platform"),
        Source.VIDEO: N_("Video patrol"),
        Source.POLICE: N_("Police 110"),
        Source.DEPARTMENT: N_("Department"),
        Source.LEADER: N_("Leader"),
        Source.PHONE: N_("Phone"),
    },
    Stage: {
        Stage.REPORTED: N_("Reported"),
        Stage.ACCEPTED: N_("Accepted"),
        Stage.DISPATCHED: N_("Dispatched"),
        Stage.TAKEN_ON: N_("Taken on"),
        Stage.ON_SITE: N_("On site"),
        Stage.RESOLVED: N_("Resolved"),
        Stage.ANSWERED: N_("Answered"),
        Stage.CHECKED: N_("Checked"),
        Stage.CLOSED: N_("Closed"),
        Stage.VOIDED: N_("Voided"),
        Stage.REFUSED: N_("Not opened"),
        Stage.MERGED: N_("Merged"),
    },
    ClockState: {
        ClockState.RUNNING: N_("Running"),
        ClockState.DUE_SOON: N_("Due soon"),
        ClockState.OVERDUE: N_("Overdue"),
        ClockState.MET: N_("In time"),
        ClockState.MISSED: N_("Missed"),
        ClockState.CANCELLED: N_("Cancelled"),
        ClockState.PAUSED: N_("Suspended"),
        ClockState.SUPERSEDED: N_("Superseded"),
    },
    Measure: {
        Measure.OPEN: N_("Open cases"),
        Measure.OVERDUE: N_("Overdue cases"),
        Measure.DUE_SOON: N_("Cases due soon"),
    },
    Role: {
        Role.DUTY_OFFICER: N_("Duty officer"),
        Role.LEADER: N_("Leader"),
        Role.SECRETARY: N_("Community secretary"),
        Role.GRID_HEAD: N_("Grid head"),
        Role.LIAISON: N_("Liaison"),
        Role.ADMINISTRATOR: N_("Administrator"),
        Role.WALL: N_("Wall screen"),
        Role.SYSTEM: N_("The system"),
    },
    Verb: {
        Verb.REPORT: N_("Report"),
        Verb.ACCEPT: N_("Accept"),
        Verb.DISPATCH: N_("Dispatch"),
        Verb.TAKE_ON: N_("Take on"),
        Verb.ARRIVE: N_("Arrive on site"),
        Verb.RESOLVE: N_("Resolve"),
        Verb.ANSWER: N_("Give feedback"),
        Verb.CHECK: N_("Check"),
        Verb.CLOSE: N_("Close"),
        Verb.SELF_HANDLE: N_("Handle in the grid"),
        Verb.VOID: N_("Void"),
        Verb.REFUSE: N_("Refuse to open"),
        Verb.RETURN_WRONG: N_("Return as wrongly dispatched"),
        Verb.ASK_RETURN: N_("Ask to return"),
        Verb.APPROVE_RETURN: N_("Approve the return"),
        Verb.REWORK: N_("Send back for rework"),
        Verb.ASK_EXTENSION: N_("Ask for more time"),
        Verb.APPROVE_EXTENSION: N_("Approve more time"),
        Verb.ASK_SUSPENSION: N_("Ask to suspend"),
        Verb.APPROVE_SUSPENSION: N_("Approve the suspension"),
        Verb.RESUME: N_("Resume"),
        Verb.DECLINE: N_("Decline the request"),
        Verb.MERGE: N_("Merge into another case"),
        Verb.CORRECT: N_("Correct place or category"),
        Verb.CHASE: N_("Chase"),
        Verb.SUPERVISE: N_("Supervise"),
        Verb.REPLY: N_("Reply to the order"),
        Verb.ESCALATE: N_("Escalate"),
        Verb.SHORTEN: N_("Shorten for the emergency"),
        Verb.RECKON: N_("Reckon anew"),
    },
    Request: {
        Request.RETURN: N_("Return"),
        Request.EXTENSION: N_("Extension"),
        Request.SUSPENSION: N_("Suspension"),
    },
    Outcome: {
        Outcome.DONE: N_("Done"),
        Outcome.REFUSED: N_("Refused"),
    },
    Action: {
        Action.SIGN_IN: N_("Sign in"),
        Action.SIGN_OUT: N_("Sign out"),
        Action.CHANGE_PASSWORD: N_("Change password"),
        Action.ADD_PERSON: N_("Add person"),
        Action.APPOINT: N_("Appoint"),
        Action.END_APPOINTMENT: N_("End appointment"),
        Action.UNLOCK: N_("Unlock"),
        Action.DISABLE: N_("Disable"),
        Action.ENABLE: N_("Enable"),
        Action.END_SESSIONS: N_("End sessions"),
        Action.RESET_PASSWORD: N_("Temporary password"),
        Action.INVITE_WALL: N_("Pairing code"),
        Action.PAIR_WALL: N_("Pair wall screen"),
        Action.REVOKE_WALL: N_("Revoke wall screen"),
        Action.UNMASK_REPORTER: N_("Unmask reporter"),
        Action.EXPORT_AUDIT: N_("Export audit"),
        Action.OPEN_DEMO: N_("Open demo accounts"),
    },
}


def label(word: StrEnum) -> str:
    """The message id under which `word` is shown."""
    return LABELS[type(word)][word]
