/* Dates being typed: the counts follow, and a click on a better day puts it in. Without this file a button counts. */
(function () {
  "use strict";
  var form = document.getElementById("notice-form");
  if (!form || !window.fetch) return;
  var names = ["document_type", "opens_on", "closes_on", "closes_time", "shortened_reason"];
  var waiting = null;
  var asked = 0;

  form.querySelectorAll("[data-noscript]").forEach(function (part) { part.hidden = true; });

  function count() {
    var turn = ++asked;
    var query = new URLSearchParams();
    names.forEach(function (name) { if (form.elements[name]) query.set(name, form.elements[name].value); });
    fetch(form.getAttribute("data-period") + "?" + query, { credentials: "same-origin" })
      .then(function (answer) { if (!answer.ok || answer.redirected) throw new Error(answer.status); return answer.text(); })
      .then(function (text) {
        if (turn !== asked) return;
        var fresh = new DOMParser().parseFromString(text, "text/html").getElementById("period");
        // the box itself stays, so that a reader of the screen hears what changed in it
        if (fresh) document.getElementById("period").replaceChildren.apply(document.getElementById("period"), Array.from(fresh.childNodes));
      })
      .catch(function () { form.querySelectorAll("[data-noscript]").forEach(function (part) { part.hidden = false; }); });
  }

  function soon(event) {
    if (names.indexOf(event.target.name) < 0) return;
    clearTimeout(waiting);
    waiting = setTimeout(count, 250);
  }
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);

  form.addEventListener("click", function (event) {
    var button = event.target.closest("[data-closes-on]");
    if (!button) return;
    event.preventDefault();
    form.elements.closes_on.value = button.getAttribute("data-closes-on");
    form.elements.closes_on.focus();
    count();
  });
})();
