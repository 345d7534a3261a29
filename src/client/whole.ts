import { BadAnswer } from "./bad-answer.js";
import { Bytes } from "./bytes.js";
import type { Connections } from "./connections.js";
import type { ResponseHead } from "./response.js";

/** The longest list of models has some hundred kilobytes. */
const MAX_BYTES = 16 * 1_048_576;

export interface WholeAnswer {
  readonly status: number;
  readonly text: string;
  header(name: string): string | undefined;
}

/** Sends a request whose answer is short and of any status. @throws as {@link Connections.exchange} */
export async function readWhole(
  connections: Connections,
  request: string,
  signal: AbortSignal | undefined,
): Promise<WholeAnswer> {
  const bytes = new Bytes();
  let head: ResponseHead = { status: 0, headers: new Map() };
  await connections.exchange(
    request,
    {
      head: (came) => {
        head = came;
      },
      body: (piece) => {
        bytes.append(piece);
        if (bytes.length > MAX_BYTES) throw new BadAnswer(`sent more than ${MAX_BYTES} bytes, and went on`);
        return false;
      },
    },
    signal,
  );
  return { status: head.status, text: bytes.take("utf8"), header: (name) => head.headers.get(name) };
}
