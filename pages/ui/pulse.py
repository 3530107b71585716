"""The pulse: a component that hears the server's event stream, re-runs its fragment, and says when it hears nothing."""

import streamlit as st

from core.language import Translate
from pages.ui.panels import TICK_JS

# The stream's messages are whole states, so that a lost one does no harm. What the page shows is read from the element
# with `data-version`; only a difference re-runs the fragment. A fragment whose run got lost is asked for again by the
# next message, and a page that stays behind for a minute is loaded anew: nobody sits at a wall's keyboard.
SCRIPT = """
export default function ({ data, parentElement, setTriggerValue }) {
  const SILENCE_MS = 25000, BEHIND_MS = 15000, RELOAD_MS = 60000;
  const band = parentElement.querySelector(".band");
  const root = document.documentElement;
  let stream, state, heardAt = Date.now(), staleAt, lostAt, behindAt, waiting;

  const time = (at) => new Date(at).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false });
  const shown = () => document.querySelector("[data-version]")?.dataset.version;
  const isBehind = () => state && shown() !== undefined && shown() !== String(state.version);

  const run = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => setTriggerValue("beat", state.version), Math.random() * data.jitter_ms);
  };
  const open = () => {
    stream?.close();
    stream = new EventSource(data.url);
    stream.onmessage = (message) => hear(JSON.parse(message.data));
    stream.onerror = lose;
    stream.addEventListener("ended", () => location.reload());
    heardAt = Date.now();
  };
  const hear = (news) => {
    if (state && state.boot !== news.boot) return location.reload();
    state = news;
    heardAt = Date.now();
    staleAt = news.stale_s === null ? null : Date.now() - news.stale_s * 1000;
    if (isBehind()) { behindAt ??= Date.now(); run(); }
    draw();
  };
  const askIfOpen = () => fetch("/session/state").then((answer) => { if (answer.status === 401) location.reload(); },
    () => {});
  const lose = () => { lostAt ??= Date.now(); draw(); };

  const draw = () => {
    if (!isBehind()) behindAt = null;
    if (stream.readyState === EventSource.OPEN && Date.now() - heardAt < SILENCE_MS
        && !(behindAt && Date.now() - behindAt > BEHIND_MS)) lostAt = null;
    const stale_s = staleAt ? Math.round((Date.now() - staleAt) / 1000) : 0;
    root.dataset.live = lostAt ? "lost" : stale_s > 60 ? "old" : stale_s > 10 ? "stale" : "fresh";
    const text = lostAt ? `${data.lost} ${time(lostAt)}`
      : staleAt ? `${data.stale} ${time(staleAt)} · ${data.since.replace("{seconds}", stale_s)}` : "";
    root.style.setProperty("--live-text", JSON.stringify(text));
    band.textContent = text;
    band.hidden = !lostAt && stale_s <= 60;
  };
  const watch = () => {
    const now = Date.now();
    if (stream.readyState === EventSource.CLOSED || now - heardAt > SILENCE_MS) { lose(); open(); askIfOpen(); }
    if (behindAt && now - behindAt > BEHIND_MS) lose();
    if (behindAt && now - behindAt > RELOAD_MS && stream.readyState === EventSource.OPEN) location.reload();
    draw();
    const panels = document.querySelector("[data-words]");
    if (panels) tick(panels, now, staleAt ?? heardAt);
  };

  open();
  const watching = setInterval(watch, 1000);
  return () => { clearInterval(watching); clearTimeout(waiting); stream.close(); };
}
"""

BAND = """
.band { position: fixed; left: 0; right: 0; top: 72px; z-index: 9; height: 40px; line-height: 40px; padding: 0 24px;
  background: #F3ECD8; color: #10181F; font-size: 19px; font-weight: 600; font-feature-settings: "tnum", "lnum"; }
.band[hidden] { display: none; }
"""

_component = st.components.v2.component(
    "pulse", html='<div class="band" role="status" hidden></div>', css=BAND, js=TICK_JS + SCRIPT
)


def pulse(key: str, translate: Translate, jitter_ms: int = 200) -> None:
    """Re-run the fragment around this call whenever the board has changed.

    Its data must stay equal from run to run, or the stream would be opened anew.
    """
    texts = {
        "lost": translate("Connection lost"),
        "stale": translate("Data stopped at"),
        "since": translate("{seconds} s ago"),
    }
    _component(key=key, data={"url": "/live/stream", "jitter_ms": jitter_ms, **texts}, on_beat_change=_nothing)


def _nothing() -> None:
    """A trigger needs a callback; the run itself is what is wanted."""
