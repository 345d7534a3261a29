import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeHub } from "../../test/support/fake-hub.js";
import { knownSha256 } from "./hash.js";
import { ensureHubModel, type HubOptions } from "./hub.js";

const REPO = "user/tiny-GGUF";
const CONTENT = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * i) % 251));

let hub: FakeHub;
let cacheDir: string;
beforeEach(async () => {
  hub = await FakeHub.start(REPO);
  hub.files.set("tiny-Q4_K_M.gguf", CONTENT);
  cacheDir = mkdtempSync(join(tmpdir(), "sluice-hub-"));
});
afterEach(async () => {
  await hub.stop();
  rmSync(cacheDir, { recursive: true });
});

function pull(options: Partial<HubOptions> = {}, quant?: string): Promise<string> {
  const environment = { HF_ENDPOINT: hub.url, ...options.environment };
  return ensureHubModel({ repo: REPO, quant }, { cacheDir, retryDelayMs: 1, ...options, environment });
}

const unavailable = (pattern: RegExp) => ({ code: "model_unavailable", message: expect.stringMatching(pattern) });

/** Files that are not whole models. */
function leftovers(): string[] {
  const names = readdirSync(join(cacheDir, "hub"), { recursive: true, encoding: "utf8" });
  return names.filter((name) => /partial|lock/.test(name));
}

describe("ensureHubModel", () => {
  it("downloads once, tells how far it is and keeps the hash", async () => {
    const doneBytes: number[] = [];
    const path = await pull({ onProgress: (progress) => doneBytes.push(progress.doneBytes) });
    expect(readFileSync(path).equals(CONTENT)).toBe(true);
    expect(doneBytes.at(-1)).toBe(CONTENT.length);
    expect(doneBytes).toEqual([...doneBytes].sort((a, b) => a - b));
    expect(await knownSha256(path, cacheDir)).toMatch(/^[0-9a-f]{64}$/);
    expect(await pull()).toBe(path);
    expect(hub.downloads).toHaveLength(1);
    expect(leftovers()).toEqual([]);
  });

  it("goes on where the connection broke", async () => {
    hub.cutsLeft = 2;
    hub.cutAfterBytes = 30_000;
    const path = await pull();
    expect(readFileSync(path).equals(CONTENT)).toBe(true);
    expect(hub.downloads).toHaveLength(3);
    const starts = hub.downloads.map((download) => Number(/bytes=(\d+)-/.exec(download)![1]));
    expect(starts[0]).toBe(0);
    expect(starts[2]).toBeGreaterThan(starts[1]!);
  });

  it("gives up when connections bring nothing, and a later run goes on with what had come", async () => {
    hub.cutsLeft = 1;
    hub.cutAfterBytes = 30_000;
    const stopAfterFirst = (): void => {
      if (hub.downloads.length === 1) hub.cutsLeft = 100;
      if (hub.downloads.length === 2) hub.cutAfterBytes = 0;
    };
    await expect(pull({ onProgress: stopAfterFirst })).rejects.toMatchObject(unavailable(/download from .* failed/));
    expect(leftovers()).toHaveLength(1);
    hub.cutsLeft = 0;
    hub.downloads.length = 0;
    expect(readFileSync(await pull()).equals(CONTENT)).toBe(true);
    expect(hub.downloads).toHaveLength(1);
    expect(hub.downloads[0]).not.toContain("bytes=0-");
  });

  it("starts over where the server sends the whole file again", async () => {
    hub.ignoresRanges = true;
    hub.cutsLeft = 1;
    hub.cutAfterBytes = 30_000;
    expect(readFileSync(await pull()).equals(CONTENT)).toBe(true);
    expect(hub.downloads).toHaveLength(2);
  });

  it("lets two users of an empty cache download once", async () => {
    const paths = await Promise.all([pull(), pull()]);
    expect(paths[0]).toBe(paths[1]);
    expect(hub.downloads).toHaveLength(1);
  });

  it("downloads all parts of a split model and returns the first", async () => {
    hub.files.clear();
    hub.files.set("big/big-Q8_0-00002-of-00002.gguf", CONTENT.subarray(50_000));
    hub.files.set("big/big-Q8_0-00001-of-00002.gguf", CONTENT.subarray(0, 50_000));
    const totals = new Set<number>();
    const path = await pull({ onProgress: (progress) => totals.add(progress.totalBytes) }, "q8_0");
    expect(path).toMatch(/big-Q8_0-00001-of-00002\.gguf$/);
    expect(existsSync(path.replace("00001-of", "00002-of"))).toBe(true);
    expect(totals).toEqual(new Set([CONTENT.length]));
  });

  it("sends the token, and says what to do without one", async () => {
    hub.requiredToken = "hf_secret";
    await expect(pull()).rejects.toMatchObject(unavailable(/HTTP 401.*HF_TOKEN/));
    await expect(pull({ environment: { HF_TOKEN: "hf_wrong" } })).rejects.toMatchObject(unavailable(/HTTP 401/));
    await expect(pull({ environment: { HF_TOKEN: "secret" } })).rejects.toMatchObject(
      unavailable(/must begin with hf_/),
    );
    expect(existsSync(await pull({ environment: { HF_TOKEN: "hf_secret" } }))).toBe(true);
  });

  it("names a model that is not there", async () => {
    const missing = ensureHubModel(
      { repo: "user/none", quant: undefined },
      { cacheDir, environment: { HF_ENDPOINT: hub.url } },
    );
    await expect(missing).rejects.toMatchObject(unavailable(/^hf:user\/none: there is no such model on http.*404/));
  });

  it("deletes what does not have the hub's hash", async () => {
    hub.liesAboutHash = true;
    await expect(pull()).rejects.toMatchObject(unavailable(/damaged.*SHA-256.*try again/));
    expect(leftovers()).toEqual([]);
    hub.liesAboutHash = false;
    expect(readFileSync(await pull()).equals(CONTENT)).toBe(true);
  });

  it("works from the cache when offline or when the hub does not answer, and asks no one when told so", async () => {
    await expect(pull({ offline: true })).rejects.toMatchObject(unavailable(/not in the cache/));
    const path = await pull();
    const gone = await FakeHub.start(REPO);
    const unreachable = { HF_ENDPOINT: gone.url };
    await gone.stop();
    expect(await pull({ offline: true, environment: unreachable })).toBe(path);
    expect(await pull({ environment: { ...unreachable, HF_HUB_OFFLINE: "1" } })).toBe(path);
    expect(await pull({ environment: unreachable })).toBe(path);
    rmSync(path);
    await expect(pull({ offline: true })).rejects.toMatchObject(unavailable(/not in the cache/));
    await expect(pull({ environment: unreachable })).rejects.toMatchObject(unavailable(/cannot reach .*ECONNREFUSED/));
  });
});
