/** How each scheduler serves the classes of requests: by priority, by user, and against deadlines. */

import { distribution } from "../metrics/quantile.js";
import { latencyMs, ttftMs } from "../metrics/request.js";
import type { RequestRecord, Results } from "../results/schema.js";
import { type Series, seriesOf } from "../results/series.js";
import { seriesName } from "./axes.js";
import { duration, NONE, percent } from "./figures.js";
import { type Column, textTable } from "./text-table.js";

/** Users beyond these are left out of the table: the busiest say most. */
const MAX_USERS = 8;

interface Row {
  readonly scheduler: string;
  readonly name: string;
  readonly records: readonly RequestRecord[];
}

/** Every table that these results have classes for; empty without. */
export function classTables(results: Pick<Results, "runs">): string {
  const all = seriesOf(results);
  const records = all.flatMap(recordsOf);
  const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b);
  const users = busiest(records);
  return [
    ...(priorities.length > 1 ? table("By priority", all, priorities.map(byPriority)) : []),
    ...(users.length > 1 ? table("By user", all, users.map(byUser)) : []),
    ...(records.some(hasDeadline) ? table("With a deadline", all, [{ name: "", holds: hasDeadline }]) : []),
  ].join("\n");
}

interface Class {
  readonly name: string;
  holds(record: RequestRecord): boolean;
}

const byPriority = (priority: number): Class => ({
  name: `${priority}`,
  holds: (record) => record.priority === priority,
});
const byUser = (user: string): Class => ({ name: user || NONE, holds: (record) => record.user === user });
const hasDeadline = ({ timeoutMs }: RequestRecord): boolean => timeoutMs !== null;

function busiest(records: readonly RequestRecord[]): string[] {
  const counts = new Map<string, number>();
  for (const { user } of records) counts.set(user, (counts.get(user) ?? 0) + 1);
  const sorted = [...counts].sort(([a, most], [b, least]) => least - most || (a < b ? -1 : 1));
  return sorted.slice(0, MAX_USERS).map(([user]) => user);
}

function table(title: string, all: readonly Series[], classes: readonly Class[]): string[] {
  const rows = classes.flatMap((kind) =>
    all.map((series) => ({
      scheduler: seriesName(series),
      name: kind.name,
      records: recordsOf(series).filter((record) => kind.holds(record)),
    })),
  );
  return [title, ...textTable(columnsFor(rows), rows), ""];
}

function columnsFor(rows: readonly Row[]): Column<Row>[] {
  const right = (head: string, value: (row: Row) => string): Column<Row> => ({ title: head, align: "right", value });
  const time = (metric: (record: RequestRecord) => number | null, { records }: Row) =>
    distribution(
      records
        .filter(endedWell)
        .map(metric)
        .filter((value) => value !== null),
    );
  const named = rows.some(({ name }) => name !== "");
  const deadlines = rows.some(({ records }) => records.some(hasDeadline));
  return [
    ...(named ? [{ title: "class", align: "left", value: ({ name }: Row) => name } as const] : []),
    { title: "scheduler", align: "left", value: ({ scheduler }) => scheduler },
    right("requests", ({ records }) => `${records.length}`),
    right("ended well", ({ records }) => percent(records.filter(endedWell).length / records.length)),
    right("first token p50", (row) => duration(time(ttftMs, row)?.p50)),
    right("p95", (row) => duration(time(ttftMs, row)?.p95)),
    right("latency p50", (row) => duration(time(latencyMs, row)?.p50)),
    right("p95", (row) => duration(time(latencyMs, row)?.p95)),
    ...(deadlines ? [right("in time", ({ records }) => inTime(records.filter(hasDeadline)))] : []),
  ];
}

/** Share of the requests whose last token came before their deadline; those that failed did not. */
function inTime(records: readonly RequestRecord[]): string {
  const met = records.filter((record) => endedWell(record) && (latencyMs(record) ?? 0) <= (record.timeoutMs ?? 0));
  return records.length === 0 ? NONE : percent(met.length / records.length);
}

function endedWell({ status }: RequestRecord): boolean {
  return status === "ok";
}

function recordsOf({ runs }: Series): readonly RequestRecord[] {
  return runs.flatMap((run) => run.requests);
}
