/** A real browser opens a report from its file, without a network. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportPage } from "../../src/report/html/page.js";
import { chartsOf } from "../../src/report/report.js";
import { simulatedBench } from "../../src/results/simulated.fixture.js";
import { hasChromium, launchChromium } from "./chromium.js";

/** Lines over the number of requests: points to hover, two axes to zoom. */
const CHART = 'figure[data-chart="throughput_comparison"]';

describe.skipIf(!hasChromium("report.html"))("report.html in a browser", () => {
  let folder: string;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    const results = simulatedBench({ labels: ["sequential", "static", "continuous"], sizes: [10, 20], runs: 3 });
    const charts = chartsOf(results).filter(({ name }) =>
      ["throughput_comparison", "latency_distribution"].includes(name),
    );
    folder = mkdtempSync(join(tmpdir(), "sluice-report-"));
    writeFileSync(join(folder, "report.html"), reportPage(results, charts));
    browser = await launchChromium();
    const context = await browser.newContext({
      offline: true,
      colorScheme: "light",
      viewport: { width: 1280, height: 900 },
    });
    page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    const address = pathToFileURL(join(folder, "report.html")).href;
    page.on("request", (request) => {
      if (request.url() !== address) complaints.push(`asks for ${request.url().slice(0, 80)}`);
    });
    await page.goto(address);
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const column = async (index: number): Promise<number[]> => {
    const cells = await page.locator(`table >> nth=0 >> tbody tr td:nth-child(${index + 1})`).all();
    return Promise.all(cells.map(async (cell) => Number(await cell.getAttribute("data-value"))));
  };
  /** Where the first point of the chart is drawn, on the screen. */
  const point = async (): Promise<{ x: number; y: number }> => {
    const box = await page.locator(`${CHART} .mark-symbol.role-mark path >> nth=0`).boundingBox();
    if (box === null) throw new Error("the chart has no point");
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  };
  /** Sorted, since a zoomed axis keeps its labels in another order. */
  const axisLabels = async (): Promise<string[]> =>
    (await page.locator(`${CHART} .role-axis-label text`).allTextContents()).sort();

  it("sorts the figures by the column that is clicked, and the other way round", async () => {
    const titles = await page.locator("table >> nth=0 >> th").allTextContents();
    const index = titles.indexOf("tokens/s");
    const before = await column(index);
    const falling = [...before].sort((a, b) => b - a);
    const header = page.locator("table >> nth=0 >> th button", { hasText: /^tokens\/s$/ });
    await header.click();
    expect(await column(index)).toEqual(falling);
    expect(await page.locator('th[aria-sort="descending"]').textContent()).toBe("tokens/s");
    await header.press("Enter");
    expect(await column(index)).toEqual(falling.reverse());
    expect(new Set(before).size).toBeGreaterThan(3);
  });

  it("draws a chart when it comes into view, and names it for those who cannot see it", async () => {
    await page.locator(CHART).scrollIntoViewIfNeeded();
    await page.locator(`${CHART} svg[role=img]`).waitFor();
    expect(await page.getAttribute(`${CHART} svg`, "aria-label")).toBe("Throughput by number of requests");
    expect(await axisLabels()).toContain("10");
  });

  it("shows the figures of the point under the mouse", async () => {
    const { x, y } = await point();
    await page.mouse.move(x, y);
    await expect.poll(() => page.locator("#tooltip").isVisible()).toBe(true);
    const rows = await page.locator("#tooltip tr").allTextContents();
    expect(rows).toEqual([
      expect.stringMatching(/^scheduler(sequential|static|continuous)$/),
      expect.stringMatching(/^requests(10|20)$/),
      expect.stringMatching(/^throughput \(req\/s\)[\d.]+$/),
    ]);
    await page.mouse.move(2, 2);
    await expect.poll(() => page.locator("#tooltip").isVisible()).toBe(false);
  });

  it("zooms with the held key and the wheel, and goes back with a double click", async () => {
    const before = await axisLabels();
    const { x, y } = await point();
    await page.mouse.move(x + 30, y + 20);
    await page.mouse.wheel(0, -300);
    expect(await axisLabels()).toEqual(before);
    await page.locator(CHART).scrollIntoViewIfNeeded();
    const here = await point();
    await page.mouse.move(here.x + 30, here.y + 20);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -300);
    await page.keyboard.up("Control");
    await expect.poll(axisLabels).not.toEqual(before);
    await page.mouse.dblclick(here.x + 30, here.y + 20);
    await expect.poll(axisLabels).toEqual(before);
  });

  it("changes its colours, those of the charts too", async () => {
    const background = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const ink = () => page.getAttribute(`${CHART} .role-title-text text`, "fill");
    expect([await background(), await ink()]).toEqual(["rgb(255, 255, 255)", "#1f2328"]);
    await page.getByRole("button", { name: "Dark" }).click();
    expect(await background()).toBe("rgb(21, 24, 29)");
    await expect.poll(ink).toBe("#e6edf3");
    expect(await page.locator("#theme").textContent()).toBe("Light");
  });

  it("ends with the manifest", async () => {
    const headings = await page.locator("h2").allTextContents();
    expect(headings).toEqual(["Findings", "Figures", "Charts", "Manifest"]);
    const manifest = await page.locator("table.manifest").textContent();
    for (const part of ["command", "seed", "machine", "start, end"]) expect(manifest).toContain(part);
  });

  it("fits a phone: only tables and charts scroll sideways", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
  });

  it("asked nobody for anything and complained about nothing", () => {
    expect(complaints).toEqual([]);
  });
});
