// Buttons with an action and a pool, the confirmation dialog, and menus that close automatically.
(function () {
  "use strict";
  let clicks = 0;

  function dialog() {
    return document.getElementById("asking-question");
  }

  function ask(button) {
    const asked = { action: button.dataset.ask, pool: button.dataset.pool, at: ++clicks };
    window.dash_clientside.set_props("asking-told", { children: button.textContent + " …" });
    window.dash_clientside.set_props("asking-asked", { data: asked });
  }

  // Whoever does something else has read the last message.
  function forget() {
    const told = document.getElementById("asking-told");
    if (told && told.textContent) window.dash_clientside.set_props("asking-told", { children: "" });
  }

  function open(question) {
    const shown = dialog();
    if (!question) shown.close();
    else if (!shown.open) {
      window.dash_clientside.set_props("asking-told", { children: "" });
      shown.showModal();
    }
    return question ? "yes" : "no";
  }

  function unsure(typed, question) {
    return Boolean(question && question.pool && typed !== question.pool);
  }

  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
  }

  document.addEventListener("click", (event) => {
    const target = event.target;
    closeMenus(target.closest("details.menu"));
    const button = target.closest("[data-ask]");
    if (button) {
      ask(button);
      closeMenus();
      button.closest("details.menu")?.querySelector("summary").focus();
    }
    if (!target.closest("[data-ask], .told, dialog")) forget();
    if (target.closest("[data-close]") || target === dialog()) dialog().close();
  });
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector("details.menu[open]");
    if (event.key !== "Escape" || !menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  window.dash_clientside = Object.assign({}, window.dash_clientside, { acting: { open, unsure } });
})();
