/** A real browser drives the dashboard of a real server. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LiveServer, liveServer } from "../server/live.js";
import { hasChromium, launchChromium } from "./chromium.js";

/** Inside the page, since on a busy machine the answer may be complete before a click from outside arrives. */
const STOP_AT_FIRST_TOKEN = `new Promise((resolve) => {
  const answer = document.querySelector("#answer");
  new MutationObserver((_, observer) => {
    if (answer.textContent === "") return;
    observer.disconnect();
    document.querySelector("#prompt-stop").click();
    resolve();
  }).observe(answer, { childList: true, characterData: true, subtree: true });
  document.querySelector("#prompt-form button[type=submit]").click();
})`;

describe.skipIf(!hasChromium("the dashboard"))("the dashboard in a browser", () => {
  let server: LiveServer;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    // The mock takes the same time for a token on a busy and on an idle machine.
    server = await liveServer({}, {}, "mock");
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(server.url)) complaints.push(`asks for ${request.url()}`);
    });
    await page.goto(server.url);
  });

  afterAll(async () => {
    await browser?.close();
    await server.drain();
  });

  const text = async (selector: string) => (await page.locator(selector).textContent()) ?? "";
  const tile = (name: string) => text(`[data-tile="${name}"] .value`);
  /** The colours of the timeline's pixels, each as "red,green,blue". */
  const colours = () =>
    page.evaluate<string[]>(`(() => {
      const canvas = document.querySelector("#timeline");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const seen = new Set();
      for (let i = 0; i < data.length; i += 4) seen.add(data.slice(i, i + 3).join(","));
      return [...seen];
    })()`);

  it("shows the model and goes live", async () => {
    await expect.poll(() => text("#status"), { timeout: 20_000 }).toBe("live");
    expect(await text("#model")).toContain("mock · 8 slots");
    expect(await tile("kv")).toMatch(/^\d+ %$/);
  });

  it("sends a prompt, shows tokens as they come, and the figures at the end", async () => {
    expect(await colours()).not.toContain("0,114,178");
    await page.fill("#prompt-text", "Once upon a time");
    await page.fill("#prompt-tokens", "40");
    await page.press("#prompt-text", "Control+Enter");
    await expect.poll(async () => (await text("#answer")).length, { timeout: 20_000 }).toBeGreaterThan(0);
    const early = (await text("#answer")).length;
    expect(await page.locator("#prompt-stop").isEnabled()).toBe(true);
    await expect
      .poll(() => text("#answer-note"), { timeout: 20_000 })
      .toMatch(/^40 tokens in [\d.]+ s, the first after \d+ ms$/);
    expect((await text("#answer")).length).toBeGreaterThan(early);
  });

  it("draws a bar for each request and moves its numbers while many run", async () => {
    await page.fill("#prompt-copies", "12");
    await page.fill("#prompt-tokens", "60");
    await page.click("#prompt-form button[type=submit]");
    await expect.poll(async () => Number(await tile("tokens")), { timeout: 20_000 }).toBeGreaterThan(0);
    await expect.poll(() => tile("fill"), { timeout: 20_000 }).toMatch(/^[1-9]\d* %$/);
    // The two blues of neighbouring requests in a lane, and the grey of those that waited.
    await expect
      .poll(colours, { timeout: 20_000 })
      .toEqual(expect.arrayContaining(["0,114,178", "59,155,209", "169,180,190"]));
    await expect.poll(() => text("#answer-note"), { timeout: 30_000 }).toBe("12 of 12 done");
    expect(await tile("latency")).toMatch(/^[\d.]+ m?s$/);
  });

  it("lists the latest requests for those who cannot see bars", async () => {
    await page.locator("details", { hasText: "Latest requests" }).locator("summary").press("Enter");
    await expect.poll(() => page.locator("#requests tr").count(), { timeout: 20_000 }).toBe(12);
    expect(await text("#requests tr:first-child")).toMatch(/finished/);
  });

  it("stops what the user stops", async () => {
    await page.fill("#prompt-copies", "1");
    await page.fill("#prompt-tokens", "900");
    await page.evaluate(STOP_AT_FIRST_TOKEN);
    await expect.poll(() => text("#answer-note"), { timeout: 20_000 }).toBe("stopped");
    await expect.poll(async () => (await server.host.stats()).running, { timeout: 20_000 }).toBe(0);
  });

  it("pauses from the keyboard", async () => {
    await page.focus("#timeline");
    await page.keyboard.press("Space");
    expect(await page.getAttribute("#pause", "aria-pressed")).toBe("true");
    await page.keyboard.press("Space");
    expect(await page.getAttribute("#pause", "aria-pressed")).toBe("false");
  });

  it("fits a phone without scrolling sideways, in light and dark", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const width = await page.evaluate<number>("document.documentElement.scrollWidth");
      expect(width).toBeLessThanOrEqual(360);
    }
  });

  it("asked nobody else for anything and complained about nothing", () => {
    expect(complaints).toEqual([]);
  });
});
