import { relative } from "node:path";
import { Command } from "commander";
import { SluiceError } from "../../errors.js";
import { defaultCacheDir } from "../../models/cache.js";
import { type GgufFile, type GgufValue, readGguf } from "../../models/gguf/reader.js";
import { fileSha256 } from "../../models/hash.js";
import { describeValue, groupTensors, parameterCount, sharesByFormat } from "../../models/inspect.js";
import { type Inventory, takeInventory } from "../../models/inventory.js";
import { type ResolvedModel, resolveModel } from "../../models/resolve.js";
import { STANDIN_FORMATS, STANDIN_SHAPES } from "../../models/standin/shapes.js";
import { type Column, textTable } from "../../report/text-table.js";
import { showModel } from "../observe.js";

interface OutputOptions {
  readonly json?: boolean;
}

interface QuietOptions {
  readonly quiet?: boolean;
}

/** `sluice model list|make|pull|inspect`. */
export function modelCommand(): Command {
  const command = new Command("model").description("list, make, download and inspect models");
  command
    .command("list")
    .description("what is in the cache, and which stand-ins can be made")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExample:\n  sluice model list")
    .action(async ({ json }: OutputOptions) => {
      const inventory = await takeInventory(defaultCacheDir());
      print(json ? toJson(inventory) : inventoryText(inventory));
    });
  command
    .command("make")
    .description("write a stand-in now instead of on first use")
    .argument(
      "<model>",
      `standin:NAME[:FORMAT]: ${Object.keys(STANDIN_SHAPES).join(", ")}; ${STANDIN_FORMATS.join(", ")}`,
    )
    .option("--quiet", "no progress bar")
    .addHelpText("after", "\nExample:\n  sluice model make standin:gpt2:q4_0")
    .action((model: string, options: QuietOptions) => fetchModel(model, "standin:", options));
  command
    .command("pull")
    .description("download a model from the Hugging Face hub")
    .argument("<model>", "hf:user/repo[:quant]")
    .option("--quiet", "no progress bar")
    .addHelpText("after", "\nExample:\n  sluice model pull hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q8_0")
    .action((model: string, options: QuietOptions) => fetchModel(model, "hf:", options));
  command
    .command("inspect")
    .description("metadata, tensors and sizes of a model's file")
    .argument("<model>", "any model but the mock; a stand-in or hub model is made or downloaded first")
    .option("--json", "print JSON")
    .option("--quiet", "no progress bar")
    .addHelpText("after", "\nExample:\n  sluice model inspect standin:distilgpt2")
    .action(inspect);
  return command;
}

async function fetchModel(
  spelling: string,
  prefix: "standin:" | "hf:",
  { quiet = false }: QuietOptions,
): Promise<void> {
  if (!spelling.startsWith(prefix)) {
    throw new SluiceError("usage", `"${spelling}" does not begin with ${prefix} (sluice model --help)`, {
      field: "model",
    });
  }
  print((await resolveWithProgress(spelling, quiet)).path);
}

async function resolveWithProgress(
  spelling: string,
  quiet: boolean,
): Promise<Extract<ResolvedModel, { kind: "gguf" }>> {
  const progress = showModel(quiet);
  try {
    const model = await resolveModel(spelling, { onProgress: progress.onProgress });
    if (model.kind === "mock") throw new SluiceError("usage", "the mock has no file to inspect", { field: "model" });
    return model;
  } finally {
    progress.stop();
  }
}

async function inspect(spelling: string, { json = false, quiet = false }: OutputOptions & QuietOptions): Promise<void> {
  const model = await resolveWithProgress(spelling, quiet);
  const file = readGguf(model.path);
  const sha256 = await fileSha256(model.path, defaultCacheDir());
  print(json ? toJson({ ...file, metadata: Object.fromEntries(file.metadata), sha256 }) : fileText(file, sha256));
}

function inventoryText({ cacheDir, tutor, standins, downloads, totalBytes }: Inventory): string {
  const rows = [
    ...(tutor === undefined ? [] : [["tutor", "", "", size(tutor.bytes), "shipped with Sluice"]]),
    ...standins.map(({ spelling, name, parameters, file }) => [
      spelling,
      `${STANDIN_SHAPES[name].layers} × ${STANDIN_SHAPES[name].width}`,
      millions(parameters),
      file === undefined ? "" : size(file.bytes),
      file === undefined ? "made on first use" : relative(cacheDir, file.path),
    ]),
    ...downloads.map(({ repo, path, bytes, complete }) => [
      `hf:${repo}`,
      "",
      "",
      size(bytes),
      complete ? relative(cacheDir, path) : "incomplete: pull it again to go on",
    ]),
  ];
  const titles = ["model", "layers × width", "parameters", "size", "file"];
  return [
    ...table(titles, rows, ["parameters", "size"]),
    "",
    `${cacheDir} holds ${size(totalBytes)} of models; any file in it may be deleted.`,
  ].join("\n");
}

function fileText(file: GgufFile, sha256: string): string {
  const parameters = file.tensors.reduce((sum, tensor) => sum + parameterCount(tensor), 0);
  const shares = sharesByFormat(file).map((share) => [
    share.format,
    String(share.tensors),
    millions(share.parameters),
    size(share.bytes),
  ]);
  const tensors = groupTensors(file).map((group) => [
    group.name,
    String(group.count),
    group.shape.join(" × "),
    group.format,
    size(group.bytes),
  ]);
  return [
    file.path,
    `GGUF version ${file.version}, ${size(file.fileBytes)}, ${millions(parameters)} parameters`,
    `SHA-256 ${sha256}`,
    "",
    ...table(["metadata", "value"], metadataRows(file.metadata)),
    "",
    ...table(["format", "tensors", "parameters", "size"], shares, ["tensors", "parameters", "size"]),
    "",
    ...table(["tensor", "count", "shape", "format", "size"], tensors, ["count", "size"]),
  ].join("\n");
}

function metadataRows(metadata: ReadonlyMap<string, GgufValue>): string[][] {
  return [...metadata].map(([key, value]) => [key, describeValue(value)]);
}

/** A table whose columns lean left, but for those named in `right`. */
function table(titles: readonly string[], rows: readonly string[][], right: readonly string[] = []): string[] {
  const columns = titles.map(
    (title, index): Column<string[]> => ({
      title,
      align: right.includes(title) ? "right" : "left",
      value: (row) => row[index] ?? "",
    }),
  );
  return textTable(columns, rows);
}

function size(bytes: number | undefined): string {
  if (bytes === undefined) return "unknown";
  return bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function millions(count: number): string {
  return count < 100_000 ? String(count) : `${(count / 1e6).toFixed(1)} M`;
}

/** 64-bit numbers become JSON numbers where those hold them exactly, else text. */
function toJson(value: unknown): string {
  const plain = (_: string, item: unknown): unknown => {
    if (typeof item !== "bigint") return item;
    return Number.isSafeInteger(Number(item)) ? Number(item) : String(item);
  };
  return JSON.stringify(value, plain, 2);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
