// The introduction inside DATA of kind 2 (docs/PROTOCOL.md §7.4): JSON in UTF-8. One person tells two others of each other:
// the keys, a secret for their first session, and to one of them the address of the other. Also what is kept of the
// introductions that nobody has answered yet. Pure; it does not know who is known here already.

import { equalInConstantTime, fromBase64Url, toBase64Url, toUtf8 } from "../bytes.ts";
import { isHelloUrl, isName } from "../channel/index.ts";
import { KEY_BYTES, type PublicIdentity } from "../identity/identity.ts";
import { PSK_BYTES } from "../identity/psk.ts";
import { parseJsonObject } from "../json-object.ts";
import { isSignatureKey } from "../noise/signature-key.ts";

/** The capability of a side that reads introductions. */
export const READS_INTRODUCTIONS = "introductions";
/** The capability of a side that can connect to an address that an introduction gives. */
export const CAN_DIAL = "dial";
/** The kind of introductions, and the stream that they go on. */
export const INTRODUCTION_ROUTE = { kind: 2, stream: 1 } as const;

/** Ours: how many introductions by one person wait for an answer; more are not kept. */
export const MAX_OPEN_INTRODUCTIONS = 16;
/** Bytes of the longest introduction. */
const MAX_INTRODUCTION_BYTES = 1_024;
/** The last moment that a Date can hold. */
const LAST_MS = 8.64e15;

/** Somebody as an introducer describes them; the introducer vouches for the keys. */
export interface Introduction extends PublicIdentity {
  /** 1 to 32 of a to z and 0 to 9; the introducer's choice. */
  readonly id: string;
  /** When it was made, by the introducer's clock. */
  readonly atMs: number;
  /** 1 to 64 bytes, without control characters; raw otherwise. */
  readonly name: string;
  /** 32 bytes, for the first session of the two. The introducer knows it. */
  readonly psk: Uint8Array;
  /** Where they wait; undefined: they have our address, and connect. */
  readonly url: string | undefined;
}

/** The bytes of an introduction. Throws RangeError if a member could not be read again. */
export function encodeIntroduction(introduction: Introduction): Uint8Array {
  const plain = toPlain(introduction);
  const bytes = toUtf8(JSON.stringify(plain));
  if (bytes.length > MAX_INTRODUCTION_BYTES || fromPlain({ ...plain }) === undefined) {
    throw new RangeError("introduction: a member is out of range");
  }
  return bytes;
}

/** The introduction in these bytes; undefined if they are none. Does not throw. */
export function decodeIntroduction(bytes: Uint8Array): Introduction | undefined {
  const value = bytes.length > MAX_INTRODUCTION_BYTES ? "it is too long" : parseJsonObject(bytes);
  return typeof value === "string" ? undefined : fromPlain(value);
}

/** What is kept of open introductions, as a value for JSON. */
export function introductionsToPlain(introductions: readonly Introduction[]): readonly object[] {
  return introductions.map(toPlain);
}

/** Those of {@link introductionsToPlain}; what is none is left out. */
export function introductionsFromPlain(value: unknown): readonly Introduction[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown) =>
    typeof one === "object" && one !== null ? (fromPlain({ ...one }) ?? []) : [],
  );
}

/**
 * Why an introduction is not among the open ones: there are as many as are kept; a newer one of the same person took its
 * place; or an open one of somebody else has its id.
 */
export type NotKept = "too-many" | "replaced" | "id-in-use";

/**
 * The open introductions with one more; it takes the place of one of the same person. An id that somebody else has stays
 * with that one: who answers by it has been shown that person.
 */
export function withIntroduction(
  open: readonly Introduction[],
  introduction: Introduction,
): readonly Introduction[] | Exclude<NotKept, "replaced"> {
  if (open.some((one) => one.id === introduction.id && !isOfSamePerson(one, introduction))) return "id-in-use";
  const others = open.filter(({ publicKey }) => !equalInConstantTime(publicKey, introduction.publicKey));
  return others.length < MAX_OPEN_INTRODUCTIONS ? [...others, introduction] : "too-many";
}

/** The introduction if it is among the open ones, else why it is not. */
export function keptOrNot(open: readonly Introduction[], introduction: Introduction): Introduction | NotKept {
  const isKept = (one: Introduction): boolean =>
    one.id === introduction.id && isOfSamePerson(one, introduction) && equalInConstantTime(one.psk, introduction.psk);
  if (open.some(isKept)) return introduction;
  if (open.some(({ id }) => id === introduction.id) && !open.some((one) => isOfSamePerson(one, introduction)))
    return "id-in-use";
  const isReplaced = open.some(({ publicKey }) => equalInConstantTime(publicKey, introduction.publicKey));
  return isReplaced ? "replaced" : "too-many";
}

/** By both keys: a person is shown the fingerprint of both. */
function isOfSamePerson(one: Introduction, other: Introduction): boolean {
  return (
    equalInConstantTime(one.publicKey, other.publicKey) && equalInConstantTime(one.signatureKey, other.signatureKey)
  );
}

function toPlain({ id, atMs, name, publicKey, signatureKey, psk, url }: Introduction): object {
  const address = url === undefined ? {} : { url };
  return {
    kind: "introduction",
    id,
    at: atMs,
    peer: { name, key: toBase64Url(publicKey), sig: toBase64Url(signatureKey), ...address },
    psk: toBase64Url(psk),
  };
}

function fromPlain({ kind, id, at, peer, psk: secret }: { readonly [member: string]: unknown }) {
  if (kind !== "introduction" || typeof id !== "string" || !/^[a-z0-9]{1,32}$/.test(id)) return undefined;
  if (typeof at !== "number" || !Number.isInteger(at) || at < 0 || at > LAST_MS) return undefined;
  if (typeof peer !== "object" || peer === null || Array.isArray(peer)) return undefined;
  const { name, key, sig, url }: { name?: unknown; key?: unknown; sig?: unknown; url?: unknown } = { ...peer };
  const [publicKey, signatureKey, psk] = [toBytes(key, KEY_BYTES), toBytes(sig, KEY_BYTES), toBytes(secret, PSK_BYTES)];
  if (typeof name !== "string" || !isName(name)) return undefined;
  if (publicKey === undefined || psk === undefined) return undefined;
  if (signatureKey === undefined || !isSignatureKey(signatureKey)) return undefined;
  if (url !== undefined && (typeof url !== "string" || !isHelloUrl(url))) return undefined;
  return { id, atMs: at, name, publicKey, signatureKey, psk, url };
}

function toBytes(value: unknown, length: number): Uint8Array | undefined {
  const bytes = typeof value === "string" ? fromBase64Url(value) : undefined;
  return bytes?.length === length ? bytes : undefined;
}
