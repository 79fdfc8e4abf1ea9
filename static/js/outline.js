/* Checking an outline by keyboard: J and K walk through the clauses, arrows move one up or down a level,
   M joins, X drops, Z undoes, S splits at the cursor. Every act works without this file. */
(function () {
  "use strict";
  var rewrite = document.getElementById("rewrite");
  var text = document.getElementById("text");
  var split = document.querySelector("[data-split]");
  var plain = document.querySelector("[data-noscript]");
  if (split && text) {
    split.hidden = false;
    if (plain) plain.hidden = true;
    split.addEventListener("click", function () { document.getElementById("at").value = text.selectionStart; });
  }
  var current = document.querySelector(".tree a[aria-current]");
  if (current) current.scrollIntoView({ block: "center" });
  var hand = document.getElementById("hand");
  if (hand && window.location.hash === "#hand") hand.scrollIntoView({ block: "start" });

  function isTyping(target) { return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName); }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    var pressed = event.key.toLowerCase();
    if (isTyping(event.target)) {
      if (pressed === "escape") event.target.blur();
      return;
    }
    if (pressed === "j" || pressed === "k") {
      var links = Array.prototype.slice.call(document.querySelectorAll(".tree a"));
      var at = links.findIndex(function (link) { return link.getAttribute("aria-current"); });
      var next = links[pressed === "j" ? at + 1 : Math.max(at - 1, 0)];
      if (next) window.location.href = next.href;
      return;
    }
    if (pressed === "e" && rewrite) {
      event.preventDefault();
      text.focus();
      return;
    }
    var button = document.querySelector('[data-key="' + pressed + '"]');
    if (button) {
      event.preventDefault();
      button.click();
    }
  });
})();
