// Forms that a passkey fills in (Web Authentication): the server's options are in the form, the answer goes into it.
(function () {
  "use strict";

  function bytes(text) {
    const plain = text.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(window.atob(plain), (letter) => letter.charCodeAt(0));
  }

  function text(buffer) {
    const plain = window.btoa(String.fromCharCode(...new Uint8Array(buffer)));
    return plain.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function known(list) {
    return (list || []).map((each) => ({ ...each, id: bytes(each.id) }));
  }

  async function made(options) {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: known(options.excludeCredentials),
    };
    const found = await navigator.credentials.create({ publicKey });
    const { clientDataJSON, attestationObject } = found.response;
    return answer(found, { clientDataJSON, attestationObject });
  }

  async function used(options) {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: known(options.allowCredentials),
    };
    const found = await navigator.credentials.get({ publicKey });
    const { clientDataJSON, authenticatorData, signature } = found.response;
    return answer(found, { clientDataJSON, authenticatorData, signature });
  }

  function answer(found, parts) {
    const response = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, text(part)]));
    return JSON.stringify({ id: found.id, rawId: text(found.rawId), type: found.type, response });
  }

  async function fill(form) {
    const line = form.querySelector("[data-passkey-problem]");
    line.hidden = true;
    try {
      const options = JSON.parse(form.dataset.options);
      form.elements.credential.value = await (form.dataset.passkey === "add" ? made(options) : used(options));
    } catch (error) {
      line.textContent = "The browser did not use a passkey: try again, or use a code.";
      line.hidden = false;
      return;
    }
    form.submit();
  }

  for (const form of document.querySelectorAll("form[data-passkey]"))
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      fill(form);
    });
})();
