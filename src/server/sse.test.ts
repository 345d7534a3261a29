import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it } from "vitest";
import { type SseSink, SseStream, StepFlusher, sinkOf, sseFrame } from "./sse.js";

/** A socket that takes `room` writes and then asks to wait. */
class Sink {
  readonly writes: string[] = [];
  writableLength = 0;
  destroyed = false;
  ended = false;
  room = Number.POSITIVE_INFINITY;
  #onDrain: () => void = () => {};

  write(text: string): boolean {
    this.writes.push(text);
    this.room -= 1;
    if (this.room <= 0) this.writableLength += text.length;
    return this.room > 0;
  }

  end(text: string): void {
    this.writes.push(text);
    this.ended = true;
  }

  once(_event: string, listener: () => void): void {
    this.#onDrain = listener;
  }

  destroy(): void {
    this.destroyed = true;
  }

  drain(): void {
    this.room = Number.POSITIVE_INFINITY;
    this.writableLength = 0;
    this.#onDrain();
  }
}

function open(sink: Sink, maxBufferBytes = 100) {
  const overflows: number[] = [];
  const stream = new SseStream(sink as unknown as SseSink, new StepFlusher(), {
    maxBufferBytes,
    onOverflow: () => overflows.push(1),
  });
  return { stream, overflows };
}

const turn = () => new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(resolve)));

describe("an SSE stream", () => {
  it("writes once per step, however many frames the step made", async () => {
    const sink = new Sink();
    const { stream } = open(sink);
    stream.send(sseFrame("1"));
    stream.send(sseFrame("2"));
    await turn();
    stream.end(sseFrame("3"));
    await turn();
    expect(sink.writes).toEqual(["data: 1\n\ndata: 2\n\n", "data: 3\n\n"]);
    expect(sink.ended).toBe(true);
  });

  it("keeps frames for a reader that is slow for a while, in order, and then catches up", async () => {
    const sink = new Sink();
    sink.room = 1;
    const { stream, overflows } = open(sink);
    for (const text of ["1", "2", "3"]) {
      stream.send(sseFrame(text));
      await turn();
    }
    expect(sink.writes).toEqual(["data: 1\n\n"]);
    sink.drain();
    stream.end("");
    await turn();
    expect(sink.writes.join("")).toBe("data: 1\n\ndata: 2\n\ndata: 3\n\n");
    expect([sink.ended, overflows.length]).toEqual([true, 0]);
  });

  it("does not end before a slow reader got everything", async () => {
    const sink = new Sink();
    sink.room = 1;
    const { stream } = open(sink);
    stream.send(sseFrame("1"));
    await turn();
    stream.end(sseFrame("2"));
    await turn();
    expect(sink.ended).toBe(false);
    sink.drain();
    expect(sink.writes.join("")).toBe("data: 1\n\ndata: 2\n\n");
    expect(sink.ended).toBe(true);
  });

  it("cuts the connection of a reader that falls behind by more than the bound", async () => {
    const sink = new Sink();
    sink.room = 1;
    const { stream, overflows } = open(sink, 30);
    for (let i = 0; i < 10; i++) {
      stream.send(sseFrame(`${i}`));
      await turn();
    }
    expect([sink.destroyed, overflows.length]).toEqual([true, 1]);
    expect(sink.writes).toEqual(["data: 0\n\n"]);
  });
});

describe("the frames of a response", () => {
  /** The bytes that come back after the head, and what the connection answers to a second request. */
  const raw = (version: string) =>
    new Promise<string[]>((resolve, reject) => {
      const server = createServer((_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.flushHeaders();
        const sink = sinkOf(response);
        sink.write("data: a\n\n");
        sink.end("data: é\n\n");
      });
      server.listen(0, "127.0.0.1", () => {
        const request = `GET / HTTP/${version}\r\nhost: h\r\n`;
        const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
        let text = "";
        socket.on("data", (piece) => {
          text += piece.toString();
        });
        socket.on("error", reject);
        socket.on("close", () => {
          server.close();
          resolve(text.split("\r\n\r\n").filter((part) => part !== ""));
        });
        socket.write(`${request}\r\n${version === "1.1" ? `${request}connection: close\r\n\r\n` : ""}`);
      });
    });

  it("are chunks of their bytes, and the connection goes on after the last", async () => {
    const chunks = "9\r\ndata: a\n\n\r\na\r\ndata: é\n\n\r\n0";
    const parts = await raw("1.1");
    expect([parts[1], parts[3]]).toEqual([chunks, chunks]);
  });

  it("are sent as they are to a client that knows no chunks", async () => {
    expect((await raw("1.0"))[1]).toBe("data: a\n\ndata: é\n\n");
  });
});
