import { freemem, totalmem } from "node:os";

/** Memory that can still be allocated without swapping: what is free or can be reclaimed, within a container's limit. */
export function availableBytes(): number {
  // Since Node.js 20.13; it knows of containers.
  const available = Reflect.get(process, "availableMemory") as (() => number) | undefined;
  if (available !== undefined) return available.call(process);
  // macOS counts reclaimable pages as used.
  return process.platform === "darwin" ? totalmem() : freemem();
}

/** "1.5 GiB", "230 MiB". */
export function formatBytes(bytes: number): string {
  const mib = bytes / 2 ** 20;
  return mib < 1024 ? `${Math.ceil(mib)} MiB` : `${(mib / 1024).toFixed(1)} GiB`;
}
