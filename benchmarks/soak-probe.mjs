// Loaded into the server by the soak test (`node --expose-gc --import`), into each of its threads. Asked for it, it collects
// the garbage of both and tells what memory is left: garbage that V8 has not got round to is no leak, and would hide one.
import v8 from "node:v8";
import { BroadcastChannel, isMainThread, receiveMessageOnPort } from "node:worker_threads";

const channel = new BroadcastChannel("soak-probe");
channel.unref();

if (isMainThread) answerParent();
else answerMainThread();

function answerParent() {
  let rssBytes = 0;
  process.on("message", () => {
    rssBytes = process.memoryUsage.rss();
    channel.postMessage("collect");
  });
  // Neither may keep the server alive.
  process.channel.unref();
  channel.onmessage = ({ data: host }) => {
    const main = collect();
    const { rss, external } = process.memoryUsage();
    process.send({
      rssBytes,
      keptBytes: rss - main.freeBytes - host.freeBytes,
      mainHeapBytes: main.liveBytes,
      hostHeapBytes: host.liveBytes,
      externalBytes: external,
    });
  };
}

/** The engine host never returns to its event loop. Between two steps or two naps it is asked here. */
function answerMainThread() {
  const { wait } = Atomics;
  Atomics.wait = (...parameters) => {
    if (receiveMessageOnPort(channel) !== undefined) channel.postMessage(collect());
    return wait(...parameters);
  };
}

/** @returns what lives on this thread's JavaScript heap, and the resident pages that V8 holds on to beside it, in bytes */
function collect() {
  // What the first round finalizes, the second one frees.
  globalThis.gc();
  globalThis.gc();
  const heap = v8.getHeapStatistics();
  return { liveBytes: heap.used_heap_size, freeBytes: heap.total_physical_size - heap.used_heap_size };
}
