// The live feed: a backlog, then a frame every half second. Reconnects for as long as the page is open.
import { request, stream } from "./sse.js";

const RETRY_MS = 2000;

/** Calls `onMessage` with every message of /events and `onState` with "live", "lost" or "locked". */
export function openFeed({ onMessage, onState }) {
  let current = new AbortController();
  let wake = () => undefined;

  async function run() {
    for (;;) {
      current = new AbortController();
      try {
        const response = await request("/events", { signal: current.signal });
        onState("live");
        for await (const message of stream(response)) onMessage(message);
        onState("lost");
      } catch (error) {
        onState(error.status === 401 ? "locked" : "lost");
      }
      await new Promise((resolve) => {
        wake = resolve;
        setTimeout(resolve, RETRY_MS);
      });
    }
  }

  void run();
  return {
    /** Connects anew at once, for instance with another key. */
    restart() {
      current.abort();
      wake();
    },
  };
}
