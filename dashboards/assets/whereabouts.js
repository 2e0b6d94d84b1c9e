// Marks the current page in the header: on documents, and on pages that change without being reloaded.
(function () {
  "use strict";
  const BELOW = { "/": ["/pools", "/new-pool"], "/groups": ["/appliances", "/requests"] };
  let marked = null;

  function isAt(place, path) {
    const roots = place === "/" ? [] : [place];
    return path === place || roots.concat(BELOW[place] || []).some((root) => (path + "/").startsWith(root + "/"));
  }

  function mark() {
    const links = document.querySelectorAll(".site a");
    if (!links.length || marked === location.pathname) return;
    marked = location.pathname;
    for (const link of links) {
      if (isAt(link.pathname, marked)) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  new MutationObserver(mark).observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", mark);
})();
