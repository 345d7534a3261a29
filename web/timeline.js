// Slots over time: a lane per slot, a bar per request from its start to its last token, and above them, one row each,
// the time that requests spent waiting.
import { colour, prepare } from "./canvas.js";
import { FAILED, PREEMPTED, WAITING } from "./store.js";

const LEFT = 44;
const AXIS = 18;
const WAIT_ROW = 5;
const GAP = 8;
const MAX_WAIT_ROWS = 24;

/** Draws the last `windowMs` before `nowMs`. Returns the drawn bars with their places, for pointing at them. */
export function drawTimeline(canvas, store, nowMs, windowMs) {
  const { context, width, height } = prepare(canvas);
  const lanes = store.slots * Math.max(1, store.workers.size);
  const waitHeight = Math.min(MAX_WAIT_ROWS * WAIT_ROW, height * 0.3);
  const area = {
    left: LEFT,
    right: width,
    waitTop: 0,
    waitBottom: waitHeight,
    laneTop: waitHeight + GAP,
    laneHeight: (height - AXIS - waitHeight - GAP) / lanes,
    lanes,
  };
  const fromMs = nowMs - windowMs;
  const x = (ms) => area.left + ((ms - fromMs) / windowMs) * (area.right - area.left);
  drawFrame(context, area, height, windowMs);
  const bars = [...store.bars.values()].filter((bar) => (bar.endedMs || nowMs) >= fromMs && bar.arrivalMs <= nowMs);
  const hidden = placeWaiting(bars, Math.floor(waitHeight / WAIT_ROW), nowMs);
  const drawn = bars.flatMap((bar) => [
    ...drawWait(context, area, bar, nowMs, x),
    ...drawRun(context, area, bar, nowMs, x),
  ]);
  if (hidden > 0) write(context, `+ ${hidden} more wait`, area.left + 6, 10, "left");
  context.clearRect(0, 0, area.left - 1, height);
  drawLabels(context, area, height, lanes);
  return drawn;
}

function drawFrame(context, area, height, windowMs) {
  context.fillStyle = colour("lane");
  for (let lane = 0; lane < area.lanes; lane += 2) {
    context.fillRect(area.left, area.laneTop + lane * area.laneHeight, area.right - area.left, area.laneHeight);
  }
  context.fillRect(area.left, area.waitTop, area.right - area.left, area.waitBottom - area.waitTop);
  const stepS = windowMs <= 10_000 ? 2 : windowMs <= 30_000 ? 5 : 20;
  context.font = "11px system-ui, sans-serif";
  for (let s = 0; s * 1000 < windowMs; s += stepS) {
    const at = area.right - (s * 1000 * (area.right - area.left)) / windowMs;
    write(context, s === 0 ? "now" : `−${s} s`, at - (s === 0 ? 2 : 0), height - 4, s === 0 ? "right" : "center");
  }
}

function drawLabels(context, area, height, lanes) {
  write(context, "wait", area.left - 6, area.waitTop + 10, "right");
  const every = Math.max(1, Math.ceil(14 / area.laneHeight));
  for (let lane = 0; lane < lanes; lane += every) {
    const y = area.laneTop + (lane + 0.5) * area.laneHeight + 4;
    if (y < height - AXIS + 4) write(context, lane === 0 ? "slot 0" : String(lane), area.left - 6, y, "right");
  }
}

function write(context, text, x, y, align) {
  context.fillStyle = colour("muted");
  context.textAlign = align;
  context.fillText(text, x, y);
}

/** Gives each waiting request the lowest free row; says how many found none. */
function placeWaiting(bars, rows, nowMs) {
  const taken = new Set();
  const unplaced = [];
  for (const bar of bars) {
    if (bar.state !== WAITING) continue;
    if (bar.row >= 0) taken.add(bar.row);
    else unplaced.push(bar);
  }
  let row = 0;
  let hidden = 0;
  for (const bar of unplaced.toSorted((a, b) => a.arrivalMs - b.arrivalMs)) {
    while (taken.has(row)) row += 1;
    if (row >= rows) {
      hidden += 1;
      continue;
    }
    bar.row = row;
    taken.add(row);
  }
  // Those that were never seen waiting waited for less than a frame; they share the lowest row.
  for (const bar of bars) if (bar.row < 0 && bar.state !== WAITING && nowMs > 0) bar.row = 0;
  return hidden;
}

function drawWait(context, area, bar, nowMs, x) {
  const untilMs = bar.startedMs || bar.endedMs || nowMs;
  if (bar.row < 0 || untilMs - bar.arrivalMs < 20) return [];
  const y = area.waitBottom - (bar.row + 1) * WAIT_ROW;
  const place = {
    bar,
    x: x(bar.arrivalMs),
    y,
    width: Math.max(1, x(untilMs) - x(bar.arrivalMs)),
    height: WAIT_ROW - 1,
  };
  context.fillStyle = colour(bar.state === FAILED && bar.startedMs === 0 ? "failed" : "waiting");
  context.fillRect(place.x, place.y, place.width, place.height);
  return [place];
}

function drawRun(context, area, bar, nowMs, x) {
  if (bar.lane < 0 || bar.startedMs === 0) return [];
  const y = area.laneTop + bar.lane * area.laneHeight;
  const height = Math.max(1, area.laneHeight - (area.laneHeight > 4 ? 1.5 : 0.5));
  const endMs = bar.endedMs || nowMs;
  const firstMs = bar.firstMs || endMs;
  const from = x(bar.startedMs);
  const to = Math.max(from + 1.5, x(endMs) - 1);
  const middle = Math.min(to, Math.max(from, x(firstMs)));
  context.fillStyle = colour("prefill");
  context.fillRect(from, y, Math.max(1, middle - from), height);
  context.fillStyle = colour(bar.serial % 2 === 0 ? "decode" : "decode-other");
  context.fillRect(middle, y, to - middle, height);
  if (bar.state === FAILED || bar.state === PREEMPTED) {
    context.fillStyle = colour(bar.state === FAILED ? "failed" : "preempted");
    context.fillRect(Math.max(from, to - 4), y, 4, height);
  }
  return [{ bar, x: from, y, width: to - from, height }];
}
