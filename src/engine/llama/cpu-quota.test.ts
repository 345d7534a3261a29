import { expect, it } from "vitest";
import { cpuQuota } from "./cpu-quota.js";

function quotaWith(files: Readonly<Record<string, string>>): number {
  return cpuQuota((path) => files[path]);
}

const V2_MOUNT = "30 23 0:26 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate";
const V1_MOUNT = "33 25 0:29 ROOT /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct";

it("is unlimited where nothing says otherwise", () => {
  expect(quotaWith({})).toBe(Number.POSITIVE_INFINITY);
  const unlimited = { "/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": V2_MOUNT };
  expect(quotaWith({ ...unlimited, "/sys/fs/cgroup/cpu.max": "max 100000\n" })).toBe(Number.POSITIVE_INFINITY);
});

it("is the smallest on the way up, in version 2", () => {
  const files = {
    "/proc/self/cgroup": "0::/system.slice/sluice.service\n",
    "/proc/self/mountinfo": `22 1 8:1 / / rw - ext4 /dev/sda1 rw\n${V2_MOUNT}\n`,
    "/sys/fs/cgroup/system.slice/sluice.service/cpu.max": "400000 100000\n",
  };
  expect(quotaWith(files)).toBe(4);
  expect(quotaWith({ ...files, "/sys/fs/cgroup/system.slice/cpu.max": "150000 100000\n" })).toBe(1.5);
});

it("is a container's own, in version 1, whatever the path looks like from outside", () => {
  const files = {
    "/proc/self/cgroup": "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/docker/abc\n",
    "/proc/self/mountinfo": V1_MOUNT.replace("ROOT", "/docker/abc"),
    "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
    "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
  };
  expect(quotaWith(files)).toBe(0.5);
  expect(quotaWith({ ...files, "/proc/self/mountinfo": V1_MOUNT.replace("ROOT", "/docker/other") })).toBe(0.5);
  const unlimited = { ...files, "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n" };
  expect(quotaWith(unlimited)).toBe(Number.POSITIVE_INFINITY);
});
