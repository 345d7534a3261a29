import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ResultsFolder } from "./folder.js";
import { runOf } from "./results.fixture.js";

const base = mkdtempSync(join(tmpdir(), "sluice-folder-"));
const now = new Date(2026, 0, 2, 3, 4, 5);

describe("the results folder", () => {
  it("never overwrites one", () => {
    const path = join(base, "new", "one");
    ResultsFolder.create(path, "bench", now).write("a.txt", "hello");
    expect(readFileSync(join(path, "a.txt"), "utf8")).toBe("hello");
    expect(readdirSync(path)).toEqual(["a.txt"]);
    expect(() => ResultsFolder.create(path, "bench", now)).toThrow(/exists, and results are never overwritten/);
  });

  it("cannot lie below a file", () => {
    const path = join(base, "file-parent");
    ResultsFolder.create(path, "bench", now).write("f", "");
    expect(() => ResultsFolder.create(join(path, "f", "x"), "bench", now)).toThrow(/cannot make the results folder/);
  });

  it("goes on where an interrupted command ended, without the run that was cut short", () => {
    const path = join(base, "journal");
    const folder = ResultsFolder.create(path, "sweep", now);
    folder.beginJournal("sweep", { a: 1 });
    folder.journal(runOf({ run: 1 }));
    appendFileSync(join(path, "runs.jsonl"), '{"label": "cut sh');
    const { done } = ResultsFolder.resume(path, "sweep", { a: 1 });
    expect(done.map((run) => run.run)).toEqual([1]);
    folder.journal(runOf({ run: 2 }));
    expect(ResultsFolder.resume(path, "sweep", { a: 1 }).done.map((run) => run.run)).toEqual([1, 2]);
    expect(() => ResultsFolder.resume(path, "sweep", { a: 2 })).toThrow(/begun with other settings/);
    expect(() => ResultsFolder.resume(join(base, "new", "one"), "sweep", {})).toThrow(/holds no interrupted run/);
  });

  it("goes away when nothing was measured, and stays when something was", () => {
    const empty = ResultsFolder.create(join(base, "empty"), "bench", now);
    empty.beginJournal("bench", {});
    empty.removeUnlessMeasured();
    expect(existsSync(empty.path)).toBe(false);
    const measured = ResultsFolder.create(join(base, "measured"), "bench", now);
    measured.beginJournal("bench", {});
    measured.journal(runOf());
    measured.removeUnlessMeasured();
    expect(existsSync(measured.path)).toBe(true);
  });
});
