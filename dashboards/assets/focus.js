// Dash redraws a part that has changed. The focused element in it gets the focus back as soon as it is redrawn,
// and a text field its selection.
(function () {
  "use strict";
  const MARKS = ["href", "aria-label", "name", "type", "data-ask", "data-do", "data-key", "data-column", "data-value"];
  let focused = null;
  let trace = null; // what tells it from all others, taken while it was there

  function marks(element) {
    const chosen = element.matches("[type=radio], [type=checkbox]") ? element.value : "";
    return [...MARKS.map((name) => element.getAttribute(name) ?? ""), chosen].join("\n");
  }

  function alike(around, tag, wanted) {
    return [...around.querySelectorAll(tag)].filter((element) => marks(element) === wanted);
  }

  function around(id) {
    return id ? document.getElementById(id) : document.body;
  }

  // By its id; else by its position among similar ones, in the nearest ancestor with an id.
  function traceOf(element) {
    if (element.id) return { id: element.id };
    const part = element.parentElement?.closest("[id]:not([id=''])")?.id;
    const traced = { part, tag: element.tagName, marks: marks(element) };
    return { ...traced, at: alike(around(part), traced.tag, traced.marks).indexOf(element) };
  }

  function found() {
    if (trace.id) return document.getElementById(trace.id);
    const part = around(trace.part);
    const same = part ? alike(part, trace.tag, trace.marks) : [];
    return same[trace.at] ?? same[0];
  }

  function note(element) {
    // Tables move the focus between their cells themselves.
    focused = element.closest(".ag-root-wrapper") ? null : element;
    trace = focused && { ...traceOf(element), page: location.pathname };
  }

  function forget() {
    focused = trace = null;
  }

  const isLost = () => focused !== null && !focused.isConnected;

  function selectAgain(gone, element) {
    const was = gone.setSelectionRange && gone.selectionStart !== null && element.value === gone.value;
    if (was) element.setSelectionRange(gone.selectionStart, gone.selectionEnd, gone.selectionDirection);
  }

  function restore() {
    if (!isLost()) return;
    if (document.activeElement !== document.body || trace.page !== location.pathname) {
      forget();
      return;
    }
    const gone = focused;
    const again = found();
    if (!again) return; // it may come with the next part
    again.focus({ preventScroll: true }); // `note` then has it
    selectAgain(gone, again);
  }

  document.addEventListener("focusin", (event) => note(event.target));
  // Do not return to a visitor who moved the focus; switching windows does not count.
  document.addEventListener("focusout", (event) => {
    window.queueMicrotask(() => {
      if (event.target === focused && focused.isConnected && document.activeElement !== focused) forget();
    });
  });
  for (const by of ["pointerdown", "keydown"])
    document.addEventListener(by, () => isLost() && forget(), { capture: true });
  new MutationObserver(restore).observe(document.documentElement, { childList: true, subtree: true });
})();
