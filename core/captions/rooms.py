"""How the words of meetings, the directory and the drill-down are called, as message ids."""

from enum import StrEnum

from core.language import N_
from core.liaison_words import Coverage, Rung, Why
from core.meeting_words import Cause, ItemKind, ItemOutcome, MeetingState, Presence, Progress, Rhythm
from core.place_words import Figure, Grain, OrganisationKind, PointKind, Section, Span

ROOMS: dict[type[StrEnum], dict[StrEnum, str]] = {
    Rhythm: {
        Rhythm.WEEKLY: N_("Weekly"),
        Rhythm.MONTHLY: N_("Monthly"),
        Rhythm.QUARTERLY: N_("Quarterly"),
        Rhythm.AS_NEEDED: N_("As needed"),
    },
    MeetingState: {
        MeetingState.PREPARED: N_("In preparation"),
        MeetingState.FROZEN: N_("Agenda fixed"),
        MeetingState.UNDER_WAY: N_("In session"),
        MeetingState.ENDED: N_("Held"),
    },
    ItemKind: {
        ItemKind.STUDY: N_("Study"),
        ItemKind.HEARING: N_("Hear a report"),
        ItemKind.COORDINATION: N_("Coordinate"),
        ItemKind.DECISION: N_("Decide"),
    },
    ItemOutcome: {
        ItemOutcome.RESOLVED: N_("Resolution made"),
        ItemOutcome.DEFERRED: N_("Put off to the next meeting"),
        ItemOutcome.PROMOTED: N_("Taken to the next level"),
        ItemOutcome.SETTLED: N_("Settled"),
        ItemOutcome.REVIEWED: N_("Progress heard"),
    },
    Cause: {
        Cause.CARRIED: N_("Put off last time"),
        Cause.OVERDUE: N_("Late"),
        Cause.DEPARTMENTS: N_("Several departments"),
        Cause.RETURNED: N_("Returned or reworked"),
        Cause.SUSPENDED: N_("On hold"),
        Cause.REPORTS: N_("Reported again and again"),
        Cause.RED: N_("Red level"),
        Cause.UNSATISFIED: N_("Resident not satisfied"),
        Cause.WHISTLE: N_("Whistle for a tough case"),
        Cause.PROMOTED: N_("Brought up from below"),
        Cause.NOT_DONE: N_("Earlier resolution not done"),
    },
    Presence: {
        Presence.PRESENT: N_("Present"),
        Presence.EXCUSED: N_("Excused"),
        Presence.ABSENT: N_("Absent"),
    },
    Progress: {
        Progress.NOT_STARTED: N_("Not started"),
        Progress.UNDER_WAY: N_("Under way"),
        Progress.DONE: N_("Completed"),
        Progress.OVERDUE: N_("Past its date"),
        Progress.SUSPENDED: N_("Held over"),
    },
    Rung: {
        Rung.BUILDING: N_("Building"),
        Rung.MICRO_GRID: N_("Micro-grid"),
        Rung.GRID: N_("Grid"),
        Rung.COMMUNITY: N_("Community"),
        Rung.STREET: N_("Street"),
        Rung.DEPUTY: N_("Deputy"),
        Rung.UNIT: N_("Unit"),
    },
    Why: {
        Why.ROSTERED: N_("on the roster now"),
        Why.IN_HOURS: N_("on duty now"),
        Why.STANDS_IN: N_("stands in"),
        Why.DEPUTIZES: N_("deputy, on duty now"),
        Why.DUTY_PHONE: N_("duty phone of the unit"),
        Why.ON_LEAVE: N_("on leave"),
        Why.OFF_DUTY: N_("off duty now"),
        Why.NOBODY: N_("nobody named"),
    },
    Coverage: {
        Coverage.COVERED: N_("Covered"),
        Coverage.FROM_ABOVE: N_("Covered from above"),
        Coverage.STALE: N_("Not verified for 90 days"),
        Coverage.DUTY_ROOM: N_("Nobody, goes to the duty room"),
        Coverage.GAP: N_("Gap"),
    },
    Figure: {
        Figure.OPEN: N_("Open"),
        Figure.OVERDUE: N_("Overdue"),
        Figure.DUE_SOON: N_("Due soon"),
        Figure.REPORTED: N_("Reported cases"),
        Figure.CLOSED: N_("Closed cases"),
        Figure.ON_TIME: N_("Closed in time"),
        Figure.REWORKED: N_("Rework rate"),
        Figure.SATISFIED: N_("Satisfaction"),
        Figure.MEDIAN: N_("Median time to close"),
    },
    Span: {
        Span.TODAY: N_("Today"),
        Span.WEEK: N_("Last 7 days"),
        Span.DAYS_30: N_("Last 30 days"),
        Span.MONTH: N_("This month"),
        Span.LAST_MONTH: N_("Last month"),
        Span.DAYS_90: N_("Last 90 days"),
        Span.YEAR: N_("Last 365 days"),
    },
    Grain: {
        Grain.DAY: N_("By day"),
        Grain.WEEK: N_("By week"),
        Grain.MONTH: N_("By month"),
    },
    Section: {
        Section.CHILDREN: N_("Ranking"),
        Section.TRENDS: N_("Trends"),
        Section.CASES: N_("Cases"),
        Section.CARD: N_("Place card"),
    },
    OrganisationKind: {
        OrganisationKind.PARTY: N_("Party organisation"),
        OrganisationKind.PROPERTY: N_("Property company"),
    },
    PointKind: {
        PointKind.STATION: N_("Service station"),
        PointKind.CAMERA: N_("Camera"),
        PointKind.HYDRANT: N_("Hydrant"),
    },
}
