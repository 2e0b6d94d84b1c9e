// Dash writes a part that has changed anew. What had the focus in it gets it back, if it is there again.
(function () {
  "use strict";
  let focused = null;

  function again(gone) {
    if (gone.id) return document.getElementById(gone.id);
    return [...document.links].find((link) => link.href === gone.href && link.ariaLabel === gone.ariaLabel);
  }

  function restore() {
    if (!focused || focused.isConnected) return;
    if (document.activeElement === document.body) again(focused)?.focus({ preventScroll: true });
    focused = null;
  }

  document.addEventListener("focusin", (event) => {
    focused = event.target;
  });
  // Who leaves by hand is not called back.
  document.addEventListener("focusout", (event) => {
    window.queueMicrotask(() => {
      if (event.target === focused && focused.isConnected) focused = null;
    });
  });
  new MutationObserver(restore).observe(document.documentElement, { childList: true, subtree: true });
})();
