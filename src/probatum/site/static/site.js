/* Help for readers who have scripts: search, filters, and "/" to reach the search field.
   Every page reads without it. Text from the review only ever becomes textContent. */
(function () {
  "use strict";
  var field;
  document.documentElement.classList.add("js"); // before the first paint: nothing jumps later

  document.addEventListener("keydown", function (event) {
    var at = event.target, typing = at.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(at.tagName);
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || !field) return;
    event.preventDefault();
    if (field.offsetParent) { field.focus(); field.select(); } else field.form.submit();
  });

  function plain(text) {
    return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  }
  function words(text) {
    return plain(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  }
  function element(name, text, className) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  /* ---------------------------------------------------------------- search */
  function score(entry, asked) {
    var total = 0;
    for (var i = 0; i < asked.length; i++) {
      var best = 0, word = asked[i];
      entry.head.forEach(function (w) { best = Math.max(best, w === word ? 12 : w.indexOf(word) === 0 ? 8 : 0); });
      if (best < 3) entry.rest.forEach(function (w) { best = Math.max(best, w === word ? 3 : w.indexOf(word) === 0 ? 2 : 0); });
      if (!best && word.length > 3 && entry.all.indexOf(word) >= 0) best = 1;
      if (!best) return 0;
      total += best;
    }
    return total + entry.rank;
  }
  function excerpt(text, asked) {
    var line = element("p"), from = 0, low = plain(text), hit = -1;
    if (low.length === text.length) {
      asked.forEach(function (w) { var at = low.indexOf(w); if (at >= 0 && (hit < 0 || at < hit)) hit = at; });
    }
    if (hit > 120) { from = text.indexOf(" ", hit - 60) + 1; line.append("\u2026 "); }
    var shown = text.slice(from, from + 220), marked = plain(shown);
    if (marked.length !== shown.length) { line.append(shown); return line; }
    var cursor = 0;
    marked.replace(/[\p{L}\p{N}]+/gu, function (w, at) {
      if (asked.some(function (a) { return w.indexOf(a) === 0; })) {
        line.append(shown.slice(cursor, at), element("mark", shown.slice(at, at + w.length)));
        cursor = at + w.length;
      }
      return w;
    });
    line.append(shown.slice(cursor), from + 220 < text.length ? "\u2026" : "");
    return line;
  }
  function search() {
    var index = window.probatumIndex, hits = document.getElementById("hits");
    var state = document.getElementById("found"), everything = document.getElementById("everything");
    if (!index || !hits) return;
    var entries = [];
    function add(kind, title, url, text) {
      entries.push({ kind: index.kinds[kind], title: title, url: url, text: text,
        head: words(title), rest: words(text), all: plain(title + " " + text), rank: (index.kinds.length - kind) / 2 });
    }
    index.pages.forEach(function (page) {
      add(page[0], page[1], page[2], page[3]);
      page[4].forEach(function (part) { add(part[0], part[1], page[2] + "#" + part[2], part[3] || page[1]); });
    });
    function show() {
      var asked = words(field.value);
      hits.textContent = "";
      everything.hidden = asked.length > 0;
      if (!asked.length) { state.textContent = ""; return; }
      var found = entries.map(function (e) { return [score(e, asked), e]; })
        .filter(function (p) { return p[0] > 0; })
        .sort(function (a, b) { return b[0] - a[0]; });
      state.textContent = !found.length ? "Nothing found. Try fewer or shorter words."
        : found.length === 1 ? "1 place found." : found.length + " places found" + (found.length > 60 ? ", the first 60 are shown." : ".");
      found.slice(0, 60).forEach(function (p) {
        var item = element("li"), link = element("a", p[1].title);
        link.href = p[1].url;
        item.append(link, " ", element("span", p[1].kind, "tag"));
        if (p[1].text) item.append(excerpt(p[1].text, asked));
        hits.append(item);
      });
    }
    field.value = new URLSearchParams(location.search).get("q") || "";
    field.form.addEventListener("submit", function (event) {
      event.preventDefault();
      try { history.replaceState(null, "", "?q=" + encodeURIComponent(field.value)); } catch (e) { /* from a disk */ }
      show();
    });
    field.addEventListener("input", show);
    show();
    if (!location.hash) field.focus();
  }

  /* ---------------------------------------------------------------- filters of a table */
  function filters(form) {
    var rows = Array.prototype.slice.call(document.querySelectorAll("[data-row]"));
    var state = form.querySelector("output"), text = form.querySelector("input[type=search]");
    var selects = Array.prototype.slice.call(form.querySelectorAll("select"));
    selects.forEach(function (select) {
      var seen = {};
      rows.forEach(function (row) {
        (row.getAttribute("data-" + select.name) || "").split("|").forEach(function (v) { if (v) seen[v] = (seen[v] || 0) + 1; });
      });
      Object.keys(seen).sort(function (a, b) { return a.localeCompare(b); }).forEach(function (value) {
        var option = element("option", value + " (" + seen[value] + ")");
        option.value = value;
        select.append(option);
      });
    });
    var said = rows.map(function (row) { return plain(row.textContent); });
    function apply() {
      var asked = words(text.value), left = 0;
      rows.forEach(function (row, i) {
        var fits = asked.every(function (w) { return said[i].indexOf(w) >= 0; }) &&
          selects.every(function (s) {
            return !s.value || (row.getAttribute("data-" + s.name) || "").split("|").indexOf(s.value) >= 0;
          });
        row.hidden = !fits;
        if (fits) left += 1;
      });
      document.querySelectorAll("[data-rows]").forEach(function (group) {
        group.hidden = !group.querySelector("[data-row]:not([hidden])");
      });
      state.textContent = left === rows.length ? "All " + rows.length + " are shown." : left + " of " + rows.length + " are shown.";
    }
    form.addEventListener("input", apply);
    form.addEventListener("reset", function () { setTimeout(apply); });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    apply();
  }

  document.addEventListener("DOMContentLoaded", function () {
    field = document.getElementById("find") || document.getElementById("q");
    search();
    document.querySelectorAll("form.filters").forEach(filters);
  });
})();
