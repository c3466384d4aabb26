// One writer at a time for files that are read, changed and written back, so that two programs of one account that pair
// at the same moment both keep their pairing. The lock is advisory: readers need no lock, see replace-file.ts. It is held
// for milliseconds; the one of the store (store/writer-lock.ts) as long as a program runs, and the kernel keeps that one.

import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { LairError } from "../../core/errors.ts";
import { machineMs, SYSTEM_CLOCK } from "../clock.ts";
import { type Disk, realDisk, writeWhole } from "../disk.ts";
import { unwritable } from "./disk-error.ts";
import { errorCode } from "../system-error.ts";

// Ours. A write takes milliseconds, or a second on a failing disk; a program that holds the lock longer has crashed and
// its process number is in use again. Creating and signing the lock are microseconds apart.
const STALE_AFTER_MS = 10_000;
const UNSIGNED_STALE_AFTER_MS = 1_000;
const DEFAULT_PATIENCE_MS = 3_000;
/** A process id, a blank, and 16 hex digits. */
const MAX_SIGNATURE_BYTES = 64;
const PAUSE_MS = 3;

/** The signatures of locks that this program has held and could not remove. */
const leftBehind = new Set<string>();

/**
 * Runs `action` while holding the lock file `path`, waiting up to `patienceMs` for it. Throws LairError home-unwritable
 * if it cannot get the lock.
 */
export function whileLocked<Result>(
  path: string,
  action: () => Result,
  patienceMs = DEFAULT_PATIENCE_MS,
  disk: Disk = realDisk,
): Result {
  const signature = `${process.pid} ${randomBytes(8).toString("hex")}`;
  acquire(path, signature, patienceMs, disk);
  try {
    return action();
  } finally {
    // It is no longer our lock if this program was stopped so long that another one considered it stale.
    // The work under it is done, so this is no failure until the lock is needed again.
    if (isSignedBy(path, signature) && discard(path, disk) !== undefined) leftBehind.add(signature);
  }
}

function acquire(path: string, signature: string, patienceMs: number, disk: Disk): void {
  const givesUpAtMs = SYSTEM_CLOCK.now().monotonicMs + patienceMs;
  while (!tryAcquire(path, signature, disk)) {
    if (leftBehind.has(contentOf(path) ?? "")) removeOwn(path, disk);
    else if (isStale(path)) takeAway(path, signature, disk);
    else if (SYSTEM_CLOCK.now().monotonicMs < givesUpAtMs) pause();
    else {
      throw new LairError("home-unwritable", `Another Lair program has been writing next to ${path} for too long.`, {
        hint: "Try again. If no other Lair program is running, remove that file.",
      });
    }
  }
}

function tryAcquire(path: string, signature: string, disk: Disk): boolean {
  let descriptor: number;
  try {
    descriptor = disk.openSync(path, "wx", 0o600);
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw unwritable(path, error);
  }
  try {
    try {
      writeWhole(disk, descriptor, Buffer.from(signature, "latin1"));
    } finally {
      // May fail too: some network drives only report here that they did not accept the data.
      disk.closeSync(descriptor);
    }
    return true;
  } catch (error) {
    discard(path, disk);
    throw unwritable(path, error);
  }
}

/** Whether the holder is gone: its process ended, or it would have been done long ago. */
function isStale(path: string): boolean {
  const signature = contentOf(path);
  const ageMs = ageOf(path);
  if (signature === undefined || ageMs === undefined) return false; // released meanwhile
  const holder = /^([1-9][0-9]*) [0-9a-f]{16}$/.exec(signature)?.[1];
  if (holder === undefined) return ageMs > UNSIGNED_STALE_AFTER_MS;
  return ageMs > STALE_AFTER_MS || !isRunning(Number(holder));
}

/**
 * Renamed before it is removed, so that if two programs find the same stale lock, one fails and waits. (If the second
 * looked just before and renames the first one's new lock, one change may replace the other; the file stays complete.)
 */
function takeAway(path: string, signature: string, disk: Disk): void {
  const aside = `${path}.${signature.split(" ")[1]}`;
  try {
    disk.renameSync(path, aside);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw unwritable(path, error);
  }
  discard(aside, disk);
}

/** A lock that this program could not remove before. It protects nothing any more, whatever its age. */
function removeOwn(path: string, disk: Disk): void {
  const error = discard(path, disk);
  if (error === undefined) return;
  const code = errorCode(error);
  const why = code === undefined ? "" : ` [${code}]`;
  throw new LairError("home-unwritable", `This program wrote beside ${path} and cannot remove that file again${why}.`, {
    hint: "What it wrote is there. Remove that file, check that files beside it can be removed, then try again.",
    cause: error,
  });
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return errorCode(error) !== "ESRCH";
  }
}

function isSignedBy(path: string, signature: string): boolean {
  try {
    return contentOf(path) === signature;
  } catch {
    return false; // Left behind: what was done under it is done.
  }
}

/**
 * Its first letters; "" if it is not a regular file. A pipe in its place must not stop the program, so it is read
 * without waiting. An unreadable lock does not count as an unsigned one, which could be removed: LairError
 * home-unwritable.
 */
function contentOf(path: string): string | undefined {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
  let descriptor: number | undefined;
  try {
    descriptor = fs.openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    if (!fs.fstatSync(descriptor).isFile()) return "";
    const letters = Buffer.alloc(MAX_SIGNATURE_BYTES);
    return letters.toString("latin1", 0, fs.readSync(descriptor, letters, 0, letters.length, 0));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    if (errorCode(error) === "ELOOP") return "";
    throw unwritable(path, error);
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

function ageOf(path: string): number | undefined {
  try {
    return machineMs() - fs.statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}

/** Why it is still there, or undefined if it is gone. A remaining lock is stale once this program has ended. */
function discard(path: string, disk: Disk): unknown {
  try {
    disk.unlinkSync(path);
  } catch (error) {
    return errorCode(error) === "ENOENT" ? undefined : error;
  }
  return undefined;
}

/** Waits without an event loop: saving is synchronous, so after a crash it is either done or not begun. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}
