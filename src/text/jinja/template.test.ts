import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Template } from "./template.js";

interface Cases {
  readonly context: Record<string, unknown>;
  readonly templates: readonly string[];
}

const read = (name: string) => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
const { context, templates }: Cases = read("cases.json");
const expected: readonly { text?: string; error?: string }[] = read("cases.expected.json");

/** The moment that benchmarks/templates/render.py renders at. */
const NOW = new Date(2026, 2, 7, 9, 5, 2);
const BUDGET = 100_000;

function render(template: string): { text?: string; error?: string } {
  try {
    return { text: new Template(template).render(context, { budget: BUDGET, now: NOW }) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

describe("a template renders as Jinja2 does", () => {
  it.each(templates.map((template, at) => [template, expected[at]!] as const))("%j", (template, { text, error }) => {
    const ours = render(template);
    if (error === undefined) expect(ours).toEqual({ text });
    else expect(ours.text).toBeUndefined();
  });
});
