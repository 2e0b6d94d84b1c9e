// From crawl to crawl on /pools/<name>/ring (dashboards/pages/ring): each frame is fetched once and cached, and
// its neighbours are fetched in advance.
(function () {
  "use strict";
  const MOST_CHARACTERS = 3e7; // of frames that are kept
  const AHEAD = [1, -1, 2, -2];
  const SETTLES = 250; // milliseconds without a change
  const OWN = "own";
  const frames = new Map(); // address -> { promise, size }, the latest used last
  const views = {}; // which -> what its axes were chosen for
  const wanted = {}; // which -> the address of the frame that is to show
  let pending = 0; // frames that are on their way to the screen
  let turns = 0;
  let timer = 0;
  let direction = 1;

  const dash = () => window.dash_clientside;
  const trigger = () => dash().callback_context.triggered_id;
  const idsOf = (crawlRange) => (crawlRange ? crawlRange.crawls.map((crawl) => crawl.id) : []);
  const between = (low, at, high) => Math.max(low, Math.min(at, high));

  // Frames.
  async function fetched(address, entry) {
    const answer = await window.fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("no frame: " + answer.status);
    const text = await answer.text();
    entry.size = text.length;
    return JSON.parse(text);
  }

  function frame(address) {
    const entry = frames.get(address) || { size: 0 };
    frames.delete(address);
    frames.set(address, entry);
    if (!entry.promise) {
      entry.promise = fetched(address, entry).catch(() => frames.delete(address) && null);
      entry.promise.then(forgetOld);
    }
    return entry.promise;
  }

  function forgetOld() {
    let size = 0;
    for (const entry of frames.values()) size += entry.size;
    for (const [address, entry] of frames) {
      if (size <= MOST_CHARACTERS || frames.size <= 2) return;
      size -= entry.size;
      frames.delete(address);
    }
  }

  function addressOf(name, look, crawl) {
    const query = new URLSearchParams({ crawl: crawl, ...look });
    return "/pools/" + encodeURIComponent(name) + "/ring/frame?" + query;
  }

  // One after the other, and only until another one is requested.
  async function fetchAhead(name, look, crawl, crawlRange) {
    const ids = idsOf(crawlRange);
    const at = ids.indexOf(crawl);
    const shown = wanted[OWN];
    for (const step of AHEAD) {
      const next = ids[at + step * direction];
      if (wanted[OWN] !== shown) return;
      if (at >= 0 && next !== undefined) await frame(addressOf(name, look, next));
    }
  }

  // Drawing. The axes stay as they are until another node, view or spacing is chosen.
  function withView(which, figure, look, focused) {
    const graph = document.querySelector("#ring-" + which + "-graph .js-plotly-plot");
    const chosen = [look.node, look.view, look.spacing].join(" ");
    const before = views[which];
    views[which] = { chosen: chosen, focused: focused || (before?.chosen === chosen && before.focused), graph: graph };
    const layout = { ...figure.layout };
    const same = graph && graph.layout && before?.graph === graph && before.chosen === chosen;
    for (const axis of ["xaxis", "yaxis"]) {
      layout[axis] = { ...layout[axis] };
      if (same && (before.focused || !focused)) layout[axis].range = [...graph.layout[axis].range];
    }
    return { data: figure.data, layout: layout };
  }

  async function draw(which, crawl, look, name, crawlRange) {
    const outputs = which === OWN ? 6 : 5;
    const nothing = Array(outputs).fill(dash().no_update);
    if (!crawl || !look.theme) return nothing;
    const address = addressOf(name, look, crawl);
    wanted[which] = address;
    pending += 1;
    const found = await frame(address);
    pending -= 1;
    if (wanted[which] !== address) return nothing;
    if (!found) return [...nothing.slice(0, 4), "The server did not send this crawl's ring.", ...nothing.slice(5)];
    if (which === OWN) fetchAhead(name, look, crawl, crawlRange);
    const figure = withView(which, found.figure, look, found.focused);
    const shown = [figure, { height: "var(--ring)" }, found.label, found.caption, found.note];
    return which === OWN ? [...shown, found.key] : shown;
  }

  function look(theme, spacing, kinds, node, view) {
    return { theme: theme || "", spacing: spacing, kinds: kinds.join(","), node: node || "", view: view };
  }

  function draw_own(crawl, theme, spacing, kinds, node, view, name, crawlRange) {
    return draw(OWN, crawl, look(theme, spacing, kinds, node, view), name, crawlRange);
  }

  function draw_other(other, theme, spacing, kinds, node, view, name, crawlRange) {
    const crawl = other && other.shown ? other.id : null;
    return draw("other", crawl, look(theme, spacing, kinds, node, view), name, crawlRange);
  }

  // Which crawl.
  function target(by, ids, at, slider, turned, clicked, follow) {
    const last = ids.length - 1;
    switch (by) {
      case "ring-slider":
        return between(0, slider, last);
      case "ring-back":
        return between(0, at - 1, last);
      case "ring-on":
        return between(0, at + 1, last);
      case "ring-heartbeat":
        return pending ? at : between(0, at + 1, last);
      case "ring-turn":
        return turned ? between(0, turned.to === undefined ? at + turned.by : turned.to, last) : at;
      case "ring-convergence":
        return clicked ? between(0, clicked.points[0].x, last) : at;
      default:
        return follow.length || at < 0 ? last : at;
    }
  }

  function step(slider, back, on, heartbeat, turned, clicked, follow, crawlRange, crawl) {
    const same = dash().no_update;
    const ids = idsOf(crawlRange);
    if (!ids.length) return [crawlRange ? null : same, same, same, same, null];
    const last = ids.length - 1;
    const at = ids.indexOf(crawl);
    const by = trigger();
    const next = target(by, ids, at, slider, turned, clicked, follow);
    if (next !== at && at >= 0) direction = next > at ? 1 : -1;
    const leaves = follow.length && next < last;
    return [ids[next] === crawl ? same : ids[next], next, last, leaves ? [] : same, null];
  }

  function play(clicks, crawl, paused, crawlRange) {
    const ids = idsOf(crawlRange);
    const atEnd = ids.indexOf(crawl) >= ids.length - 1;
    let stops = paused;
    if (trigger() === "ring-play") {
      stops = !paused;
      if (!stops && atEnd) dash().set_props("ring-turn", { data: { to: 0, turn: ++turns } });
    } else if (atEnd) stops = true;
    return [stops, stops ? "▶ Play" : "❚❚ Pause"];
  }

  function where(crawl, crawlRange, against) {
    const same = dash().no_update;
    if (!crawlRange) return [same, same, same, same, same];
    const crawls = crawlRange.crawls;
    const at = idsOf(crawlRange).indexOf(crawl);
    const none = crawls.length === 0;
    if (none || at < 0) return ["", "", same, none, !none];
    const track = document.getElementById("ring-track");
    track?.style.setProperty("--at", crawls.length > 1 ? at / (crawls.length - 1) : 0.5);
    document.getElementById("ring-slider")?.setAttribute("aria-valuetext", crawls[at].text);
    document.getElementById("ring-slider")?.setAttribute("aria-label", "Crawl");
    const all = crawlRange.total > crawls.length ? " (" + crawlRange.total + " in this time)" : "";
    const ends = [crawls[0], crawls[crawls.length - 1]].map((end) => span(end.at + " UTC"));
    return ["crawl " + (at + 1) + " of " + crawls.length + all, ends, options(crawls, against), false, true];
  }

  function span(text) {
    return { type: "Span", namespace: "dash_html_components", props: { children: text } };
  }

  function options(crawls, against) {
    const known = crawls.map((crawl) => ({ label: crawl.text, value: String(crawl.id) })).reverse();
    const own = [
      { label: "nothing", value: "" },
      { label: "the crawl before", value: "before" },
    ];
    const gone = against && against !== "before" && known.every((option) => option.value !== against);
    return [...own, ...(gone ? [{ label: "crawl " + against, value: against }] : []), ...known];
  }

  // The crawl that it is compared with: by default the previous one.
  function other(crawl, against, crawlRange) {
    const shown = Boolean(against);
    const chosen = shown && against !== "before" ? Number(against) : before(crawl, crawlRange);
    return [{ id: chosen, shown: shown && chosen !== null }, shown && chosen !== null ? "rings two" : "rings"];
  }

  function before(crawl, crawlRange) {
    const at = idsOf(crawlRange).indexOf(crawl);
    if (at < 0) return null;
    const earlier = crawlRange.crawls.slice(0, at).filter((entry) => entry.has_nodes);
    return earlier.length ? earlier[earlier.length - 1].id : crawlRange.before;
  }

  // Which node.
  function choose(own, beside, node) {
    const clicked = (trigger() === "ring-own-graph" ? own : beside)?.points[0]?.customdata;
    return [clicked || dash().no_update, null, null];
  }

  function pick(node) {
    dash().set_props("ring-node", { data: node || null });
    document.getElementById("ring-panel")?.focus({ preventScroll: true });
  }

  function rowNode(element) {
    const row = element.closest(".picks .ag-center-cols-container .ag-row");
    return row ? row.getAttribute("row-id").split(" ").pop() : null;
  }

  // The same value would cause a needless request and redraw a table.
  function tell(store, data) {
    const element = document.getElementById("ring-all");
    const text = JSON.stringify(data);
    if (element.dataset[store.replaceAll("-", "")] === text) return;
    element.dataset[store.replaceAll("-", "")] = text;
    dash().set_props(store, { data: data });
  }

  // Callbacks that request more than a frame wait until the choice has settled.
  function settle(crawl, other, node, against, view) {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (!document.getElementById("ring-all") || !crawl) return;
      tell("ring-pair", { crawl: crawl, other: other?.id ?? null });
      tell("ring-settled", { crawl: crawl, node: node || null });
      const said = { crawl: String(crawl), with: against, node: node || "", view: view === "near" ? "" : view };
      tell("ring-in-address", said);
    }, SETTLES);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".ring-page [data-node]");
    const node = button ? button.dataset.node : rowNode(event.target);
    if (node !== null) pick(node);
  });

  const FIELDS = "input, textarea, select, [role=combobox], [role=listbox], [role=option], .ag-root";
  document.addEventListener("keydown", (event) => {
    if (!document.querySelector(".ring-page") || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" && rowNode(event.target)) return pick(rowNode(event.target));
    if (event.target.closest(FIELDS)) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) dash().set_props("ring-turn", { data: { by: by, turn: ++turns } });
    else if (event.key === " " && !event.target.closest("button, a")) document.getElementById("ring-play")?.click();
    else if (event.key === "Escape") pick("");
    else return;
    event.preventDefault();
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    ring: { draw_own, draw_other, step, play, where, other, choose, settle },
  });
})();
