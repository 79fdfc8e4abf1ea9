/* The review page: shows the fields of the identity that was chosen, presses the button once, and lets a worker do
   the small proof where one is asked. Without this file every field shows, a sum is asked instead, and the server
   takes one submission however often it is sent. */
(function () {
  "use strict";
  var form = document.getElementById("identity");
  if (form) {
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
