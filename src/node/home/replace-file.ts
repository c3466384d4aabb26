// Replaces a whole file or nothing: new file next to it, fsync, rename, fsync of the directory. A reader sees the old
// content or the new, never a part. Knows nothing of its contents.

import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Disk, realDisk, syncDirectory, writeWhole } from "../disk.ts";
import { unwritable } from "./disk-error.ts";

/** How the replacement goes about it. */
export interface ReplaceOptions {
  readonly disk?: Disk | undefined;
  readonly platform?: string | undefined;
}

/**
 * Makes `bytes` the content of `path`, mode 0600. If this throws (LairError home-unwritable), the old content is still
 * there and the temporary file is gone; only if nothing but the sync of the directory failed, a power cut may leave
 * either content. After a crash an old temporary file may remain, see {@link removeOldTemporaries}. A mode has no
 * effect on an existing file, hence the new file.
 */
export function replaceFile(path: string, bytes: Uint8Array, options: ReplaceOptions = {}): void {
  const { disk = realDisk, platform = process.platform } = options;
  const directory = dirname(path);
  const temporary = join(directory, `.${basename(path)}.${randomBytes(8).toString("hex")}.tmp`);
  let created = false;
  try {
    // wx: never through a link that somebody else has put there.
    const descriptor = disk.openSync(temporary, "wx", 0o600);
    created = true;
    try {
      writeWhole(disk, descriptor, bytes);
      disk.fsyncSync(descriptor);
    } finally {
      disk.closeSync(descriptor);
    }
    disk.renameSync(temporary, path);
    created = false;
  } catch (error) {
    if (created) attempt(() => disk.unlinkSync(temporary));
    throw unwritable(path, error);
  }
  try {
    syncDirectory(directory, disk, platform);
  } catch (error) {
    // The rename may not survive a power cut, and a pairing that may vanish must not be reported as kept.
    throw unwritable(directory, error);
  }
}

/** Removes what crashed writes left, once it is older than `minAgeMs`: a younger file may still be in use. */
export function removeOldTemporaries(directory: string, nowMs: number, minAgeMs: number): void {
  attempt(() => {
    for (const name of fs.readdirSync(directory)) {
      if (!/^\.[a-z.]+\.[0-9a-f]{16}\.tmp$/.test(name)) continue;
      const path = join(directory, name);
      attempt(() => {
        const stats = fs.lstatSync(path);
        if (stats.isFile() && nowMs - stats.mtimeMs > minAgeMs) fs.unlinkSync(path);
      });
    }
  });
}

/** For clean-up only: a failure changes nothing that was promised. */
function attempt(tidy: () => void): void {
  try {
    tidy();
  } catch {
    // Left behind, and harmless.
  }
}
