// The table of a pool's nodes: rows from columns, search, filter, the chosen view, and links to nodes.
(function () {
  "use strict";
  const GRID = "nodes-grid";
  const NEIGHBOURS = ["left", "right", "left2", "right2"];
  const PREFIX = "brunet:node:";
  const dash = () => window.dash_clientside;
  let total = 0;
  let wanted = null; // the version that the pool is to have
  let kept = { pool: "", here: false };
  let begun = null; // the grid whose view has been set

  function put(id, properties) {
    dash().set_props(id, properties);
  }

  // Dash creates the grid at any time, and may briefly refer to that of the previous page.
  function withGrid(use) {
    const again = () => withGrid(use);
    window.dash_ag_grid.getApiAsync(GRID).then(
      (grid) => (grid.isDestroyed() ? window.setTimeout(again, 50) : use(grid)),
      () => {}, // its page was left
    );
    return dash().no_update;
  }

  // The server sends columns, which are a fraction of the size of rows with field names.
  function rows(table) {
    const columns = table ? table.columns : { address: [] };
    const names = Object.keys(columns);
    total = columns.address.length;
    wanted = table ? table.wanted : null;
    withGrid(begin);
    return columns.address.map((_, place) => {
      const row = { place: place + 1 };
      for (const name of names) row[name] = columns[name][place];
      for (const name of NEIGHBOURS) if (typeof row[name] === "number") row[name] = columns.address[row[name]];
      return row;
    });
  }

  function search(text) {
    return withGrid((grid) => grid.setGridOption("quickFilterText", text || ""));
  }

  function filterStates(state) {
    return withGrid((grid) => {
      if (stateOf(grid) === (state || "")) return;
      const model = state ? { filterType: "text", type: "equals", filter: state } : null;
      grid.setColumnFilterModel("health", model).then(() => grid.onFilterChanged());
    });
  }

  function stateOf(grid) {
    const model = grid.getColumnFilterModel("health");
    return model && model.type === "equals" ? model.filter : "";
  }

  function filterChanged(event) {
    put("nodes-states", { value: stateOf(event.api) });
  }

  function counted(event) {
    const shown = event.api.getDisplayedRowCount();
    if (!shown && !total) return;
    const all = total.toLocaleString("en") + (total === 1 ? " node" : " nodes");
    const text = shown === total ? all : shown.toLocaleString("en") + " of " + all;
    put("nodes-count", { children: text });
  }

  // ---- the view: visible columns, their order, and the sorting

  function current(grid) {
    const state = grid.getColumnState();
    const sorted = state.filter((column) => column.sort).sort((one, other) => one.sortIndex - other.sortIndex);
    return {
      columns: state.filter((column) => !column.hide).map((column) => column.colId),
      sorting: sorted.map((column) => [column.colId, column.sort]),
    };
  }

  function apply(grid, view) {
    const sorted = new Map(view.sorting.map(([name, direction], place) => [name, { sort: direction, sortIndex: place }]));
    const state = view.columns.map((name) => ({ colId: name, hide: false, sort: null, ...sorted.get(name) }));
    grid.applyColumnState({ state: state, applyOrder: true, defaultState: { hide: true, sort: null } });
    put("nodes-chooser", { value: current(grid).columns });
    put("nodes-shown", { data: { ...current(grid), by: "page" } });
  }

  function tell(grid) {
    const view = current(grid);
    put("nodes-shown", { data: { ...view, by: "visitor" } });
    if (!kept.here) return;
    store(JSON.stringify(view));
    put("nodes-told", { children: "Saved in this browser." });
  }

  function key() {
    return "p2ppool-nodes-view:" + kept.pool;
  }

  function store(text) {
    try {
      if (text === null) window.localStorage.removeItem(key());
      else window.localStorage.setItem(key(), text);
    } catch (refused) {
      // applies until the page is left
    }
  }

  function stored() {
    try {
      const view = JSON.parse(window.localStorage.getItem(key()));
      return view && Array.isArray(view.columns) && Array.isArray(view.sorting) ? view : null;
    } catch (refused) {
      return null;
    }
  }

  function keepHere(where) {
    kept = where;
    return dash().no_update;
  }

  // The view saved in this browser replaces the default. The grid's first rows may be older than
  // its listeners.
  function begin(grid) {
    counted({ api: grid });
    if (begun === grid) return;
    begun = grid;
    const own = kept.here ? stored() : null;
    const known = own && own.columns.filter((name) => grid.getColumn(name));
    if (known && known.length) apply(grid, { columns: known, sorting: own.sorting });
  }

  function give(view) {
    if (!view) return dash().no_update;
    store(null);
    return withGrid((grid) => apply(grid, view));
  }

  function choose(names) {
    return withGrid((grid) => {
      const shown = new Set(current(grid).columns);
      const chosen = new Set(names);
      const more = names.filter((name) => !shown.has(name));
      const less = [...shown].filter((name) => !chosen.has(name));
      if (!more.length && !less.length) return;
      grid.setColumnsVisible(less, false);
      grid.setColumnsVisible(more, true);
      tell(grid);
    });
  }

  function viewChanged(event) {
    const moving = event.type === "columnMoved" && !event.finished;
    if (!moving && event.source.startsWith("ui")) tell(event.api);
  }

  // ---- from a row to its node

  function path(base, address) {
    return base + encodeURIComponent(address.slice(PREFIX.length));
  }

  function go(href) {
    put("nodes-go", { pathname: href, search: "" });
  }

  function inPlace(event) {
    return !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);
  }

  function NodeLink(properties) {
    if (!properties.value) return null;
    const href = path(properties.base, properties.value);
    const follow = (event) => {
      event.stopPropagation();
      if (!inPlace(event)) return;
      event.preventDefault();
      go(href);
    };
    const text = properties.valueFormatted || properties.value;
    return window.React.createElement("a", { href: href, onClick: follow, tabIndex: -1 }, text);
  }

  function rowClicked(event) {
    const click = event.event;
    if (!inPlace(click) || click.target.closest("a") || String(window.getSelection())) return;
    go(path(event.context.base, event.data.address));
  }

  function keyDown(event) {
    if (event.event.key !== "Enter" || !event.data) return;
    const named = NEIGHBOURS.includes(event.column.getColId()) && event.value;
    go(path(event.context.base, named || event.data.address));
  }

  // ---- the column chooser closes like a menu

  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector("details.node-view[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    const open = document.querySelector("details.node-view[open]");
    if (open && event.target.isConnected && !open.contains(event.target)) open.open = false;
  });

  const functions = { rows, search, filterStates, choose, give, keepHere };
  window.dash_clientside = Object.assign({}, window.dash_clientside, { nodes: functions });
  window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions || {}, {
    nodesViewChanged: viewChanged,
    nodesFilterChanged: filterChanged,
    nodesCounted: counted,
    nodesBegin: (event) => begin(event.api),
    nodesRowClicked: rowClicked,
    nodesKeyDown: keyDown,
    nodesBehind: (version) => Boolean(version && wanted && version !== wanted),
  });
  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, { NodeLink });
})();
