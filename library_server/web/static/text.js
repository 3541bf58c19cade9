/* How the text version of a book looks: the settings of the reader (ebooks/frame/settings.js), in every browser. */
(function () {
  "use strict";
  var KEY = "tianyuan.reading";
  var FAMILIES = {
    song: "var(--song)",
    sans: "var(--sans)",
    kai: '"Kaiti SC", "STKaiti", "KaiTi", "AR PL UKai CN", "Noto Serif CJK SC", serif',
    book: "",
  };
  var MARGINS = { narrow: "46em", middle: "38em", wide: "30em" };
  var PAPERS = ["white", "warm", "green", "night"];
  var NAMES = ["size", "large", "paper", "family", "line", "margin"];
  var article = document.querySelector("article.reading"),
    form = document.getElementById("reading-settings");
  var kept = read();

  function read() {
    var found = null;
    try {
      found = JSON.parse(localStorage.getItem(KEY));
    } catch (e) {
      /* private mode, or not ours */
    }
    return found && typeof found === "object" && !Array.isArray(found) ? found : {};
  }
  function value(name) {
    if (name === "size") {
      return Math.max(60, Math.min(300, Math.round(Number(kept.size)) || 100));
    }
    return kept[name] || { paper: "page", family: "book", line: 1.75, margin: "middle" }[name];
  }
  function change(name, to) {
    kept = read();
    kept[name] = to;
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch (e) {
      /* private mode: it holds on this page */
    }
    show();
  }
  function isLarge() {
    return /(^| )large( |$)/.test(document.documentElement.className);
  }
  function setLarge(on) {
    document.cookie = "text=" + (on ? "large" : "normal") + ";path=/;max-age=31536000;samesite=lax";
    location.reload();
  }
  function show() {
    var root = document.documentElement;
    PAPERS.forEach(function (paper) {
      root.classList[paper === value("paper") ? "add" : "remove"]("paper-" + paper);
    });
    article.style.fontSize = value("size") + "%";
    article.style.lineHeight = Number(value("line")) || 1.75;
    article.style.fontFamily = FAMILIES[value("family")] || "";
    article.style.maxWidth = MARGINS[value("margin")] || MARGINS.middle;
    Array.prototype.forEach.call(form.elements, function (control) {
      if (control.type === "radio") {
        control.checked = String(value(control.name)) === control.value;
      }
    });
    form.elements.large.checked = isLarge();
    form.querySelector("output").textContent = value("size") + "%";
  }
  Array.prototype.forEach.call(form.querySelectorAll(".choice"), function (group) {
    var control = group.querySelector("[name]");
    group.hidden = NAMES.indexOf(control.getAttribute("name")) < 0;
  });
  form.onchange = function (event) {
    var control = event.target;
    if (control.name === "large") {
      setLarge(control.checked);
    } else {
      change(control.name, control.name === "line" ? Number(control.value) : control.value);
    }
  };
  form.onclick = function (event) {
    var step = Number(event.target.getAttribute("data-step"));
    if (step) {
      change("size", Math.max(60, Math.min(300, value("size") + step)));
    }
  };
  form.onsubmit = function (event) {
    event.preventDefault();
  };
  window.addEventListener("storage", function (event) {
    if (event.key === KEY || event.key === null) {
      kept = read();
      show();
    }
  });
  show();
})();
