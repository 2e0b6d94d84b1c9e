// Files from a visitor's disk: a list of hosts into its field, packages and keys straight to the server.
// A key and its passphrase live in this page's memory until they are sent, and nowhere else.
(function () {
  "use strict";
  const CHOOSE = { hosts: "Load from a file …", package: "Choose a zip …", key: "Choose a private key …" };
  const ACCEPT = { hosts: "", package: ".zip,application/zip", key: "" };

  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  function inMiB(bytes) {
    return bytes < 1048576 ? Math.ceil(bytes / 1024) + " KiB" : (bytes / 1048576).toFixed(1) + " MiB";
  }

  function nameOf(file) {
    const stem = file.name.replace(/\.[^.]*$/, "") || file.name;
    return stem.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-._]+|[-._]+$/g, "").slice(0, 64);
  }

  // The header against forged requests, as Dash's own callbacks send it.
  function token() {
    const config = JSON.parse(document.getElementById("_dash-config").textContent);
    const start = config.csrf_token_name + "=";
    const found = document.cookie.split("; ").find((cookie) => cookie.startsWith(start));
    return [config.csrf_header_name, found ? decodeURIComponent(found.slice(start.length)) : ""];
  }

  function send(address, type, body, progress, ended) {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Content-Type", type);
    request.setRequestHeader(...token());
    request.upload.onprogress = (event) => progress(event.loaded / event.total);
    request.onload = () => {
      try {
        ended(JSON.parse(request.responseText));
      } catch (broken) {
        ended({ error: request.responseText.slice(0, 200) || "The server refused it (" + request.status + ")." });
      }
    };
    request.onerror = () => ended({ error: "The upload was interrupted: is the server still running?" });
    request.send(body);
  }

  class Upload {
    constructor(box) {
      this.box = box;
      this.kind = box.dataset.kind;
      this.file = make("input", { type: "file", className: "unseen", accept: ACCEPT[this.kind] });
      this.told = make("p", { className: "said" });
      this.told.setAttribute("role", "status");
      const label = make("label", { className: "do" }, CHOOSE[this.kind], this.file);
      box.append(make("div", { className: "choosing" }, label, this.told));
      if (this.kind !== "hosts") box.append(this.inputs());
      this.file.addEventListener("change", () => this.chosen());
    }

    inputs() {
      this.name = make("input", { type: "text", maxLength: 64, autocomplete: "off", spellcheck: false });
      this.secret = make("input", { type: "password", autocomplete: "off" });
      this.button = make("button", { type: "button", className: "do", textContent: "Add", disabled: true });
      this.bar = make("progress", { max: 1, value: 0, hidden: true });
      this.button.addEventListener("click", () => this.add());
      const parts = [make("label", {}, "Name", this.name)];
      if (this.kind === "key") parts.push(make("label", {}, "Passphrase, if it has one", this.secret));
      return make("div", { className: "naming" }, ...parts, this.button, this.bar);
    }

    chosen() {
      const file = this.file.files[0];
      if (!file) return;
      if (file.size > Number(this.box.dataset.most)) {
        this.say(file.name + " is larger than " + inMiB(Number(this.box.dataset.most)) + ".", true);
        this.file.value = "";
      } else if (this.kind === "hosts") this.fill(file);
      else {
        this.name.value = nameOf(file);
        this.button.disabled = false;
        this.say(file.name + ", " + inMiB(file.size));
      }
    }

    async fill(file) {
      const text = await file.text();
      window.dash_clientside.set_props(this.box.dataset.into, { value: text, n_blur: Date.now() });
      this.file.value = ""; // the same file, corrected, can be chosen again
      this.say(file.name);
    }

    async add() {
      const file = this.file.files[0];
      this.button.disabled = true;
      this.bar.value = 0;
      this.bar.hidden = false;
      this.say("");
      const progress = (share) => (this.bar.value = share);
      const ended = (answer) => this.ended(answer);
      if (this.kind === "package") {
        const address = this.box.dataset.to + "?name=" + encodeURIComponent(this.name.value.trim());
        send(address, "application/octet-stream", file, progress, ended);
      } else {
        const given = { name: this.name.value.trim(), key: await file.text(), passphrase: this.secret.value };
        send(this.box.dataset.to, "application/json", JSON.stringify(given), progress, ended);
      }
    }

    ended(answer) {
      this.bar.hidden = true;
      this.button.disabled = false;
      if (answer.error) {
        this.say(answer.error, true);
        return;
      }
      this.say(answer.name + " is there: " + answer.about);
      this.file.value = this.name.value = this.secret.value = "";
      this.button.disabled = true;
      window.dash_clientside.set_props(this.box.dataset.into, { data: { kind: this.kind, name: answer.name } });
    }

    say(text, bad) {
      this.told.textContent = text;
      this.told.classList.toggle("bad", Boolean(bad));
    }
  }

  function begin() {
    for (const box of document.querySelectorAll(".upload:empty")) new Upload(box);
  }

  // Resolving many host names takes some seconds.
  const reviewing = () => "Checking …";

  window.dash_clientside = Object.assign({}, window.dash_clientside, { uploads: { reviewing } });
  new MutationObserver(begin).observe(document.documentElement, { childList: true, subtree: true });
})();
