import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import {
  alignUp,
  DEFAULT_ALIGNMENT_BYTES,
  GGUF_MAGIC,
  GGUF_VERSION,
  TENSOR_FORMATS,
  tensorBytes,
  VALUE_TYPE,
} from "./format.js";
import { WRITABLE_FORMATS, type WritableFormat } from "./quantize.js";

/** A metadata value that can be written, with its GGUF type. */
export type WritableValue =
  | { readonly type: "uint32" | "float32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "int32s" | "float32s"; readonly value: readonly number[] };

/** A tensor whose values are made piece by piece while the file is written. */
export interface WritableTensor {
  readonly name: string;
  /** Dimensions, the row length first (ggml's order). */
  readonly shape: readonly number[];
  readonly format: WritableFormat;
  /** Fills `values` with the tensor's values from index `start` on. */
  fill(values: Float32Array, start: number): void;
}

export interface GgufContent {
  readonly metadata: ReadonlyMap<string, WritableValue>;
  readonly tensors: readonly WritableTensor[];
}

export interface WriteResult {
  readonly bytes: number;
  /** Lower-case hex SHA-256 of the whole file. */
  readonly sha256: string;
}

/** Values made and encoded at a time: a multiple of every block length; 1 MiB of F32. */
const CHUNK_VALUES = 1 << 18;

/**
 * Writes a GGUF file, tensor by tensor, without ever holding a tensor in memory.
 * The caller makes the write atomic: it writes to a temporary path and renames.
 */
export async function writeGguf(
  path: string,
  content: GgufContent,
  onProgress?: (writtenBytes: number, totalBytes: number) => void,
): Promise<WriteResult> {
  const header = encodeHeader(content);
  const totalBytes = header.length + content.tensors.reduce((sum, tensor) => sum + paddedBytes(tensor), 0);
  const file = await open(path, "w");
  try {
    const sink = new HashingSink(file);
    await sink.write(header);
    const chunk = new Float32Array(CHUNK_VALUES);
    const encoded = new Uint8Array(4 * CHUNK_VALUES);
    for (const tensor of content.tensors) {
      for (let start = 0; start < valueCount(tensor); start += CHUNK_VALUES) {
        const count = Math.min(CHUNK_VALUES, valueCount(tensor) - start);
        tensor.fill(chunk.subarray(0, count), start);
        await sink.write(encoded.subarray(0, WRITABLE_FORMATS[tensor.format].encode(chunk, count, encoded)));
        onProgress?.(sink.bytes, totalBytes);
      }
      await sink.write(new Uint8Array(alignUp(sink.bytes, DEFAULT_ALIGNMENT_BYTES) - sink.bytes));
    }
    await file.sync();
    return { bytes: sink.bytes, sha256: sink.digest() };
  } finally {
    await file.close();
  }
}

class HashingSink {
  readonly #file: FileHandle;
  readonly #hash = createHash("sha256");
  bytes = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(data: Uint8Array): Promise<void> {
    if (data.length === 0) return;
    this.#hash.update(data);
    await this.#file.writeFile(data);
    this.bytes += data.length;
  }

  digest(): string {
    return this.#hash.digest("hex");
  }
}

function valueCount(tensor: WritableTensor): number {
  return tensor.shape.reduce((product, dimension) => product * dimension, 1);
}

function paddedBytes(tensor: WritableTensor): number {
  const format = TENSOR_FORMATS.get(WRITABLE_FORMATS[tensor.format].type)!;
  if (tensor.shape[0]! % format.blockValues !== 0) {
    throw new RangeError(`${tensor.name}: rows of ${tensor.shape[0]} values are no whole ${format.name} blocks`);
  }
  return alignUp(tensorBytes(format, valueCount(tensor)), DEFAULT_ALIGNMENT_BYTES);
}

function encodeHeader({ metadata, tensors }: GgufContent): Uint8Array {
  const parts: Buffer[] = [
    Buffer.from(GGUF_MAGIC),
    uint32(GGUF_VERSION),
    uint64(tensors.length),
    uint64(metadata.size),
  ];
  for (const [key, value] of metadata) parts.push(string(key), ...encodeValue(value));
  let offset = 0;
  for (const tensor of tensors) {
    const type = WRITABLE_FORMATS[tensor.format].type;
    parts.push(
      string(tensor.name),
      uint32(tensor.shape.length),
      ...tensor.shape.map(uint64),
      uint32(type),
      uint64(offset),
    );
    offset += paddedBytes(tensor);
  }
  const header = Buffer.concat(parts);
  return Buffer.concat([header, Buffer.alloc(alignUp(header.length, DEFAULT_ALIGNMENT_BYTES) - header.length)]);
}

function encodeValue(item: WritableValue): Buffer[] {
  switch (item.type) {
    case "uint32":
      return [uint32(VALUE_TYPE.uint32), uint32(item.value)];
    case "float32":
      return [uint32(VALUE_TYPE.float32), float32(item.value)];
    case "bool":
      return [uint32(VALUE_TYPE.bool), Buffer.from([item.value ? 1 : 0])];
    case "string":
      return [uint32(VALUE_TYPE.string), string(item.value)];
    case "strings":
      return [...arrayHead(VALUE_TYPE.string, item.value.length), ...item.value.map(string)];
    case "int32s":
      return [...arrayHead(VALUE_TYPE.int32, item.value.length), ...item.value.map(int32)];
    case "float32s":
      return [...arrayHead(VALUE_TYPE.float32, item.value.length), ...item.value.map(float32)];
  }
}

function arrayHead(itemType: number, length: number): Buffer[] {
  return [uint32(VALUE_TYPE.array), uint32(itemType), uint64(length)];
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
