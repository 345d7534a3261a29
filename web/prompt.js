// The prompt box: sends one or many copies of a prompt and shows the first answer as it comes.
import { request, stream } from "./sse.js";

const element = (id) => document.getElementById(id);

export function openPromptBox() {
  const form = element("prompt-form");
  const stop = element("prompt-stop");
  let running = new AbortController();

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    running.abort();
    running = new AbortController();
    stop.disabled = false;
    await send(readForm(), running.signal);
    stop.disabled = true;
  });
  stop.addEventListener("click", () => running.abort());
  element("prompt-text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}

/** Makes the box ask what this model is for. */
export function fitPromptBox(model) {
  if (model !== "tutor" || element("prompt-mode").dataset.fitted) return;
  element("prompt-mode").dataset.fitted = "yes";
  element("prompt-mode").value = "correct";
  element("prompt-text").value = "She go to school every days.";
}

function readForm() {
  return {
    text: element("prompt-text").value,
    mode: element("prompt-mode").value,
    maxTokens: Number(element("prompt-tokens").value),
    temperature: Number(element("prompt-temperature").value),
    copies: Number(element("prompt-copies").value),
  };
}

async function send(prompt, signal) {
  const answer = element("answer");
  const note = element("answer-note");
  answer.textContent = "";
  note.textContent = prompt.copies > 1 ? `0 of ${prompt.copies} done` : "waiting";
  const beganMs = performance.now();
  let done = 0;
  let failed = 0;
  const copies = Array.from({ length: prompt.copies }, async (_, copy) => {
    try {
      const figures = await ask(prompt, signal, beganMs, copy === 0 ? (text) => show(answer, text) : () => undefined);
      done += 1;
      if (prompt.copies === 1) note.textContent = describe(figures);
    } catch (error) {
      failed += 1;
      if (copy === 0 || prompt.copies === 1) note.textContent = signal.aborted ? "stopped" : error.message;
    }
    if (prompt.copies > 1)
      note.textContent = `${done} of ${prompt.copies} done${failed > 0 ? `, ${failed} failed` : ""}`;
  });
  await Promise.all(copies);
}

function show(answer, text) {
  const atEnd = answer.scrollTop + answer.clientHeight >= answer.scrollHeight - 4;
  answer.append(text);
  if (atEnd) answer.scrollTop = answer.scrollHeight;
}

function describe({ tokens, firstMs, totalMs }) {
  if (tokens === undefined) return `${(totalMs / 1000).toFixed(2)} s`;
  const first = firstMs === undefined ? "–" : `${Math.round(firstMs)} ms`;
  return `${tokens} tokens in ${(totalMs / 1000).toFixed(2)} s, the first after ${first}`;
}

async function ask({ text, mode, maxTokens, temperature }, signal, beganMs, onText) {
  const post = (url, body) =>
    request(url, {
      method: "POST",
      signal,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  if (mode === "correct") {
    const result = await (await post("/correct", { sentence: text })).json();
    onText(result.corrected + (result.note ? `\n(${result.note})` : ""));
    return { totalMs: performance.now() - beganMs };
  }
  const shared = { max_tokens: maxTokens, temperature, stream: true, stream_options: { include_usage: true } };
  const response =
    mode === "chat"
      ? await post("/v1/chat/completions", { messages: [{ role: "user", content: text }], ...shared })
      : await post("/v1/completions", { prompt: text, ...shared });
  const figures = { tokens: undefined, firstMs: undefined, totalMs: 0 };
  for await (const chunk of stream(response)) {
    if (chunk.error) throw new Error(chunk.error.message);
    const piece = chunk.choices[0]?.text ?? chunk.choices[0]?.delta?.content ?? "";
    if (piece !== "") figures.firstMs ??= performance.now() - beganMs;
    onText(piece);
    if (chunk.usage) figures.tokens = chunk.usage.completion_tokens;
  }
  figures.totalMs = performance.now() - beganMs;
  return figures;
}
