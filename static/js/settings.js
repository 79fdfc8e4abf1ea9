// A larger type or another language loads the page anew: whoever reads goes on at the same place.
(function () {
  "use strict";
  var key = "place:" + location.pathname;
  function anchors() {
    return Array.prototype.slice.call(document.querySelectorAll("main [id]"));
  }
  document.addEventListener("click", function (event) {
    if (!event.target.closest(".settings a") || window.scrollY < 100) return;
    var above = anchors().filter(function (element) {
      return element.getClientRects().length && element.getBoundingClientRect().top <= 100;
    });
    var at = above.pop();
    if (!at) return;
    try {
      sessionStorage.setItem(key, JSON.stringify([at.id, at.getBoundingClientRect().top]));
    } catch (fault) {
      // without storage the page begins at its top
    }
  });
  var kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(key));
    sessionStorage.removeItem(key);
  } catch (fault) {
    return;
  }
  var element = kept && document.getElementById(kept[0]);
  if (element) window.scrollBy(0, element.getBoundingClientRect().top - kept[1]);
})();
