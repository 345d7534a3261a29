/** llama.cpp's own grammars, for tests: an independent reading of GBNF. */
import koffi, { type TypeObject } from "koffi";
import { findBuild, libraryPaths } from "./platform.js";
import type { Pointer } from "./structs.js";

const tokenData = koffi.struct({ id: "int32", logit: "float", p: "float" });
const tokenDataArray = koffi.struct({ data: "void*", size: "size_t", selected: "int64", sorted: "bool" });
const TOKEN_DATA_BYTES = 12;

/** Follows tokens through a grammar. */
export interface ReferenceGrammar {
  allowed(): number[];
  /** The token must be allowed: anything else ends the process. */
  accept(token: number): void;
  free(): void;
}

/** Opens grammars with llama.cpp's sampler; undefined where it does not take them. */
export function referenceGrammars(vocab: Pointer, vocabularySize: number) {
  const llama = koffi.load(libraryPaths(findBuild("cpu")).llama);
  const candidates = koffi.inout(koffi.pointer(tokenDataArray)) as unknown as TypeObject;
  const init = llama.func("llama_sampler_init_grammar", "void*", ["void*", "str", "str"]);
  const apply = llama.func("llama_sampler_apply", "void", ["void*", candidates]);
  const accept = llama.func("llama_sampler_accept", "void", ["void*", "int32"]);
  const free = llama.func("llama_sampler_free", "void", ["void*"]);
  const data = koffi.alloc(tokenData, vocabularySize) as Pointer;
  const view = koffi.view(data, vocabularySize * TOKEN_DATA_BYTES);
  const [ids, logits] = [new Int32Array(view), new Float32Array(view)];
  return (grammar: string): ReferenceGrammar | undefined => {
    const sampler = init(vocab, grammar, "root");
    if (sampler === null) return undefined;
    return {
      allowed() {
        for (let token = 0; token < vocabularySize; token++) {
          ids[3 * token] = token;
          logits[3 * token + 1] = 0;
        }
        apply(sampler, { data, size: vocabularySize, selected: -1, sorted: false });
        return Array.from({ length: vocabularySize }, (_, token) => token).filter((t) => logits[3 * t + 1] === 0);
      },
      accept: (token) => accept(sampler, token),
      free: () => free(sampler),
    };
  };
}
