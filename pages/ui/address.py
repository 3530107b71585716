"""What a page shows, kept in its address, so that it can be sent to a colleague."""

import streamlit as st

from core.people import Principal
from core.places import Node, Tree
from core.words import Measure, Permission


def place(tree: Tree, who: Principal) -> Node | None:
    """The place in the address, if `who` may look at it; else the first place of theirs. None where there is none."""
    asked = tree.by_code.get(st.query_params.get("place", ""))
    if asked and who.may(Permission.READ_WALL, asked.path):
        return asked
    own = (tree.nodes.get(int(path.rstrip("/").rpartition("/")[2])) for path in who.paths(Permission.READ_WALL))
    return next(filter(None, own), None)


def go(node: Node) -> None:
    """Show another place; the street needs no word in the address."""
    if node.parent_id is None:
        st.query_params.pop("place", None)
    else:
        st.query_params["place"] = node.code


def measure() -> Measure:
    """What colours the grids; open cases unless the address says otherwise."""
    asked = st.query_params.get("measure")
    return Measure(asked) if asked in set(Measure) else Measure.OPEN


def colour_by(chosen: Measure) -> None:
    """Colour the grids by another measure."""
    st.query_params["measure"] = chosen.value
