// HOME/server/admitted: the first messages that were accepted (docs/PROTOCOL.md §3.2), so that a recorded one is
// refused after a restart too. "lair admitted 1\n", then 20 bytes for each: the key's beginning and a check. Entries
// are appended and synced one by one; when the file is full, a new one starts with the newest half. The entries are
// public keys, not secrets.

import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { concat, equalInConstantTime, toUtf8 } from "../../core/bytes.ts";
import { ADMITTED_KEY_BYTES, type AdmissionMemory, MAX_ADMITTED } from "../../core/channel/index.ts";
import { LairError } from "../../core/errors.ts";
import { unwritable } from "./disk-error.ts";
import { realDisk, writeWhole } from "../disk.ts";
import { type ReplaceOptions, replaceFile } from "./replace-file.ts";

const HEADER = toUtf8("lair admitted 1\n");
// Ours: 32 bits, against accidents.
const CHECK_BYTES = 4;
const ENTRY_BYTES = ADMITTED_KEY_BYTES + CHECK_BYTES;
/** 2.6 MB: twice what must be kept, so that a whole file is written once in 65,536 connections. */
const MAX_BYTES = HEADER.length + 2 * MAX_ADMITTED * ENTRY_BYTES;

/** The location of the file, and how it is read and written. */
interface AdmittedFileOptions extends ReplaceOptions {
  readonly path: string;
  /** Undefined: there is no file. Throws LairError home-mode or file-unreadable. */
  readonly read: () => Uint8Array | undefined;
}

/**
 * The memory in the home. Only one program at a time may use it: the one that has the store. Opening it throws what
 * `read` throws, and home-unwritable if a damaged file cannot be moved away; `remember` throws home-unwritable.
 */
export class AdmittedFile implements AdmissionMemory {
  /** Set if the file was damaged. It was moved away, and the readable part of it is remembered anyway. */
  readonly damage: LairError | undefined;
  readonly #options: AdmittedFileOptions;
  /** What the file should contain. */
  readonly #image = new Uint8Array(MAX_BYTES);
  #length = HEADER.length;
  /** The length of the file if it has the beginning of the image; undefined if it must be written as a whole. */
  #written: number | undefined;

  constructor(options: AdmittedFileOptions) {
    this.#options = options;
    this.#image.set(HEADER);
    const content = options.read();
    if (content === undefined) return;
    const { entries, fault } = decode(content);
    for (const entry of entries.slice(-2 * MAX_ADMITTED)) this.#add(entry);
    if (fault === "damaged") this.damage = this.#moveAway();
    else if (fault === undefined && content.length === this.#length) this.#written = this.#length;
  }

  get known(): readonly Uint8Array[] {
    const count = (this.#length - HEADER.length) / ENTRY_BYTES;
    return Array.from({ length: count }, (_, index) => {
      const start = HEADER.length + index * ENTRY_BYTES;
      return this.#image.slice(start, start + ADMITTED_KEY_BYTES);
    });
  }

  remember(key: Uint8Array): void {
    if (this.#length === MAX_BYTES) this.#dropOlderHalf();
    this.#add(concat(key, checkOf(key)));
    const isAsWeLeftIt = this.#written !== undefined && this.#written === sizeOf(this.#options.path);
    const end = this.#written;
    // After a failure the content of the file is unknown.
    this.#written = undefined;
    try {
      if (isAsWeLeftIt) this.#append(this.#image.subarray(end, this.#length));
      else this.#writeWhole();
    } catch (error) {
      throw this.#notAnswered(error);
    }
    this.#written = this.#length;
  }

  #add(entry: Uint8Array): void {
    this.#image.set(entry, this.#length);
    this.#length += ENTRY_BYTES;
  }

  #dropOlderHalf(): void {
    this.#image.copyWithin(HEADER.length, HEADER.length + MAX_ADMITTED * ENTRY_BYTES);
    this.#length = HEADER.length + MAX_ADMITTED * ENTRY_BYTES;
    this.#written = undefined;
  }

  #append(bytes: Uint8Array): void {
    const { disk = realDisk, path } = this.#options;
    const descriptor = disk.openSync(path, "a", 0o600);
    try {
      writeWhole(disk, descriptor, bytes);
      disk.fsyncSync(descriptor);
    } finally {
      disk.closeSync(descriptor);
    }
  }

  #writeWhole(): void {
    replaceFile(this.#options.path, this.#image.subarray(0, this.#length), this.#options);
  }

  /** Lair never overwrites a damaged file; but this one is not worth a server that does not start. */
  #moveAway(): LairError {
    const { disk = realDisk, path } = this.#options;
    try {
      disk.renameSync(path, `${path}.damaged`);
    } catch (error) {
      throw unwritable(`${path}.damaged`, error);
    }
    this.#writeWhole();
    this.#written = this.#length;
    return new LairError(
      "home-damaged",
      `${path} was damaged. It was moved to ${path}.damaged, and a new one was started.`,
      {
        hint: "The only effect: a first message recorded earlier may be answered once more.",
      },
    );
  }

  #notAnswered(cause: unknown): LairError {
    const { message, hint } = cause instanceof LairError ? cause : unwritable(this.#options.path, cause);
    return new LairError("home-unwritable", `A connection was not answered. ${message}`, {
      hint: hint ?? "Check the disk, then try again.",
      cause,
    });
  }
}

type Decoded = { readonly entries: readonly Uint8Array[]; readonly fault: "torn" | "damaged" | undefined };

/** The complete entries. A crash leaves a torn one at the end; any other error is damage. */
function decode(content: Uint8Array): Decoded {
  const header = content.subarray(0, HEADER.length);
  if (header.length < HEADER.length || !equalInConstantTime(header, HEADER)) return { entries: [], fault: "damaged" };
  const entries: Uint8Array[] = [];
  let fault: Decoded["fault"];
  for (let start = HEADER.length; start < content.length; start += ENTRY_BYTES) {
    const entry = content.subarray(start, start + ENTRY_BYTES);
    if (isWhole(entry)) entries.push(entry);
    else fault = start + ENTRY_BYTES >= content.length && fault === undefined ? "torn" : "damaged";
  }
  return { entries, fault };
}

function isWhole(entry: Uint8Array): boolean {
  if (entry.length !== ENTRY_BYTES) return false;
  const check = checkOf(entry.subarray(0, ADMITTED_KEY_BYTES));
  return equalInConstantTime(entry.subarray(ADMITTED_KEY_BYTES), check);
}

function checkOf(key: Uint8Array): Uint8Array {
  return createHash("sha256").update(key).digest().subarray(0, CHECK_BYTES);
}

/** Undefined if the path is not a file that can be appended to. */
function sizeOf(path: string): number | undefined {
  try {
    const stats = fs.lstatSync(path);
    return stats.isFile() ? stats.size : undefined;
  } catch {
    return undefined;
  }
}
