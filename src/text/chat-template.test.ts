import { describe, expect, it } from "vitest";
import { SluiceError } from "../errors.js";
import { ChatTemplate } from "./chat-template.js";

const source =
  "{{ bos_token }}{% for message in messages %}<|{{ message.role }}|>{{ message.content }}{{ eos_token }}{% endfor %}" +
  "{% if add_generation_prompt %}<|assistant|>{% endif %}";
const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Hi" },
];

const made = (text: string): ChatTemplate => new ChatTemplate(text, "the template");

describe("ChatTemplate", () => {
  it("renders messages, markers and the generation prompt", () => {
    const options = { addGenerationPrompt: true, bosToken: "<s>", eosToken: "</s>" };
    expect(made(source).render(messages, options)).toBe("<s><|system|>Be brief.</s><|user|>Hi</s><|assistant|>");
    expect(made(source).render(messages, { addGenerationPrompt: false })).toBe("<|system|>Be brief.<|user|>Hi");
  });

  it("knows an end marker of the model's that is written out between turns", () => {
    const chatml =
      "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + eos_token + '\\n' }}{% endfor %}";
    const options = { addGenerationPrompt: false, eosToken: "<|im_end|>" };
    expect(made(chatml).render(messages.slice(1), options)).toBe("<|im_start|>user\nHi<|im_end|>\n");
  });

  it("keeps the indentation of code when thoughts are taken out", () => {
    const think = "{% for m in messages %}{{ m.content.split('</think>')[-1].lstrip('\\n') }}{% endfor %}";
    const answer = { role: "assistant", content: "<think>\nhm\n</think>\n\n    code()" };
    expect(made(think).render([answer], { addGenerationPrompt: false })).toBe("    code()");
  });

  it("leaves out the mark that editors put before a file, and takes line ends of every system", () => {
    const windows = made("\ufeff{% if true %}\r\na\r\n{% endif %}\r\nb\r\n");
    expect(windows.render(messages, { addGenerationPrompt: false })).toBe("a\nb");
  });

  it("names the line of what it cannot parse", () => {
    expect(() => made("\n\n{% for %}")).toThrowError(/^the template cannot be used: line 3: a name is wanted here/);
    expect(() => made("{% for %}")).toThrowError(SluiceError);
    expect(() => made(`{{ ${"[".repeat(50_000)}${"]".repeat(50_000)} }}`)).toThrowError(/nested too deeply/);
  });

  it("says why it refuses messages", () => {
    const template = made("{% if messages|length > 1 %}{{ raise_exception('one only') }}{% endif %}");
    const render = () => template.render([...messages, ...messages], { addGenerationPrompt: true });
    expect(render).toThrowError("the model's chat template cannot render these messages: one only");
  });

  it.each([
    ["loops without end", "{% for i in range(100000) %}{% for j in range(1000) %}{% endfor %}{% endfor %}"],
    [
      "doubles a text",
      "{% set ns = namespace(x='aa') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    ],
    [
      "nests a list",
      "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
    ],
    ["repeats a letter", "{{ 'a' * 1000000000 }}"],
    ["pads a number", "{{ '%999999999d' % 1 }}"],
  ])("is refused at once when it %s", (_, endless) => {
    expect(() => made(endless)).toThrowError(/it takes too many steps/);
  });

  it("is ended when it takes too many steps for these messages alone", () => {
    const template = made(
      "{% for i in range(messages[0].content|length ** 2) %}{% for j in range(99) %}.{% endfor %}{% endfor %}",
    );
    const render = () => template.render([{ role: "user", content: "a".repeat(1000) }], { addGenerationPrompt: true });
    expect(render).toThrowError(/too many steps for these messages/);
  });

  it.each([
    [
      "refuses",
      "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no') }}{% endif %}[{{ m.content }}]{% endfor %}",
    ],
    ["leaves out", "{% for m in messages if m.role != 'system' %}[{{ m.content }}]{% endfor %}"],
  ])("puts a system message before the user's where the template %s it", (_, text) => {
    const template = made(text);
    expect(template.mergesSystem).toBe(true);
    expect(template.render(messages, { addGenerationPrompt: false })).toBe("[Be brief.\n\nHi]");
    expect(template.render(messages.slice(0, 1), { addGenerationPrompt: false })).toBe("[Be brief.]");
    expect(made(source).mergesSystem).toBe(false);
  });
});
