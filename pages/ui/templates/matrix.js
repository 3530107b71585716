// The matrix of who is named where, as a table whose every cell is a button; the arrow keys go from cell to cell.
// Everything from the server is set as text.
export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".matrix"), said = JSON.stringify(data);
  const make = (tag, kind, text) => {
    const made = document.createElement(tag);
    made.className = kind;
    if (text) made.textContent = text;
    return made;
  };
  const cellOf = (row, at) => {
    const { how, text, title, key } = row.cells[at], cell = make("td", how), button = make("button", "", text);
    button.type = "button";
    button.title = title;
    button.setAttribute("aria-label", title);
    button.dataset.cell = key;
    button.tabIndex = -1;
    cell.append(button);
    return cell;
  };
  const draw = () => {
    const table = make("table"), head = make("thead"), body = make("tbody"), heads = make("tr");
    heads.append(make("th", "", data.corner), ...data.head.map(({ name, kind, title }) => {
      const cell = make("th", kind, name);
      cell.title = title;
      return cell;
    }));
    head.append(heads);
    for (const row of data.rows) {
      const line = make("tr", row.level);
      line.append(make("th", "", row.name), ...row.cells.map((_, at) => cellOf(row, at)));
      body.append(line);
    }
    table.append(head, body);
    box.replaceChildren(table);
    (box.querySelector("button") ?? {}).tabIndex = 0;
  };
  const go = (from, key) => {
    const cell = from.parentElement, line = cell.parentElement, at = [...line.children].indexOf(cell);
    const to = {
      ArrowLeft: cell.previousElementSibling,
      ArrowRight: cell.nextElementSibling,
      ArrowUp: line.previousElementSibling?.children[at],
      ArrowDown: line.nextElementSibling?.children[at],
    }[key]?.querySelector("button");
    if (!to) return;
    from.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  };
  if (box.said !== said) { draw(); box.said = said; }
  box.onclick = (event) => {
    const button = event.target.closest("button");
    if (button) setTriggerValue("cell", button.dataset.cell);
  };
  box.onkeydown = (event) => {
    if (!event.key.startsWith("Arrow") || !event.target.dataset.cell) return;
    event.preventDefault();
    go(event.target, event.key);
  };
}
