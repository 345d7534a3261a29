/** The system's Chromium, if there is one. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const PATH = [
  process.env.CHROMIUM_PATH,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path !== undefined && existsSync(path));

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Whether tests in a browser can run here; says on stderr what is missing. @param what is left untested without one */
export function hasChromium(what: string): boolean {
  if (PATH === undefined) {
    console.warn(`${what} is not tested: no Chromium; install one (apt-get install chromium) or set CHROMIUM_PATH`);
  }
  return PATH !== undefined;
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ ...(PATH === undefined ? {} : { executablePath: PATH }), args: FLAGS });
}
