import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { modelManifest } from "./manifest.js";

it("names a model of the package by its place in the package, without where that lies", () => {
  const path = fileURLToPath(new URL("../../models/tutor/tutor.gguf", import.meta.url));
  expect(modelManifest("tutor", "llama", null, { path, sha256: "0" }).file).toBe(join("models", "tutor", "tutor.gguf"));
});
