/* Remembers, in this browser only, where a reader was; shows it on the home page and on 我的. */
(function () {
  "use strict";
  var KEY = "tianyuan.places",
    MOST = 30;
  function all() {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || {};
    } catch (e) {
      return {};
    }
  }
  function save(places) {
    try {
      localStorage.setItem(KEY, JSON.stringify(places));
    } catch (e) {
      /* private mode: nothing is kept */
    }
  }
  function note(id, place) {
    var places = all();
    place.when = Date.now();
    places[id] = place;
    Object.keys(places)
      .sort(function (a, b) {
        return places[b].when - places[a].when;
      })
      .slice(MOST)
      .forEach(function (old) {
        delete places[old];
      });
    save(places);
  }
  /* windows in which a book is open hear of a change of size or theme: see ebooks/frame/site-appearance.js */
  try {
    var look = document.documentElement.className.replace(/paper-\w+/, "").trim();
    if (localStorage.getItem("tianyuan.look") !== look) localStorage.setItem("tianyuan.look", look);
  } catch (e) {
    /* private mode */
  }
  window.tianyuan = {
    placeOf: function (id) {
      return all()[id];
    },
    note: note,
  };

  function element(tag, className, text) {
    var made = document.createElement(tag);
    if (className) {
      made.className = className;
    }
    if (text) {
      made.textContent = text;
    }
    return made;
  }
  function line(id, place) {
    var link = element("a", "place" + (place.kind === "book" ? " book" : ""));
    link.href = place.url;
    var image = element("img");
    image.src = place.cover;
    image.alt = "";
    link.appendChild(image);
    var words = element("span", "grow");
    words.appendChild(element("span", "stone small", place.label));
    words.appendChild(element("br"));
    words.appendChild(element("span", "title", place.title));
    var bar = element("span", "bar"),
      done = element("i");
    bar.style.display = "block";
    done.style.width = Math.round((place.share || 0) * 100) + "%";
    bar.appendChild(done);
    words.appendChild(bar);
    link.appendChild(words);
    return link;
  }
  var section = document.getElementById("places");
  if (section) {
    var places = all();
    var ids = Object.keys(places).sort(function (a, b) {
      return places[b].when - places[a].when;
    });
    if (!section.hasAttribute("data-all")) {
      ids = ids
        .filter(function (id) {
          return places[id].share < 0.97;
        })
        .slice(0, 1);
    }
    ids.forEach(function (id) {
      section.querySelector(".list").appendChild(line(id, places[id]));
    });
    section.hidden = !ids.length;
    var none = document.getElementById("no-places");
    if (none) {
      none.hidden = ids.length > 0;
    }
    var forget = document.getElementById("forget");
    if (forget) {
      forget.onclick = function () {
        save({});
        location.reload();
      };
    }
  }
  /* clears all that this browser keeps of a person, for computers that others use too */
  function forgetAll() {
    try {
      Object.keys(localStorage)
        .filter(function (key) {
          return key.indexOf("tianyuan.") === 0;
        })
        .forEach(function (key) {
          localStorage.removeItem(key);
        });
    } catch (error) {
      /* storage is switched off: nothing is kept */
    }
    location.reload();
  }
  document.addEventListener("click", function (event) {
    var id = event.target.id,
      question = document.getElementById("forget-all-sure");
    if (id === "forget-all-yes") {
      forgetAll();
    } else if (id === "forget-all" || id === "forget-all-no") {
      question.hidden = id !== "forget-all";
      document.getElementById("forget-all").hidden = !question.hidden;
      document.getElementById(id === "forget-all" ? "forget-all-yes" : "forget-all").focus();
    }
  });
  var go = document.querySelector("[data-continue]");
  if (go) {
    var known = all()[go.getAttribute("data-continue")];
    if (known && known.url) {
      go.href = known.url;
      go.textContent = go.textContent + " · " + known.label;
    }
  }
  var reading = document.querySelector("article.reading");
  if (reading) {
    note(reading.dataset.place, {
      url: location.pathname + location.search,
      title: reading.dataset.title,
      cover: reading.dataset.cover,
      kind: "book",
      label: reading.dataset.label,
      share: Number(reading.dataset.share),
      section: Number(reading.dataset.section),
      part: Number(reading.dataset.part),
      page: Number(reading.dataset.section),
    });
  }
  /* from the pages of a book to the same place in its text */
  function addressOfText(place) {
    var spine = /^epubcfi\(\/6\/(\d+)/.exec(place.cfi || ""),
      section = place.page || (spine ? Math.floor(spine[1] / 2) : place.section || 0);
    return "?text=1&section=" + section + "&share=" + (place.share || 0);
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest(".reader a[data-text-version]") : null,
      place = link && all()[document.body.getAttribute("data-place")];
    if (place) {
      link.setAttribute("href", addressOfText(place));
    }
  });
  var facets = document.getElementById("facets");
  if (facets && window.matchMedia("(min-width:820px)").matches) {
    facets.open = true;
  }
  /* links to the desk: the page is the same for all, and only a librarian's browser shows them */
  if (/(^|; )librarian=1/.test(document.cookie)) {
    Array.prototype.forEach.call(document.querySelectorAll("[data-librarian]"), function (link) {
      link.hidden = false;
    });
  }
})();
