// Light or dark: the visitor's choice, else the system's. Runs before the page is painted.
(function () {
  "use strict";
  const KEY = "p2ppool-theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return window.localStorage.getItem(KEY);
    } catch (refused) {
      return null; // storage is off: the system decides
    }
  }

  function choose(theme) {
    try {
      window.localStorage.setItem(KEY, theme);
    } catch (refused) {
      // applies until the page is left
    }
    show(theme);
  }

  function wanted() {
    const own = chosen();
    if (own === "light" || own === "dark") return own;
    return system.matches ? "dark" : "light";
  }

  function show(theme) {
    document.documentElement.dataset.theme = theme;
  }

  function current(clicks) {
    if (clicks) choose(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
    return document.documentElement.dataset.theme;
  }

  show(wanted());
  system.addEventListener("change", function () {
    show(wanted());
    const tell = window.dash_clientside.set_props; // not on pages without Dash
    if (tell) tell("theme", { data: wanted() });
  });
  window.dash_clientside = Object.assign({}, window.dash_clientside, { theme: { current: current } });
})();
