/* Repeats lost requests. A browser drops its connections whenever the network changes, and a single lost
   answer would leave a page of Dash blank.
   Inlined in the document (dashboards/frame/shell.py), so that it runs before anything can be lost. */
(function () {
  "use strict";
  const ask = window.fetch;
  const FIRST = 250; /* milliseconds before the first retry; each pause is twice the previous one */
  const LONGEST = 8000;
  const AWAY = new Set([502, 503, 504]); /* a proxy's answers for an unavailable server */
  const SILENT_AFTER = 2000; /* milliseconds after which the visitor is informed */
  const MOST_RELOADS = 8;
  const RELOADS = "p2ppool-reloads";
  const UPDATE = "/_dash-update-component";
  const LOST = "The manager did not answer. Check whether your request was carried out before you try again.";
  const WAITING = "The manager does not answer. Trying again …";
  const STALE = "This page is from another release of the manager. Reload it to go on.";
  const GONE = 409; /* the answer to a callback that the server does not know */
  const BROKEN = "Parts of this page could not be loaded. Reload it to try again.";
  const said = new Set();
  const latest = new Map(); /* output of a callback -> its latest request */
  const given = new WeakSet(); /* elements that could not be loaded */
  const paused = new Set(); /* what ends each pause */
  let changing = null;
  let silentSince = null;
  let isWhole = true; /* no script of the document itself is missing */
  let leaving = false;

  /* Callbacks that change something, listed by the server: if an answer is lost, the outcome is unknown. */
  function changes(output) {
    changing ??= new Set(JSON.parse(document.querySelector("meta[name=changing-callbacks]").content));
    return changing.has(output);
  }

  function say() {
    const line = document.getElementById("unanswered");
    if (!line) return;
    const texts = [STALE, LOST, BROKEN, WAITING].filter((text) => said.has(text));
    line.hidden = !texts.length;
    line.lastElementChild.textContent = texts[0] === STALE ? "Reload" : "Close";
    if (line.firstElementChild.textContent !== (texts[0] || "")) line.firstElementChild.textContent = texts[0] || "";
    line.lastElementChild.hidden = texts[0] === WAITING;
  }

  function tell(text, holds) {
    if (leaving) return;
    if (holds) said.add(text);
    else said.delete(text);
    say();
  }

  function pause(tries) {
    const longest = Math.min(LONGEST, FIRST * 2 ** tries);
    return new Promise((resolve) => {
      const end = () => {
        paused.delete(end);
        resolve();
      };
      paused.add(end);
      window.setTimeout(end, longest * (0.5 + Math.random() / 2));
    });
  }

  /* The whole answer: its body can be cut off, too. */
  async function whole(request) {
    const answer = await ask.apply(window, request);
    if (answer.body) await answer.clone().arrayBuffer();
    return answer;
  }

  /* null: not yet */
  async function attempt(request) {
    try {
      const answer = await whole(request);
      return AWAY.has(answer.status) ? { answer } : { answer, came: true };
    } catch (error) {
      return { error, came: error.name === "AbortError" || Boolean(request[1]?.signal?.aborted) };
    }
  }

  function result({ answer, error }) {
    if (error) throw error;
    return answer;
  }

  function noteSilence() {
    silentSince ??= performance.now();
    window.setTimeout(() => {
      if (silentSince !== null && performance.now() - silentSince >= SILENT_AFTER) tell(WAITING, true);
    }, SILENT_AFTER);
  }

  function noteAnswer() {
    if (silentSince === null) return;
    silentSince = null;
    tell(WAITING, false);
  }

  async function untilItComes(request, isWanted) {
    let got = await attempt(request);
    for (let tries = 0; !got.came && isWanted(); tries++) {
      noteSilence();
      await pause(tries);
      if (isWanted()) got = await attempt(request);
    }
    if (got.came && got.answer) noteAnswer();
    return result(got);
  }

  async function once(request) {
    const got = await attempt(request);
    if (!got.came) tell(LOST, true);
    return result(got);
  }

  /* Dash sends a new request when an input changes, and then ignores the older answer. */
  async function update(request, { output, inputs, changedPropIds }) {
    if (changes(output) && isByHand(inputs, changedPropIds)) return once(request);
    latest.set(output, request);
    try {
      return await untilItComes(request, () => latest.get(output) === request);
    } finally {
      if (latest.get(output) === request) latest.delete(output);
    }
  }

  /* Dash also calls back for newly created buttons, which do nothing. */
  function isByHand(inputs = [], changed = []) {
    return changed.length > 0 && inputs.flat().some((input) => input.value);
  }

  function callOf(body) {
    try {
      return JSON.parse(body);
    } catch (broken) {
      return null;
    }
  }

  window.fetch = async function (...request) {
    const [what, how] = request;
    if (what instanceof Request) return ask.apply(window, request);
    const address = new URL(what, document.baseURI);
    const method = (how?.method || "GET").toUpperCase();
    if (address.origin !== window.location.origin) return ask.apply(window, request);
    if (method === "GET") return untilItComes(request, () => !how?.signal?.aborted);
    const call = method === "POST" && address.pathname.endsWith(UPDATE) ? callOf(how.body) : null;
    if (!call?.output) return ask.apply(window, request);
    const answer = await update(request, call);
    if (answer.status === GONE) tell(STALE, true);
    return answer;
  };

  /* The map's outlines are loaded by XMLHttpRequest. */
  window.XMLHttpRequest = class extends window.XMLHttpRequest {
    #opened = null;
    #headers = [];
    #tries = 0;

    constructor() {
      super(); /* nobody listens before */
      this.addEventListener("error", (event) => this.#again(event));
      this.addEventListener("load", (event) => (AWAY.has(this.status) ? this.#again(event) : noteAnswer()));
    }

    open(method, url, ...rest) {
      const reads = method.toUpperCase() === "GET" && rest[0] !== false;
      const isHere = new URL(url, document.baseURI).origin === window.location.origin;
      this.#opened = reads && isHere ? [method, url, ...rest] : null;
      this.#headers = [];
      this.#tries = 0;
      super.open(method, url, ...rest);
    }

    setRequestHeader(name, value) {
      this.#headers.push([name, value]);
      super.setRequestHeader(name, value);
    }

    abort() {
      this.#opened = null;
      super.abort();
    }

    async #again(event) {
      const opened = this.#opened;
      if (!opened) return;
      event.stopImmediatePropagation();
      noteSilence();
      await pause(this.#tries++);
      if (this.#opened !== opened) return;
      super.open(...opened);
      for (const header of this.#headers) super.setRequestHeader(...header);
      super.send();
    }
  };

  /* Scripts and styles. */

  function copyOf(element) {
    const copy = document.createElement(element.tagName);
    for (const { name, value } of element.attributes) copy.setAttribute(name, value);
    return copy;
  }

  function giveBack(element) {
    given.add(element);
    element.dispatchEvent(new Event("error"));
    tell(BROKEN, true);
  }

  function replaceStyle(link) {
    link.replaceWith(copyOf(link));
  }

  /* One that another script has requested and waits for. */
  function replaceScript(script) {
    const copy = copyOf(script);
    copy.addEventListener("load", () => {
      copy.remove();
      script.dispatchEvent(new Event("load"));
    });
    copy.addEventListener("error", () => {
      copy.remove();
      giveBack(script);
    });
    document.head.append(copy);
  }

  function reloads(number) {
    try {
      if (number === undefined) return Number(window.sessionStorage.getItem(RELOADS));
      if (number) window.sessionStorage.setItem(RELOADS, number);
      else window.sessionStorage.removeItem(RELOADS);
    } catch (refused) {
      return MOST_RELOADS; /* nobody counts: better a page that says so than one that reloads for ever */
    }
    return number;
  }

  const loaded = new Promise((resolve) => window.addEventListener("load", resolve));

  /* The scripts after a lost one of the document have run without it: reload the page. */
  async function startAnew(script) {
    const tries = reloads();
    if (tries >= MOST_RELOADS) {
      giveBack(script);
      return;
    }
    await pause(tries);
    await loaded;
    if (leaving) return;
    leaving = true;
    reloads(tries + 1);
    window.location.reload();
  }

  /* By then the browser has it, or can get it. */
  async function retryElement(element, how) {
    await pause(0);
    const answer = await window.fetch(element.src || element.href);
    if (answer.ok) how(element);
    else giveBack(element);
  }

  function lost(event) {
    const element = event.target;
    if (given.has(element)) return;
    if (element instanceof HTMLLinkElement && element.rel === "stylesheet") retryElement(element, replaceStyle);
    if (!(element instanceof HTMLScriptElement) || !element.src.startsWith(window.location.origin + "/")) return;
    event.stopImmediatePropagation();
    if (element.async) {
      retryElement(element, replaceScript);
      return;
    }
    isWhole = false;
    retryElement(element, startAnew);
  }

  window.addEventListener("error", lost, true);
  window.addEventListener("online", () => paused.forEach((end) => end()));
  window.addEventListener("pagehide", () => (leaving = true));
  window.addEventListener("pageshow", () => (leaving = false));
  window.addEventListener("load", () => isWhole && reloads(0));
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#unanswered button")) return;
    if (said.has(STALE)) {
      window.location.reload();
      return;
    }
    said.delete(LOST);
    said.delete(BROKEN);
    say();
  });
})();
