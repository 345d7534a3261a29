import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** A file's text; undefined where it cannot be read. */
export type ReadText = (path: string) => string | undefined;

/**
 * The processor time that this process may use, in cores: what a container's limit or a systemd unit's `CPUQuota` leaves
 * of the machine. Infinity where nothing limits it. Limits of a control group hold for those below it, so the smallest
 * on the way up counts.
 */
export function cpuQuota(read: ReadText = readText): number {
  const groups = read("/proc/self/cgroup")?.trim().split("\n") ?? [];
  const mounts = read("/proc/self/mountinfo")?.trim().split("\n") ?? [];
  const quotas = mounts.map(parseMount).flatMap((mount) => {
    if (mount === undefined) return [];
    const group = groups.map(parseGroup).find(({ controllers }) => mount.controllers(controllers));
    if (group === undefined) return [];
    return foldersUp(mount.folder, relative(mount.root, group.path)).map((folder) => quotaOf(folder, read));
  });
  return Math.min(Number.POSITIVE_INFINITY, ...quotas);
}

/** A line of /proc/self/cgroup: `4:cpu,cpuacct:/path`, in version 2 `0::/path`. */
function parseGroup(line: string): { controllers: string; path: string } {
  const [, controllers = "", path = "/"] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
  return { controllers, path };
}

interface Mount {
  /** Which group lies at the mount point. */
  readonly root: string;
  readonly folder: string;
  /** Whether a group of these controllers is found here. */
  controllers(names: string): boolean;
}

/** A line of /proc/self/mountinfo, if it is where CPU limits are. */
function parseMount(line: string): Mount | undefined {
  const [own = "", rest = ""] = line.split(" - ");
  const [, , , root = "/", folder = ""] = own.split(" ");
  const [type, , options = ""] = rest.split(" ");
  if (type === "cgroup2") return { root, folder, controllers: (names) => names === "" };
  if (type !== "cgroup" || !options.split(",").includes("cpu")) return undefined;
  return { root, folder, controllers: (names) => names.split(",").includes("cpu") };
}

/** The folders from the group's own up to the mount point. A path outside of it is another namespace's: its root counts. */
function foldersUp(mountPoint: string, path: string): string[] {
  const folders: string[] = [];
  let folder = path.startsWith("..") ? mountPoint : join(mountPoint, path);
  for (; folder.length > mountPoint.length; folder = dirname(folder)) folders.push(folder);
  return [...folders, mountPoint];
}

function quotaOf(folder: string, read: ReadText): number {
  const [quota, period] = read(join(folder, "cpu.max"))?.trim().split(" ") ?? [
    read(join(folder, "cpu.cfs_quota_us")),
    read(join(folder, "cpu.cfs_period_us")),
  ];
  const cores = Number(quota) / Number(period);
  return cores > 0 ? cores : Number.POSITIVE_INFINITY;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
