import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SystemClock } from "../../clock.js";
import { defaultCacheDir } from "../../models/cache.js";
import { ensureStandin } from "../../models/standin.js";
import { compileGbnf } from "../../text/grammar/gbnf.js";
import { GrammarFactory } from "../sampling/grammar.js";
import type { Vocabulary } from "../sampling/sampler.js";
import { loadLlama } from "./binding.js";
import { referenceGrammars } from "./grammar.fixture.js";
import type { Pointer } from "./structs.js";
import { readVocabulary } from "./token-vocabulary.js";

const { api } = loadLlama("cpu");
let model: Pointer;
let vocabulary: Vocabulary;
let reference: ReturnType<typeof referenceGrammars>;
let grammars: GrammarFactory;

beforeAll(async () => {
  const path = await ensureStandin({ name: "nano", format: "f32" }, defaultCacheDir());
  model = api.modelLoadFromFile(path, { ...api.modelDefaultParams(), n_gpu_layers: 0 })!;
  const vocab = api.modelGetVocab(model);
  vocabulary = readVocabulary(api, vocab);
  reference = referenceGrammars(vocab, vocabulary.table.size);
  grammars = new GrammarFactory(vocabulary, new SystemClock());
});

afterAll(() => api.modelFree(model));

/** Tokens that are whole characters, and the end: llama.cpp takes no NUL, and reads lone bytes of characters differently. */
const comparable = (token: number) =>
  vocabulary.endTokens.includes(token) ||
  (vocabulary.table.wholeTextOf(token) !== undefined && (vocabulary.table.bytesOf(token)[0] ?? 0) > 0);

function allowedBy(constraint: ReturnType<GrammarFactory["create"]>): number[] {
  constraint.begin();
  const logits = new Float32Array(vocabulary.table.size);
  constraint.mask(logits);
  return Array.from(logits.keys()).filter((token) => logits[token] === 0);
}

/** Texts, sets, repetitions, alternatives and a rule that goes on with itself. */
const { part } = fc.letrec<{ part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(
      '"a"',
      '"ab"',
      '"the"',
      '" "',
      "[a-f]",
      "[^a-z]",
      '[^"\\\\]',
      "[éß-ü0-9]",
      ".",
      '"é"',
      '"\\n"',
      "loop",
    ),
    fc.tuple(tie("part"), tie("part")).map(([a, b]) => `${a} ${b}`),
    fc.tuple(tie("part"), tie("part")).map(([a, b]) => `(${a} | ${b})`),
    fc
      .tuple(tie("part"), fc.constantFrom("*", "+", "?", "{2}", "{0,3}", "{1,}", "{2,4}"))
      .map(([a, sign]) => `(${a})${sign}`),
  ),
}));

it("allows what llama.cpp's own grammar allows, token by token", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(part, fc.array(fc.nat(), { maxLength: 6 }), (body, choices) => {
      const grammar = `root ::= ${body}\nloop ::= "x" loop | "y"`;
      const theirs = reference(grammar)!;
      const ours = grammars.create(compileGbnf(grammar));
      for (const choice of choices) {
        const allowed = allowedBy(ours).filter(comparable);
        expect(allowed).toEqual(theirs.allowed().filter(comparable));
        const texts = allowed.filter((token) => !vocabulary.endTokens.includes(token));
        if (texts.length === 0) break;
        ours.accept(texts[choice % texts.length]!);
        theirs.accept(texts[choice % texts.length]!);
      }
      theirs.free();
    }),
    { numRuns: 60, seed: 4 },
  );
});
