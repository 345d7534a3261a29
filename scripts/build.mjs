// Compiles src/ into dist/. `npm ci` runs it (prepare); an install without development dependencies has no compiler and
// keeps the dist/ it was shipped with.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.exit(build());

function build() {
  const compiler = findCompiler();
  if (!compiler) {
    const built = existsSync(join(root, "dist", "index.js"));
    console.log(
      `sluice: no TypeScript compiler installed (--omit=dev), ${built ? "keeping dist/ as it is" : "nothing built"}`,
    );
    return 0;
  }
  return (
    spawnSync(process.execPath, [compiler, "-p", join(root, "tsconfig.build.json")], { stdio: "inherit" }).status ?? 1
  );
}

function findCompiler() {
  try {
    return createRequire(join(root, "package.json")).resolve("typescript/bin/tsc");
  } catch {
    return undefined;
  }
}
