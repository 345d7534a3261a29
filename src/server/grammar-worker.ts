/** The thread that compiles the schemas that would hold up everybody else. */
import { parentPort } from "node:worker_threads";
import { SluiceError } from "../errors.js";
import { compileSchema } from "../text/json-schema/compile.js";
import type { Schema } from "../text/json-schema/schema.js";

parentPort!.on("message", (schema: Schema) => {
  try {
    parentPort!.postMessage({ grammar: compileSchema(schema) });
  } catch (error) {
    parentPort!.postMessage({ error: SluiceError.from(error).toData() });
  }
});
