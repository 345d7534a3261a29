import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, write } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LogSink } from "./log-sink.js";

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return { ...fs, write: vi.fn(fs.write) };
});

let folder = "";
let path = "";
let fd = -1;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sluice-log-"));
  path = join(folder, "log");
  fd = openSync(path, "a");
});

afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

const FLUSH_MS = 10_000;
const lines = () => readFileSync(path, "utf8").trimEnd().split("\n");

it("writes whole lines in pieces that a pipe takes at once", async () => {
  const sink = new LogSink(fd);
  const long = "x".repeat(10_000);
  const expected = [...Array.from({ length: 100 }, (_, i) => `${i} ${"y".repeat(100)}`), long, "end"];
  const writes = vi.mocked(write).mock.calls;
  const before = writes.length;
  for (const line of expected) sink.write(`${line}\n`);
  await sink.flush(FLUSH_MS);
  expect(lines()).toEqual(expected);
  const sizes = writes.slice(before).map((words) => (words as unknown as number[])[3]!);
  expect(sizes.filter((size) => size > 4096)).toEqual([long.length + 1]);
});

it("writes every line, in order", async () => {
  const sink = new LogSink(fd);
  const expected = Array.from({ length: 1000 }, (_, i) => `line ${i} — é`);
  for (const line of expected) sink.write(`${line}\n`);
  await sink.flush(FLUSH_MS);
  expect(lines()).toEqual(expected);
});

it("loses what does not fit into the buffer, and says how much", async () => {
  const sink = new LogSink(fd, { maxBufferBytes: 20 });
  for (let i = 0; i < 5; i++) sink.write(`123456${i}\n`);
  await sink.flush(FLUSH_MS);
  sink.write("again\n");
  await sink.flush(FLUSH_MS);
  const [first, second, third, ...rest] = lines();
  const notice = { level: 40, lost: 3, reason: "the buffer is full", msg: "log lines were lost" };
  expect(JSON.parse(first!)).toMatchObject(notice);
  expect([second, third, ...rest]).toEqual(["1234560", "1234561", "again"]);
});

it.runIf(process.platform === "linux")("goes on after a device that is full, and bounds what it keeps", async () => {
  const full = openSync("/dev/full", "w");
  const sink = new LogSink(full, { failedRetryMs: 1 });
  for (let i = 0; i < 3; i++) {
    sink.write("lost\n");
    await sink.flush(FLUSH_MS);
  }
  closeSync(full);
  // The lowest free descriptor is the one that was closed: the same number now is a file.
  const file = openSync(path, "a");
  expect(file).toBe(full);
  sink.write("kept\n");
  await sink.flush(FLUSH_MS);
  closeSync(file);
  const [notice, kept] = lines();
  expect(JSON.parse(notice!)).toMatchObject({ lost: 3, reason: "ENOSPC" });
  expect(kept).toBe("kept");
});
