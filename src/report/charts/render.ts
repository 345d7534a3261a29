/** Vega-Lite specification → SVG → PNG, without a browser. */
import { Resvg } from "@resvg/resvg-js";
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { createTextWidth, FONT_FAMILY, fontFiles } from "./font.js";
import type { Spec } from "./spec.js";
import { chartConfig } from "./theme.js";

declare module "vega" {
  /** Vega measures text through this object and invites its replacement where there is no canvas. */
  export const textMetrics: { width(item: { fontSize?: number; fontWeight?: string | number }, text: unknown): number };
}

/** Pixels of a PNG for each unit of its SVG: sharp on paper and on dense screens. */
const PNG_SCALE = 2;

/** Draws charts for paper: dark on white, in the bundled font. */
export class ChartRenderer {
  readonly #fonts = fontFiles();

  constructor() {
    // Vega's own guess, made for machines without a canvas, is some 60 % too wide.
    const width = createTextWidth();
    vega.textMetrics.width = (item, text) =>
      width(String(text ?? ""), item.fontSize ?? 11, Number(item.fontWeight) >= 600 || item.fontWeight === "bold");
  }

  async svg(spec: Spec): Promise<string> {
    const compiled = compile(spec as unknown as TopLevelSpec, { config: chartConfig("light") });
    const view = new vega.View(vega.parse(compiled.spec), { renderer: "none" });
    try {
      return await view.toSVG();
    } finally {
      view.finalize();
    }
  }

  png(svg: string): Buffer {
    const resvg = new Resvg(svg, {
      fitTo: { mode: "zoom", value: PNG_SCALE },
      background: "white",
      font: {
        fontFiles: [this.#fonts.regular, this.#fonts.bold],
        loadSystemFonts: false,
        defaultFontFamily: FONT_FAMILY,
      },
    });
    return resvg.render().asPng();
  }
}
