/** The font of all charts, from a package: pictures have text on a machine without fonts, and the same text everywhere. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

export const FONT_FAMILY = "PT Sans";

const require = createRequire(import.meta.url);

/** Paths of the regular and the bold cut. */
export function fontFiles(): { regular: string; bold: string } {
  return {
    regular: require.resolve("@expo-google-fonts/pt-sans/400Regular/PTSans_400Regular.ttf"),
    bold: require.resolve("@expo-google-fonts/pt-sans/700Bold/PTSans_700Bold.ttf"),
  };
}

/** How wide text is, in pixels. */
export type TextWidth = (text: string, fontSize: number, bold?: boolean) => number;

/** Measures text in the charts' font, so that layout needs no browser and no canvas. */
export function createTextWidth(): TextWidth {
  const files = fontFiles();
  const regular = readAdvances(readFileSync(files.regular));
  const boldAdvances = readAdvances(readFileSync(files.bold));
  return (text, fontSize, bold = false) => {
    const advances = bold ? boldAdvances : regular;
    let width = 0;
    for (const character of text) width += advances(character.codePointAt(0) ?? 0);
    return width * fontSize;
  };
}

/**
 * The advance of every character, in em, from a TrueType file: `head` has the units per em, `hhea` and `hmtx` the widths,
 * `cmap` (format 4) the glyph of a character. Layouts: OpenType specification 1.9.
 */
function readAdvances(font: Buffer): (codePoint: number) => number {
  const tables = tableOffsets(font);
  const unitsPerEm = font.readUInt16BE(at(tables, "head") + 18);
  const longMetrics = font.readUInt16BE(at(tables, "hhea") + 34);
  const hmtx = at(tables, "hmtx");
  const glyphOf = readCharacterMap(font, at(tables, "cmap"));
  return (codePoint) => {
    const glyph = Math.min(glyphOf(codePoint), longMetrics - 1);
    return font.readUInt16BE(hmtx + 4 * glyph) / unitsPerEm;
  };
}

function tableOffsets(font: Buffer): Map<string, number> {
  const offsets = new Map<string, number>();
  for (let i = 0; i < font.readUInt16BE(4); i++) {
    const record = 12 + 16 * i;
    offsets.set(font.toString("latin1", record, record + 4), font.readUInt32BE(record + 8));
  }
  return offsets;
}

function at(tables: Map<string, number>, name: string): number {
  const offset = tables.get(name);
  if (offset === undefined) throw new Error(`the chart font has no ${name} table`);
  return offset;
}

function readCharacterMap(font: Buffer, cmap: number): (codePoint: number) => number {
  const table = unicodeSubtable(font, cmap);
  const segments = font.readUInt16BE(table + 6) / 2;
  const ends = table + 14;
  const starts = ends + 2 * segments + 2;
  const deltas = starts + 2 * segments;
  const ranges = deltas + 2 * segments;
  return (codePoint) => {
    for (let i = 0; i < segments; i++) {
      if (codePoint > font.readUInt16BE(ends + 2 * i)) continue;
      const start = font.readUInt16BE(starts + 2 * i);
      if (codePoint < start) return 0;
      const delta = font.readUInt16BE(deltas + 2 * i);
      const range = font.readUInt16BE(ranges + 2 * i);
      if (range === 0) return (codePoint + delta) & 0xffff;
      const glyph = font.readUInt16BE(ranges + 2 * i + range + 2 * (codePoint - start));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
}

function unicodeSubtable(font: Buffer, cmap: number): number {
  for (let i = 0; i < font.readUInt16BE(cmap + 2); i++) {
    const offset = cmap + font.readUInt32BE(cmap + 4 + 8 * i + 4);
    if (font.readUInt16BE(offset) === 4) return offset;
  }
  throw new Error("the chart font has no character map of format 4");
}
