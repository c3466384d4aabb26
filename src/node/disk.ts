// The calls that write files, with checks so that nothing counts as written unless it is: a call may write only a part,
// and a directory must be synced for a new name in it to last. Knows no file of Lair's.

import * as fs from "node:fs";
import { systemCode } from "./system-error.ts";

/** The calls that write. Tests replace them, to imitate a full or failing disk. */
export interface Disk {
  openSync(path: string, flags: string, mode?: number): number;
  writeSync(descriptor: number, bytes: Uint8Array, offset: number): number;
  fsyncSync(descriptor: number): void;
  closeSync(descriptor: number): void;
  renameSync(from: string, to: string): void;
  unlinkSync(path: string): void;
}

export const realDisk: Disk = fs;

/** Writes all of `bytes`, in as many calls as needed. Throws the system's error. */
export function writeWhole(disk: Pick<Disk, "writeSync">, descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    const count = disk.writeSync(descriptor, bytes, written);
    // Without this check the loop would never end.
    if (count <= 0) throw Object.assign(new Error("EIO: the disk took nothing, write"), { code: "EIO" });
    written += count;
  }
}

/**
 * Makes the names in a directory survive a power cut. Throws the system's error, unless it says that the file system
 * cannot sync directories at all.
 */
export function syncDirectory(
  directory: string,
  disk: Pick<Disk, "openSync" | "fsyncSync" | "closeSync"> = realDisk,
  platform: string = process.platform,
): void {
  if (platform === "win32") return;
  const descriptor = disk.openSync(directory, "r");
  try {
    disk.fsyncSync(descriptor);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "EINVAL" && code !== "ENOTSUP" && code !== "EOPNOTSUPP") throw error;
  } finally {
    disk.closeSync(descriptor);
  }
}
