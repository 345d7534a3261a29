import koffi from "koffi";
import type { LlamaApi } from "./api.js";
import type { Pointer } from "./structs.js";

const WARNING = 3;
const CONTINUATION = 5;

/**
 * Runs a call that failed once more and returns the errors that llama.cpp logs meanwhile, newest last. Its log is silent
 * otherwise: a callback into JavaScript must not outlive the thread that it belongs to.
 */
export function errorLines(api: LlamaApi, failingCall: () => void): string[] {
  const lines: string[] = [];
  const type = koffi.pointer(koffi.proto("void", ["int", "str", "void*"]));
  const callback: Pointer = koffi.register((level: number, text: string) => {
    if (level >= WARNING && level < CONTINUATION) lines.push(text.trim());
  }, type);
  api.logSet(callback, null);
  try {
    failingCall();
  } finally {
    api.logSet(api.silentLog, null);
    koffi.unregister(callback);
  }
  return lines;
}
