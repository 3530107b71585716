"""What somebody has typed and not yet handed in, kept by their browser through a bad network and a reload."""

from collections.abc import Collection

import streamlit as st

# Fields are found by the key of their widget. What was kept is given back once, when the page is loaded anew; what was
# handed in is forgotten, and so is what another person left, or anybody a day ago.
SCRIPT = """
export default function ({ data, parentElement, setStateValue }) {
  const DAY_MS = 86400000, name = (field) => `draft:${data.owner}:${field}`;
  const known = parentElement.__drafts ??= { handed: new Set(), given: new Set() };
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith("draft:")) continue;
    const at = JSON.parse(localStorage.getItem(key)).at;
    if (!key.startsWith(`draft:${data.owner}:`) || Date.now() - at > DAY_MS) localStorage.removeItem(key);
  }
  for (const field of data.handed) if (!known.handed.has(field)) {
    known.handed.add(field);
    localStorage.removeItem(name(field));
  }
  const kept = {};
  for (const field of data.fields) {
    const found = localStorage.getItem(name(field));
    if (found && !known.given.has(field)) kept[field] = JSON.parse(found).text;
    known.given.add(field);
  }
  if (Object.keys(kept).length) setStateValue("kept", kept);
  const keep = (event) => {
    const field = data.fields.find((each) => event.target.closest?.(`.st-key-${each}`));
    if (field) localStorage.setItem(name(field), JSON.stringify({ at: Date.now(), text: event.target.value }));
  };
  document.addEventListener("input", keep, true);
  return () => document.removeEventListener("input", keep, true);
}
"""
_component = st.components.v2.component("drafts", html="<span></span>", js=SCRIPT)
GIVEN, HANDED = "drafts_given", "drafts_handed"


def keep(owner: int, fields: Collection[str]) -> None:
    """Keep the text fields with these keys; call it before they are drawn, since what was kept is put into them."""
    state = st.session_state
    result = _component(
        key="drafts",
        data={"owner": owner, "fields": [*fields], "handed": [*state.get(HANDED, ())]},
        default={"kept": {}},
        on_kept_change=_nothing,
    )
    given = state.setdefault(GIVEN, set())
    for field, text in _texts(result.kept, fields):
        if field not in given:
            given.add(field)
            if not state.get(field):
                state[field] = text


def forget(*fields: str) -> None:
    """What was handed in need not be kept."""
    st.session_state.setdefault(HANDED, []).extend(fields)


def _texts(said: object, fields: Collection[str]) -> list[tuple[str, str]]:
    """What a browser says it kept, as far as it is text of fields that we asked for."""
    if not isinstance(said, dict):
        return []
    return [(field, text[:2000]) for field, text in said.items() if field in fields and isinstance(text, str)]


def _nothing() -> None:
    """A change needs a callback; the run itself is what is wanted."""
