// peers.json and invites.json: `{"version":3,"check":"…","peers":[…]}`, or `{"version":2,"moved":"store-….db"}` once the
// list is kept in the store. Version 1 was a list too, of peers without a signature key. The check covers the list as it was written: otherwise a changed letter in a key would
// later look like an attack. It does not protect against a person. JSON makes strings of the psks in it, which cannot
// be erased; they open one pairing or one invite, not the identity.

import { createHash } from "node:crypto";
import { fromUtf8, toBase64Url, toUtf8 } from "../../core/bytes.ts";
import { type Fault, faultOfVersion } from "./damage.ts";

const VERSION = 3;
const FORMER_VERSION = 1;
/** A program that only knows lists reports that a newer version wrote it, and does not change it. */
const MOVED_VERSION = 2;

// Ours: 96 bits, against accidents.
const CHECK_BYTES = 12;

/** The content of a list file, one item per line. The caller erases it after writing. */
export function encodeList(member: string, items: readonly object[]): Uint8Array {
  // No line feed at the end: the last byte is the brace, so no proper prefix of a file is a file.
  const lines = items.map((item) => `\n${JSON.stringify(item)}`).join(",");
  return toUtf8(`{"version":${VERSION},"check":"${checkOf(items)}","${member}":[${lines}]}`);
}

/** The replacement for a list that is kept in the store of this name from now on. */
export function encodeMoved(store: string): Uint8Array {
  return toUtf8(JSON.stringify({ version: MOVED_VERSION, moved: store }));
}

/** Said of a file whose list is kept in a store. */
export const MOVED = Symbol("moved");

/** The items of such a file, {@link MOVED}, or the fault. The items themselves are not checked here. */
export function decodeList(member: string, file: Uint8Array): readonly unknown[] | typeof MOVED | Fault {
  if (file.length === 0) return "empty";
  const text = fromUtf8(file);
  if (text === undefined) return "garbled";
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // The error is dropped: it quotes the text, and so perhaps a psk.
    return text.trimEnd().endsWith("}") || !text.startsWith("{") ? "garbled" : "cut-short";
  }
  if (typeof content !== "object" || content === null || !("version" in content)) return "garbled";
  if (content.version === MOVED_VERSION && "moved" in content && typeof content.moved === "string") return MOVED;
  const fault = content.version === FORMER_VERSION ? undefined : faultOfVersion(content.version, VERSION);
  if (fault !== undefined) return fault;
  const { [member]: items, check } = content as Record<string, unknown>;
  return Array.isArray(items) && check === checkOf(items) ? items : "garbled";
}

function checkOf(items: readonly unknown[]): string {
  return toBase64Url(createHash("sha256").update(JSON.stringify(items)).digest().subarray(0, CHECK_BYTES));
}
