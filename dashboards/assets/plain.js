// The pages with forms: theme switch, codes of one-time links, copying, confirmations.
(function () {
  "use strict";
  const $ = (selector) => document.querySelector(selector);

  $("#theme-switch").addEventListener("click", () => window.dash_clientside.theme.current(1));

  // The code is in the fragment, which reaches no server's log; it is also removed from the address bar.
  const form = $("form[data-one-time]");
  const code = window.location.hash.slice(1);
  if (form && code) {
    form.elements.code.value = code;
    $("[data-code-field]").hidden = true;
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
    if ("atOnce" in form.dataset) form.requestSubmit();
  }

  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.ask;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  for (const button of document.querySelectorAll("[data-copy]"))
    button.addEventListener("click", () => {
      const source = document.getElementById(button.dataset.copy);
      const range = document.createRange();
      range.selectNodeContents(source);
      window.getSelection().removeAllRanges();
      window.getSelection().addRange(range);
      // Browsers offer a clipboard only to pages by TLS or on loopback; elsewhere the text is at least selected.
      if (navigator.clipboard)
        navigator.clipboard.writeText(source.textContent).then(() => (button.textContent = "Copied"));
    });
})();
