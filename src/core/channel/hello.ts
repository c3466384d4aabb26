// HELLO: how the two programs introduce themselves inside the handshake (docs/PROTOCOL.md §3.4).
// A name is only a claim until its key is pinned; nothing here believes it.

import { fromBase64Url, toBase64Url, toUtf8 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { parseJsonObject } from "../json-object.ts";
import { isSignatureKey } from "../noise/signature-key.ts";
import { packRecords, RECORD, unpackRecords } from "./record.ts";

/** The closed interval from which the driver draws the delay of each rekey. */
export interface RekeyWindow {
  readonly minMs: number;
  readonly maxMs: number;
}

/** What one program says about itself in the handshake. */
export interface Hello {
  /** 1 to 64 bytes of UTF-8 without control characters. */
  readonly name: string;
  /** The program and its version; at most 64 bytes. */
  readonly agent: string;
  /** 32 bytes, Ed25519; vouched for by the static key of the handshake. */
  readonly signatureKey: Uint8Array;
  /** Only from the driver of the rekeys. */
  readonly rekey?: RekeyWindow | undefined;
  readonly capabilities: readonly string[];
  /** Where this side waits for others, as its invites say; at most {@link MAX_URL_BYTES}. Absent: nowhere, or not told. */
  readonly url?: string | undefined;
}

/** The capability of a hub. */
export const HUB = "hub/1";
/** The capability of a program that can be a member of a hub. */
export const ROOMS = "rooms/1";
/** The capability of such a program that reads news which carry an entry of a room (docs/HUB.md §5). */
export const READS_ENTRIES = "entry/1";

const VERSION = 1;
/** The maximum of a name in HELLO, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 64;
/** The limits for a peer: docs/PROTOCOL.md §3.4. */
const SHORTEST_REKEY_MS = 1_000;
const LONGEST_REKEY_MS = 3_600_000;
/** The space in message 2 with its padding, if no handshake message is longer than 1,024 bytes. */
const MAX_HELLO_BYTES = 925;
const MAX_AGENT_BYTES = 64;
const MAX_CAPABILITIES = 16;
const MAX_CAPABILITY_BYTES = 32;
/** Bytes of the longest address in HELLO. */
const MAX_URL_BYTES = 255;

/** Whether a window may be announced: whole milliseconds, 1 s <= min <= max <= 3,600 s. */
export function isRekeyWindow({ minMs, maxMs }: RekeyWindow): boolean {
  const isWhole = Number.isInteger(minMs) && Number.isInteger(maxMs);
  return isWhole && SHORTEST_REKEY_MS <= minMs && minMs <= maxMs && maxMs <= LONGEST_REKEY_MS;
}

/** A handshake payload: HELLO and padding. Throws RangeError if the fields exceed their limits. */
export function packHello(hello: Hello): Uint8Array {
  const { name, agent, signatureKey, rekey, capabilities, url } = hello;
  const json = JSON.stringify({
    v: VERSION,
    name,
    agent,
    sig: toBase64Url(signatureKey),
    ...(rekey === undefined ? {} : { rekey: [rekey.minMs / 1000, rekey.maxMs / 1000] }),
    caps: capabilities,
    ...(url === undefined ? {} : { url }),
  });
  const body = toUtf8(json);
  if (body.length > MAX_HELLO_BYTES || !isName(name)) throw new RangeError("packHello: name over its limit, or all");
  if (!isAgent(agent)) throw new RangeError("packHello: agent over its limit");
  if (!isSignatureKey(signatureKey)) throw new RangeError("packHello: signatureKey is no key");
  if (capabilities.length > MAX_CAPABILITIES || !capabilities.every(isCapability)) {
    throw new RangeError("packHello: capabilities over their limits");
  }
  if (rekey !== undefined && !isRekeyWindow(rekey)) throw new RangeError("packHello: rekey is not a window");
  if (url !== undefined && !isHelloUrl(url)) throw new RangeError("packHello: url is no address");
  return packRecords([{ type: RECORD.hello, body }]);
}

/** Reads a handshake payload. Throws LairError `hello-malformed`, `record-malformed`, or `rekey-window`. */
export function unpackHello(payload: Uint8Array): Hello {
  const [record, ...others] = unpackRecords(payload);
  if (record === undefined || record.type !== RECORD.hello || others.length > 0) {
    throw malformed("a handshake payload holds one HELLO and nothing else");
  }
  if (record.body.length > MAX_HELLO_BYTES) throw malformed("it is too long");
  const value = parseJsonObject(record.body);
  if (typeof value === "string") throw malformed(value);
  if (value["v"] !== VERSION) throw malformed("it speaks another version of the protocol");
  const { name, agent, sig, caps, rekey, url } = value;
  if (typeof name !== "string" || !isName(name)) throw malformed("its name is not valid");
  if (typeof agent !== "string" || !isAgent(agent)) throw malformed("its agent is not valid");
  const signatureKey = typeof sig === "string" ? fromBase64Url(sig) : undefined;
  if (signatureKey === undefined || !isSignatureKey(signatureKey)) throw malformed("its signature key is not valid");
  if (!Array.isArray(caps) || caps.length > MAX_CAPABILITIES) throw malformed("its capabilities are not a list");
  const capabilities = caps.map((capability: unknown) => {
    if (typeof capability === "string" && isCapability(capability)) return capability;
    throw malformed("a capability is not a short string");
  });
  if (url !== undefined && (typeof url !== "string" || !isHelloUrl(url))) throw malformed("its address is not valid");
  const window = rekey === undefined ? {} : { rekey: readWindow(rekey) };
  return { name, agent, signatureKey, capabilities, ...window, ...(url === undefined ? {} : { url }) };
}

/** Whether a string is a valid name: 1 to 64 bytes of UTF-8, no control characters. */
export function isName(name: string): boolean {
  const length = toUtf8(name).length;
  return length >= 1 && length <= MAX_NAME_BYTES && !/\p{Cc}/u.test(name) && name.trim() !== "";
}

/** Whether an address is short enough for HELLO, and one of a WebSocket. */
export function isHelloUrl(url: string): boolean {
  return /^wss?:\/\/[!-~]+$/.test(url) && url.length <= MAX_URL_BYTES;
}

function isAgent(agent: string): boolean {
  return toUtf8(agent).length <= MAX_AGENT_BYTES;
}

function isCapability(capability: string): boolean {
  const length = toUtf8(capability).length;
  return length >= 1 && length <= MAX_CAPABILITY_BYTES;
}

function readWindow(value: unknown): RekeyWindow {
  if (!Array.isArray(value) || value.length !== 2) throw malformed("its rekey window is not a pair");
  const [min, max]: unknown[] = value;
  if (typeof min !== "number" || typeof max !== "number") throw malformed("its rekey window is not made of numbers");
  const window = { minMs: Math.round(min * 1000), maxMs: Math.round(max * 1000) };
  if (isRekeyWindow(window)) return window;
  throw new LairError("rekey-window", "The other side announces a rekey window outside 1 s to 3,600 s.");
}

function malformed(reason: string): LairError {
  return new LairError("hello-malformed", `The other side's introduction cannot be read: ${reason}.`);
}
