/** Plain tables for terminals and text files. */

export interface Column<Row> {
  readonly title: string;
  readonly align: "left" | "right";
  readonly value: (row: Row) => string;
}

/** Columns as wide as their widest cell, two spaces apart. Lines have no trailing spaces. */
export function textTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const cells = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((column) => column.value(row))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => width(line[index] ?? ""))));
  return cells.map((line) =>
    line
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align ?? "left"))
      .join("  ")
      .trimEnd(),
  );
}

function pad(text: string, wanted: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, wanted - width(text)));
  return align === "left" ? text + space : space + text;
}

/** Characters on screen: the tables use no wide ones. */
function width(text: string): number {
  return [...text].length;
}
