/* The review page: shows the fields of the identity that was chosen, and presses the button once.
   Without this file every field shows, and the server takes one submission however often it is sent. */
(function () {
  "use strict";
  var form = document.getElementById("identity");
  if (form) {
    var show = function () {
      var chosen = form.querySelector("input[name=kind]:checked");
      var isCitizen = !chosen || chosen.value === "citizen";
      form.querySelectorAll("[data-for]").forEach(function (part) {
        part.hidden = (part.getAttribute("data-for") === "citizen") !== isCitizen;
      });
    };
    form.addEventListener("change", show);
    show();
  }
  var faults = document.getElementById("faults");
  if (faults) faults.focus();
})();
