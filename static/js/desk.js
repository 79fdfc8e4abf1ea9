/* The moderation desk: one key for each act. Keys rest while somebody types or holds a modifier, and when they are
   switched off (WCAG 2.1.4). Everything here is also a button, and works without this. */
(function () {
  "use strict";
  var desk = document.querySelector(".desk");
  if (!desk) return;
  var byId = function (id) { return document.getElementById(id); };
  var isOn = desk.getAttribute("data-keys") !== "off";

  function isTyping(target) { return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && target.type !== "checkbox"; }

  function go(step) {
    var links = Array.prototype.slice.call(document.querySelectorAll(".queue > ul > li > a"));
    var at = links.findIndex(function (link) { return link.getAttribute("aria-current"); });
    var next = links[at + step] || (step > 0 && document.querySelector(".queue .pages a"));
    if (next) window.location.href = next.href;
  }

  /* what an act still needs is asked for where it is typed, and Ctrl+Enter there sends it */
  var pressed = null;
  function missing(key) {
    var needs = { w: ["reason_code", "note"], q: ["colleague", "note"], g: ["merged_into"], d: ["note"] }[key] || [];
    for (var i = 0; i < needs.length; i++) {
      var field = byId(needs[i]);
      if (field && !field.value.trim()) return field;
    }
    return null;
  }
  function press(key) {
    var button = document.querySelector('[data-key="' + key + '"]');
    if (!button) return false;
    pressed = key;
    var field = button.form && button.form.id === "decide" && button.value !== "confirm" ? missing(key) : null;
    if (field) { field.focus(); field.scrollIntoView({ block: "nearest" }); } else button.click();
    return true;
  }

  document.addEventListener("keydown", function (event) {
    var key = event.key.toLowerCase();
    if (isTyping(event.target)) {
      if (key === "escape") event.target.blur();
      if (key === "enter" && pressed && event.target.closest(".work, .decide") && (event.ctrlKey || event.metaKey || event.target.tagName !== "TEXTAREA")) {
        event.preventDefault();
        press(pressed);
      }
      return;
    }
    if (!isOn || event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === "j" || key === "k") { go(key === "j" ? 1 : -1); return; }
    if (key === "x") { hideSelected(); return; }
    if (press(key)) event.preventDefault();
  });
  var reason = byId("reason_code");
  if (reason) reason.addEventListener("change", function () {
    pressed = "w";
    if (reason.value && byId("note") && !byId("note").value.trim()) byId("note").focus();
  });

  /* ── masks ── */
  var masks = byId("masks"), more = byId("more-masks");
  function count() {
    var words = document.querySelector('[data-key="a"] [data-masked]');
    if (!words || !masks) return;
    var number = masks.querySelectorAll('input[name="masks"]:checked').length + (byId("extra_mask").value.trim() ? 1 : 0);
    words.textContent = number ? words.getAttribute("data-masked").replace("#", number) : words.getAttribute("data-words");
  }
  if (masks) {
    masks.addEventListener("change", function (event) {
      var row = event.target.closest(".span");
      if (row && event.target.checked && event.target.name === "cleared") row.querySelector('[name="masks"]').checked = false;
      if (row && event.target.checked && event.target.name === "masks") {
        var none = row.querySelector('[name="cleared"]');
        if (none) none.checked = false;
      }
      count();
    });
    masks.addEventListener("input", count);
    var button = document.createElement("button");
    button.type = "button";
    button.className = "plainbtn more";
    button.textContent = masks.getAttribute("data-hide");
    button.addEventListener("mousedown", function (event) { event.preventDefault(); });
    button.addEventListener("click", hideSelected);
    more.after(button);
  }

  /* Places are counted in characters of the original, an emoji as one. */
  function characters(text) { return Array.from(text).length; }
  function hideSelected() {
    var chosen = window.getSelection();
    if (!masks || !chosen.rangeCount || chosen.isCollapsed) return;
    var range = chosen.getRangeAt(0);
    var field = range.commonAncestorContainer;
    field = (field.nodeType === 1 ? field : field.parentElement).closest("[data-field]");
    if (!field) return;
    var before = document.createRange();
    before.selectNodeContents(field);
    before.setEnd(range.startContainer, range.startOffset);
    var start = characters(before.toString()), words = range.toString();
    var name = field.getAttribute("data-field") + ":" + start + ":" + (start + characters(words));
    if (!words.trim() || masks.querySelector('[name="masks"][value="' + name + '"]')) return;
    var row = document.createElement("div"), label = document.createElement("label");
    row.className = "span";
    var box = document.createElement("input");
    box.type = "checkbox"; box.name = "masks"; box.value = name; box.checked = true;
    var kind = document.createElement("span"), text = document.createElement("span"), gone = document.createElement("del");
    kind.textContent = masks.getAttribute("data-chosen");
    gone.textContent = words;
    text.append(gone, " 【已隐去】");
    label.append(box, kind, text);
    row.append(label);
    more.append(row);
    chosen.removeAllRanges();
    count();
  }
  count();

  var told = byId("collision") || byId("faults");
  if (told) told.focus();
})();
