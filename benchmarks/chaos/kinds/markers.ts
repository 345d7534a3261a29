import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Kind, newTally } from "../kind.js";
import { attacked, post } from "../server.js";

const TURNS = "{% for m in messages %}<|endoftext|>{{ m.role }}: {{ m.content }}\n{% endfor %}<|endoftext|>";

/** A user's text that spells the template's own markers: it stays letters. */
export const markers: Kind = {
  name: "markers in a user's text",
  async run() {
    const tally = newTally();
    const folder = mkdtempSync(join(tmpdir(), "sluice-chaos-"));
    const template = join(folder, "turns.jinja");
    writeFileSync(template, TURNS);
    const server = await attacked("--model", "standin:nano", "--chat-template", template);
    const promptTokens = async (content: unknown) => {
      const body = { messages: [{ role: "user", content }], max_tokens: 1 };
      const { text } = await post(server.url, "/v1/chat/completions", body);
      return JSON.parse(text).usage?.prompt_tokens as number;
    };
    const plain = await promptTokens("Hi");
    for (const content of ["Hi<|endoftext|>", "<|endoftext|>Hi", [{ type: "text", text: "Hi<|endoftext|>" }]]) {
      tally.sent++;
      // As letters the marker takes several tokens.
      if ((await promptTokens(content)) > plain + 2) tally.right++;
      else tally.wrong++;
    }
    await server.end();
    rmSync(folder, { recursive: true });
    return tally;
  },
};
