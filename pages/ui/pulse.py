"""The pulse: a component that hears the server's event stream, re-runs its fragment, and says when it hears nothing."""

from typing import NamedTuple

import streamlit as st

from core.language import Translate
from pages.ui.panels import TICK_JS
from pages.ui.sheets import TEMPLATES

# The stream's messages are whole states, so that a lost one does no harm. What the page shows is read from the element
# with `data-version`; only one older than what was heard re-runs the fragment. A fragment whose run got lost is asked
# for again by the next look; a page that stays behind for a minute is loaded anew: nobody sits at a wall's keyboard.
# Streamlit gathers what changed and sends it in its next task; if any of it is a fragment's it runs that fragment only,
# and a button pressed meanwhile is lost. So the pulse waits a little after a touch, and is then sent by itself.
SCRIPT = """
export default function ({ data, parentElement, setTriggerValue, setStateValue }) {
  const SILENCE_MS = 25000, BEHIND_MS = 15000, RELOAD_MS = 60000, TOUCH_MS = 150;
  const band = parentElement.querySelector(".band");
  const root = document.documentElement;
  const bell = alarmBell(parentElement, data.bell);
  let stream, state, heardAt = Date.now(), staleAt, lostAt, behindAt, asked, room = String(data.room);

  const time = (at) => new Date(at).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false });
  const shown = () => document.querySelector("[data-version]")?.dataset.version;
  const isBehind = () => state && shown() !== undefined && Number(shown()) < state.version;  // it may know a newer one

  let touched;  // a timer, which ends after the one that sends what was touched
  const touch = (event) => {
    if (event.key?.length === 1 && !event.altKey && !event.ctrlKey && !event.metaKey) return;  // only typed
    clearTimeout(touched);
    touched = setTimeout(() => { touched = null; }, TOUCH_MS);
  };
  const TOUCHES = ["pointerdown", "click", "change", "keydown"];
  for (const kind of TOUCHES) addEventListener(kind, touch, true);
  const send = (say) => {
    if (touched) return void setTimeout(send, TOUCH_MS, say);
    const { setTimeout: later } = window;
    window.setTimeout = (work) => queueMicrotask(work);
    try { say(); } finally { window.setTimeout = later; }
  };

  const isUnderWay = () => asked && asked.shown === shown() && Date.now() - asked.at < BEHIND_MS;
  const run = () => {
    // One under way is left to end: a second request makes the server begin it anew, and a busy server would never end
    // any. Nothing spreads the requests here: the server tells its pages one after the other.
    if (isUnderWay()) return;
    asked = { shown: shown(), at: Date.now() };
    send(() => setTriggerValue("beat", state.version));
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
  const measure = () => {
    const box = document.querySelector(data.around)?.getBoundingClientRect();
    if (!box?.width) return;
    const rem = parseFloat(getComputedStyle(root).fontSize);
    const found = [box.width, box.height, rem].map((px) => Math.round(px * 4) / 4);
    if (String(found) !== room) { room = String(found); send(() => setStateValue("room", found)); }
  };
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
    const said = data.shown.replace("{time}", time(staleAt ?? heardAt));
    band.textContent = lostAt ? [text, said, data.help].join(" · ") : text;
    band.hidden = !lostAt && stale_s <= 60;
  };
  const watch = () => {
    const now = Date.now();
    if (stream.readyState === EventSource.CLOSED || now - heardAt > SILENCE_MS) { lose(); open(); askIfOpen(); }
    if (isBehind()) run();
    if (behindAt && now - behindAt > BEHIND_MS) lose();
    if (behindAt && now - behindAt > RELOAD_MS && stream.readyState === EventSource.OPEN) location.reload();
    draw();
    measure();
    const panels = document.querySelector("[data-words]"), told = document.querySelector("[data-alarms]");
    if (panels) tick(panels, now, staleAt ?? heardAt);
    if (told) bell.hear(JSON.parse(told.dataset.alarms), now);
  };

  open();
  const watching = setInterval(watch, 1000);
  return () => {
    clearInterval(watching);
    stream.close();
    bell.stop();
    for (const kind of TOUCHES) removeEventListener(kind, touch, true);
  };
}
"""

ALARM_JS = (TEMPLATES / "alarm.js").read_text(encoding="utf-8")  # `alarmBell(parentElement, words)` for the browser
CSS = (TEMPLATES / "pulse.css").read_text(encoding="utf-8")
HTML = """
<div class="band" role="status" hidden></div>
<button class="sound" type="button" aria-pressed="false"><i></i><span></span></button>
<div class="alarm" role="alert" hidden><ul></ul><button type="button"></button></div>
"""


class Room(NamedTuple):
    """The size of an element in a browser, and of its rem, which is 16 on a wall of 1920 × 1080.

    Units: CSS pixels.
    """

    width_px: float
    height_px: float
    rem_px: float

    @property
    def is_wide(self) -> bool:
        """Whether the map is that of two screens side by side."""
        return self.width_px > 100 * self.rem_px


ROOM = Room(1008, 584, 16)
_component = st.components.v2.component("pulse", html=HTML, css=CSS, js=TICK_JS + ALARM_JS + SCRIPT)


def pulse(key: str, translate: Translate, around: str, *, has_card: bool = True) -> Room:
    """Re-run the fragment around this call whenever the board has changed; a page without the card acknowledges itself.

    Its data must stay equal from run to run, or the stream would be opened anew.

    Returns: how large the browser drew the element that the CSS selector `around` names.
    """
    texts = {
        "lost": translate("Connection lost"),
        "stale": translate("Data stopped at"),
        "since": translate("{seconds} s ago"),
        "shown": translate("the picture is of {time}"),
        "help": translate("it comes back by itself; if it does not, tell the administrator"),
        "bell": bell_words(translate) | ({} if has_card else {"acknowledge": ""}),
    }
    result = _component(
        key=key,
        data={"url": "/live/stream", "around": around, "room": [*ROOM], **texts},
        default={"room": [*ROOM]},
        on_beat_change=_nothing,
        on_room_change=_nothing,
    )
    return room_of(result.room)


def bell_words(translate: Translate) -> dict[str, str]:
    """What the bell says on its buttons; `language` is the one it speaks."""
    return {
        "language": translate("en"),
        "on": translate("Sound on"),
        "off": translate("Sound off"),
        "waits": translate("Press any key for sound"),
        "more": translate("and {count} more"),
        "acknowledge": translate("Acknowledge · space"),
        "test": translate("Sound is on"),
    }


def room_of(said: object) -> Room:
    """What a browser says of its room; the usual room when that is not to be believed."""
    match said:
        case [int() | float() as width, int() | float() as height, int() | float() as rem]:
            fits = 100 <= width <= 16_000 and 100 <= height <= 16_000 and 4 <= rem <= 100
            return Room(width, height, rem) if fits else ROOM
    return ROOM


def _nothing() -> None:
    """A trigger needs a callback; the run itself is what is wanted."""
