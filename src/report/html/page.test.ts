import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resultsOf } from "../../results/results.fixture.js";
import { formatResults } from "../../results/schema.js";
import { simulatedBench, simulatedRun } from "../../results/simulated.fixture.js";
import type { Spec } from "../charts/spec.js";
import { readResults } from "../read.js";
import { chartsOf, writeReport } from "../report.js";
import { escapeHtml } from "./escape.js";
import { interactive } from "./interactive.js";
import { reportPage } from "./page.js";
import { resultsTable } from "./table.js";

const HOSTILE = `</script><img src=x onerror="alert(1)">&'`;

function dataOf(page: string): { charts: Record<string, Spec>; themes: Record<string, unknown> } {
  const json = /<script type="application\/json" id="report-data">(.*?)<\/script>/s.exec(page)?.[1];
  return JSON.parse(json ?? "null");
}

describe("report.html", () => {
  const results = simulatedBench({ labels: ["sequential", "continuous"], sizes: [25] });
  const page = reportPage(results, chartsOf(results));

  it("holds every chart, both themes, the findings and the manifest", () => {
    const data = dataOf(page);
    expect(Object.keys(data.charts)).toEqual(chartsOf(results).map(({ name }) => name));
    expect(Object.keys(data.themes)).toEqual(["light", "dark"]);
    expect(page).toContain("<h2>Findings</h2>");
    expect(page).toContain("All 150 requests ended well.");
    expect(page.indexOf("<h2>Manifest</h2>")).toBeGreaterThan(page.indexOf("<h2>Charts</h2>"));
  });

  it("asks for nothing from anywhere", () => {
    expect(page).not.toMatch(/<(script|link|img|iframe)[^>]*\s(src|href)=/);
    expect(page).not.toContain("@import");
    expect(page).not.toContain("sourceMappingURL");
  });

  it("closes every script that it opens, and no other", () => {
    expect(page.match(/<script[\s>]/g)).toHaveLength(4);
    expect(page.match(/<\/script/g)).toHaveLength(4);
  });

  it("shows hostile names as text", () => {
    const hostile = resultsOf({
      runs: ["static", HOSTILE].map((label) => simulatedRun({ label, policy: "static" })),
      settings: { prompts: HOSTILE },
    });
    const shown = reportPage(hostile, chartsOf(hostile));
    expect(shown).not.toContain("<img");
    expect(shown.match(/<\/script/g)).toHaveLength(4);
    expect(JSON.stringify(dataOf(shown))).toContain("onerror");
    expect(escapeHtml(HOSTILE)).toBe("&lt;/script&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;&#39;");
  });
});

describe("the table of figures", () => {
  it("has a row a variant, a key to sort by, and words for what the noise hides", () => {
    const html = resultsTable(
      resultsOf({
        runs: [1, 2, 3].flatMap((run) => [
          simulatedRun({ label: "sequential", run, noise: 0.05, seed: 1 }),
          simulatedRun({ label: "twin", run, noise: 0.05, seed: 2 }),
          simulatedRun({ label: "fast", run, slowness: 0.2, noise: 0.01, seed: 3 }),
        ]),
      }),
    );
    const rows = html.match(/<tr>.*?<\/tr>/gs)!.slice(1);
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatch(/% slower<br><small>3 rounds, sign-flip p 0\.250/);
    expect(rows[2]).toContain("★ leads");
    expect(rows[2]).toMatch(/<td data-value="4\.\d+">4\.\d\d×<br><small>\d\.\d\d – \d\.\d\d<\/small>/);
    expect(rows[0]).toMatch(/<td data-value="sequential">sequential<\/td><td data-value="3">3<\/td>/);
  });
});

describe("interactive", () => {
  it("gives each plot of quantities its own zoom and leaves the paper's specification alone", () => {
    const unit = { mark: "line", encoding: { x: { type: "quantitative" }, y: { type: "nominal" } } };
    const spec = {
      concat: [unit, { layer: [{ mark: "rule" }, { ...unit, encoding: { ...unit.encoding, tooltip: [] } }] }],
    };
    const before = JSON.stringify(spec);
    const { concat } = interactive(spec) as { concat: [Spec, { layer: Spec[] }] };
    expect(concat[0].params).toMatchObject([{ name: "zoom1", select: { encodings: ["x"] }, bind: "scales" }]);
    expect(concat[1].layer[0]).toEqual({ mark: { type: "rule", clip: true } });
    expect(concat[1].layer[1]?.params).toMatchObject([{ name: "zoom2" }]);
    expect(JSON.stringify(spec)).toBe(before);
  });

  it("adds nothing where there is nothing to zoom", () => {
    const spec = { mark: "rect", encoding: { x: { type: "ordinal" }, y: { type: "nominal" } } };
    expect(interactive(spec)).toEqual(spec);
  });
});

describe("writeReport and readResults", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sluice-report-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("writes the files that it names, and all of them can be made from results.json", async () => {
    const results = simulatedBench({ labels: ["static", "continuous"], sizes: [25], runs: 1 });
    writeFileSync(join(folder, "results.json"), formatResults(results));
    const target = join(folder, "plots");
    const files = await writeReport(target, readResults(folder));
    expect(readdirSync(target).sort()).toEqual([...files].sort());
    expect(files).toContain("scheduler_comparison_bars.png");
    expect(files).toContain("benchmark_report.txt");
    expect(readFileSync(join(target, "report.html"), "utf8")).toMatch(/^<!doctype html>/);
  });

  it("names the file that is missing, empty or of another schema", () => {
    expect(() => readResults(folder)).toThrow(/cannot read .*results\.json \(ENOENT\)/);
    writeFileSync(join(folder, "results.json"), formatResults(resultsOf({ runs: [] })));
    expect(() => readResults(folder)).toThrow(/holds no runs/);
    writeFileSync(join(folder, "results.json"), '{"schemaVersion": 0}');
    expect(() => readResults(folder)).toThrow(/schema version 0/);
  });
});
