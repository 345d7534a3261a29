import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { SluiceError } from "../../errors.js";
import {
  alignUp,
  DEFAULT_ALIGNMENT_BYTES,
  GGUF_MAGIC,
  GGUF_VERSION,
  TENSOR_FORMATS,
  type TensorFormat,
  tensorBytes,
  VALUE_BYTES,
  VALUE_TYPE,
  type ValueTypeName,
} from "./format.js";

/** An array in the metadata: its length and its first items. */
export interface GgufArray {
  readonly itemType: ValueTypeName;
  readonly length: number;
  readonly items: readonly GgufValue[];
}

export type GgufValue = string | number | bigint | boolean | GgufArray;

export interface GgufTensor {
  readonly name: string;
  /** Dimensions, the row length first (ggml's order). */
  readonly shape: readonly number[];
  /** "Q8_0", or "type 99" where the number is not known here. */
  readonly format: string;
  /** Undefined for a format that is not known here. */
  readonly bytes: number | undefined;
}

export interface GgufFile {
  readonly path: string;
  readonly version: number;
  readonly fileBytes: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
}

export interface ReadGgufOptions {
  /** How many items of each metadata array are kept; the others are only counted. Default 8. */
  readonly arrayItems?: number;
}

/**
 * Reads what stands before the tensors' bytes and checks it against the file's size, so that a truncated or foreign file
 * is one clear line and not a crash in native code.
 * @throws SluiceError `model_unavailable`
 */
export function readGguf(path: string, { arrayItems = 8 }: ReadGgufOptions = {}): GgufFile {
  const broken = (reason: string): SluiceError =>
    new SluiceError("model_unavailable", `${path} cannot be used as a model: ${reason}`);
  const descriptor = openFile(path);
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw broken("it is not a file; name a .gguf file");
    return parse(new HeaderReader(descriptor, status.size, broken), path, arrayItems);
  } finally {
    closeSync(descriptor);
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const reason = missing ? "there is no such file" : (error as Error).message;
    throw new SluiceError("model_unavailable", `cannot open the model ${path}: ${reason}`, { cause: error });
  }
}

function parse(reader: HeaderReader, path: string, arrayItems: number): GgufFile {
  const version = readVersion(reader);
  const tensorCount = reader.count("tensors");
  const metadataCount = reader.count("metadata entries");
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < metadataCount; i++) {
    const key = reader.string();
    if (metadata.has(key)) throw reader.broken(`its metadata has ${shorten(key)} twice; the file is damaged`);
    metadata.set(key, readValue(reader, reader.valueType(), arrayItems));
  }
  const alignment = readAlignment(reader, metadata);
  const infos = Array.from({ length: tensorCount }, () => readTensorInfo(reader));
  checkExtent(reader, infos, alignment);
  return { path, version, fileBytes: reader.fileBytes, metadata, tensors: infos.map(({ tensor }) => tensor) };
}

/** A power of two, and at least the 8 bytes that the format demands: values of tensors are read in words. */
function readAlignment(reader: HeaderReader, metadata: GgufFile["metadata"]): number {
  const alignment = metadata.get("general.alignment") ?? DEFAULT_ALIGNMENT_BYTES;
  if (typeof alignment === "number" && alignment >= 8 && Number.isInteger(Math.log2(alignment))) return alignment;
  const given = typeof alignment === "object" ? "an array" : alignment;
  throw reader.broken(`its general.alignment is ${given}, and it must be a power of two from 8 on`);
}

function readVersion(reader: HeaderReader): number {
  const magic = reader.fileBytes < 4 ? "" : reader.bytes(4).toString("latin1");
  if (magic !== GGUF_MAGIC) throw reader.broken("it is not a GGUF file (it does not begin with “GGUF”)");
  const version = Number(reader.number("uint32"));
  if (version > 0xffff) throw reader.broken("it is a big-endian GGUF; convert it for this machine");
  if (version < 2 || version > GGUF_VERSION) {
    throw reader.broken(`its GGUF version is ${version}, and 2 and ${GGUF_VERSION} can be read`);
  }
  return version;
}

function readValue(reader: HeaderReader, type: ValueTypeName, arrayItems: number): GgufValue {
  if (type === "string") return reader.string();
  if (type === "bool") return reader.bytes(1)[0] !== 0;
  if (type !== "array") return reader.number(type);
  const itemType = reader.valueType();
  // The format allows arrays of arrays; no model has them, and a file of nothing else would fill the stack.
  if (itemType === "array") throw reader.broken("its metadata has an array of arrays, which no model has");
  const length = reader.count("array items");
  const items: GgufValue[] = [];
  for (let i = 0; i < length; i++) {
    const fixedBytes = VALUE_BYTES[itemType];
    if (i >= arrayItems && fixedBytes !== undefined) {
      reader.skip(fixedBytes * (length - i));
      break;
    }
    if (i >= arrayItems && itemType === "string") reader.skip(reader.count("bytes of a string"));
    else items.push(readValue(reader, itemType, arrayItems));
  }
  return { itemType, length, items: items.slice(0, arrayItems) };
}

/** ggml's GGML_MAX_DIMS. */
const MAX_DIMENSIONS = 4;

