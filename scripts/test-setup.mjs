// Gets what the browser tests need where that is possible: Chromium, as root on a Debian or Ubuntu machine. Elsewhere it
// says what is missing; the tests then skip with the same words.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const places = [process.env.CHROMIUM_PATH, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
if (!places.some((path) => path && existsSync(path)) && !install()) {
  console.error("test-setup: no Chromium, and it cannot be installed here; the dashboard's tests will be skipped");
}

function install() {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return false;
  console.error("test-setup: installing Chromium for the dashboard's tests");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const run = (...words) => spawnSync("apt-get", words, { stdio: ["ignore", "ignore", "inherit"], env }).status === 0;
  return run("update", "-qq") && run("install", "-y", "-qq", "--no-install-recommends", "chromium");
}
