/**
 * The tensor formats that Sluice writes. Block definitions and rounding are those of llama.cpp's reference quantizers
 * (ggml-quants.c), so that a stand-in in Q8_0 is what `llama-quantize` would make of the same stand-in in F32.
 */

/** Encodes the first `count` values (whole blocks) into `out` and returns the bytes used. */
export type Encoder = (values: Float32Array, count: number, out: Uint8Array) => number;

export type WritableFormat = "f32" | "f16" | "q8_0" | "q4_0";

/** ggml's type number and the encoder of each format that can be written. */
export const WRITABLE_FORMATS: Readonly<Record<WritableFormat, { readonly type: number; readonly encode: Encoder }>> = {
  f32: { type: 0, encode: encodeF32 },
  f16: { type: 1, encode: encodeF16 },
  q4_0: { type: 2, encode: encodeQ4 },
  q8_0: { type: 8, encode: encodeQ8 },
};

const BLOCK = 32;
const floatBits = new Float32Array(1);
const intBits = new Uint32Array(floatBits.buffer);

/** The IEEE 754 half-precision number nearest to `value` (ties to even), as its 16 bits. */
export function toHalf(value: number): number {
  floatBits[0] = value;
  const bits = intBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const mantissa = bits & 0x7fffff;
  if (exponent >= 31) return sign | 0x7c00 | (exponent === 143 && mantissa !== 0 ? 0x200 : 0);
  if (exponent > 0) return sign | roundShift((exponent << 23) | mantissa, 13);
  if (exponent < -10) return sign;
  return sign | roundShift(mantissa | 0x800000, 14 - exponent);
}

/** `value` >> `shift`, rounded to nearest, ties to even. A carry out of the mantissa raises the exponent, as it should. */
function roundShift(value: number, shift: number): number {
  const odd = (value >>> shift) & 1;
  return (value + (1 << (shift - 1)) - 1 + odd) >>> shift;
}

/** The value of a half-precision number. */
export function fromHalf(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

function encodeF32(values: Float32Array, count: number, out: Uint8Array): number {
  new Float32Array(out.buffer, out.byteOffset, count).set(values.subarray(0, count));
  return 4 * count;
}

function encodeF16(values: Float32Array, count: number, out: Uint8Array): number {
  const halves = new Uint16Array(out.buffer, out.byteOffset, count);
  for (let i = 0; i < count; i++) halves[i] = toHalf(values[i]!);
  return 2 * count;
}

/**
 * Q8_0: 32 values as signed bytes times one half-precision scale, max|x| / 127. Magnitudes are compared and signs taken
 * as integers: random signs would cost a mispredicted branch for every second value.
 */
function encodeQ8(values: Float32Array, count: number, out: Uint8Array): number {
  const bits = new Int32Array(values.buffer, values.byteOffset, count);
  let at = 0;
  for (let start = 0; start < count; start += BLOCK) {
    let largestBits = 0;
    for (let i = start; i < start + BLOCK; i++) {
      const magnitudeBits = bits[i]! & 0x7fffffff;
      largestBits = Math.max(largestBits, magnitudeBits);
    }
    intBits[0] = largestBits;
    const scale = Math.fround(floatBits[0]! / 127);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    at = writeHalf(out, at, scale);
    for (let i = start; i < start + BLOCK; i++) {
      // Half away from zero: + 0.5 or − 0.5 by the sign bit, then cut.
      out[at++] = (Math.fround(values[i]! * inverse) + 0.5 + (bits[i]! >> 31)) | 0;
    }
  }
  return at;
}

/** Q4_0: 32 values as 4-bit numbers 0–15, of which 8 is zero; the value of largest magnitude becomes −8. */
function encodeQ4(values: Float32Array, count: number, out: Uint8Array): number {
  const half = BLOCK / 2;
  let at = 0;
  for (let start = 0; start < count; start += BLOCK) {
    let extreme = 0;
    for (let i = start; i < start + BLOCK; i++) if (Math.abs(values[i]!) > Math.abs(extreme)) extreme = values[i]!;
    const scale = Math.fround(extreme / -8);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    at = writeHalf(out, at, scale);
    for (let i = start; i < start + half; i++) {
      const low = toNibble(Math.fround(values[i]! * inverse));
      const high = toNibble(Math.fround(values[i + half]! * inverse));
      out[at++] = low | (high << 4);
    }
  }
  return at;
}

function toNibble(scaled: number): number {
  return Math.min(15, Math.trunc(Math.fround(scaled + 8.5)));
}

function writeHalf(out: Uint8Array, at: number, value: number): number {
  const bits = toHalf(value);
  out[at] = bits & 0xff;
  out[at + 1] = bits >>> 8;
  return at + 2;
}
