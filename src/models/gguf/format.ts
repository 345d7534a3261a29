/**
 * The GGUF container, version 3: magic, counts, metadata, tensor infos, then the tensors' bytes, each aligned.
 * Source: docs/gguf.md of the ggml repository; block layouts: ggml-common.h.
 */

export const GGUF_MAGIC = "GGUF";
export const GGUF_VERSION = 3;
/** Tensor data starts at multiples of this many bytes unless `general.alignment` says otherwise. */
export const DEFAULT_ALIGNMENT_BYTES = 32;

/** Type numbers of metadata values. */
export const VALUE_TYPE = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
  uint64: 10,
  int64: 11,
  float64: 12,
} as const;

export type ValueTypeName = keyof typeof VALUE_TYPE;

/** Bytes of each metadata type of fixed size. */
export const VALUE_BYTES: Readonly<Partial<Record<ValueTypeName, number>>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  bool: 1,
  uint64: 8,
  int64: 8,
  float64: 8,
};

/** How ggml stores a tensor: values come in blocks, a block takes a fixed number of bytes. */
export interface TensorFormat {
  readonly name: string;
  readonly blockValues: number;
  readonly blockBytes: number;
}

const format = (name: string, blockValues: number, blockBytes: number): TensorFormat => ({
  name,
  blockValues,
  blockBytes,
});

/** Tensor formats by ggml's type number; numbers that are missing were withdrawn. */
export const TENSOR_FORMATS: ReadonlyMap<number, TensorFormat> = new Map([
  [0, format("F32", 1, 4)],
  [1, format("F16", 1, 2)],
  [2, format("Q4_0", 32, 18)],
  [3, format("Q4_1", 32, 20)],
  [6, format("Q5_0", 32, 22)],
  [7, format("Q5_1", 32, 24)],
  [8, format("Q8_0", 32, 34)],
  [9, format("Q8_1", 32, 36)],
  [10, format("Q2_K", 256, 84)],
  [11, format("Q3_K", 256, 110)],
  [12, format("Q4_K", 256, 144)],
  [13, format("Q5_K", 256, 176)],
  [14, format("Q6_K", 256, 210)],
  [15, format("Q8_K", 256, 292)],
  [16, format("IQ2_XXS", 256, 66)],
  [17, format("IQ2_XS", 256, 74)],
  [18, format("IQ3_XXS", 256, 98)],
  [19, format("IQ1_S", 256, 50)],
  [20, format("IQ4_NL", 32, 18)],
  [21, format("IQ3_S", 256, 110)],
  [22, format("IQ2_S", 256, 82)],
  [23, format("IQ4_XS", 256, 136)],
  [24, format("I8", 1, 1)],
  [25, format("I16", 1, 2)],
  [26, format("I32", 1, 4)],
  [27, format("I64", 1, 8)],
  [28, format("F64", 1, 8)],
  [29, format("IQ1_M", 256, 56)],
  [30, format("BF16", 1, 2)],
  [34, format("TQ1_0", 256, 54)],
  [35, format("TQ2_0", 256, 66)],
  [39, format("MXFP4", 32, 17)],
  [40, format("NVFP4", 64, 36)],
  [41, format("Q1_0", 128, 18)],
  [42, format("Q2_0", 64, 18)],
]);

/** Bytes of a tensor of `valueCount` values. Rows must be whole blocks, as ggml demands. */
export function tensorBytes(tensorFormat: TensorFormat, valueCount: number): number {
  return (valueCount / tensorFormat.blockValues) * tensorFormat.blockBytes;
}

/** The next multiple of `alignment` that is not below `offset`. */
export function alignUp(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}
