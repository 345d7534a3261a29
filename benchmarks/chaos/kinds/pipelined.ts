import { connect } from "node:net";
import { type Kind, newTally, scaled } from "../kind.js";
import { attacked, Neighbour } from "../server.js";

/** Many requests on one connection that then breaks: none of them may run on. */
export const pipelined: Kind = {
  name: "pipelined, then gone",
  async run(size) {
    const tally = newTally();
    const server = await attacked("--model", "standin:nano");
    const neighbour = new Neighbour(server.url);
    const { port, hostname } = new URL(server.url);
    const body = JSON.stringify({ prompt: "x", max_tokens: 1000, ignore_eos: true });
    const head = `POST /v1/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
    for (let round = 0; round < scaled(10, size); round++) {
      const socket = connect(Number(port), hostname).on("error", () => undefined);
      socket.write(`${head}\r\n\r\n${body}`.repeat(30));
      await new Promise((resolve) => setTimeout(resolve, 100));
      socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 400));
      const left = await running(server.url);
      tally.sent += 30;
      // The neighbour may be among them.
      if (left <= 1) tally.right += 30;
      else tally.wrong += left;
    }
    await neighbour.stop(tally);
    await server.end();
    return tally;
  },
};

/** Requests that wait or run. */
async function running(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const gauge = (name: string) => Number(new RegExp(`^sluice:${name}\\S* (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
  return gauge("num_requests_running") + gauge("num_requests_waiting");
}
