import { describe, expect, it } from "vitest";
import { SluiceError } from "../errors.js";
import { renderChat } from "./chat-template.js";

const template =
  "{{ bos_token }}{% for message in messages %}<|{{ message.role }}|>{{ message.content }}{{ eos_token }}{% endfor %}" +
  "{% if add_generation_prompt %}<|assistant|>{% endif %}";
const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Hi" },
];

describe("renderChat", () => {
  it("renders messages, markers and the generation prompt", () => {
    const options = { addGenerationPrompt: true, bosToken: "<s>", eosToken: "</s>" };
    expect(renderChat(template, messages, options)).toBe("<s><|system|>Be brief.</s><|user|>Hi</s><|assistant|>");
    expect(renderChat(template, messages, { addGenerationPrompt: false })).toBe("<|system|>Be brief.<|user|>Hi");
  });

  it.each([
    ["does not parse", "{% for %}"],
    ["refuses the messages", "{{ raise_exception('roles must alternate') }}"],
  ])("says why when the template %s", (_, bad) => {
    expect(() => renderChat(bad, messages, { addGenerationPrompt: true })).toThrowError(SluiceError);
  });
});
