"""My backlog: the open cases of my grids, my unit or my community, the next deadline first, and what I may do now."""

from datetime import timedelta

from core import clock, diary, follower, rules, store, units, whistles
from core.cases import backlog, ledger, queries
from core.words import Permission, Role
from pages.ui import cards, drafts, frame, pieces, records, session, step_form, todo

who = session.require(Permission.READ_CASES)
_ = session.text()
MONTH, DIARY_DAYS = timedelta(days=30), timedelta(days=14)

# load
now, in_force, tree = clock.now(), rules.current(), follower.current().board.tree
frame.page(_("My backlog"), _("Updated {time}").format(time=f"{clock.local(now):%H:%M}"))
step_form.tell()
lane, show = todo.lane(who, _), todo.asked_show()
with store.current().reading() as db:
    known_units = {unit.id or 0: unit for unit in units.units(db)}
    if lane == "cases":
        last = backlog.look(db, who)
        counts = backlog.counts(db, who, now, last)
        todos = backlog.backlog(db, who, now, in_force, last, show)
    elif lane == "calls":
        calls, waiting = queries.call_backs(db, who, now), queries.to_call_back(db, who, now)
    elif lane == "whistles":
        blown = whistles.open_whistles(db, who)
    elif lane == "diary":
        lines, doors = diary.diary(db, who, now - DIARY_DAYS), diary.knocks(db, who)
    else:
        shares = ledger.shares(db, who, now - MONTH, now)
        entries = ledger.ledger(db, who, now - MONTH, now)

# ask, act, draw
if lane == "cases":
    drafts.keep(who.user_id, *todo.kept_of(todos))
    todo.draw_filters(counts, show, _)
    if not todos:
        cards.show(pieces.empty(_("No case waits here."), _("What is new appears by itself when the page is opened.")))
    todo.draw_cases(todos, known_units, tree, who, now, _)
    todo.draw_rest(len(todos), counts[show], last, who, now, _)
elif lane == "calls":
    records.draw_calls(calls, waiting, now, _)
elif lane == "whistles":
    drafts.keep(who.user_id, [f"answer_{call.whistle.id}" for call in blown])
    records.draw_whistles(blown, who, {node.id: node.name for node in tree.nodes.values()}, now, _)
elif lane == "diary":
    drafts.keep(who.user_id, ["diary_text"])
    own = [node for node in tree.nodes.values() if who.may(Permission.KEEP_DIARY, node.path)]
    is_secretary = any(grant.role is Role.SECRETARY for grant in who.grants)
    records.draw_diary(lines, [(node.id, node.name) for node in own], doors, is_secretary, now, _)
else:
    grids = {node.id: node.name for node in tree.nodes.values()}
    records.draw_ledger(shares, entries, {key: unit.name for key, unit in known_units.items()}, grids, _)
