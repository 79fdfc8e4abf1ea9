/* A page of work that is going on looks again every few seconds, while nobody is typing. */
(function () {
  "use strict";
  setTimeout(function () {
    if (!/^(INPUT|TEXTAREA|SELECT)$/.test((document.activeElement || {}).tagName || "")) window.location.reload();
  }, 3000);
})();
