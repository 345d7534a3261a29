import type { LlamaApi } from "./api.js";
import type { LlamaModel } from "./model.js";

/** llama.cpp rounds a stream's cells up to a multiple of this. */
const ROUNDED_TO = 256;
const BYTES_PER_F16 = 2;

/** Cells that llama.cpp allocates for a slot. */
export function cellsOf(contextSize: number): number {
  return Math.ceil(contextSize / ROUNDED_TO) * ROUNDED_TO;
}

/** Bytes of one cell: a key and a value in F16 for every layer. An estimate where heads have sizes of their own. */
export function cellBytes(api: LlamaApi, { address }: LlamaModel): number {
  const headSize = api.modelEmbedding(address) / api.modelHeads(address);
  return 2 * BYTES_PER_F16 * api.modelLayers(address) * api.modelHeadsKv(address) * headSize;
}
