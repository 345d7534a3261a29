/** The same charts for the page: zoom with the wheel (held Ctrl or Shift), drag, double click to go back. */
import type { Spec } from "../charts/spec.js";

const COMPOSITIONS = ["concat", "hconcat", "vconcat"] as const;
const MARK_CHANNELS = ["x", "y"] as const;

/** A copy of the specification in which every plot over quantities can be zoomed. */
export function interactive(spec: Spec): Spec {
  return zoomable(spec, { count: 0 });
}

function zoomable(spec: Spec, names: { count: number }): Spec {
  for (const kind of COMPOSITIONS) {
    const parts = spec[kind];
    if (Array.isArray(parts)) return { ...spec, [kind]: parts.map((part: Spec) => zoomable(part, names)) };
  }
  if (!Array.isArray(spec.layer)) return withZoom(spec, spec, names);
  const layers = spec.layer as Spec[];
  const target = layers.findLastIndex((layer) => "tooltip" in encodingOf(layer));
  return { ...spec, layer: layers.map((layer, i) => (i === target ? withZoom(layer, spec, names) : clipped(layer))) };
}

function withZoom(unit: Spec, parent: Spec, names: { count: number }): Spec {
  const encoding: Spec = { ...encodingOf(parent), ...encodingOf(unit) };
  const encodings = MARK_CHANNELS.filter((channel) => (encoding[channel] as Spec | undefined)?.type === "quantitative");
  if (encodings.length === 0) return unit;
  names.count += 1;
  const zoom = "wheel![event.ctrlKey || event.shiftKey]";
  const params = [{ name: `zoom${names.count}`, select: { type: "interval", encodings, zoom }, bind: "scales" }];
  return { ...clipped(unit), params };
}

/** What is zoomed out of the plot does not run over the axes. */
function clipped(unit: Spec): Spec {
  const mark = typeof unit.mark === "string" ? { type: unit.mark } : (unit.mark as Spec);
  return mark.type === "text" ? unit : { ...unit, mark: { ...mark, clip: true } };
}

function encodingOf(spec: Spec): Spec {
  return (spec.encoding as Spec | undefined) ?? {};
}
