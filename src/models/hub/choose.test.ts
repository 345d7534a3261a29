import { describe, expect, it } from "vitest";
import { chooseFiles, parseHubSpelling } from "./choose.js";

const repository = (...paths: string[]) => paths.map((path) => ({ path, sizeBytes: 1, contentId: path }));
const chosen = (paths: string[], quant?: string): string[] =>
  chooseFiles(repository(...paths), { repo: "user/repo", quant }).map((file) => file.path);

describe("parseHubSpelling", () => {
  it("takes repository and quantization apart", () => {
    expect(parseHubSpelling("hf:Qwen/Qwen2.5-0.5B-GGUF")).toEqual({ repo: "Qwen/Qwen2.5-0.5B-GGUF", quant: undefined });
    expect(parseHubSpelling("hf:a/b:q8_0")).toEqual({ repo: "a/b", quant: "q8_0" });
  });

  it.each(["hf:", "hf:repo", "hf:a/b/c", "hf:a/b:", "hf:a/../b"])("refuses %s", (spelling) => {
    expect(() => parseHubSpelling(spelling)).toThrow(/hf:user\/repo/);
  });
});

describe("chooseFiles", () => {
  const many = ["m-Q8_0.gguf", "m-UD-Q4_K_M.gguf", "m-Q4_K_M.gguf", "m-Q4_K_S.gguf", "m.f16.gguf", "README.md"];

  it("takes Q4_K_M unless told otherwise", () => {
    expect(chosen(many)).toEqual(["m-Q4_K_M.gguf"]);
    expect(chosen(many, "q8_0")).toEqual(["m-Q8_0.gguf"]);
    expect(chosen(many, "F16")).toEqual(["m.f16.gguf"]);
    expect(chosen(many, "UD-Q4_K_M")).toEqual(["m-UD-Q4_K_M.gguf"]);
  });

  it("takes the first by name where there is no Q4_K_M, and never a projector", () => {
    expect(chosen(["mmproj-m-Q4_K_M.gguf", "m-Q8_0.gguf", "m-Q5_0.gguf", "m.imatrix.gguf"])).toEqual(["m-Q5_0.gguf"]);
  });

  it("keeps the parts of a split model together and in order", () => {
    const parts = ["Q8_0/m-00002-of-00003.gguf", "Q8_0/m-00001-of-00003.gguf", "Q8_0/m-00003-of-00003.gguf"];
    expect(chosen(parts, "Q8_0")).toEqual([...parts].sort());
    expect(() => chosen(parts.slice(1), "Q8_0")).toThrow(/split into 3 files, and the repository has 2/);
  });

  it("says what there is when the wish cannot be met", () => {
    expect(() => chosen(many, "Q6_K")).toThrow(
      "no GGUF of quantization Q6_K; it has Q4_K_M, Q4_K_S, Q8_0, UD-Q4_K_M, f16",
    );
    expect(() => chosen(["README.md"])).toThrow(/no GGUF file/);
  });
});
