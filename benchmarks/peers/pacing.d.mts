import type { Measurement, Sample, Workload, WorkloadRequest } from "./peer.js";

export function driveWorkload(
  workload: Workload,
  send: (request: WorkloadRequest, index: number) => Promise<Sample>,
): Promise<Measurement>;
