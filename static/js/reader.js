/* The reader without reloading: a clause's panel opens in place, what is typed is saved as it is typed, a selection
   becomes the quotation, and an endorsement counts at once. Every act works without this file. */
(function () {
  "use strict";
  var draft = document.querySelector(".draft");
  if (!draft || !window.fetch) return;
  var FIELDS = ["body", "quote", "quote_after", "proposed_text"];
  var english = document.documentElement.lang === "en";
  var WORDS = english
    ? { saving: "Saving …", saved: "Saved at ", here: "Not sent to the site yet; kept on this device.", empty: "Nothing to save yet.", copied: "Copied", quote: "Quote and comment", mine: "Keep mine", theirs: "Take theirs", drop: "Discard it", proposed: "Proposed wording: ",
        other: "This comment was changed elsewhere, and what you wrote on this device is not saved yet. Please compare the two and choose; until then nothing is changed.",
        gone: "This comment was sent or deleted elsewhere. What you wrote on this device is not saved yet; you can keep it as a new comment." }
    : { saving: "正在保存……", saved: "已保存 ", here: "还没有存到网站，先留在这台设备上。", empty: "还没有内容可存。", copied: "已复制", quote: "引用并提意见", mine: "用我这一份", theirs: "用那一份", drop: "不要了", proposed: "建议改为：",
        other: "这一条在别处改过，您在这台设备上写的还没有保存。请比较两份，选用一份；选定以前什么都不改。",
        gone: "这一条已在别处提交或删除。您在这台设备上写的还没有保存，可以另存为新的一条。" };

  /* 1 What is kept in this browser until the site has it */
  function stored(key) { try { return JSON.parse(localStorage.getItem(key) || "null"); } catch (fault) { return null; } }
  function store(key, value) {
    try { if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, JSON.stringify(value)); } catch (fault) { /* full or forbidden */ }
  }
  // each tab keeps words of its own: what one tab has saved is no reason to throw away what another could not
  var tab = (function () {
    var made = Math.random().toString(36).slice(2);
    try {
      made = sessionStorage.getItem("tab") || made;
      sessionStorage.setItem("tab", made);
    } catch (fault) { /* forbidden: as long as this page */ }
    return made;
  })();
  function places(form) { return "typed:" + form.getAttribute("data-keep"); }
  function place(form) { return places(form) + "#" + tab; }
  function everyKept(form) {
    var own = place(form), all = places(form), names = [];
    try { names = Object.keys(localStorage).filter(function (name) { return name === all || name.indexOf(all + "#") === 0; }); } catch (fault) { /* forbidden */ }
    names.sort(function (one, other) { return (other === own) - (one === own); });
    return names.map(function (name) { return { name: name, words: stored(name) }; }).filter(function (kept) { return kept.words; });
  }
  function typed(form) {
    var now = { key: form.elements.key.value, revision: form.elements.revision.value };
    FIELDS.forEach(function (name) { if (form.elements[name]) now[name] = form.elements[name].value; });
    now.stance = (form.querySelector("input[name=stance]:checked") || {}).value || "";
    return now;
  }
  function plain(words) { return (words || "").replace(/\r\n?/g, "\n").trim(); }
  function isSame(one, other, but) {
    return FIELDS.concat("stance").every(function (name) { return name === but || plain(one[name]) === plain(other[name]); });
  }

  /* 2 Saving as one types */
  // words that were refused are kept under a revision no comment has: nothing takes them for newer than what stands there
  var REFUSED = "-1";

  function Saver(form) {
    var state = form.querySelector("[data-saved]"), timer = 0, isBusy = false, isStopped = false, isAsked = false, last = typed(form);
    function say(words) { if (state.textContent !== words) state.textContent = words; }

    function keep() {
      var now = typed(form);
      if (isAsked) now.revision = REFUSED;
      store(place(form), now);
    }

    // written elsewhere meanwhile: nothing is overwritten until somebody chooses. `answer` has the sentence, the key and
    // revision of what stands there, and its words as `other` unless it is gone
    function conflict(answer) {
      isStopped = isAsked = true;
      window.clearTimeout(timer);
      var box = document.createElement("div");
      box.className = "alert"; box.setAttribute("role", "alert");
      function line(words, css) {
        var added = document.createElement("p");
        added.className = css || ""; added.textContent = words; box.append(added);
      }
      function button(words, act) {
        var added = document.createElement("button");
        added.type = "button"; added.className = "plainbtn more"; added.textContent = words;
        added.addEventListener("click", act); box.append(added, "　");
      }
      line(answer.sentence);
      if (answer.other) {
        line([answer.other.saved, answer.other.stance, answer.other.body].filter(Boolean).join("　"), "plain-text quote");
        if (answer.other.proposed_text) line(WORDS.proposed + answer.other.proposed_text, "plain-text quote");
      }
      button(answer.other ? WORDS.theirs : WORDS.drop, function () { store(place(form), null); window.location.reload(); });
      button(WORDS.mine, function () {
        form.elements.key.value = answer.key; form.elements.revision.value = answer.revision;
        last = {};
        box.remove(); isStopped = isAsked = false; keep();
        save(!!(form.elements.evidence && form.elements.evidence.files.length));
      });
      form.prepend(box); box.scrollIntoView({ block: "nearest" });
      keep(); say("");
    }

    function save(withFile) {
      window.clearTimeout(timer);
      if (isStopped || isBusy) { if (isBusy) timer = window.setTimeout(save, 700, withFile); return Promise.resolve(); }
      var now = typed(form), body = new FormData(form);
      if (!withFile) {
        if (isSame(now, last)) { store(place(form), null); return Promise.resolve(); }
        body.delete("evidence");
      }
      isBusy = true; say(WORDS.saving);
      return fetch(form.getAttribute("action"), { method: "POST", body: body, credentials: "same-origin", headers: { Accept: "application/json" } })
        .then(function (answer) {
          return answer.json().then(function (said) {
            if (answer.ok) {
              form.elements.revision.value = said.revision; last = now;
              // what was typed meanwhile goes on from this revision
              if (isSame(typed(form), now)) store(place(form), null); else keep();
              say(WORDS.saved + said.saved + (said.evidence ? "　" + said.evidence : ""));
              if (withFile && form.elements.evidence) form.elements.evidence.value = "";
              held(said.items);
            } else if (said.other || "revision" in said) conflict(said);
            else say(said.fault === "body" && !now.body ? WORDS.empty : said.sentence);
          });
        })
        .catch(function () { say(WORDS.here); timer = window.setTimeout(save, 15000); })
        .finally(function () { isBusy = false; });
    }

    form.addEventListener("input", function (event) {
      if (event.target.name === "sentence") return;
      keep();
      window.clearTimeout(timer); timer = window.setTimeout(save, 1200);
    });
    form.addEventListener("change", function (event) {
      if (event.target.name === "evidence" && event.target.files.length) save(true);
      if (event.target.name === "sentence" && event.target.value) {
        form.elements.quote.value = event.target.value; form.elements.quote_after.value = "";
        form.elements.quote.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
    window.addEventListener("online", function () { if (document.contains(form)) save(); });
    form.addEventListener("submit", function () { window.clearTimeout(timer); isStopped = true; });

    function take(kept) {
      var words = kept.words;
      form.elements.key.value = words.key; form.elements.revision.value = words.revision;
      FIELDS.forEach(function (name) {
        if (form.elements[name] && name in words && (words[name] || name !== "body")) form.elements[name].value = words[name];
      });
      var chosen = words.stance && form.querySelector("input[name=stance][value='" + words.stance + "']");
      if (chosen) chosen.checked = true;
      ["quote", "proposed_text"].forEach(function (name) {
        var field = form.elements[name];
        if (field && field.value && field.value !== field.defaultValue) field.closest("details").open = true;
      });
      if (kept.name !== place(form)) store(kept.name, null);
    }

    // words that never reached the site come back, over what the page itself put there
    function comeBack() {
      var page = typed(form), isTaken = false, isNone = page.revision === "0" && !/[?&]new=/.test(window.location.search);
      everyKept(form).forEach(function (kept) {
        var words = kept.words, isThis = words.key === page.key, isOlder = words.revision !== page.revision;
        if (isSame(words, page, isOlder && "quote_after")) store(kept.name, null);
        else if (!isTaken && !isOlder && (isThis || page.revision === "0")) {
          isTaken = true; take(kept); keep(); save();
        } else if (!isTaken && isThis) {
          // they were written over an older revision than the one that stands here
          isTaken = true; take(kept);
          conflict({ sentence: WORDS.other, key: page.key, revision: page.revision, other: standing(page) });
        } else if (!isTaken && isNone && words.revision !== "0" && !page.body) {
          isTaken = true; take(kept);
          conflict({ sentence: WORDS.gone, key: page.key, revision: page.revision });
        } else if (words.revision !== REFUSED && (words.body || words.proposed_text)) {
          // of another comment of mine on this clause: they become one of their own, or a change of it
          elsewhere(form, kept);
        }
      });
    }
    function standing(page) {
      var field = form.elements.proposed_text, stance = form.querySelector("input[name=stance][value='" + page.stance + "']");
      var isProposed = field && plain(page.proposed_text) !== plain(field.value);
      return { saved: "", stance: stance ? stance.parentElement.textContent.trim() : "", body: page.body, proposed_text: isProposed ? page.proposed_text : "" };
    }

    if (form.querySelector("[data-other]")) {
      // the page itself shows both, and asks: its button keeps mine, its link takes the other
      isStopped = isAsked = true;
      keep();
      form.querySelector("[data-other] a").addEventListener("click", function () { store(place(form), null); });
    } else comeBack();
    return save;
  }

  function elsewhere(form, kept) {
    var body = new FormData();
    body.set("csrf_token", form.elements.csrf_token.value);
    Object.keys(kept.words).forEach(function (name) { body.set(name, kept.words[name]); });
    fetch(form.getAttribute("action"), { method: "POST", body: body, credentials: "same-origin", headers: { Accept: "application/json" } })
      .then(function (answer) {
        if (answer.ok) { store(kept.name, null); return answer.json().then(function (said) { held(said.items); }); }
        if (answer.status === 409) { kept.words.revision = REFUSED; store(kept.name, kept.words); }
        return null;
      })
      .catch(function () { /* it stays kept */ });
  }

  function held(count) {
    document.querySelectorAll("[data-held]").forEach(function (b) { b.textContent = count; });
    document.querySelectorAll("[data-basket] .btn").forEach(function (a) { a.classList.toggle("line", !count); });
  }

  /* 3 The proposed wording as it will be seen */
  function previewer(form) {
    var field = form.elements.proposed_text, button = form.querySelector("[data-preview]");
    if (!field || !button) return;
    var shown = form.querySelector(".preview"), timer = 0, turn = 0;
    button.hidden = true;
    field.addEventListener("input", function () {
      window.clearTimeout(timer);
      timer = window.setTimeout(function () {
        var body = new FormData(), mine = ++turn;
        body.set("csrf_token", form.elements.csrf_token.value);
        body.set("act", "preview"); body.set("proposed_text", field.value);
        fetch(form.getAttribute("action").split("#")[0] + "?part=preview", { method: "POST", body: body, credentials: "same-origin" })
          .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(); })
          .then(function (html) { if (mine === turn) shown.replaceChildren.apply(shown, nodes(html)); })
          .catch(function () { button.hidden = false; });
      }, 400);
    });
  }
  function nodes(html) {
    return Array.prototype.map.call(new DOMParser().parseFromString(html, "text/html").body.childNodes, function (node) { return document.importNode(node, true); });
  }

  /* 4 A selection becomes the quotation: by mouse, by finger, by keyboard */
  var selected = null;
  function outside(node) { return !!node.closest(".margin, .gut, .vh"); }
  function count(words) { return words.replace(/\s/g, "").length; }
  function before(section, range) {
    var walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT), total = 0, node;
    while ((node = walker.nextNode())) {
      if (outside(node.parentElement)) continue;
      if (node === range.startContainer) return total + count(node.data.slice(0, range.startOffset));
      if (range.comparePoint(node, 0) >= 0) return total;
      total += count(node.data);
    }
    return total;
  }
  document.addEventListener("selectionchange", function () {
    var selection = window.getSelection();
    if (!selection || !selection.rangeCount || selection.isCollapsed) { offer(null); return; }
    var range = selection.getRangeAt(0), at = range.commonAncestorContainer;
    if (at.nodeType !== 1) at = at.parentElement;
    var section = at && at.closest(".clause");
    if (!section || outside(at)) { offer(null); return; }
    var words = selection.toString().trim();
    if (!words || words.length > 500) return;
    selected = { section: section, words: words, after: before(section, range), at: Date.now() };
    var form = section.querySelector(".panel form[data-keep]");
    if (form) quote(form); else offer(section);
  });
  function offer(section) {
    draft.querySelectorAll(".gut.quotes").forEach(function (link) {
      if (section && section.contains(link)) return;
      link.classList.remove("quotes");
      var b = link.querySelector("b"); if (b && link.dataset.words) b.lastChild.data = link.dataset.words;
    });
    var link = section && section.querySelector(".gut"), b = link && link.querySelector("b");
    if (!b || link.classList.contains("quotes")) return;
    link.dataset.words = b.lastChild.data; b.lastChild.data = WORDS.quote; link.classList.add("quotes");
  }
  function quote(form) {
    var field = form.elements.quote;
    if (!field || !selected) return;
    field.value = selected.words; form.elements.quote_after.value = selected.after;
    field.closest("details").open = true;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* 5 A clause opens in place */
  function settle(section) {
    var form = (section || draft).querySelector(".panel form[data-keep]");
    copyButtons(section || document);
    if (!form) return;
    if (draft.querySelector(".panel .added") && /[?&]added=/.test(window.location.search)) {
      // once: what is typed from now on is kept however often this page is read again
      store(place(form), null);
      history.replaceState(history.state, "", window.location.pathname + window.location.hash);
    }
    new Saver(form); previewer(form);
  }
  function close() {
    var before = draft.querySelector(".clause.in-hand");
    if (!before) return;
    before.classList.remove("in-hand");
    var old = before.querySelector(".margin");
    if (old) old.remove();
    if (before.id === "c-all") before.remove();
  }
  function part(address, name) {
    var parts = address.split("#")[0];
    return parts + (parts.indexOf("?") < 0 ? "?" : "&") + "part=" + name;
  }
  function open(link) {
    var section = link.closest(".clause");
    var mine = selected && selected.section === section && Date.now() - selected.at < 60000 ? selected : null;
    return fetch(part(link.href, "panel"), { credentials: "same-origin" })
      .then(function (answer) { if (!answer.ok) throw new Error(answer.status); return answer.text(); })
      .then(function (html) {
        close();
        var how = draft.querySelector(".how");
        if (how) how.remove();
        var margin = document.createElement("div");
        margin.className = "margin"; margin.lang = document.documentElement.lang;
        margin.replaceChildren.apply(margin, nodes(html));
        section.classList.add("in-hand"); section.append(margin);
        // Back leads to where one came from: the draft, or the clause the page began with
        var isFirst = !(history.state && history.state.isInHand);
        history[isFirst ? "pushState" : "replaceState"]({ isInHand: true }, "", link.href);
        shown = window.location.pathname;
        document.querySelectorAll(".toc a[aria-current]").forEach(function (a) { a.removeAttribute("aria-current"); });
        var entry = document.querySelector(".toc a[href$='#" + section.id + "']");
        if (entry) entry.setAttribute("aria-current", "true");
        offer(null); settle(section);
        if (mine) { selected = mine; var form = section.querySelector("form[data-keep]"); if (form) quote(form); }
        var first = section.querySelector(".panel h2");
        if (first) { first.tabIndex = -1; first.focus({ preventScroll: window.innerWidth > 1100 }); }
      });
  }

  var shown = window.location.pathname;
  window.addEventListener("popstate", function () {
    if (window.location.pathname === shown) return;  // a step to another place of the same page
    shown = window.location.pathname;
    if (/\/clauses\//.test(shown)) window.location.reload(); else close();
  });

  draft.addEventListener("click", function (event) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    var link = event.target.closest("a.gut, a[data-more]");
    if (!link) return;
    event.preventDefault();
    (link.matches("a.gut") ? open(link) : more(link)).catch(function () { window.location.href = link.href; });
  });

  /* 6 The next twenty, and agreeing */
  function more(link) {
    return fetch(part(link.href, "panel"), { credentials: "same-origin" })
      .then(function (answer) { if (!answer.ok) throw new Error(answer.status); return answer.text(); })
      .then(function (html) {
        var page = new DOMParser().parseFromString(html, "text/html");
        var list = draft.querySelector(".voices"), items = page.querySelectorAll(".voices > li"), next = page.querySelector("a[data-more]");
        items.forEach(function (item) { if (!document.getElementById(item.id)) list.append(document.importNode(item, true)); });
        var first = items[0] && document.getElementById(items[0].id);
        if (next) link.href = next.getAttribute("href"); else link.parentElement.remove();
        if (first) { first.tabIndex = -1; first.focus(); }
      });
  }
  draft.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.matches(".endorse")) return;
    event.preventDefault();
    fetch(part(form.getAttribute("action"), "endorsement"), { method: "POST", body: new FormData(form), credentials: "same-origin" })
      .then(function (answer) { if (!answer.ok) throw new Error(answer.status); return answer.text(); })
      .then(function (html) {
        var item = form.closest("li");
        form.replaceWith.apply(form, nodes(html));
        var button = item.querySelector(".endorse button"); if (button) button.focus();
      })
      .catch(function () { form.submit(); });
  });

  /* 7 Copying, printing, sharing */
  function copyButtons(within) {
    if (!navigator.clipboard) return;
    within.querySelectorAll("[data-copy]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () {
        var words = button.textContent;
        navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent).then(function () {
          button.textContent = WORDS.copied;
          window.setTimeout(function () { button.textContent = words; }, 2000);
        }, function () { window.getSelection().selectAllChildren(document.getElementById(button.dataset.copy)); });
      });
    });
  }
  var print = document.querySelector("[data-print]");
  if (print) { print.hidden = false; print.addEventListener("click", function () { window.print(); }); }

  copyButtons(document);
  settle(draft.querySelector(".clause.in-hand"));
})();
