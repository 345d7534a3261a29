// Imports point one way: cli → server, experiment, report → targets, results, tutor → host, scheduler, engine, models, text, workload → clock, errors.
const layer = (name, allowed) => ({
  name: `${name}-imports`,
  comment: `src/${name} may import only: ${allowed.join(", ")}`,
  severity: "error",
  from: { path: `^src/${name}/` },
  to: { path: "^src/", pathNot: `^src/(${[name, ...allowed].join("|")})(/|\\.ts$)` },
});

const ground = ["clock", "environment", "errors", "naming", "nearest", "options", "random"];

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "ground-stands-alone",
      severity: "error",
      from: { path: `^src/(${ground.join("|")})\\.ts$` },
      to: { path: "^src/", pathNot: `^src/(${ground.join("|")})\\.ts$` },
    },
    layer("scheduler", ground),
    layer("text", ground),
    layer("conformance", ["scheduler", "engine", "models", "host", "text", ...ground]),
    layer("engine", ["scheduler", "text", ...ground]),
    layer("models", ["engine", "text", ...ground]),
    layer("workload", ground),
    {
      name: "metrics-imports",
      comment: "src/metrics may import only the scheduler's events and counters, which it folds",
      severity: "error",
      from: { path: "^src/metrics/" },
      to: { path: "^src/", pathNot: `^src/(metrics/|scheduler/(events|counters)\\.ts$|(${ground.join("|")})\\.ts$)` },
    },
    layer("host", ["metrics", "scheduler", "engine", "models", "text", ...ground]),
    layer("client", ground),
    layer("tutor", ["host", ...ground]),
    layer("results", ["metrics", "scheduler", ...ground]),
    layer("targets", [
      ...["metrics", "results", "host", "scheduler", "engine", "models", "text", "workload", "client"],
      ...ground,
    ]),
    layer("experiment", [
      ...["metrics", "results", "targets", "host", "scheduler", "engine", "models", "text", "workload", "client"],
      ...ground,
    ]),
    layer("report", ["metrics", "results", ...ground]),
    layer("server", ["metrics", "host", "scheduler", "engine", "models", "text", "tutor", "sluice", ...ground]),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "\\.test\\.ts$" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
