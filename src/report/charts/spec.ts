/** What a chart is. */
import type { Results } from "../../results/schema.js";

/**
 * A Vega-Lite specification, or a part of one, as plain data with its values inside. Colours of text and background are
 * the theme's. Its types in Vega-Lite are too deep to build from parts; every chart's test compiles it instead.
 */
export type Spec = { readonly [key: string]: unknown };

/** One chart: a pure function of the results. */
export interface Chart {
  /** Name of its files, without the ending. */
  readonly name: string;
  /** It shows all loads of a bench; the others are drawn for each load. */
  readonly acrossLoads?: true;
  /** Undefined when these results have nothing to show in it. */
  build(results: Results): Spec | undefined;
}
