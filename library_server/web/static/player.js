/* Plays by ranges or HLS; remembers the second; speed, keys, subtitles. */
(function () {
  "use strict";
  var box = document.querySelector(".player");
  if (!box) {
    return;
  }
  var SPEED_KEY = "tianyuan.speed";
  var media = box.querySelector("video,audio"),
    data = box.dataset,
    statusLine = document.getElementById("player-status"),
    again = document.getElementById("player-retry");
  function say(text) {
    statusLine.textContent = text;
    statusLine.hidden = !text;
  }
  function clock(seconds) {
    var s = Math.floor(seconds % 60),
      m = Math.floor(seconds / 60) % 60,
      h = Math.floor(seconds / 3600);
    return (h ? h + ":" : "") + (m < 10 ? "0" : "") + m + ":" + (s < 10 ? "0" : "") + s;
  }
  var site = window.tianyuan || {
    placeOf: function () {},
    note: function () {},
  };
  var place = site.placeOf(data.place),
    hash = /[#&]t=([\d.]+)/.exec(location.hash) || /[?&]t=([\d.]+)/.exec(location.search);
  var from = hash ? Number(hash[1]) : place && place.share < 0.97 ? place.at : 0,
    settled = false,
    file = data.file || media.getAttribute("src"),
    segments = null,
    failed = {};
  function settle() {
    if (settled) {
      return;
    }
    settled = true;
    if (from && Math.abs(media.currentTime - from) > 1) {
      media.currentTime = from;
    }
  }
  /* Plays, unless the browser wants a tap first. */
  function play() {
    var started = media.play();
    if (started && started.catch) {
      started.catch(function () {});
    }
  }
  /* Leaves a source for another, which goes on at the same second. */
  function leave() {
    var wasPlaying = !media.paused && !media.ended;
    from = media.currentTime || from;
    settled = false;
    if (wasPlaying) {
      media.addEventListener("loadedmetadata", function resume() {
        media.removeEventListener("loadedmetadata", resume);
        play();
      });
    }
  }
  function playFile() {
    media.src = file;
    media.preload = "metadata";
  }
  /* Plays what has not failed yet, segments before the whole file; says so where both have. */
  function playNext() {
    if (data.hls && !failed.hls) {
      startSegments();
    } else if (file && !failed.file) {
      playFile();
    } else {
      say(data.failed);
      again.hidden = false;
    }
  }
  function failHls() {
    if (failed.hls) {
      return;
    }
    failed.hls = true;
    leave();
    if (segments) {
      segments.destroy();
      segments = null;
    }
    playNext();
  }
  function startSegments() {
    /* the sources are for browsers without this script; the page asks for nothing of them beforehand */
    Array.prototype.forEach.call(media.querySelectorAll("source"), function (source) {
      media.removeChild(source);
    });
    /* a browser's own HLS takes a playlist that is still growing for a live one, and begins at its end */
    if (!window.MediaSource && media.canPlayType("application/vnd.apple.mpegurl")) {
      media.src = data.hls;
      media.preload = "metadata";
      return;
    }
    if (window.Hls) {
      playSegments();
      return;
    }
    var script = document.createElement("script");
    script.src = data.hlsjs;
    script.onerror = failHls;
    script.onload = playSegments;
    document.body.appendChild(script);
  }
  function playSegments() {
    if (!window.Hls || !window.Hls.isSupported()) {
      failHls();
      return;
    }
    segments = new window.Hls({ startPosition: from || 0 });
    segments.on(window.Hls.Events.ERROR, function (_, error) {
      if (error.fatal) {
        failHls();
      }
    });
    segments.loadSource(data.hls);
    segments.attachMedia(media);
    media.preload = "metadata";
  }
  media.addEventListener("loadedmetadata", settle);
  if (media.readyState >= 1) {
    settle();
  }
  function fail() {
    if (media.getAttribute("src") !== file) {
      failHls();
      return;
    }
    failed.file = true;
    leave();
    media.removeAttribute("src");
    media.load();
    playNext();
  }
  media.addEventListener("error", fail);
  if (media.error) {
    fail();
  } /* it failed before this script came */
  media.addEventListener("playing", function () {
    say("");
    again.hidden = true;
  });
  again.onclick = function () {
    failed = {};
    say("");
    again.hidden = true;
    if (file) {
      playFile();
    } else {
      playNext();
    }
    play();
  };
  var last = 0;
  function length() {
    return isFinite(media.duration) && media.duration ? media.duration : Number(data.seconds) || 0;
  }
  function keep() {
    if (!length() || media.currentTime < 1) {
      return;
    }
    site.note(data.place, {
      url: location.pathname,
      title: data.title,
      cover: data.cover,
      kind: data.kind,
      at: media.currentTime,
      label: clock(media.currentTime) + " / " + clock(length()),
      share: media.currentTime / length(),
    });
  }
  media.addEventListener("timeupdate", function () {
    if (Math.abs(media.currentTime - last) > 2) {
      last = media.currentTime;
      keep();
    }
  });
  media.addEventListener("pause", keep);
  window.addEventListener("pagehide", keep);
  function seekBy(seconds) {
    media.currentTime = Math.max(0, Math.min(media.duration || 1e9, media.currentTime + seconds));
  }
  document.getElementById("back10").onclick = function () {
    seekBy(-10);
  };
  document.getElementById("on30").onclick = function () {
    seekBy(30);
  };
  var speed = document.getElementById("speed");
  function setSpeed() {
    /* a source that comes later takes the default */
    media.defaultPlaybackRate = media.playbackRate = Number(speed.value);
  }
  try {
    if (speed.querySelector('option[value="' + Number(localStorage.getItem(SPEED_KEY)) + '"]')) {
      speed.value = Number(localStorage.getItem(SPEED_KEY));
      setSpeed();
    }
  } catch (error) {
    /* storage is switched off */
  }
  speed.onchange = function () {
    setSpeed();
    try {
      localStorage.setItem(SPEED_KEY, speed.value);
    } catch (error) {
      /* storage is switched off or full */
    }
  };
  Array.prototype.forEach.call(document.querySelectorAll("[data-seek]"), function (link) {
    link.onclick = function (event) {
      event.preventDefault();
      media.currentTime = Number(link.dataset.seek);
      media.play();
      media.scrollIntoView({ block: "center" });
    };
  });
  document.addEventListener("keydown", function (event) {
    if (
      /INPUT|SELECT|TEXTAREA|BUTTON|VIDEO|AUDIO/.test(event.target.tagName) ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey
    ) {
      return;
    }
    if (event.key === " " || event.key === "k") {
      if (media.paused) {
        media.play();
      } else {
        media.pause();
      }
    } else if (event.key === "ArrowLeft") {
      seekBy(-10);
    } else if (event.key === "ArrowRight") {
      seekBy(10);
    } else if (event.key === "f" && media.requestFullscreen) {
      media.requestFullscreen();
    } else if (event.key === "c" && media.textTracks && media.textTracks[0]) {
      media.textTracks[0].mode = media.textTracks[0].mode === "showing" ? "hidden" : "showing";
    } else {
      return;
    }
    event.preventDefault();
  });
  /* pictures to jump by: about a dozen over the whole length, cut out of the sheets */
  var strip = document.querySelector(".frames");
  function frames(text) {
    var sheets = JSON.parse(strip.dataset.sheets),
      cues = [],
      found,
      seen = /(\d+):(\d\d):(\d\d)\.\d+ -->.*\n(sprite-\d+\.jpg)#xywh=(\d+),(\d+),(\d+),(\d+)/g;
    while ((found = seen.exec(text))) {
      cues.push([
        found[1] * 3600 + found[2] * 60 + Number(found[3]),
        found[4],
        found[5],
        found[6],
        found[7],
        found[8],
      ]);
    }
    if (cues.length < 4) {
      strip.hidden = true;
      return;
    }
    var step = Math.max(1, Math.ceil(cues.length / 12));
    for (var i = 0; i < cues.length; i += step) {
      var cue = cues[i],
        button = document.createElement("button"),
        picture = document.createElement("span"),
        label = document.createElement("span");
      button.type = "button";
      button.setAttribute("data-seek", cue[0]);
      picture.style.cssText =
        "width:" +
        cue[4] +
        "px;height:" +
        cue[5] +
        "px;background:url(" +
        sheets[cue[1]] +
        ") -" +
        cue[2] +
        "px -" +
        cue[3] +
        "px";
      label.textContent = clock(cue[0]);
      button.appendChild(picture);
      button.appendChild(label);
      strip.appendChild(button);
    }
    strip.onclick = function (event) {
      var button = event.target.closest ? event.target.closest("[data-seek]") : null;
      if (button) {
        media.currentTime = Number(button.dataset.seek);
        media.play();
      }
    };
  }
  if (strip) {
    var asked = new XMLHttpRequest();
    asked.open("GET", strip.dataset.cues);
    asked.onload = function () {
      if (asked.status === 200) {
        frames(asked.responseText);
      } else {
        strip.hidden = true;
      }
    };
    asked.onerror = function () {
      strip.hidden = true;
    };
    asked.send();
  }
  if (!media.getAttribute("src")) {
    playNext();
  }
})();
