// Reads a file with a secret: a regular file that belongs to this user and is closed to all others (docs/SECURITY.md).
// Knows nothing of its contents. The caller erases the bytes.

import * as fs from "node:fs";
import { erase } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import { type AccessRules, accessRules, exposuresOf, type Found, refuseExposed, refuseExposures } from "./access.ts";
import { unreadable } from "./disk-error.ts";
import { errorCode } from "../system-error.ts";
import { exposedParents } from "./parents.ts";

// Ours: a psk has 64 letters, an invite some 130; a TLS key may include its whole chain.
const MAX_SECRET_FILE_BYTES = 4_096;
const MAX_TLS_KEY_BYTES = 65_536;

/**
 * How to make a new secret, for a file that others could read: the old one is known, and no chmod makes it secret
 * again.
 */
const RENEWALS: Readonly<Record<string, string>> = {
  "the psk file": "put a new one into it, on both sides (openssl rand -hex 32)",
  "the passphrase file": "give the identity a new one with passphrase change, if it has this one",
  "the invite file": "ask for a new one",
  "the token file": "delete it: a new one is made at the next start",
  "the TLS key": "get a new one, with a new certificate",
};

/**
 * The bytes of `--invite-file`, `--psk-file`, `--tls-key` or a passphrase file; `what` names it in messages ("the psk
 * file"). Links are followed, because secret stores provide links; owner and mode are those of the opened file. Throws
 * LairError home-mode for one that was open to others or that others could replace, or file-unreadable.
 */
export function readSecretFile(path: string, what: string, rules: AccessRules = accessRules()): Uint8Array {
  const maxBytes = what === "the TLS key" ? MAX_TLS_KEY_BYTES : MAX_SECRET_FILE_BYTES;
  const bytes = readGuarded(path, rules, {
    followsLinks: true,
    maxBytes,
    refuse(found) {
      refuseSpoilt(found, what, rules);
      refuseExposures(exposedParents(path, "", rules, { name: what, other: "another file" }));
    },
  });
  if (bytes !== undefined) return bytes;
  throw new LairError("file-unreadable", `There is no ${path}, named as ${what}.`, {
    hint: "Check the path.",
  });
}

/** Throws LairError home-mode: others may know what they could read. */
function refuseSpoilt(found: Found, what: string, rules: AccessRules): void {
  const [exposure] = exposuresOf([found], rules);
  if (exposure?.command === undefined) return refuseExposed([found], rules);
  throw new LairError("home-mode", `${exposure.what}, so what is in it is no longer secret.`, {
    hint: `Close it (${exposure.command}), then ${RENEWALS[what] ?? "put a new one into it"}.`,
  });
}

/**
 * The bytes of a file, or undefined if there is none. The checks use the descriptor, so that the checked file is the
 * one that is read. Throws LairError home-mode or file-unreadable.
 */
export function readGuarded(
  path: string,
  rules: AccessRules,
  options: {
    readonly followsLinks: boolean;
    readonly maxBytes: number;
    readonly refuse?: (found: Found) => void;
  },
): Uint8Array | undefined {
  // Without O_NONBLOCK a pipe with no writer would stop the program here. Windows knows neither flag;
  // undefined counts as 0 in `|`.
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = fs.constants;
  let descriptor: number;
  try {
    descriptor = fs.openSync(path, O_RDONLY | O_NONBLOCK | (options.followsLinks ? 0 : O_NOFOLLOW));
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") return undefined;
    if (code === "ELOOP" && !options.followsLinks) throw linkRefused(path);
    if (code === "EACCES") refuseForeign(path, rules);
    throw unreadable(path, error);
  }
  try {
    const stats = statsOfOpen(path, descriptor);
    if (!stats.isFile()) {
      throw new LairError("file-unreadable", `${path} is not a regular file.`, {
        hint: "Secrets are read from regular files only: put it into one, mode 600.",
      });
    }
    (options.refuse ?? ((found) => refuseExposed([found], rules)))({ path, stats, isDirectory: false });
    if (stats.size > options.maxBytes) {
      throw new LairError("file-unreadable", `${path} is too large (over ${options.maxBytes} bytes).`, {
        hint: "Check that it is the right file.",
      });
    }
    return readWhole(path, descriptor, stats.size);
  } finally {
    fs.closeSync(descriptor);
  }
}

function statsOfOpen(path: string, descriptor: number): fs.Stats {
  try {
    return fs.fstatSync(descriptor);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Into a separate array: a Buffer may share its memory with others and keep a copy of the secret there. */
function readWhole(path: string, descriptor: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let read = 0;
  try {
    while (read < size) {
      const count = fs.readSync(descriptor, bytes, read, size - read, null);
      if (count === 0) break;
      read += count;
    }
  } catch (error) {
    erase(bytes);
    throw unreadable(path, error);
  }
  if (read === size) return bytes;
  // The file has become shorter in the meantime.
  const shorter = bytes.slice(0, read);
  erase(bytes);
  return shorter;
}

function linkRefused(path: string): LairError {
  // Saving replaces the name and not its target: a link would silently become a file, and its target would become
  // outdated.
  return new LairError("home-mode", `${path} is a symbolic link; Lair keeps its secrets in regular files only.`, {
    hint: "Put the file itself in its place.",
  });
}

/** Names the owner of the file, if that is why it cannot be opened. */
function refuseForeign(path: string, rules: AccessRules): void {
  const stats = statsIfReachable(path);
  if (stats !== undefined) refuseExposed([{ path, stats, isDirectory: false }], rules);
}

/** The result of stat for a path, links followed; undefined if nothing is there or a directory above it is closed. */
export function statsIfReachable(path: string): fs.Stats | undefined {
  try {
    return fs.statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
