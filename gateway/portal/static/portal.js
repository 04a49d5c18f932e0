/* What pages do beyond links and forms. All of it is an ease: every page works without. */
(function () {
  "use strict";
  var doc = document, root = doc.documentElement;
  root.classList.add("js-on");
  function all(where, what) { return Array.prototype.slice.call(where.querySelectorAll(what)); }
  function typing(node) { return node && /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName); }

  /* Find as one types; an input method speaks only when its composition ends. */
  var box = doc.getElementById("q"), found = doc.getElementById("found"), wait, asked = "";
  function enough(text) { return /[^\x00-\x7f]/.test(text) ? text.length > 0 : text.length > 1; }
  function close() { clearTimeout(wait); asked = ""; if (found) found.textContent = ""; }
  function seek() {
    clearTimeout(wait);
    var text = box.value.trim();
    if (!enough(text)) { close(); return; }
    wait = setTimeout(function () {
      if (text === asked) return;
      asked = text;
      box.dispatchEvent(new CustomEvent("find", { bubbles: true }));
    }, 250);
  }
  if (box && found) {
    box.addEventListener("input", function (event) { if (!event.isComposing) seek(); });
    box.addEventListener("compositionend", seek);
    box.form.addEventListener("submit", function () { clearTimeout(wait); });
    box.addEventListener("keydown", function (event) {
      if (event.isComposing || event.keyCode === 229) return;
      var first = found.querySelector("a");
      if (event.key === "ArrowDown" && first) { event.preventDefault(); first.focus(); }
      if (event.key === "Escape") { box.value = ""; close(); }
    });
    found.addEventListener("keydown", function (event) {
      var links = all(found, "a"), at = links.indexOf(doc.activeElement);
      if (event.key === "ArrowDown" && links[at + 1]) { event.preventDefault(); links[at + 1].focus(); }
      if (event.key === "ArrowUp") { event.preventDefault(); (links[at - 1] || box).focus(); }
      if (event.key === "Escape") { close(); box.focus(); }
    });
    doc.addEventListener("click", function (event) { if (!event.target.closest(".finder")) close(); });
    doc.addEventListener("htmx:beforeSwap", function (event) {
      /* An answer to words that are gone must not open again what was closed. */
      if (event.detail.target === found && !asked) event.detail.shouldSwap = false;
    });
    doc.addEventListener("keydown", function (event) {
      /* With a Chinese input method on, the key gives another character: its place on the keyboard counts. */
      if (event.code !== "Slash" || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
      if (typing(event.target)) return;
      event.preventDefault();
      box.focus();
      box.select();
    });
  }

  /* The question why: one open at a time, closed by Escape or a click beside it. */
  function shut(except) { all(doc, "details.ask[open]").forEach(function (one) { if (one !== except) one.open = false; }); }
  doc.addEventListener("toggle", function (event) {
    if (event.target.open && event.target.matches("details.ask")) shut(event.target);
  }, true);
  doc.addEventListener("keydown", function (event) {
    var open = event.key === "Escape" && doc.querySelector("details.ask[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });
  doc.addEventListener("click", function (event) { if (!event.target.closest("details.ask")) shut(null); });

  /* What was opened is covered again: when its time is up, when the page is left or hidden, on demand. */
  function cover(row, focus) {
    clearInterval(row.ticking);
    all(row, ".full").forEach(function (one) { one.remove(); });
    all(row, ".cover").forEach(function (one) { one.classList.remove("cover"); });
    all(row, ".left").forEach(function (one) { one.remove(); });
    row.classList.remove("opened");
    row.removeAttribute("data-left");
    var again = row.querySelector("summary");
    if (focus && again) again.focus();
  }
  function coverAll() { all(doc, ".f.opened").forEach(function (row) { cover(row, false); }); }
  function watch(row) {
    if (row.ticking) return;
    var until = Date.now() + 1000 * Number(row.dataset.left), says = row.querySelector("[data-count]");
    row.ticking = setInterval(function () {
      var left = Math.ceil((until - Date.now()) / 1000);
      if (left <= 0) cover(row, row.contains(doc.activeElement));
      else says.textContent = says.dataset.count.replace("{seconds}", left);
    }, 500);
  }
  function watchAll() { all(doc, ".f.opened[data-left]").forEach(watch); }
  doc.addEventListener("click", function (event) {
    var hide = event.target.closest("[data-hide]");
    if (hide) { event.preventDefault(); cover(hide.closest(".f"), true); }
    if (event.target.closest("[data-print]")) { coverAll(); window.print(); }
  });
  doc.addEventListener("visibilitychange", function () { if (doc.hidden) coverAll(); });
  window.addEventListener("pagehide", coverAll);
  window.addEventListener("beforeprint", coverAll);

  /* A refusal stands in the question, not in place of the field. */
  doc.addEventListener("htmx:beforeSwap", function (event) {
    var form = event.detail.requestConfig && event.detail.requestConfig.elt.closest(".ask-form");
    if (form && event.detail.xhr.status >= 400) {
      event.detail.target = form.parentNode.querySelector(".ask-said");
      event.detail.swapOverride = "innerHTML";
    }
  });
  doc.addEventListener("htmx:afterSettle", function (event) {
    watchAll();
    var opened = event.detail.elt.matches && event.detail.elt.matches(".f.opened") && event.detail.elt.querySelector("[data-focus]");
    if (opened) opened.focus();
  });

  /* Trouble is said, never swallowed. */
  var trouble = doc.getElementById("trouble");
  function say(event) {
    var waiting = event.detail.elt && event.detail.elt.closest && event.detail.elt.closest(".card");
    if (waiting) waiting.removeAttribute("aria-busy");
    var line = doc.createElement("p");
    line.className = "strip brick";
    line.textContent = trouble.dataset.offline;
    trouble.textContent = "";
    trouble.appendChild(line);
  }
  doc.addEventListener("htmx:sendError", say);
  doc.addEventListener("htmx:timeout", say);
  doc.addEventListener("htmx:afterRequest", function (event) { if (event.detail.successful) trouble.textContent = ""; });

  /* Nobody's file stays on a screen that nobody uses: the session is over then, and so is the page. */
  var idle = Number(doc.body.dataset.idle), lock;
  function rest() {
    clearTimeout(lock);
    lock = setTimeout(function () {
      location.replace("/login?next=" + encodeURIComponent(doc.body.dataset.here));
    }, (idle + 2) * 1000);
  }
  if (idle) { rest(); doc.addEventListener("htmx:afterRequest", rest); }

  var first = doc.querySelector("[data-focus]");
  if (first) first.focus();
  watchAll();
})();
