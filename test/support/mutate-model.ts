import { Random } from "../../src/random.js";

/** Values that headers are not made for. */
const HOSTILE = [0, 1, 2, 3, 7, 31, 255, 256, 513, 1000, 65_535, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x7fc0_0000];

/** What is done to a file. */
export const MUTATIONS = ["value", "byte", "bit", "word", "cut", "stretch", "tensors"] as const;
export type Mutation = (typeof MUTATIONS)[number];

/** A GGUF file with something wrong in what stands before its tensors, or rarely in them. */
export function mutate(whole: Buffer, headerBytes: number, seed: number): { mutation: Mutation; bytes: Buffer } {
  const random = new Random(seed);
  const mutation = MUTATIONS[random.integer(0, MUTATIONS.length - 1)]!;
  const bytes = Buffer.from(whole);
  const at = random.integer(4, headerBytes - 9);
  switch (mutation) {
    case "value":
      bytes.writeUInt32LE(HOSTILE[random.integer(0, HOSTILE.length - 1)]!, numberAfterKey(bytes, headerBytes, random));
      break;
    case "byte":
      bytes[at] = random.integer(0, 255);
      break;
    case "bit":
      bytes[at]! ^= 1 << random.integer(0, 7);
      break;
    case "word":
      bytes.writeUInt32LE(HOSTILE[random.integer(0, HOSTILE.length - 1)]!, at);
      break;
    case "cut":
      return { mutation, bytes: bytes.subarray(0, random.integer(0, bytes.length - 1)) };
    case "stretch":
      return { mutation, bytes: Buffer.concat([bytes.subarray(0, at), Buffer.alloc(8), bytes.subarray(at)]) };
    case "tensors":
      for (let i = random.integer(headerBytes, bytes.length - 1); i < bytes.length; i += 97) bytes[i] = 0xff;
  }
  return { mutation, bytes };
}

/** Where the value of some metadata entry stands: keys have dots, and their values follow a type of four bytes. */
function numberAfterKey(bytes: Buffer, headerBytes: number, random: Random): number {
  const text = bytes.subarray(0, headerBytes).toString("latin1");
  const keys = [...text.matchAll(/(?:general|llama|gpt2|tokenizer\.ggml)\.[a-z_.]+/g)];
  const key = keys[random.integer(0, keys.length - 1)]!;
  return Math.min(key.index + key[0].length + 4, headerBytes - 8);
}
