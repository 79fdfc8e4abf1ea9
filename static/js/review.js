/* The review page: shows the fields of the identity that was chosen, keeps what was typed until it is sent, presses the
   button once, and lets a worker do the small proof where one is asked. Without this file every field shows, a sum is asked instead, and the server
   takes one submission however often it is sent. */
(function () {
  "use strict";
  var form = document.getElementById("identity");
  var sent = document.querySelector("[data-sent]");
  if (sent) forget(sent.dataset.sent);
  if (form) {
    keep(form);
    var show = function () {
      var chosen = form.querySelector("input[name=kind]:checked");
      var isCitizen = !chosen || chosen.value === "citizen";
      document.querySelectorAll("[data-for]").forEach(function (part) {
        part.hidden = (part.getAttribute("data-for") === "citizen") !== isCitizen;
      });
      document.querySelectorAll("[data-when]").forEach(function (part) {
        part.hidden = !form.elements[part.getAttribute("data-when")].checked;
      });
    };
    form.addEventListener("change", show);
    show();
    prove(form);
  }
  var faults = document.getElementById("faults") || document.getElementById("sent");
  if (faults) { faults.tabIndex = -1; faults.focus(); }

  // What was typed stays in this tab, under the code of the basket, until the basket is sent: never a file, a code that
  // came by mail, or what the page itself put there.
  function isTyped(field) {
    return field.name && !/^(file|hidden|submit|button)$/.test(field.type) && !/^(homepage|email_code|answer|letter)$/.test(field.name);
  }
  function named(slug) { return "review:" + slug + ":"; }
  function forget(slug, but) {
    try {
      Object.keys(sessionStorage).forEach(function (name) {
        if (name.indexOf(named(slug)) === 0 && name !== but) sessionStorage.removeItem(name);
      });
    } catch (fault) { /* forbidden: nothing was kept */ }
  }
  function keep(form) {
    var slug = form.dataset.keep, place = named(slug) + form.elements.code.value, moving = named(slug) + "moving";
    var fields = Array.prototype.filter.call(form.elements, isTyped), kept = null;

    function store() {
      var typed = { notice: form.elements.notice_version.value, words: {}, ticks: {} };
      fields.forEach(function (field) {
        if (field.type === "checkbox" || field.type === "radio") typed.ticks[field.id || field.name + "=" + field.value] = field.checked;
        else typed.words[field.name] = field.value;
      });
      try { sessionStorage.setItem(place, JSON.stringify(typed)); return true; } catch (fault) { return false; }
    }
    function fill(typed) {
      // who agreed to another version of the rules has not agreed to this one
      var isSameNotice = typed.notice === form.elements.notice_version.value;
      fields.forEach(function (field) {
        if (field.type === "checkbox" || field.type === "radio") {
          var tick = typed.ticks[field.id || field.name + "=" + field.value];
          if (tick !== undefined && (isSameNotice || !/^has_/.test(field.name))) field.checked = tick;
          return;
        }
        var words = typed.words[field.name];
        if (words === undefined) return;
        if (field.options && !Array.prototype.some.call(field.options, function (option) { return option.value === words; })) return;
        field.value = words;
        var fold = words && field.closest("details");
        if (fold) fold.open = true;
      });
    }

    try {
      kept = JSON.parse(sessionStorage.getItem(place) || sessionStorage.getItem(sessionStorage.getItem(moving) || "") || "null");
    } catch (fault) { /* forbidden, or not ours */ }
    // a page that came back from the site brings everything that was typed
    if (kept && !("returned" in form.dataset)) fill(kept);
    forget(slug, place);
    var line = document.querySelector("[data-kept]");
    if (store() && line) line.hidden = false;
    ["input", "change"].forEach(function (what) {
      document.addEventListener(what, function (event) { if (event.target.form === form) store(); });
    });
    // taking up another basket on this page brings along what was written here: so does this
    var resume = document.querySelector("form[data-resume]");
    if (resume) resume.addEventListener("submit", function () { try { sessionStorage.setItem(moving, place); } catch (fault) { /* forbidden */ } });
  }

  function prove(form) {
    var question = document.getElementById("question");
    if (!question || !window.Worker) return;
    var field = question.querySelector(".field"), working = document.getElementById("working");
    var isWaiting = false, worker;
    try { worker = new Worker(question.dataset.worker); } catch (fault) { return; }
    field.hidden = true;
    worker.onmessage = function (message) {
      form.elements.work.value = message.data;
      if (isWaiting) form.submit();
    };
    worker.onerror = function () { field.hidden = false; working.hidden = true; isWaiting = false; };
    worker.postMessage({ token: question.dataset.token, bits: Number(question.dataset.bits) });
    form.addEventListener("submit", function (event) {
      if (form.elements.work.value || field.hidden === false) return;
      event.preventDefault();
      isWaiting = true;
      working.hidden = false;
    });
  }
})();
