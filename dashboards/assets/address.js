// Keeps the state of a page in the query of its URL (dashboards/live/url_state.py).
(function () {
  "use strict";
  let written = null;

  // A colon is allowed in a query (RFC 3986, 3.4), and times are easier to read with it.
  function readable(parameters) {
    const text = parameters.toString().replaceAll("%3A", ":");
    return text ? "?" + text : "";
  }

  function keep(values) {
    const address = new URL(window.location.href);
    for (const [name, value] of Object.entries(values || {})) {
      if (value === null || value === "") address.searchParams.delete(name);
      else address.searchParams.set(name, value);
    }
    const search = readable(address.searchParams);
    if (search !== window.location.search)
      window.history.replaceState(window.history.state, "", address.pathname + search + address.hash);
    written = { path: address.pathname, search: search };
  }

  // Dash does not notice this change: a link to the same page with another query would do nothing.
  window.addEventListener("_dashprivate_pushstate", function () {
    const { pathname, search } = window.location;
    if (written && pathname === written.path && search !== written.search) window.location.reload();
  });
  window.dash_clientside = Object.assign({}, window.dash_clientside, { address: { keep: keep } });
})();