interface TensorInfo {
  readonly tensor: GgufTensor;
  readonly offset: number;
}

function readTensorInfo(reader: HeaderReader): TensorInfo {
  const name = reader.string();
  const dimensions = Number(reader.number("uint32"));
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
    throw reader.broken(`tensor ${shorten(name)} has ${dimensions} dimensions; the file is damaged`);
  }
  const shape = Array.from({ length: dimensions }, () => Number(reader.number("uint64")));
  const type = Number(reader.number("uint32"));
  const offset = Number(reader.number("uint64"));
  const format: TensorFormat | undefined = TENSOR_FORMATS.get(type);
  const values = shape.reduce((product, dimension) => product * dimension, 1);
  const bytes = format && tensorBytes(format, values);
  const possible = Number.isSafeInteger(values) && values > 0 && Number.isSafeInteger(bytes ?? values);
  if (!possible || shape[0]! % (format?.blockValues ?? 1) !== 0) {
    throw reader.broken(`tensor ${shorten(name)} of ${shape.join(" × ")} values is impossible; the file is damaged`);
  }
  return { tensor: { name, shape, format: format?.name ?? `type ${type}`, bytes }, offset };
}

/** Every tensor has a name of its own, begins where tensors may and ends inside the file. */
function checkExtent(reader: HeaderReader, infos: readonly TensorInfo[], alignment: number): void {
  const dataStart = alignUp(reader.position, alignment);
  const names = new Set<string>();
  let needed = 0;
  for (const { tensor, offset } of infos) {
    if (names.has(tensor.name)) throw reader.broken(`it has two tensors ${shorten(tensor.name)}; the file is damaged`);
    if (offset % alignment !== 0) {
      throw reader.broken(`tensor ${shorten(tensor.name)} begins at byte ${offset}, no multiple of ${alignment}`);
    }
    names.add(tensor.name);
    needed = Math.max(needed, dataStart + offset + (tensor.bytes ?? 0));
  }
  if (needed > reader.fileBytes) {
    throw reader.broken(`it is truncated (${reader.fileBytes} bytes of at least ${needed}); fetch it again`);
  }
}

/** A name of a damaged file can be any bytes of any length. */
function shorten(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}

/** Reads on through the file in large pieces; every length is checked against the file's before it is used. */
class HeaderReader {
  static readonly #CHUNK_BYTES = 1 << 20;
  readonly #descriptor: number;
  readonly fileBytes: number;
  readonly broken: (reason: string) => SluiceError;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;
  position = 0;

  constructor(descriptor: number, fileBytes: number, broken: (reason: string) => SluiceError) {
    this.#descriptor = descriptor;
    this.fileBytes = fileBytes;
    this.broken = broken;
  }

  endsInHeader(): SluiceError {
    return this.broken(`it is truncated (${this.fileBytes} bytes, which end before the first tensor); fetch it again`);
  }

  skip(length: number): void {
    if (this.position + length > this.fileBytes) throw this.endsInHeader();
    this.position += length;
  }

  bytes(length: number): Buffer {
    const start = this.position;
    this.skip(length);
    if (start < this.#windowStart || this.position > this.#windowStart + this.#window.length) this.#load(start, length);
    return this.#window.subarray(start - this.#windowStart, this.position - this.#windowStart);
  }

  #load(start: number, length: number): void {
    const wanted = Math.min(Math.max(length, HeaderReader.#CHUNK_BYTES), this.fileBytes - start);
    const window = Buffer.alloc(wanted);
    let filled = 0;
    while (filled < wanted) {
      const got = readSync(this.#descriptor, window, filled, wanted - filled, start + filled);
      if (got === 0) throw this.endsInHeader();
      filled += got;
    }
    this.#window = window;
    this.#windowStart = start;
  }

  /** A 64-bit count of things that each take at least one byte. */
  count(what: string): number {
    const value = Number(this.number("uint64"));
    if (value > this.fileBytes) {
      throw this.broken(`it is truncated or damaged (${value} ${what} in ${this.fileBytes} bytes); fetch it again`);
    }
    return value;
  }

  string(): string {
    return this.bytes(this.count("bytes of a string")).toString("utf8");
  }

  valueType(): ValueTypeName {
    const number = Number(this.number("uint32"));
    const found = Object.entries(VALUE_TYPE).find(([, value]) => value === number);
    if (found === undefined)
      throw this.broken(`it has a metadata value of unknown type ${number}; the file is damaged`);
    return found[0] as ValueTypeName;
  }

  number(type: Exclude<ValueTypeName, "string" | "bool" | "array">): number | bigint {
    const bytes = this.bytes(VALUE_BYTES[type] ?? 0);
    switch (type) {
      case "uint8":
        return bytes.readUInt8();
      case "int8":
        return bytes.readInt8();
      case "uint16":
        return bytes.readUInt16LE();
      case "int16":
        return bytes.readInt16LE();
      case "uint32":
        return bytes.readUInt32LE();
      case "int32":
        return bytes.readInt32LE();
      case "float32":
        return bytes.readFloatLE();
      case "float64":
        return bytes.readDoubleLE();
      case "uint64":
        return bytes.readBigUInt64LE();
      case "int64":
        return bytes.readBigInt64LE();
    }
  }
}
