"""Points of interest: put on the map by a click, or taken from a file."""

import streamlit as st

from core import clock, follower, points, store
from core.drill.ground import around, ground
from core.words import Permission
from pages.ui import frame, point_forms, session

me = session.require(Permission.ADMINISTER)
_ = session.text()

# load
now = clock.now()
tree = follower.current().board.tree
grids = [grid for root in tree.children.get(None, ()) for grid in tree.grids(root)]
mine = [grid for grid in grids if me.may(Permission.ADMINISTER, grid.path)]

# ask, act, draw
frame.page(_("Points of interest"))
point_forms.tell(_)
grid = point_forms.choose(mine, _)
if grid:
    with store.current().reading() as db:
        known = points.points_in(db, [grid.id])
        inside = around(db, ground(db, now), grid.code, now)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        point_forms.draw_map(grid, known, inside.children if inside else (), _)
    with right:
        point_forms.draw_form(now, _)
        point_forms.draw_upload(now, _)
