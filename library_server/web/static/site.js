/* Remembers, in this browser only, where a reader was; shows it on the home page and on 我的. */
(function () {
  "use strict";
  var KEY = "tianyuan.places",
    MOST = 30;
  /* the parts of a place, each with what may be kept of it: `undefined` where it is of another kind */
  var PARTS = {
    when: amount,
    share: share,
    part: share,
    at: amount,
    section: ordinal,
    page: ordinal,
    cfi: text,
    url: address,
    cover: address,
    title: text,
    label: text,
    kind: text,
  };
  function amount(value) {
    return typeof value === "number" && isFinite(value) && value >= 0 ? value : undefined;
  }
  function share(value) {
    return amount(value) <= 1 ? value : undefined;
  }
  function ordinal(value) {
    return amount(value) >= 1 ? Math.floor(value) : undefined;
  }
  function text(value) {
    return typeof value === "string" ? value : undefined;
  }
  function address(value) {
    return /^\/(?!\/)/.test(text(value) || "") ? value : undefined;
  }
  function isObject(value) {
    return Boolean(value) && typeof value === "object" && !Array.isArray(value);
  }
  function validPlace(kept) {
    var place = {};
    Object.keys(PARTS).forEach(function (name) {
      var value = PARTS[name](kept[name]);
      if (value !== undefined) {
        place[name] = value;
      }
    });
    place.when = place.when || 0;
    place.share = place.share || 0;
    return place;
  }
  /* what is kept may be of another version, or be damaged: what is no place is left out */
  function all() {
    var places = {},
      kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(KEY));
    } catch (e) {
      /* private mode, or not ours */
    }
    if (isObject(kept)) {
      Object.keys(kept)
        .filter(function (id) {
          return isObject(kept[id]);
        })
        .forEach(function (id) {
          places[id] = validPlace(kept[id]);
        });
    }
    return places;
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
    if (place.cover) {
      var image = element("img");
      image.src = place.cover;
      image.alt = "";
      link.appendChild(image);
    }
    var words = element("span", "grow");
    words.appendChild(element("span", "stone small", place.label));
    words.appendChild(element("br"));
    words.appendChild(element("span", "title", place.title));
    var bar = element("span", "bar"),
      done = element("i");
    bar.style.display = "block";
    done.style.width = Math.round(place.share * 100) + "%";
    bar.appendChild(done);
    words.appendChild(bar);
    link.appendChild(words);
    return link;
  }
  var section = document.getElementById("places");
  if (section) {
    var places = all();
    var ids = Object.keys(places)
      .filter(function (id) {
        return places[id].url && places[id].title;
      })
      .sort(function (a, b) {
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
      go.textContent = go.textContent + (known.label ? " · " + known.label : "");
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
    return "?text=1&section=" + section + "&share=" + place.share;
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
