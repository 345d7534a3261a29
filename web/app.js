// Joins the feed, the numbers, the timeline and the prompt box.
import { openFeed } from "./feed.js";
import { fitPromptBox, openPromptBox } from "./prompt.js";
import { drawSparkline } from "./sparkline.js";
import { useKey } from "./sse.js";
import { FAILED, FINISHED, PREEMPTED, RUNNING, Store, WAITING } from "./store.js";
import { drawTimeline } from "./timeline.js";

const FRAME_MS = 50;
/** Drawn a little late, so that bars grow smoothly between two frames of the feed. */
const DELAY_MS = 600;
const STATES = {
  [WAITING]: "waiting",
  [RUNNING]: "running",
  [FINISHED]: "finished",
  [FAILED]: "failed or cancelled",
  [PREEMPTED]: "preempted",
};

const element = (id) => document.getElementById(id);
const store = new Store();
const timeline = element("timeline");
let places = [];
let pausedAtMs;
let lastDrawMs = 0;

const feed = openFeed({
  onMessage(message) {
    store.hear(message);
    if (message.type === "hello") showModel();
    showNumbers();
    if (message.type === "frame") showRequests();
  },
  onState(state) {
    const words = { live: "live", lost: "no connection, trying again", locked: "an API key is needed (below)" };
    element("status").textContent = words[state];
    element("status").dataset.state = state === "live" ? "live" : "lost";
  },
});

function showModel() {
  const { device, slots, contextSize } = store.info;
  element("model").textContent = `${store.model} · ${slots} slots of ${contextSize} tokens · ${device}`;
  document.title = `Sluice · ${store.model}`;
  fitPromptBox(store.model);
}

function showNumbers() {
  const now = store.latest;
  if (!now) return;
  const history = store.history;
  const pick = (name) => history.map((sample) => sample[name]);
  const rate = (name) => smooth(pick(name));
  const tokens = rate("tokensPerSec");
  const fill = smooth(pick("batchFill"));
  const percentiles = (name) => [0, 1, 2].map((i) => history.map((sample) => sample[name][i]));
  const beside = ([, p95, p99]) => [keyed("p95", `p95 ${time(p95)}`), " ", keyed("p99", `p99 ${time(p99)}`)];
  tile(
    "tokens",
    Math.round(tokens.at(-1) ?? 0),
    `${(rate("requestsPerSec").at(-1) ?? 0).toFixed(1)} requests/s`,
    [tokens],
    10,
  );
  tile("fill", percent(fill.at(-1) ?? 0), `${now.running} of ${now.slots} slots run`, [fill], 1);
  tile(
    "queue",
    now.waiting,
    `${Math.round(rate("promptTokensPerSec").at(-1) ?? 0)} prompt tokens/s`,
    [pick("waiting")],
    4,
  );
  tile("ttft", time(now.ttftMs[0]), beside(now.ttftMs), percentiles("ttftMs"), 10);
  tile("latency", time(now.latencyMs[0]), beside(now.latencyMs), percentiles("latencyMs"), 10);
  tile("kv", percent(now.kvUsage), "of all cells", [pick("kvUsage")], 1);
}

/** Means over three seconds; null where nothing was measured in them. */
function smooth(values) {
  return values.map((_, i) => {
    const recent = values.slice(Math.max(0, i - 5), i + 1).filter((value) => value !== null);
    return recent.length === 0 ? null : recent.reduce((sum, value) => sum + value, 0) / recent.length;
  });
}

/** Words behind the colour of their line. */
function keyed(key, words) {
  const span = document.createElement("span");
  span.dataset.key = key;
  span.textContent = words;
  return span;
}

/** @param note text, or a list of texts and elements */
function tile(name, value, note, series, atLeast) {
  const root = document.querySelector(`[data-tile="${name}"]`);
  root.querySelector(".value").textContent = value;
  root.querySelector(".note").replaceChildren(...[note].flat());
  if (!document.hidden) drawSparkline(root.querySelector("canvas"), series, atLeast);
}

function percent(share) {
  return `${Math.round(share * 100)} %`;
}

function time(ms) {
  if (ms === null || ms === undefined) return "–";
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function showRequests() {
  const { waiting, running, slots } = store.latest;
  const counts = `${running} of ${slots} slots run, ${waiting} requests wait.`;
  element("timeline-text").textContent = store.bars.size > 0 ? counts : "No request yet: send one below.";
  if (!element("requests").closest("details").open) return;
  const newest = [...store.bars.values()].toSorted((a, b) => b.arrivalMs - a.arrivalMs).slice(0, 12);
  element("requests").replaceChildren(...newest.map(row));
}

function row(bar) {
  const cells = [
    bar.key,
    bar.slot < 0 ? "–" : bar.slot,
    bar.startedMs ? time(bar.startedMs - bar.arrivalMs) : "–",
    bar.firstMs ? time(bar.firstMs - bar.arrivalMs) : "–",
    bar.endedMs ? time(bar.endedMs - bar.arrivalMs) : "–",
    bar.tokens,
    STATES[bar.state],
  ];
  const line = document.createElement("tr");
  line.append(
    ...cells.map((text) => {
      const cell = document.createElement("td");
      cell.textContent = text;
      return cell;
    }),
  );
  return line;
}

function draw(frameMs) {
  requestAnimationFrame(draw);
  const nowMs = store.nowMs;
  if (nowMs === undefined || document.hidden || frameMs - lastDrawMs < FRAME_MS) return;
  lastDrawMs = frameMs;
  const windowMs = Number(element("window").value) * 1000;
  places = drawTimeline(timeline, store, pausedAtMs ?? nowMs - DELAY_MS, windowMs);
}

function togglePause() {
  pausedAtMs = pausedAtMs === undefined && store.nowMs !== undefined ? store.nowMs - DELAY_MS : undefined;
  const paused = pausedAtMs !== undefined;
  element("pause").setAttribute("aria-pressed", String(paused));
  element("pause").textContent = paused ? "Go on" : "Pause";
}

element("pause").addEventListener("click", togglePause);
timeline.addEventListener("keydown", (event) => {
  if (event.key !== " ") return;
  event.preventDefault();
  togglePause();
});
timeline.addEventListener("pointermove", ({ offsetX, offsetY }) => {
  const hit = places.find(
    ({ x, y, width, height }) => offsetX >= x && offsetX <= x + width && offsetY >= y && offsetY <= y + height,
  );
  timeline.title = hit ? describe(hit.bar) : "";
});

function describe(bar) {
  const waited = bar.startedMs ? `waited ${time(bar.startedMs - bar.arrivalMs)}` : "waits";
  const first = bar.firstMs ? `, first token after ${time(bar.firstMs - bar.arrivalMs)}` : "";
  return `request ${bar.key}: ${waited}${first}, ${bar.tokens} tokens, ${STATES[bar.state]}`;
}

element("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  useKey(element("key").value);
  feed.restart();
});

openPromptBox();
requestAnimationFrame(draw);
