// Server-sent events over fetch: unlike EventSource it can send an API key and a body.

let apiKey = "";

/** Sends this key with every request from now on; "" sends none. */
export function useKey(key) {
  apiKey = key;
}

/** Fetches with the key; an error answer is thrown in the server's own words. */
export async function request(url, options = {}) {
  const headers = { ...options.headers, ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}) };
  const response = await fetch(url, { ...options, headers });
  if (response.ok) return response;
  const body = await response.json().catch(() => undefined);
  const error = new Error(body?.error?.message ?? `The server answered ${response.status}.`);
  error.status = response.status;
  throw error;
}

/** Yields the JSON of every frame of a stream until it ends or says [DONE]. */
export async function* stream(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const frames = (text + value).split("\n\n");
      text = frames.pop();
      for (const frame of frames) {
        const payload = frame.replace(/^data: ?/, "");
        if (payload === "[DONE]") return;
        yield JSON.parse(payload);
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
