"use strict";
// Draws the timeline of one call and plays its sound. Reads numbers out of the page, never words,
// and writes into it only positions, classes and times: nothing that was said can become markup.
(() => {
  const $ = (id) => document.getElementById(id);
  const call = JSON.parse($("call-data").textContent);
  const sound = $("sound"), play = $("play"), position = $("position");
  const view = $("view"), strip = $("strip"), ground = $("ground"), whole = $("whole");
  const length = call.ends - call.begins;
  const turns = [...document.querySelectorAll(".turn")];
  const marks = [...document.querySelectorAll(".mark")];
  const markOf = new Map(marks.filter((m) => m.dataset.turn && !m.classList.contains("cut")).map((m) => [m.dataset.turn, m]));
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const peaks = call.peaks && { caller: bytes(call.peaks.caller), agent: bytes(call.peaks.agent) };
  const loudest = peaks ? Math.max(26, highest(peaks.caller, 0, 1e9), highest(peaks.agent, 0, 1e9)) : 1;
  let at = Math.min(Math.max(0, call.begins), call.ends);
  let scale = 1; // pixels for a second
  let current = null;
  let owed = 0; // the frame that is asked for

  function bytes(text) {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  }

  function highest(side, from, to) {
    let high = 0;
    for (let i = Math.max(0, from), end = Math.min(side.length, to); i < end; i++) if (side[i] > high) high = side[i];
    return high;
  }

  function label(seconds) {
    const tenths = Math.round(Math.abs(seconds) * 10);
    const two = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(tenths / 36000), minutes = Math.floor(tenths / 600) % 60;
    const shown = `${two(minutes)}:${two(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
    return (seconds < 0 && tenths ? "-" : "") + (hours ? `${hours}:${shown}` : shown);
  }

  // ---- time -------------------------------------------------------------------------------------

  function seek(to, andPlay) {
    at = Math.min(Math.max(to, call.begins), call.ends);
    if (sound) {
      const into = at - call.sound_begins;
      sound.currentTime = Math.max(0, into);
      // Past its end there is nothing to hear, and playing would begin at the first second again.
      if (into >= call.peaks.seconds) sound.pause();
      else if (andPlay) start();
    }
    moved(true);
  }

  function toggle() {
    if (!sound) return;
    if (sound.paused) {
      if (sound.ended) seek(call.sound_begins, false);
      start();
    } else sound.pause();
  }

  function start() {
    // Refused where somebody has stopped it again before it began: the button shows that already.
    sound.play().catch(() => {});
  }

  function moved(jumped) {
    position.value = at;
    position.setAttribute("aria-valuetext", label(at));
    $("now").textContent = label(at);
    $("head").style.transform = `translateX(${(at - call.begins) * scale}px)`;
    highlight(jumped);
    if (jumped || (sound && !sound.paused)) follow(jumped);
    drawWhole();
  }

  function highlight(jumped) {
    // Whoever began last is heard, until the next one begins.
    let found = null;
    for (const turn of turns) if (Number(turn.dataset.begins) <= at + 0.02) found = turn;
    if (found && at > Number(found.dataset.ends) + 1.5 && !jumped) found = null;
    if (found === current) return;
    for (const [turn, on] of [[current, false], [found, true]]) {
      if (!turn) continue;
      turn.classList.toggle("now", on);
      markOf.get(turn.dataset.number)?.classList.toggle("now", on);
      if (on) turn.setAttribute("aria-current", "true");
      else turn.removeAttribute("aria-current");
    }
    current = found;
    if (found) intoSight($("turns"), found);
  }

  function intoSight(box, item) {
    // Only the box scrolls; the page stays where the reader has put it.
    const top = item.offsetTop, bottom = top + item.offsetHeight;
    if (top >= box.scrollTop + 20 && bottom <= box.scrollTop + box.clientHeight - 20) return;
    box.scrollTo({ top: top - box.clientHeight / 3, behavior: still.matches ? "auto" : "smooth" });
  }

  function follow(jumped) {
    const x = (at - call.begins) * scale, width = room();
    if (x < view.scrollLeft + 10 || x > view.scrollLeft + width - (jumped ? 10 : 40)) {
      view.scrollLeft = x - width * (jumped ? 0.3 : 0.1);
    }
  }

  function tick() {
    at = Math.min(sound.currentTime + call.sound_begins, call.ends);
    moved(false);
    if (!sound.paused) requestAnimationFrame(tick);
  }

  if (sound) {
    sound.addEventListener("play", () => {
      play.setAttribute("aria-pressed", "true");
      play.setAttribute("aria-label", "Pause");
      requestAnimationFrame(tick);
    });
    sound.addEventListener("pause", () => {
      play.setAttribute("aria-pressed", "false");
      play.setAttribute("aria-label", "Play");
    });
    play.addEventListener("click", toggle);
    $("speed").addEventListener("change", (e) => { sound.playbackRate = Number(e.target.value); });
    $("side").addEventListener("change", (e) => listenTo(e.target.value));
  }

  // ---- which side is heard ----------------------------------------------------------------------

  const MIX = { stereo: [1, 0, 0, 1], mixed: [0.7, 0.7, 0.7, 0.7], caller: [1, 1, 0, 0], agent: [0, 0, 1, 1] };
  let gains = null;

  function listenTo(side) {
    gains = gains || wired();
    MIX[side].forEach((gain, i) => { gains[i].gain.value = gain; });
  }

  // Four gains: caller to left and right, agent to left and right.
  function wired() {
    const context = new AudioContext();
    const split = context.createChannelSplitter(2), join = context.createChannelMerger(2);
    context.createMediaElementSource(sound).connect(split);
    join.connect(context.destination);
    sound.addEventListener("play", () => context.resume());
    if (!sound.paused) context.resume();
    return [[0, 0], [0, 1], [1, 0], [1, 1]].map(([from, to]) => {
      const gain = context.createGain();
      split.connect(gain, from);
      gain.connect(join, 0, to);
      return gain;
    });
  }

  // ---- zoom -------------------------------------------------------------------------------------

  const name = () => document.querySelector(".lane .name").offsetWidth;
  const room = () => view.clientWidth - name();
  const fitting = () => room() / length;

  function zoom(to, around) {
    const least = fitting();
    const x = around === undefined ? Math.min(Math.max((at - call.begins) * scale - view.scrollLeft, 0), room()) : around;
    const under = (view.scrollLeft + x) / scale;
    scale = Math.min(Math.max(to, least), Math.max(least, 400));
    strip.style.width = scale <= least * 1.001 ? "100%" : `${name() + length * scale}px`;
    place();
    view.scrollLeft = under * scale - x;
    $("head").style.transform = `translateX(${(at - call.begins) * scale}px)`;
    soon();
  }

  function place() {
    for (const mark of marks) {
      const { begins, ends, row } = mark.dataset;
      const width = (ends - begins) * scale;
      mark.style.left = `${(begins - call.begins) / length * 100}%`;
      if (!mark.classList.contains("cut")) mark.style.width = `${(ends - begins) / length * 100}%`;
      mark.style.marginTop = `${row * 27}px`;
      mark.classList.toggle("slim", width < 26 && !roomy(mark));
      mark.classList.toggle("tight", !roomy(mark));
    }
  }

  // A short mark keeps its words if nothing stands behind it in its row.
  const LOOSE = new Set(["good", "care", "bad", "calm", "response", "wait", "dead"]);
  const following = new Map();
  for (const mark of marks) {
    if (!LOOSE.has(mark.classList[1])) continue;
    const next = [...mark.parentElement.children].find((m) => m.dataset.row === mark.dataset.row && Number(m.dataset.begins) > Number(mark.dataset.begins));
    following.set(mark, next ? Number(next.dataset.begins) : call.ends);
  }
  const roomy = (mark) => following.has(mark) && (following.get(mark) - mark.dataset.begins) * scale > 12 + mark.textContent.length * 7;

  // ---- drawing ----------------------------------------------------------------------------------

  function soon() {
    if (!owed) owed = requestAnimationFrame(() => { owed = 0; drawGround(); drawWhole(); });
  }

  function canvas(element, width, height) {
    const dense = devicePixelRatio || 1;
    if (element.width !== Math.round(width * dense) || element.height !== Math.round(height * dense)) {
      element.width = Math.round(width * dense);
      element.height = Math.round(height * dense);
      element.style.width = `${width}px`;
      element.style.height = `${height}px`;
    }
    const pen = element.getContext("2d");
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, width, height);
    return pen;
  }

  const colours = () => {
    const style = getComputedStyle(document.documentElement);
    return (name) => style.getPropertyValue(`--${name}`).trim();
  };

  function drawGround() {
    const width = room(), height = strip.clientHeight;
    if (width <= 0) return;
    const pen = canvas(ground, width, height), colour = colours();
    const left = call.begins + Math.min(view.scrollLeft, Math.max(0, view.scrollWidth - view.clientWidth)) / scale;
    const x = (seconds) => (seconds - left) * scale;
    drawGrid(pen, colour, left, x, width, height);
    pen.fillStyle = colour("faint");
    pen.globalAlpha = 0.75;
    pen.fillRect(0, 0, x(0), height);
    if (call.over !== null) pen.fillRect(x(call.over), 0, width, height);
    pen.globalAlpha = 1;
    for (const lane of peaks ? document.querySelectorAll(".lane.wave") : []) {
      const side = lane.querySelector(".track").dataset.scrub;
      wave(pen, peaks[side], colour(side), { left, perPixel: 1 / scale, width, middle: lane.offsetTop + lane.offsetHeight / 2, half: lane.offsetHeight / 2 - 4 });
    }
    const top = document.querySelector(".ruler").offsetHeight;
    for (const [begins, ends] of call.gaps) hatch(pen, colour("calm"), x(begins), x(ends), top, height);
  }

  function drawGrid(pen, colour, left, x, width, height) {
    const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find((s) => s * scale >= 74) || 1800;
    pen.font = "11px system-ui, sans-serif";
    pen.textBaseline = "middle";
    for (let n = Math.ceil(left / step); x(n * step) < width; n++) {
      const seconds = n * step, here = Math.round(x(seconds)) + 0.5;
      pen.fillStyle = colour("line");
      pen.fillRect(here - 0.5, 0, 1, height);
      pen.fillStyle = colour("soft");
      pen.fillText(step < 1 ? label(seconds) : label(seconds).slice(0, -2), here + 4, 13);
    }
  }

  function wave(pen, side, colour, { left, perPixel, width, middle, half }) {
    const bucket = call.peaks.bucket_s, first = left - call.sound_begins;
    pen.fillStyle = colour;
    for (let px = 0; px < width; px++) {
      const from = Math.floor((first + px * perPixel) / bucket);
      const to = Math.max(from + 1, Math.floor((first + (px + 1) * perPixel) / bucket));
      if (to <= 0 || from >= side.length) continue;
      // Speech on a telephone is quiet beside its loudest sound; the root lets it be seen.
      // What is left of silence by the codec is none.
      const tall = Math.max(0.5, Math.pow(Math.max(0, highest(side, from, to) - 2) / loudest, 0.7) * half);
      pen.fillRect(px, middle - tall, 1, tall * 2);
    }
  }

  function hatch(pen, colour, from, to, top, bottom) {
    pen.save();
    pen.beginPath();
    pen.rect(from, top, Math.max(2, to - from), bottom - top);
    pen.clip();
    pen.globalAlpha = 0.22;
    pen.strokeStyle = colour;
    pen.beginPath();
    const tall = bottom - top;
    for (let x = Math.max(from, -tall) - tall; x < Math.min(to, ground.clientWidth) + tall; x += 9) {
      pen.moveTo(x, bottom);
      pen.lineTo(x + tall, top);
    }
    pen.stroke();
    pen.restore();
  }

  function drawWhole() {
    const box = whole.parentElement, width = box.clientWidth, height = box.clientHeight;
    if (!width) return;
    const pen = canvas(whole, width, height), colour = colours(), perPixel = length / width;
    const x = (seconds) => (seconds - call.begins) / perPixel;
    if (peaks) {
      const drawn = { left: call.begins, perPixel, width, half: height / 4 - 1 };
      wave(pen, peaks.caller, colour("caller"), { ...drawn, middle: height / 4 + 1 });
      wave(pen, peaks.agent, colour("agent"), { ...drawn, middle: height * 3 / 4 - 1 });
    } else {
      for (const turn of turns) {
        const side = ["caller", "agent", "clip"].find((s) => turn.classList.contains(s));
        pen.fillStyle = colour(side);
        pen.fillRect(x(turn.dataset.begins), side === "caller" ? 8 : height / 2 + 3, Math.max(1, (turn.dataset.ends - turn.dataset.begins) / perPixel), height / 2 - 11);
      }
    }
    const from = view.scrollLeft / scale / perPixel, wide = room() / scale / perPixel;
    if (wide < width - 1) {
      pen.fillStyle = colour("card");
      pen.globalAlpha = 0.6;
      pen.fillRect(0, 0, from, height);
      pen.fillRect(from + wide, 0, width, height);
      pen.globalAlpha = 1;
      pen.strokeStyle = colour("soft");
      pen.strokeRect(Math.max(0.5, from), 0.5, Math.min(wide, width - 1 - from), height - 1);
    }
    pen.fillStyle = colour("head");
    pen.fillRect(Math.min(x(at), width - 1.5), 0, 1.5, height);
  }

  // ---- hands ------------------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const direct = event.target.closest("[data-seek]");
    if (direct) return seek(Number(direct.dataset.seek), true);
    const timed = event.target.closest(".mark, .turn");
    // Somebody who selects words to copy them does not want to hear them.
    if (timed && String(getSelection()) === "") return seek(Number(timed.dataset.begins), true);
    const track = event.target.closest("[data-scrub]");
    if (track) seek(call.begins + (event.clientX - track.getBoundingClientRect().left) / scale, true);
  });
  position.addEventListener("input", () => seek(Number(position.value), false));
  $("in").addEventListener("click", () => zoom(scale * 1.6));
  $("out").addEventListener("click", () => zoom(scale / 1.6));
  $("fit").addEventListener("click", () => zoom(0));
  view.addEventListener("scroll", soon, { passive: true });
  view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(scale * Math.exp(-event.deltaY / 300), event.clientX - view.getBoundingClientRect().left - name());
  }, { passive: false });

  function neighbour(step) {
    const begun = turns.filter((turn) => Number(turn.dataset.begins) <= at + 0.02).length - 1;
    const next = turns[Math.min(Math.max(begun + step, 0), turns.length - 1)];
    if (next) seek(Number(next.dataset.begins), Boolean(sound && !sound.paused));
  }

  const KEYS = {
    " ": toggle,
    ArrowLeft: () => seek(at - 5, false), ArrowRight: () => seek(at + 5, false),
    ArrowUp: () => neighbour(-1), ArrowDown: () => neighbour(1),
    "+": () => zoom(scale * 1.6), "=": () => zoom(scale * 1.6), "-": () => zoom(scale / 1.6), "0": () => zoom(0),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
    // What has the focus knows what to do with its own keys.
    const own = event.target.closest("select, input") || (event.key === " " && event.target.closest("button"));
    if (own) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  // ---- begin ------------------------------------------------------------------------------------

  function begin() {
    // Until here the browser's own player served, and goes on to serve where no script runs.
    document.querySelector(".listen").classList.add("drawn");
    sound?.removeAttribute("controls");
    for (const lane of document.querySelectorAll(".lane[data-rows]")) lane.style.height = `${3 + lane.dataset.rows * 27}px`;
    // A long call opens so near that its turns can be told apart.
    zoom(fitting() >= 10 ? 0 : 12);
    view.scrollLeft = 0;
    moved(false);
  }

  new ResizeObserver(() => zoom(strip.style.width === "100%" ? 0 : scale)).observe(view);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon);
  matchMedia("print").addEventListener("change", () => { zoom(0); drawGround(); });
  begin();
})();
