/**
 * The bell: a soft tone and a spoken sentence for each new alarm, again every half minute until it is acknowledged: by the
 * space bar, or, where `words` have no word for that, by the page, which then has no such alarm any more.
 * Silent until somebody switches it on by a key (M) or a click; the choice stays in this browser.
 */
function alarmBell(parentElement, words) {
  const AGAIN_MS = 30000, TOO_OLD_MS = 300000, SHOWN = 3, CHOICE = "grid-command-sound";
  const button = parentElement.querySelector(".sound"), label = button.querySelector("span");
  const card = parentElement.querySelector(".alarm"), list = card.querySelector("ul");
  const acknowledge = card.querySelector("button");
  const known = new Set();
  let isFirst = true, isOn = false, waiting = [], since = 0, rungAt = 0, audio = null;

  const note = (hertz, start) => {
    const tone = audio.createOscillator(), gain = audio.createGain(), at = audio.currentTime + start;
    tone.frequency.value = hertz;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.14, at + 0.04);
    gain.gain.exponentialRampToValueAtTime(0.001, at + 0.9);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 1);
  };
  const speak = (text) => {
    if (!window.speechSynthesis || !text) return;
    const said = new SpeechSynthesisUtterance(text);
    said.lang = words.language;
    said.rate = 0.95;
    speechSynthesis.cancel();
    speechSynthesis.speak(said);
  };
  const ring = (now, text) => {
    rungAt = now;
    if (audio?.state !== "running") return;
    note(659.3, 0);
    note(523.3, 0.35);
    speak(text);
  };
  const wake = () => {
    if (!isOn) return;
    audio ??= new AudioContext();
    audio.resume().then(draw, () => {});
  };
  const draw = () => {
    button.setAttribute("aria-pressed", String(isOn));
    const text = !isOn ? words.off : audio?.state === "running" ? words.on : words.waits;
    if (label.textContent !== text) label.textContent = text;
    card.hidden = !waiting.length || !words.acknowledge;
  };
  const row = (alarm) => {
    const line = document.createElement("li"), mark = document.createElement("i"), head = document.createElement("b");
    mark.style.background = alarm.mark;
    mark.style.clipPath = alarm.clip;
    head.textContent = alarm.head;
    line.append(mark, head, alarm.text);
    return line;
  };
  const show = () => {
    const rows = waiting.slice(0, SHOWN).map(row);
    if (waiting.length > SHOWN) {
      const rest = document.createElement("li");
      rest.textContent = words.more.replace("{count}", waiting.length - SHOWN);
      rows.push(rest);
    }
    list.replaceChildren(...rows);
    draw();
  };
  const hush = () => { waiting = []; window.speechSynthesis?.cancel(); show(); };
  const toggle = () => {
    isOn = !isOn;
    try { localStorage.setItem(CHOICE, isOn ? "1" : ""); } catch { /* a browser that keeps nothing */ }
    if (isOn) { wake(); audio.resume().then(() => ring(Date.now(), words.test)); } else hush();
    draw();
  };
  const press = (event) => {
    const isTyping = event.target.closest?.("input, textarea, [contenteditable]");
    if (event.code === "Space" && !card.hidden) { event.preventDefault(); event.stopPropagation(); hush(); }
    else if (event.key.toLowerCase() === "m" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) toggle();
    else if (audio?.state !== "running") wake();
  };

  try { isOn = localStorage.getItem(CHOICE) === "1"; } catch { /* as above */ }
  acknowledge.textContent = words.acknowledge;
  button.addEventListener("click", toggle);
  acknowledge.addEventListener("click", hush);
  document.addEventListener("keydown", press, true);
  document.addEventListener("pointerdown", wake, true);
  wake();
  draw();

  return {
    /** Take in the alarms of the picture shown; what was there when the page came is not new. */
    hear(alarms, now) {
      const fresh = alarms.filter((alarm) => !known.has(alarm.key));
      fresh.forEach((alarm) => known.add(alarm.key));
      if (!words.acknowledge) waiting = waiting.filter((alarm) => alarms.some((each) => each.key === alarm.key));
      if (isFirst || !isOn) { isFirst = false; return; }
      if (fresh.length) {
        waiting = [...fresh, ...waiting];
        since = now;
        show();
        ring(now, fresh.slice(0, SHOWN).map((alarm) => alarm.say).join("。"));
      } else if (waiting.length && now - since > TOO_OLD_MS) hush();
      else if (waiting.length && now - rungAt > AGAIN_MS) ring(now, waiting[0].say);
    },
    stop() {
      document.removeEventListener("keydown", press, true);
      document.removeEventListener("pointerdown", wake, true);
      audio?.close();
    },
  };
}
