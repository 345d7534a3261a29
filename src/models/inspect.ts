import type { GgufFile, GgufTensor, GgufValue } from "./gguf/reader.js";

/** What one tensor format takes of a model. */
export interface FormatShare {
  readonly format: string;
  readonly tensors: number;
  readonly parameters: number;
  /** Undefined where the format's block size is not known. */
  readonly bytes: number | undefined;
}

/** Tensors that differ only in their layer. */
export interface TensorGroup {
  /** The name, with the layers' range in place of the number: "blk.0–5.attn_qkv.weight". */
  readonly name: string;
  readonly count: number;
  readonly shape: readonly number[];
  readonly format: string;
  readonly bytes: number | undefined;
}

/** Tensors by format, the largest share first. */
export function sharesByFormat({ tensors }: GgufFile): FormatShare[] {
  const shares = groupBy(tensors, (tensor) => tensor.format).map((group) => ({
    format: group[0]!.format,
    tensors: group.length,
    parameters: group.reduce((sum, tensor) => sum + parameterCount(tensor), 0),
    bytes: totalBytes(group),
  }));
  return shares.sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0));
}

/** Tensors in the file's order, those of all layers in one line. */
export function groupTensors({ tensors }: GgufFile): TensorGroup[] {
  const kind = ({ name, shape, format }: GgufTensor): string =>
    [name.replace(LAYER, "blk.*."), format, ...shape].join(" ");
  return groupBy(tensors, kind).map((group) => {
    const { name, shape, format } = group[0]!;
    const layers = group.map((tensor) => Number(LAYER.exec(tensor.name)?.[1])).sort((a, b) => a - b);
    const shown = group.length === 1 ? name : name.replace(LAYER, `blk.${layers[0]}–${layers.at(-1)}.`);
    return { name: shown, count: group.length, shape, format, bytes: totalBytes(group) };
  });
}

/** A metadata value on one short line. */
export function describeValue(value: GgufValue, maxLetters = 72): string {
  if (typeof value === "string") return shorten(JSON.stringify(value), maxLetters);
  // A float32 printed as a double shows digits that it does not hold.
  if (typeof value === "number") return String(Number(value.toPrecision(Number.isInteger(value) ? 16 : 7)));
  if (typeof value !== "object") return String(value);
  const items = value.items.map((item) => describeValue(item, maxLetters)).join(", ");
  const rest = value.length > value.items.length ? ", …" : "";
  return `${value.length} × ${value.itemType}: ${shorten(`${items}${rest}`, maxLetters)}`;
}

export function parameterCount({ shape }: GgufTensor): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

const LAYER = /^blk\.(\d+)\./;

function totalBytes(tensors: readonly GgufTensor[]): number | undefined {
  return tensors.reduce<number | undefined>(
    (sum, { bytes }) => (sum === undefined || bytes === undefined ? undefined : sum + bytes),
    0,
  );
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function shorten(text: string, maxLetters: number): string {
  const letters = [...text];
  return letters.length <= maxLetters ? text : `${letters.slice(0, maxLetters - 1).join("")}…`;
}
