/* How long a window still is, also on a page that comes from a cache: the exact words beside it are never touched.
   Days are Beijing days, whatever the zone of this device. */
(function () {
  "use strict";
  var DAY = 86400000, BEIJING = 8 * 3600000;
  function day(at) { return Math.floor((at + BEIJING) / DAY); }

  function say(element, figure, before, after, isBig) {
    var b = document.createElement("b");
    b.className = "fig " + (isBig ? "big" : "mid");
    b.textContent = figure;
    element.replaceChildren(before || "", b, after || "");
  }

  function tick() {
    document.querySelectorAll("[data-closes][data-at]").forEach(function (element) {
      var words = element.dataset, closes = Date.parse(words.closes);
      // a clock that is behind the instant the page was made at is a wrong clock
      var now = Math.max(Date.now(), Date.parse(words.at));
      if (now < Date.parse(words.opens)) return;
      var left = day(closes - 1) - day(now);
      element.classList.toggle("is-near", now < closes && left < 3);
      if (now >= closes) say(element, words.over);
      else if (left <= 0) say(element, words.last);
      else say(element, String(left), words.left, words.days, true);
    });
  }

  tick();
  window.setInterval(tick, 30000);
})();
