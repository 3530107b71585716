/** Rewrites the times under `root` for the moment `nowMs`; `heardMs`: when the store was last known to be read. */
function tick(root, nowMs, heardMs) {
  const words = JSON.parse(root.dataset.words);
  const stands = root.dataset.still === "1";
  const now = stands ? Number(root.dataset.now) : Math.floor(nowMs / 1000);
  const fill = (text, ...values) => text.replace(/\{\}/g, () => values.shift());
  const span = (s) => s < 36000 ? `${Math.floor(s / 3600)}:${String(Math.floor(s / 60) % 60).padStart(2, "0")}`
    : s < 86400 ? fill(words.whole_hours, Math.floor(s / 3600))
    : fill(words.days, Math.floor(s / 86400));
  const late = (s) => s >= 86400 && s % 86400 >= 3600
    ? fill(words.late_days, Math.floor(s / 86400), Math.floor(s / 3600) % 24) : span(s);
  const ago = (s) => s < 60 ? words.now
    : s < 3600 ? fill(words.minutes, Math.floor(s / 60))
    : s < 86400 ? fill(words.hours, Math.floor(s / 3600))
    : fill(words.ago, Math.floor(s / 86400));
  const local = (seconds, options) => new Intl.DateTimeFormat(words.locale,
    { timeZone: "Asia/Shanghai", hourCycle: "h23", ...options }).format(new Date(seconds * 1000));
  const hm = { hour: "2-digit", minute: "2-digit" };
  const put = (name, textOf) => root.querySelectorAll(`[data-${name}]`).forEach((element) => {
    const text = textOf(Number(element.dataset[name]));
    if (element.textContent !== text) element.textContent = text;
  });

  put("due", (due) => due > now ? fill(words.left, span(due - now)) : fill(words.over, late(now - due)));
  put("span", (then) => late(Math.abs(now - then)));
  put("ago", (then) => ago(Math.max(0, now - then)));
  put("clock", () => local(now, hm));
  put("date", () => `${local(now, { month: "long", day: "numeric" })} ${local(now, { weekday: "long" })}`);
  const hour = Number(local(now, { hour: "2-digit" }).replace(/\D/g, ""));
  root.classList.toggle("night", hour >= 22 || hour < 6);

  const page = root.ownerDocument.documentElement.style;
  const turn = Math.floor(nowMs / 600000);
  page.setProperty("--shift-x", `${turn % 4}px`);
  page.setProperty("--shift-y", `${Math.floor(turn / 4) % 4}px`);

  if (heardMs && !stands) put("asof", () => fill(words.asof, local(heardMs / 1000, { ...hm, second: "2-digit" })));
}
