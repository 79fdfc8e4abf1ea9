/* Checking an outline by keyboard: J and K walk through the clauses, arrows move one up or down a level, M joins,
   X drops, Z undoes, R goes to the heading, E to the text, N to the next doubt; while writing, Ctrl+Enter saves and
   Alt+Enter splits at the cursor. Every act works without this file. */
(function () {
  "use strict";
  var rewrite = document.getElementById("rewrite");
  var text = document.getElementById("text");
  var heading = document.getElementById("heading");
  var split = document.querySelector("[data-split]");
  var plain = document.querySelector("[data-noscript]");
  if (split && text) {
    split.hidden = false;
    if (plain) plain.hidden = true;
    split.addEventListener("click", function () { document.getElementById("cut").value = text.selectionStart; });
  }
  var current = document.querySelector(".tree a[aria-current]");
  var column = current && current.closest("section");
  if (column && column.scrollHeight > column.clientHeight) column.scrollTop = current.offsetTop - column.clientHeight / 2;
  var hand = document.getElementById("hand");
  if (hand && window.location.hash === "#hand") hand.scrollIntoView({ block: "start" });

  function isTyping(target) { return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName); }
  function nextDoubt() {
    var doubts = Array.prototype.slice.call(document.querySelectorAll(".doubts .open"));
    var at = doubts.findIndex(function (doubt) { return doubt.contains(document.activeElement); });
    var next = doubts[at + 1] || doubts[0];
    if (!next) return;
    next.scrollIntoView({ block: "center" });
    var first = next.querySelector(".fixes input[type=text]") || next.querySelector(".fixes button, .fixes a") || next.querySelector("a");
    if (first) first.focus({ preventScroll: true });
  }
  document.addEventListener("keydown", function (event) {
    var pressed = event.key.toLowerCase();
    if (rewrite && rewrite.contains(event.target) && pressed === "enter" && (event.ctrlKey || event.metaKey || event.altKey)) {
      event.preventDefault();
      (event.altKey && event.target === text ? split : rewrite.querySelector(".btn")).click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
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
    if (pressed === "n") {
      event.preventDefault();  // or the letter would be written into the field it leads to
      nextDoubt();
      return;
    }
    if ((pressed === "e" && text) || (pressed === "r" && heading)) {
      event.preventDefault();
      (pressed === "e" ? text : heading).focus();
      return;
    }
    var button = document.querySelector('[data-key="' + pressed + '"]');
    if (button) {
      event.preventDefault();
      button.click();
    }
  });
})();
