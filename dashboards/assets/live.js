// Ages that keep counting, and a light that goes out when the server no longer answers.
(function () {
  "use strict";
  const SILENT_AFTER = 10; // seconds without an answer
  const UNITS = [
    [86400, "d"],
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ];
  let heartbeat = null;
  let heard = performance.now();

  function age(seconds) {
    if (seconds < 5) return "just now";
    const [size, name] = UNITS.find(([size]) => seconds >= size);
    return Math.floor(seconds / size) + " " + name + " ago";
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function tellAges() {
    for (const time of document.querySelectorAll("time.age"))
      write(time, age((Date.now() - Date.parse(time.dateTime)) / 1000));
  }

  function watchPulse() {
    const light = document.querySelector(".live");
    if (!light) return;
    if (light.dataset.heartbeat !== heartbeat) {
      heartbeat = light.dataset.heartbeat;
      heard = performance.now();
    }
    const silent = Math.floor((performance.now() - heard) / 1000);
    light.classList.toggle("lost", silent >= SILENT_AFTER);
    write(light, silent >= SILENT_AFTER ? "no answer for " + silent + " s" : "live");
  }

  function tick() {
    tellAges();
    watchPulse();
  }

  window.setInterval(tick, 1000);
  // New elements get their age at once.
  new MutationObserver(() => window.requestAnimationFrame(tellAges)).observe(document.documentElement, {
    childList: true,
    subtree: true,
  });
})();
