// The page of an action: applies changes to the table and the signs, filters them, and appends to the log.
(function () {
  "use strict";
  const TABLE = "action-hosts";
  const SIGNS = "action-signs";
  const LOG = "action-log";
  const ASKED = "activity-asked";
  const MOST_LINES = 1000;
  const NEAR = 40; // px from the end of the log within which it follows

  let hosts = new Map(); // rows by key, as the table has them
  let signs = new Map(); // elements by key
  let picked = null; // the filter that a button has set

  const same = () => window.dash_clientside.no_update;
  const table = () => window.dash_ag_grid.getApiAsync(TABLE);

  const inTrouble = (row) => Number(row.state === "failed" || row.state === "cut off");

  function drawSign(row) {
    let sign = signs.get(row.key);
    if (!sign) {
      sign = document.createElement("i");
      sign.dataset.key = row.key;
      signs.set(row.key, sign);
      document.getElementById(SIGNS)?.append(sign);
    }
    sign.className = "mark " + row.sign;
    sign.title = row.host + ": " + row.result + (row.step ? " (" + row.step + ")" : "");
  }

  function begin(rows) {
    hosts = new Map(rows.map((row) => [row.key, row]));
    signs = new Map();
    picked = null;
    document.getElementById(SIGNS)?.replaceChildren();
    rows.forEach(drawSign);
    return [[...rows].sort((one, other) => inTrouble(other) - inTrouble(one)), same()];
  }

  function bringIn(delta) {
    const known = (row) => hosts.has(row.key);
    const changes = {
      update: delta.rows.filter(known),
      add: delta.rows.filter((row) => !known(row)),
      remove: delta.gone.filter((key) => hosts.has(key)).map((key) => ({ key })),
      async: false,
    };
    for (const row of delta.rows) {
      hosts.set(row.key, row);
      drawSign(row);
    }
    for (const { key } of changes.remove) {
      hosts.delete(key);
      signs.get(key)?.remove();
      signs.delete(key);
    }
    return [same(), changes];
  }

  function line([number, at, level, text]) {
    const item = document.createElement("li");
    item.className = level;
    const time = document.createElement("time");
    time.dateTime = at;
    time.title = at;
    time.textContent = at.slice(11, 19);
    const name = document.createElement("b");
    name.textContent = level;
    const words = document.createElement("span");
    words.textContent = text;
    item.append(time, name, words);
    return item;
  }

  function addLines(delta) {
    const log = document.getElementById(LOG);
    if (!log) return;
    const follows = delta.whole || log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
    if (delta.whole) log.replaceChildren();
    log.append(...delta.lines.map(line));
    while (log.children.length > MOST_LINES) log.firstChild.remove();
    if (follows) log.scrollTop = log.scrollHeight;
  }

  function press() {
    for (const button of document.querySelectorAll("button.pick"))
      button.setAttribute("aria-pressed", String(isPicked(button)));
  }

  function isPicked(button) {
    return picked !== null && picked.column === button.dataset.column && picked.value === button.dataset.value;
  }

  async function pick(button) {
    picked = isPicked(button) ? null : { column: button.dataset.column, value: button.dataset.value };
    press();
    const model = picked && { [picked.column]: { filterType: "text", type: "equals", filter: picked.value } };
    (await table()).setFilterModel(model);
  }

  async function show(key) {
    const grid = await table();
    const row = grid.getRowNode(key);
    if (!row) return;
    grid.ensureNodeVisible(row, "middle");
    grid.flashCells({ rowNodes: [row] });
    document.getElementById(TABLE).scrollIntoView({ block: "nearest" });
  }

  function ask(button) {
    if (!window.confirm(button.dataset.sure)) return;
    const data = { do: button.dataset.do, ticket: Number(button.dataset.ticket), at: Date.now() };
    window.dash_clientside.set_props(ASKED, { data });
  }

  // The server draws the buttons anew, unpressed, after the rows have come.
  new MutationObserver(press).observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["data-column", "data-value"],
  });

  document.addEventListener("click", (event) => {
    const clicked = event.target.closest?.("button.pick, button[data-do], #" + SIGNS + " i");
    if (!clicked) return;
    if (clicked.matches(".pick")) pick(clicked);
    else if (clicked.matches("button")) ask(clicked);
    else show(clicked.dataset.key);
  });

  document.addEventListener("input", async (event) => {
    if (event.target.id === "action-search") (await table()).setGridOption("quickFilterText", event.target.value);
  });

  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    activity: {
      hosts(delta) {
        if (!delta) return [same(), same()];
        return delta.whole ? begin(delta.rows) : bringIn(delta);
      },
      lines(delta) {
        if (!delta) return same();
        addLines(delta);
        return String(delta.lines.at(-1)?.[0] ?? 0);
      },
    },
  });
})();
