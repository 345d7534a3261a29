/**
 * Sends a workload's requests (peer.ts) and gathers what became of them. Plain JavaScript, because drivers run it too.
 *
 * A closed loop has `concurrency` clients, each sending the next unsent request as soon as its last is answered. In an
 * open loop every request has a time to be sent at, whatever became of those before it.
 *
 * @param {import("./peer.js").Workload} workload
 * @param {(request: import("./peer.js").WorkloadRequest, index: number) => Promise<import("./peer.js").Sample>} send
 * @returns {Promise<import("./peer.js").Measurement>}
 */
export async function driveWorkload({ concurrency, requests }, send) {
  const startMs = performance.now();
  const samples = [];
  const sendAndKeep = async (index) => samples.push(await send(requests[index], index));
  if (requests[0]?.atMs === undefined) {
    let next = 0;
    const client = async () => {
      while (next < requests.length) await sendAndKeep(next++);
    };
    await Promise.all(Array.from({ length: concurrency }, client));
  } else {
    await Promise.all(
      requests.map(async ({ atMs }, index) => {
        await new Promise((resolve) => setTimeout(resolve, atMs));
        await sendAndKeep(index);
      }),
    );
  }
  return { wallMs: performance.now() - startMs, samples };
}
