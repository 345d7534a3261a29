/**
 * Compares Sluice's rendering of chat templates with Jinja2's, which `render.py` wrote.
 *
 *     npx tsx benchmarks/templates/compare.ts OUT.json
 */
import { readFileSync } from "node:fs";
import { Template } from "../../src/text/jinja/template.js";

/** The moment that render.py renders at. */
const NOW = new Date(2026, 2, 7, 9, 5, 2);

interface Case {
  readonly name: string;
  readonly template: string;
  readonly context: Record<string, unknown>;
  readonly text?: string;
  readonly error?: string;
}

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error("name the file that render.py wrote");
const cases = JSON.parse(readFileSync(path, "utf8")) as Case[];
let same = 0;
let slowestMs = 0;
for (const { name, template, context, text, error } of cases) {
  const began = performance.now();
  const ours = render(template, context);
  slowestMs = Math.max(slowestMs, performance.now() - began);
  if (error === undefined ? ours.text === text : ours.error !== undefined) same++;
  else console.log(`${name}: ${ours.error ?? "another text"} (Jinja2: ${error ?? "a text"})`);
}
console.log(`${same} of ${cases.length} the same, the slowest in ${slowestMs.toFixed(1)} ms`);
process.exitCode = same === cases.length ? 0 : 1;

function render(template: string, context: Record<string, unknown>): { text?: string; error?: string } {
  try {
    return { text: new Template(template).render(context, { budget: 1_000_000, now: NOW }) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
