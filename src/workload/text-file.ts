/** Text files as people have them: UTF-8 or UTF-16, gzip, of any size. They are read in pieces: V8's strings end at 512 MiB. */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { extname } from "node:path";
import { TextDecoder } from "node:util";
import { gunzipSync } from "node:zlib";
import { SluiceError } from "../errors.js";

const CHUNK_BYTES = 2 ** 24;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

export interface TextFile {
  readonly name: string;
  /** Lower case, with its dot; of what is packed where the file is gzip. */
  readonly extension: string;
  /** The first piece of the text: long enough to tell what is in it. */
  readonly head: string;
  /** The whole text in pieces, once. */
  readonly chunks: Iterable<string>;
}

/** A line or an entry and the line, from 1, on which it begins. */
export interface Located<T> {
  readonly line: number;
  readonly value: T;
}

/**
 * Opens a text file.
 *
 * @param option that named the file: messages begin with it
 * @throws SluiceError `usage` when it cannot be read or is no text, with the line
 */
export function openText(name: string, option: string): TextFile {
  const chunks = decoded(bytesOf(name, option), name);
  const first = chunks.next();
  const head = first.done ? "" : first.value;
  const extension = extname(name.replace(/\.gz$/i, "")).toLowerCase();
  return { name, extension, head, chunks: withHead(head, chunks) };
}

/** The lines of a text. */
export function* linesOf(chunks: Iterable<string>): Generator<Located<string>> {
  let rest = "";
  let line = 1;
  for (const chunk of chunks) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const value of lines) yield { line: line++, value: value.replace(/\r$/, "") };
  }
  yield { line, value: rest };
}

/** How many lines end in a text. */
export function lineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

function* withHead(head: string, chunks: Iterable<string>): Generator<string> {
  yield head;
  yield* chunks;
}

function* bytesOf(name: string, option: string): Generator<Buffer> {
  let file: number | undefined;
  try {
    file = openSync(name, "r");
    const magic = Buffer.alloc(GZIP_MAGIC.length);
    readSync(file, magic, 0, magic.length, 0);
    if (magic.equals(GZIP_MAGIC)) yield* slicesOf(gunzipSync(readFileSync(file)));
    else yield* piecesOf(file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : String(error);
    throw new SluiceError("usage", `${option}: cannot read ${name}: ${reason}`, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function* slicesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

function* piecesOf(file: number): Generator<Buffer> {
  for (let position = 0; ; ) {
    const piece = Buffer.alloc(CHUNK_BYTES);
    const length = readSync(file, piece, 0, CHUNK_BYTES, position);
    if (length === 0) return;
    position += length;
    yield piece.subarray(0, length);
  }
}

function* decoded(pieces: Iterable<Buffer>, name: string): Generator<string> {
  let decoder: TextDecoder | undefined;
  let lines = 0;
  for (const piece of pieces) {
    decoder ??= new TextDecoder(encodingOf(piece), { fatal: true });
    let text: string;
    try {
      text = decoder.decode(piece, { stream: true });
    } catch (cause) {
      throw notText(name, piece, lines, decoder.encoding, cause);
    }
    lines += lineEnds(text);
    yield text;
  }
  try {
    const rest = decoder?.decode() ?? "";
    if (rest !== "") yield rest;
  } catch (cause) {
    throw notText(name, Buffer.alloc(0), lines, decoder?.encoding ?? "", cause);
  }
}

/** By the byte order mark; without one, text whose every second byte is zero is UTF-16 too. */
function encodingOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  if (bytes.length >= 4 && bytes[1] === 0 && bytes[3] === 0) return "utf-16le";
  if (bytes.length >= 4 && bytes[0] === 0 && bytes[2] === 0) return "utf-16be";
  return "utf-8";
}

function notText(name: string, piece: Buffer, before: number, encoding: string, cause: unknown): SluiceError {
  const text = new TextDecoder(encoding).decode(piece);
  const broken = text.indexOf("\uFFFD");
  const line = 1 + before + lineEnds(broken < 0 ? text : text.slice(0, broken));
  const message = `${name}:${line}: not ${encoding.toUpperCase()} text; save the file as UTF-8`;
  return new SluiceError("usage", message, { cause });
}
