/** Bucket bounds of the histograms: vLLM's, so that its dashboards fit, with finer ones below for small models. */
export const BUCKETS = {
  firstTokenS: [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
  ],
  perTokenS: [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
  ],
  requestS: [
    0.01, 0.05, 0.1, 0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
  ],
} as const;

/** 1, 2, 5, 10, 20, 50, … up to the context size. */
export function tokenBuckets(contextSize: number): number[] {
  const bounds: number[] = [];
  for (let power = 1; power <= contextSize; power *= 10) {
    for (const factor of [1, 2, 5]) if (power * factor <= contextSize) bounds.push(power * factor);
  }
  return bounds;
}
