// Keeps what is typed and chosen and not yet handed in: texts in the local storage, photos in a small database of the browser.
// Both are given back when the page is loaded anew; photos also when their upload broke off. What was handed in is forgotten,
// and so is what another person left, or anybody a day ago. While the connection is gone the texts stay open to typing.
const DAY_MS = 86400000, MOST_BYTES = 40 * 2 ** 20, PATIENCE_MS = 5000;

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

async function keepPhotos(name, change) {
  const kept = await photos("readonly", (store) => store.get(name));
  const files = change(kept?.files ?? []), size = files.reduce((sum, file) => sum + file.size, 0);
  if (size <= MOST_BYTES) await photos("readwrite", (store) => store.put({ at: Date.now(), files }, name));
}

async function sweep(owner) {
  for (const name of await photos("readonly", (store) => store.getAllKeys())) {
    const kept = await photos("readonly", (store) => store.get(name));
    if (!name.startsWith(`draft:${owner}:`) || Date.now() - kept.at > DAY_MS) {
      await photos("readwrite", (store) => store.delete(name));
    }
  }
}

const isConnected = () => document.querySelector(".stApp")?.dataset.testConnectionState === "CONNECTED";

async function giveBack(name, field, since = Date.now()) {
  const input = document.querySelector(`.st-key-${field} input[type=file]`);
  if (!input || input.disabled || !isConnected()) {
    if (Date.now() - since < PATIENCE_MS) setTimeout(() => giveBack(name, field, since), 200);
    return;
  }
  const kept = (await photos("readonly", (store) => store.get(name)))?.files ?? [];
  const chips = [...input.closest(".stFileUploader").querySelectorAll(".stFileChip")];
  const broken = chips.filter((chip) => chip.querySelector("[data-testid=stFileChipIconError]"));
  const titles = broken.map((chip) => chip.querySelector("[data-testid=stFileChipName]").title);
  const missing = chips.length ? kept.filter((file) => titles.includes(file.name)) : kept;
  for (const chip of broken) chip.querySelector("[data-testid=stFileChipDeleteBtn] button").click();
  if (!missing.length) return;
  const again = new DataTransfer();
  for (const file of missing) again.items.add(file);
  input.files = again.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

export default function ({ data, parentElement, setStateValue }) {
  const name = (field) => `draft:${data.owner}:${field}`;
  const known = parentElement.__drafts ??= { handed: new Set(), given: new Set() };
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith("draft:")) continue;
    const at = JSON.parse(localStorage.getItem(key)).at;
    if (!key.startsWith(`draft:${data.owner}:`) || Date.now() - at > DAY_MS) localStorage.removeItem(key);
  }
  for (const field of data.handed) if (!known.handed.has(field)) {
    known.handed.add(field);
    localStorage.removeItem(name(field));
    photos("readwrite", (store) => store.delete(name(field)));
  }
  const kept = {};
  for (const field of data.fields) {
    const found = localStorage.getItem(name(field));
    if (found && !known.given.has(field)) kept[field] = JSON.parse(found).text;
    known.given.add(field);
  }
  if (Object.keys(kept).length) setStateValue("kept", kept);

  const within = (fields, target) => fields.find((each) => target.closest?.(`.st-key-${each}`));
  const typed = (event) => {
    const field = within(data.fields, event.target);
    if (field) localStorage.setItem(name(field), JSON.stringify({ at: Date.now(), text: event.target.value }));
  };
  const chosen = (event) => {
    const field = within(data.photos, event.target), files = [...(event.target.files ?? [])];
    const isNew = (file) => !files.some((one) => one.name === file.name);
    if (field && files.length) keepPhotos(name(field), (had) => [...had.filter(isNew), ...files]);
  };
  const removed = (event) => {
    const field = event.isTrusted && within(data.photos, event.target);
    const chip = field && event.target.closest("[data-testid=stFileChipDeleteBtn]")?.closest(".stFileChip");
    const title = chip?.querySelector("[data-testid=stFileChipName]").title;
    if (title) keepPhotos(name(field), (had) => had.filter((file) => file.name !== title));
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
    if (isConnected()) for (const field of data.photos) giveBack(name(field), field);
    else waiting = setInterval(stayOpen, 200, new Set(document.querySelectorAll("[role=dialog]")));
  };
  const connection = new MutationObserver(turned);
  connection.observe(document.querySelector(".stApp"), { attributeFilter: ["data-test-connection-state"] });
  sweep(data.owner).then(() => { for (const field of data.photos) giveBack(name(field), field); });
  const heard = { input: typed, change: chosen, click: removed };
  for (const [kind, what] of Object.entries(heard)) document.addEventListener(kind, what, true);
  return () => {
    connection.disconnect();
    clearInterval(waiting);
    for (const [kind, what] of Object.entries(heard)) document.removeEventListener(kind, what, true);
  };
}
