/* A printed page says when it was printed, on a Beijing clock; without this file it says when it was fetched. */
window.addEventListener("beforeprint", function () {
  "use strict";
  var place = document.querySelector("[data-now]");
  if (!place) return;
  var parts = {};
  new Intl.DateTimeFormat("en", {
    timeZone: "Asia/Shanghai", year: "numeric", month: "numeric", day: "numeric",
    hour: "2-digit", minute: "2-digit", hourCycle: "h23"
  }).formatToParts(new Date()).forEach(function (part) { parts[part.type] = part.value; });
  var clock = parts.hour + ":" + parts.minute;
  place.textContent = document.documentElement.lang.indexOf("en") === 0
    ? parts.year + "-" + parts.month.padStart(2, "0") + "-" + parts.day.padStart(2, "0") + " " + clock
    : parts.year + "年" + parts.month + "月" + parts.day + "日 " + clock;
});
