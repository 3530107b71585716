// Keeps what is typed and chosen and not yet handed in: texts in the local storage, photos in a small database of the browser.
// Whenever the page is at rest and a field lacks what is kept for it, it is given back: after a reload, and after a network
// that broke off an upload or a run. What was handed in is forgotten, and so is what another person left, or anybody a day
// ago. While the connection is gone the texts stay open to typing.
const DAY_MS = 86400000, MOST_BYTES = 40 * 2 ** 20, LOOK_MS = 400, AGAIN_MS = 4000;

function photos(mode, work) {
  return new Promise((done, fail) => {
    const ask = indexedDB.open("drafts", 1);
    ask.onupgradeneeded = () => ask.result.createObjectStore("photos");
    ask.onerror = () => fail(ask.error);
    ask.onsuccess = () => {
      const change = ask.result.transaction("photos", mode), answer = work(change.objectStore("photos"));
      change.oncomplete = () => { ask.result.close(); done(answer.result); };
      change.onabort = () => { ask.result.close(); fail(change.error); };
    };
  });
}

const store = (name, files) =>
  photos("readwrite", (found) => (files.length ? found.put({ at: Date.now(), files }, name) : found.delete(name)));

async function recall(owner) {
  const kept = new Map();
  for (const name of await photos("readonly", (found) => found.getAllKeys())) {
    const { at, files } = await photos("readonly", (found) => found.get(name));
    if (name.startsWith(`draft:${owner}:`) && Date.now() - at < DAY_MS) kept.set(name, files);
    else await store(name, []);
  }
  return kept;
}

const app = () => document.querySelector(".stApp").dataset;
const isConnected = () => app().testConnectionState === "CONNECTED";
const isAtRest = () => isConnected() && app().testScriptState === "notRunning";
const titleOf = (chip) => chip.querySelector("[data-testid=stFileChipName]").title;

// A phone may call every photo the same, so photos of one name are counted.
function missing(files, chips) {
  const shown = chips.map(titleOf);
  return files.filter((file) => {
    const at = shown.indexOf(file.name);
    if (at >= 0) shown.splice(at, 1);
    return at < 0;
  });
}

function choose(input, files) {
  const all = new DataTransfer();
  for (const file of files) all.items.add(file);
  input.files = all.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

export default function ({ data, parentElement, setStateValue }) {
  const name = (field) => `draft:${data.owner}:${field}`;
  const known = parentElement.__drafts ??= { handed: new Set(), photos: null, asked: new Map() };
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith("draft:")) continue;
    const at = JSON.parse(localStorage.getItem(key)).at;
    if (!key.startsWith(`draft:${data.owner}:`) || Date.now() - at > DAY_MS) localStorage.removeItem(key);
  }
  if (!known.recalled) known.recalled = recall(data.owner).then((kept) => { known.photos = kept; });
  known.recalled.then(() => {
    for (const field of data.handed) if (!known.handed.has(field)) {
      known.handed.add(field);
      localStorage.removeItem(name(field));
      keepPhotos(field, () => []);
    }
  });

  const within = (fields, target) => fields.find((each) => target.closest?.(`.st-key-${each}`));
  const keepPhotos = (field, change) => known.recalled.then(() => {
    const files = change(known.photos.get(name(field)) ?? []);
    if (files.reduce((sum, file) => sum + file.size, 0) > MOST_BYTES) return;
    known.photos.set(name(field), files);
    store(name(field), files);
  });
  const typed = (event) => {
    const field = within(data.fields, event.target);
    if (field) localStorage.setItem(name(field), JSON.stringify({ at: Date.now(), text: event.target.value }));
  };
  const chosen = (event) => {
    const field = !known.giving && within(data.photos, event.target), files = [...(event.target.files ?? [])];
    if (!field || !files.length) return;
    known.asked.set(field, Date.now());
    keepPhotos(field, (had) => [...had, ...files]);
  };
  const removed = (event) => {
    const field = event.isTrusted && within(data.photos, event.target);
    const chip = field && event.target.closest("[data-testid=stFileChipDeleteBtn]")?.closest(".stFileChip");
    if (chip) keepPhotos(field, (had) => had.filter((file) => file !== had.find((one) => one.name === titleOf(chip))));
  };

  const isAskedAnew = (field) => {
    const is = Date.now() - (known.asked.get(field) ?? 0) > AGAIN_MS;
    if (is) known.asked.set(field, Date.now());
    return is;
  };
  const lackingText = (field) => {
    const area = document.querySelector(`.st-key-${field} textarea`), kept = localStorage.getItem(name(field));
    const text = kept && area && !area.value && area !== document.activeElement && JSON.parse(kept).text;
    return text && isAskedAnew(field) ? { [field]: text } : {};
  };
  const givePhotos = (field) => {
    const input = document.querySelector(`.st-key-${field} input[type=file]`), files = known.photos.get(name(field));
    if (!files?.length || !input || input.disabled) return;
    const chips = [...input.closest(".stFileUploader").querySelectorAll(".stFileChip")];
    const broken = chips.filter((chip) => chip.querySelector("[data-testid=stFileChipIconError]"));
    const lacking = missing(files, chips.filter((chip) => !broken.includes(chip)));
    if (!lacking.length || !isAskedAnew(field)) return;
    for (const chip of broken) chip.querySelector("[data-testid=stFileChipDeleteBtn] button").click();
    known.giving = true;
    choose(input, lacking);
    known.giving = false;
  };
  const look = () => {
    if (!known.photos || !isAtRest()) return;
    const texts = Object.assign({}, ...data.fields.map(lackingText));
    if (Object.keys(texts).length) setStateValue("kept", { turn: Date.now(), texts });
    for (const field of data.photos) givePhotos(field);
  };

  let waiting = null;
  const stayOpen = (before) => {  // Streamlit covers the page with a message of its own, and closes the fields
    for (const one of document.querySelectorAll("[role=dialog]")) {
      if (!before.has(one)) one.querySelector("button[aria-label=Close]")?.click();
    }
    for (const field of data.fields) {
      for (const text of document.querySelectorAll(`.st-key-${field} textarea`)) text.disabled = false;
    }
  };
  const turned = () => {
    if (isConnected() === !waiting) return;
    clearInterval(waiting);
    waiting = null;
    if (isConnected()) setStateValue("kept", { turn: Date.now(), texts: {} });  // draw the page anew: parts may be lost
    else waiting = setInterval(stayOpen, 200, new Set(document.querySelectorAll("[role=dialog]")));
  };
  const connection = new MutationObserver(turned), looking = setInterval(look, LOOK_MS);
  connection.observe(document.querySelector(".stApp"), { attributeFilter: ["data-test-connection-state"] });
  const heard = { input: typed, change: chosen, click: removed };
  for (const [kind, what] of Object.entries(heard)) document.addEventListener(kind, what, true);
  return () => {
    connection.disconnect();
    clearInterval(looking);
    clearInterval(waiting);
    for (const [kind, what] of Object.entries(heard)) document.removeEventListener(kind, what, true);
  };
}
