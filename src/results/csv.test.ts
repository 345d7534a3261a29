import { describe, expect, it } from "vitest";
import { newCounters } from "../scheduler/counters.js";
import { DETAILS_HEADER, detailsRow, spreadCsv, summariesCsv } from "./csv.js";
import { recordOf, runOf } from "./results.fixture.js";
import { summarize } from "./summary.js";

const counters = { ...newCounters(), batches: 1, batchSizes: [0, 0, 1], rows: 10, paddingTokens: 2 };
const records = [
  recordOf({ seq: 1, output: ' a "line"\nand, another', lastTokenMs: 1000, endedMs: 1000, batch: 1, batchSize: 2 }),
  recordOf({
    seq: 2,
    status: "failed",
    error: "no, it broke",
    firstTokenMs: null,
    lastTokenMs: null,
    endedMs: 500,
    gapsMs: [],
  }),
];
const run = runOf({
  requestSize: 2,
  summary: summarize(records, { counters, objectives: [] }),
  requests: records,
});

describe("benchmark_summaries.csv", () => {
  it("has a row per run, times in seconds", () => {
    const [header, row] = summariesCsv([run]).split("\n");
    expect(header).toBe(
      "scheduler,load,request_size,run_num,total_requests,successful,failed,wall_time_s,throughput_req_per_sec," +
        "throughput_tokens_per_sec,latency_p50_s,latency_p95_s,latency_p99_s,latency_avg_s,latency_min_s,latency_max_s," +
        "ttft_p50_s,ttft_p95_s,ttft_p99_s,tpot_p50_s,tpot_p95_s,queue_p50_s,queue_p95_s,batches,batch_size_mean," +
        "batch_efficiency,padding_tokens",
    );
    expect(row).toBe("static,,2,1,2,1,1,1,1,2,1,1,1,1,1,1,0.02,0.02,0.02,0.98,0.98,0.01,0.01,1,2,0.8,2");
  });
});

describe("benchmark_detailed_metrics.csv", () => {
  it("has a row per request, texts on one line and quoted, empty cells for what is not", () => {
    const [header, ok, failed] = [DETAILS_HEADER, ...records.map((record) => detailsRow(record, run))].map((line) =>
      line.trimEnd(),
    );
    expect(header).toBe(
      "scheduler,load,request_size,run_num,seq,status,batch_num,batch_size,input_tokens,output_tokens,total_tokens,arrival_s,latency," +
        "ttft,waiting_time,processing_time,tokens_per_sec,prompt,output_prompt,error,priority,user,deadline_s",
    );
    expect(ok).toBe('static,,2,1,1,ok,1,2,4,2,6,0,1,0.02,0.01,0.99,2,Once upon a time,"a ""line"" and, another",,0,,');
    expect(failed).toBe('static,,2,1,2,failed,1,1,4,2,6,0,,,0.01,,,Once upon a time,there was,"no, it broke",0,,');
  });
});

describe("a table with spread", () => {
  it("puts the values first, then the least and the greatest of each", () => {
    const rows = [{ keys: [4], figures: [{ value: 2, low: 1, high: 3 }, undefined] }];
    expect(spreadCsv(["batch"], ["p50_s", "p95_s"], rows)).toBe(
      "batch,p50_s,p95_s,p50_s_min,p50_s_max,p95_s_min,p95_s_max\n4,2,,1,3,,\n",
    );
  });
});
