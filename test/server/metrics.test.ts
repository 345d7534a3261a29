import { AggregatorRegistry, type MetricObject } from "prom-client";
import { describe, expect, it } from "vitest";
import { fixture, nextTurn, post } from "./fixture.js";

/** vLLM's metrics, by the kind of series they have. */
const VLLM = {
  gauge: ["num_requests_running", "num_requests_waiting", "kv_cache_usage_perc"],
  counter: [
    "prompt_tokens_total",
    "generation_tokens_total",
    "num_preemptions_total",
    "prefix_cache_queries_total",
    "prefix_cache_hits_total",
    "request_success_total",
  ],
  histogram: [
    "time_to_first_token_seconds",
    "inter_token_latency_seconds",
    "request_time_per_output_token_seconds",
    "e2e_request_latency_seconds",
    "request_queue_time_seconds",
    "request_inference_time_seconds",
    "request_prefill_time_seconds",
    "request_decode_time_seconds",
    "request_prompt_tokens",
    "request_generation_tokens",
    "request_params_max_tokens",
    "iteration_tokens_total",
  ],
};

function series(page: string, name: string): number | undefined {
  const line = page.split("\n").find((candidate) => candidate.startsWith(name));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ") + 1));
}

describe("/metrics", () => {
  it.each(["sluice", "vllm"])("has vLLM's names, types and labels under %s:", async (metricsNamespace) => {
    const app = fixture({ metricsNamespace });
    await post(app, "/v1/completions", { prompt: "abc", max_tokens: 3 });
    const page = (await app.http.inject("/metrics")).body;
    for (const [type, names] of Object.entries(VLLM)) {
      for (const name of names) expect(page).toContain(`# TYPE ${metricsNamespace}:${name} ${type}\n`);
    }
    const labels = 'model_name="fake",engine="0"';
    expect(page).toContain(`${metricsNamespace}:request_success_total{finished_reason="length",${labels}} 1`);
    expect(page).toMatch(new RegExp(`${metricsNamespace}:time_to_first_token_seconds_bucket{le="0.04",${labels}} 1`));
  });

  it("counts what happened, once", async () => {
    const app = fixture();
    await post(app, "/v1/completions", { prompt: "abc", n: 2, max_tokens: 3, seed: 0 });
    await post(app, "/v1/completions", { prompt: "abc", max_tokens: 0 });
    const aborted = app.http.inject({ method: "POST", url: "/v1/completions", payload: { prompt: "abc" } });
    while (app.host.submitted.length < 3) await nextTurn();
    app.host.step();
    app.host.cancel(app.host.submitted[2]!.id);
    await aborted;
    const page = (await app.http.inject("/metrics")).body;
    expect(series(page, "sluice:prompt_tokens_total")).toBe(9);
    expect(series(page, "sluice:generation_tokens_total")).toBe(7);
    expect(series(page, 'sluice:request_success_total{finished_reason="length"')).toBe(2);
    expect(series(page, 'sluice:request_success_total{finished_reason="abort"')).toBe(1);
    expect(series(page, 'sluice:request_rejections_total{reason="invalid_request"')).toBe(1);
    expect(series(page, "sluice:inter_token_latency_seconds_count")).toBe(4);
    expect(series(page, "sluice:inter_token_latency_seconds_sum")).toBeCloseTo(0.04);
    expect(series(page, "sluice:request_time_per_output_token_seconds_sum")).toBeCloseTo(0.02);
    expect(series(page, 'sluice:batch_size_sequences_bucket{le="1"')).toBe(1);
    expect(series(page, 'sluice:batch_size_sequences_bucket{le="2"')).toBe(4);
    expect(series(page, "sluice:batch_size_sequences_sum")).toBe(7);
  });

  it("puts the series of several workers on one page", async () => {
    const apps = [fixture(), fixture()];
    await post(apps[0]!, "/v1/completions", { prompt: "abc", max_tokens: 3 });
    const data = await Promise.all(
      apps.map(async ({ context, host }) => JSON.parse(JSON.stringify(await context.metrics.data(await host.stats())))),
    );
    const page = await AggregatorRegistry.aggregate(data as MetricObject[][]).metrics();
    expect(series(page, "sluice:generation_tokens_total")).toBe(3);
    expect(series(page, "sluice:slots")).toBe(8);
    expect(series(page, "sluice:time_to_first_token_seconds_count")).toBe(1);
  });
});

describe("/openapi.json", () => {
  it("describes every route that the server has, with bodies from the schemas", async () => {
    const app = fixture();
    const { paths, components } = (await app.http.inject("/openapi.json")).json();
    const routes = app.http.printRoutes({ commonPrefix: false });
    for (const path of Object.keys(paths)) expect(routes).toContain(path.slice(1));
    const { schema } = paths["/v1/completions"].post.requestBody.content["application/json"];
    expect(schema.required).toEqual(["prompt"]);
    expect(schema.properties.temperature).toMatchObject({ type: "number", minimum: 0, maximum: 2 });
    expect(schema.additionalProperties).toBe(false);
    expect(components.schemas.Error.properties.error.properties.code.enum).toContain("queue_full");
  });
});
