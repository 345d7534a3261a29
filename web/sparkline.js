// A small chart without axes: the last minutes of one number, or of several percentiles.
import { colour, prepare } from "./canvas.js";

/** A minute: what the width holds at least. */
const LEAST_POINTS = 120;

/**
 * @param series lists of numbers (null: not measured), oldest first, of which the first is filled
 * @param atLeast the least top of the scale, so that noise around zero stays flat
 */
export function drawSparkline(canvas, series, atLeast) {
  const { context, width, height } = prepare(canvas);
  const top = Math.max(atLeast, ...series.flatMap((values) => values.filter((value) => value !== null)));
  const shades = ["decode", "prefill", "preempted"];
  for (const [i, values] of series.entries()) {
    context.strokeStyle = colour(shades[i]);
    context.fillStyle = colour(shades[i]);
    drawLine(context, values, width, height - 2, top, i === 0 && series.length === 1);
  }
}

function drawLine(context, values, width, height, top, filled) {
  const step = width / (Math.max(LEAST_POINTS, values.length) - 1);
  const offset = width - (values.length - 1) * step;
  context.beginPath();
  let firstX;
  for (const [i, value] of values.entries()) {
    if (value === null) continue;
    const x = offset + i * step;
    const y = 1 + height - (value / top) * height;
    if (firstX !== undefined) context.lineTo(x, y);
    else context.moveTo(x, y);
    firstX ??= x;
  }
  context.lineWidth = 1.4;
  context.stroke();
  if (!filled || firstX === undefined) return;
  context.lineTo(width, height + 2);
  context.lineTo(firstX, height + 2);
  context.globalAlpha = 0.18;
  context.fill();
  context.globalAlpha = 1;
}
