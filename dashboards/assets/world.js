// The map: its width (which determines what overlaps), and dragging without clicking a mark.
(function () {
  "use strict";
  const SETTLED = 300; // milliseconds without a further change
  const PULLED = 5; // pixels
  let waiting = 0;
  let pressed = null;

  function width() {
    const map = document.getElementById("world-map");
    return map ? Math.round(map.getBoundingClientRect().width) : window.dash_clientside.no_update;
  }

  window.addEventListener("resize", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      if (document.getElementById("world-map")) window.dash_clientside.set_props("world-width", { data: width() });
    }, SETTLED);
  });
  document.addEventListener("pointerdown", (event) => {
    pressed = event;
  }, true);
  document.addEventListener("click", (event) => {
    if (!pressed || !event.isTrusted || !(event.target instanceof Element) || !event.target.closest("#world-map")) return;
    const far = Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY);
    if (far > PULLED) event.stopPropagation();
  }, true);
  window.dash_clientside = Object.assign({}, window.dash_clientside, { world: { width: width } });
})();
