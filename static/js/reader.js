/* The reader without reloading: a clause's panel comes in place, a selection fills the quotation,
   and what is typed is kept in this browser until it is put into the basket. Every act works without this file. */
(function () {
  "use strict";
  var draft = document.querySelector(".draft");
  if (!draft || !window.fetch) return;

  var print = document.querySelector("[data-print]");
  if (print) { print.hidden = false; print.addEventListener("click", function () { window.print(); }); }

  function key(form) { return "typed:" + form.getAttribute("data-keep"); }

  function remember(form) {
    var fields = ["body", "quote", "proposed_text"];
    try {
      var kept = JSON.parse(localStorage.getItem(key(form)) || "{}");
      fields.forEach(function (name) {
        var field = form.elements[name];
        // what the page itself put there (the clause's own words) gives way; what somebody typed does not
        if (!field || !kept[name] || (field.value && field.value !== field.defaultValue)) return;
        field.value = kept[name];
        if (name !== "body" && field.value !== field.defaultValue) field.closest("details").open = true;
      });
    } catch (fault) { /* private windows keep nothing */ }
    form.addEventListener("input", function () {
      var now = {};
      fields.forEach(function (name) { if (form.elements[name]) now[name] = form.elements[name].value; });
      try { localStorage.setItem(key(form), JSON.stringify(now)); } catch (fault) { /* full or forbidden */ }
    });
  }

  function settle() {
    var panel = draft.querySelector(".panel");
    if (!panel) return;
    var form = panel.querySelector("form[data-keep]");
    if (panel.querySelector(".added") && form) {
      try { localStorage.removeItem(key(form)); } catch (fault) { /* nothing was kept */ }
    }
    if (form) remember(form);
  }

  function open(link) {
    var section = link.closest(".clause");
    return fetch(link.href, { credentials: "same-origin", headers: { Accept: "text/html" } })
      .then(function (answer) { if (!answer.ok) throw new Error(answer.status); return answer.text(); })
      .then(function (text) {
        var page = new DOMParser().parseFromString(text, "text/html");
        var panel = page.querySelector(".clause.in-hand .margin");
        if (!panel) throw new Error("no panel");
        var before = draft.querySelector(".clause.in-hand");
        if (before) {
          before.classList.remove("in-hand");
          var old = before.querySelector(".margin");
          if (old) old.remove();
          if (before.id === "c-all") before.remove();
        }
        var how = draft.querySelector(".how");
        if (how) how.remove();
        section.classList.add("in-hand");
        section.appendChild(document.importNode(panel, true));
        history.replaceState(null, "", link.href);
        document.querySelectorAll(".toc a[aria-current]").forEach(function (a) { a.removeAttribute("aria-current"); });
        settle();
        var first = section.querySelector(".panel textarea, .panel h2");
        if (first) { if (first.tagName === "H2") first.tabIndex = -1; first.focus({ preventScroll: window.innerWidth > 1100 }); }
      });
  }

  draft.addEventListener("click", function (event) {
    var link = event.target.closest("a.gut");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link).catch(function () { window.location.href = link.href; });
  });

  document.addEventListener("selectionchange", function () {
    var field = draft.querySelector(".in-hand .panel textarea[name=quote]");
    var selection = window.getSelection();
    if (!field || !selection || selection.isCollapsed || !selection.rangeCount) return;
    var section = field.closest(".clause");
    var range = selection.getRangeAt(0);
    var place = range.commonAncestorContainer;
    if (place.nodeType !== 1) place = place.parentNode;
    if (!section.contains(place) || place.closest(".margin")) return;
    var words = selection.toString().trim();
    if (words && words.length <= 500) {
      field.value = words;
      field.closest("details").open = true;
    }
  });

  settle();
})();
