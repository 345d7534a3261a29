/** One look for all charts. */
import { FONT_FAMILY } from "./font.js";
import type { Spec } from "./spec.js";

export type Scheme = "light" | "dark";

const INK = {
  light: { background: "#ffffff", text: "#1f2328", faint: "#59636e", grid: "#e6e9ec", axis: "#8c959f" },
  dark: { background: "#15181d", text: "#e6edf3", faint: "#a3adb8", grid: "#2b3139", axis: "#6e7681" },
} as const;

/** Vega-Lite configuration: fonts, sizes and the colours of everything that is not data. */
export function chartConfig(scheme: Scheme): Spec {
  const ink = INK[scheme];
  return {
    background: ink.background,
    font: FONT_FAMILY,
    padding: 14,
    view: { stroke: null, continuousHeight: 260, continuousWidth: 320 },
    title: {
      color: ink.text,
      subtitleColor: ink.faint,
      fontSize: 15,
      subtitleFontSize: 12,
      anchor: "start",
      offset: 12,
    },
    axis: {
      labelColor: ink.text,
      titleColor: ink.text,
      labelFontSize: 11,
      titleFontSize: 12,
      titleFontWeight: "normal",
      titlePadding: 8,
      gridColor: ink.grid,
      domainColor: ink.axis,
      tickColor: ink.axis,
      labelLimit: 260,
      labelOverlap: "greedy",
      labelFlush: false,
    },
    header: {
      labelColor: ink.text,
      titleColor: ink.text,
      labelFontSize: 12,
      labelFontWeight: "bold",
      titleFontSize: 12,
    },
    legend: {
      labelColor: ink.text,
      titleColor: ink.text,
      labelFontSize: 11,
      titleFontSize: 11,
      titleFontWeight: "normal",
      labelLimit: 260,
      symbolLimit: 60,
      symbolOpacity: 1,
      offset: 18,
    },
    style: {
      "value-label": { fill: ink.text, color: ink.text, fontSize: 11 },
      "faint-label": { fill: ink.faint, color: ink.faint, fontSize: 11 },
      "faint-rule": { stroke: ink.axis, color: ink.axis },
      "ink-rule": { stroke: ink.text, color: ink.text },
      // A halo under text, so that lines do not run through it.
      halo: { fill: ink.background, stroke: ink.background, color: ink.background, strokeWidth: 4 },
    },
    line: { color: ink.axis },
    rule: { color: ink.axis },
    text: { color: ink.text },
  };
}
