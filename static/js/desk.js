/* The moderation desk: one key for each act. Keys rest while somebody types or holds a modifier. */
(function () {
  "use strict";
  function isTyping(target) { return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "checkbox"; }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    var pressed = event.key.toLowerCase();
    if (pressed === "j" || pressed === "k") {
      var links = Array.prototype.slice.call(document.querySelectorAll(".queue li a"));
      var at = links.findIndex(function (link) { return link.getAttribute("aria-current"); });
      var next = links[pressed === "j" ? at + 1 : at - 1];
      if (next) window.location.href = next.href;
      return;
    }
    var button = document.querySelector('[data-key="' + pressed + '"]');
    if (!button) return;
    event.preventDefault();
    if (pressed === "w") {
      var why = document.getElementById("reason_code");
      var note = document.getElementById("note");
      if (!why.value) { why.focus(); return; }
      if (!note.value.trim()) { note.focus(); return; }
    }
    button.click();
  });
})();
