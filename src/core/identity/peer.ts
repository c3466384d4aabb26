// The peers that this side is paired with and the open invites, and both as plain objects for a file (docs/PROTOCOL.md
// §9.2). Knows no file. Decoding is strict: it returns undefined for anything that it would not have written itself.

import { concat, equalInConstantTime, erase, fromBase64Url, toBase64Url, toUtf8 } from "../bytes.ts";
import type { CipherSuite } from "../noise/suite.ts";
import { fingerprint, shortFingerprint } from "./fingerprint.ts";
import { KEY_BYTES } from "./key-pair.ts";
import { cleanName, columnsOfName, MAX_NAME_BYTES, SHOWN_COLUMNS, startOfName } from "./peer-name.ts";
import { PSK_BYTES } from "./psk.ts";
import { looksAlike } from "./skeleton.ts";

/** A peer whose key is pinned. */
export interface Peer {
  /** 32 bytes; identifies the peer. */
  readonly publicKey: Uint8Array;
  /** At most 64 bytes of UTF-8, clean as {@link cleanName} leaves it; may be empty. */
  readonly name: string;
  /** 32 bytes; undefined when the two paired through a psk file, whose psk is not kept here. */
  readonly psk: Uint8Array | undefined;
  readonly pairedAtMs: number;
  /** When the safety words were compared, if the user said so. */
  readonly comparedAtMs: number | undefined;
  /** The address at which a client last reached this server. */
  readonly url: string | undefined;
  /** A client keeps the invite's psk until the server's first frame has arrived: until then it may still be needed. */
  readonly invitePsk: Uint8Array | undefined;
  /**
   * A client's pair psks before {@link psk}, newest first, {@link MAX_FORMER_PSKS} at most: until the server's first frame
   * has shown which pairing it has stored, any of them may be the right one.
   */
  readonly formerPsks?: readonly Uint8Array[] | undefined;
}

/** With the present psk and an invite's they are as many as a server lets in at once from one address. */
export const MAX_FORMER_PSKS = 3;

/** Of a name in front of a part of the fingerprint. */
const FEWEST_COLUMNS = 4;

/** An invite that nobody has used yet. */
export interface OpenInvite {
  /** 1 to 64 visible ASCII characters; no secret. */
  readonly id: string;
  /** 32 bytes. */
  readonly psk: Uint8Array;
  readonly expiresAtMs: number;
}

/** The peer with this public key. */
export function findPeer(peers: readonly Peer[], publicKey: Uint8Array): Peer | undefined {
  return peers.find((peer) => equalInConstantTime(peer.publicKey, publicKey));
}

/** Overwrites the psks of peers and invites: their owner does not need them any more. */
export function erasePsks(peers: readonly Peer[], invites: readonly OpenInvite[] = []): void {
  for (const { psk, invitePsk, formerPsks = [] } of peers) erase(psk, invitePsk, ...formerPsks);
  for (const { psk } of invites) erase(psk);
}

/** Whether both are the same in every member. Throws RangeError as {@link encodePeer} does. */
export function isSamePeer(one: Peer, other: Peer): boolean {
  return JSON.stringify(encodePeer(one)) === JSON.stringify(encodePeer(other));
}

/** What a meeting has shown of somebody. */
export interface Acquaintance {
  /** 32 bytes, proven. */
  readonly publicKey: Uint8Array;
  /** As the other side puts it: anything. */
  readonly claimedName: string;
  readonly atMs: number;
  /** By an invite: the psk that the two have derived, and the invite's as long as it may still be needed. */
  readonly pairing?: { readonly psk: Uint8Array; readonly invitePsk: Uint8Array | undefined } | undefined;
  /** Whether the person has just said that the words are the same at the other side. */
  readonly compared?: boolean;
  /** Where a client reached this server. */
  readonly url?: string | undefined;
}

/**
 * The peer that somebody is after a meeting, whichever of `peers` it was before. What was known stays: the name, that the
 * words were compared, and a psk that no newer one replaces.
 */
export function pairedPeer(suite: CipherSuite, met: Acquaintance, peers: readonly Peer[]): Peer {
  const known = findPeer(peers, met.publicKey);
  return {
    publicKey: met.publicKey,
    name: known?.name ?? freeName(suite, met.claimedName, met.publicKey, peers),
    psk: met.pairing === undefined ? known?.psk : met.pairing.psk,
    pairedAtMs: met.pairing === undefined ? (known?.pairedAtMs ?? met.atMs) : met.atMs,
    comparedAtMs: met.compared === true ? met.atMs : known?.comparedAtMs,
    url: met.url ?? known?.url,
    invitePsk: met.pairing === undefined ? known?.invitePsk : met.pairing.invitePsk,
    ...(known?.formerPsks === undefined ? {} : { formerPsks: known.formerPsks }),
  };
}

/** The peer once the other side has shown that it knows the pair by `psk`: no other one is needed any more. */
export function confirmedPeer(peer: Peer, psk: Uint8Array | undefined): Peer {
  const { publicKey, name, pairedAtMs, comparedAtMs, url } = peer;
  return { publicKey, name, psk, pairedAtMs, comparedAtMs, url, invitePsk: undefined };
}

/** Who else of `peers` bears a name that could be taken for this one on the screen, where only its start may be seen. */
export function bearerOf(name: string, publicKey: Uint8Array, peers: readonly Peer[]): Peer | undefined {
  const start = startOfName(name);
  return peers.find(
    (peer) => !equalInConstantTime(peer.publicKey, publicKey) && looksAlike(startOfName(peer.name), start),
  );
}

/** The claimed name, cleaned; with as much of the fingerprint behind it as makes it look unlike everybody else's. */
function freeName(suite: CipherSuite, claimed: string, publicKey: Uint8Array, peers: readonly Peer[]): string {
  const name = cleanName(claimed) || shortFingerprint(suite, publicKey);
  const groups = fingerprint(suite, publicKey).split(" ");
  const candidates = groups.map((_, index) => withSuffix(name, ` ${groups.slice(0, index + 1).join(" ")}`));
  const isFree = (candidate: string): boolean => bearerOf(candidate, publicKey, peers) === undefined;
  return [name, ...candidates].find(isFree) ?? candidates.at(-1)!;
}

/** The suffix must be seen: the name gives way to it, but for a few letters. */
function withSuffix(name: string, suffix: string): string {
  const most = Math.max(SHOWN_COLUMNS - suffix.length, FEWEST_COLUMNS);
  const letters = Array.from(name);
  while (toUtf8(letters.join("") + suffix).length > MAX_NAME_BYTES) letters.pop();
  while (columnsOfName(letters.join("")) > most) letters.pop();
  return cleanName(letters.join("")) + suffix;
}

const PEER_MEMBERS = [
  "publicKey",
  "name",
  "psk",
  "pairedAtMs",
  "comparedAtMs",
  "url",
  "invitePsk",
  "formerPsks",
] as const;
const INVITE_MEMBERS = ["id", "psk", "expiresAtMs"] as const;

/** A {@link Peer} as JSON takes it: bytes as base64url, what is absent as null. */
export type EncodedPeer = { readonly [member in (typeof PEER_MEMBERS)[number]]: string | number | null };

/** An {@link OpenInvite} as JSON takes it. */
export type EncodedInvite = { readonly [member in (typeof INVITE_MEMBERS)[number]]: string | number | null };

/** For a file. The name is cleaned. Throws RangeError when a member is not what {@link Peer} says. */
export function encodePeer(peer: Peer): EncodedPeer {
  const encoded: EncodedPeer = {
    publicKey: toBase64Url(peer.publicKey),
    name: cleanName(peer.name),
    psk: peer.psk === undefined ? null : toBase64Url(peer.psk),
    pairedAtMs: peer.pairedAtMs,
    comparedAtMs: peer.comparedAtMs ?? null,
    url: peer.url ?? null,
    invitePsk: peer.invitePsk === undefined ? null : toBase64Url(peer.invitePsk),
    formerPsks: peer.formerPsks === undefined ? null : toBase64Url(concat(...peer.formerPsks)),
  };
  // What could not be read again must not be written: the file would be damaged for ever.
  if (decodePeer(encoded) === undefined) throw new RangeError("peer: a length, a time or the URL is out of range");
  return encoded;
}

/** The peer in a plain object, or undefined when anything in it is missing, unknown or out of range. */
export function decodePeer(value: unknown): Peer | undefined {
  const members = exactly(value, PEER_MEMBERS);
  if (members === undefined) return undefined;
  const publicKey = toBytes(members.publicKey, KEY_BYTES);
  const psk = orAbsent(members.psk, (text) => toBytes(text, PSK_BYTES));
  const invitePsk = orAbsent(members.invitePsk, (text) => toBytes(text, PSK_BYTES));
  const formerPsks = orAbsent(members.formerPsks, toPsks);
  const comparedAtMs = orAbsent(members.comparedAtMs, toTime);
  const url = orAbsent(members.url, toUrl);
  const name = toName(members.name);
  const pairedAtMs = toTime(members.pairedAtMs);
  if (publicKey === undefined || name === undefined || pairedAtMs === undefined) return undefined;
  if (psk === undefined || invitePsk === undefined || formerPsks === undefined) return undefined;
  if (comparedAtMs === undefined || url === undefined) return undefined;
  return {
    publicKey,
    name,
    psk: psk ?? undefined,
    pairedAtMs,
    comparedAtMs: comparedAtMs ?? undefined,
    url: url ?? undefined,
    invitePsk: invitePsk ?? undefined,
    ...(formerPsks === null ? {} : { formerPsks }),
  };
}

/** For a file. Throws RangeError when a member is not what {@link OpenInvite} says. */
export function encodeOpenInvite(invite: OpenInvite): EncodedInvite {
  const encoded = { id: invite.id, psk: toBase64Url(invite.psk), expiresAtMs: invite.expiresAtMs };
  if (decodeOpenInvite(encoded) === undefined) throw new RangeError("invite: id, psk or time is out of range");
  return encoded;
}

/** The invite in a plain object, or undefined when anything in it is missing, unknown or out of range. */
export function decodeOpenInvite(value: unknown): OpenInvite | undefined {
  const members = exactly(value, INVITE_MEMBERS);
  if (members === undefined) return undefined;
  const id = typeof members.id === "string" && /^[!-~]{1,64}$/.test(members.id) ? members.id : undefined;
  const psk = toBytes(members.psk, PSK_BYTES);
  const expiresAtMs = toTime(members.expiresAtMs);
  if (id === undefined || psk === undefined || expiresAtMs === undefined) return undefined;
  return { id, psk, expiresAtMs };
}

/** The object when it has exactly these members. An unknown one is refused: rewriting the file would lose it. */
function exactly<Name extends string>(value: unknown, names: readonly Name[]): Record<Name, unknown> | undefined {
  return hasExactly(value, names) ? value : undefined;
}

function hasExactly<Name extends string>(value: unknown, names: readonly Name[]): value is Record<Name, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name));
}

/** null for null; else what `decode` answers. */
function orAbsent<Value>(value: unknown, decode: (value: unknown) => Value | undefined): Value | null | undefined {
  return value === null ? null : decode(value);
}

function toBytes(value: unknown, length: number): Uint8Array | undefined {
  const bytes = typeof value === "string" ? fromBase64Url(value) : undefined;
  return bytes?.length === length ? bytes : undefined;
}

/** One behind the other in one string. */
function toPsks(value: unknown): readonly Uint8Array[] | undefined {
  const bytes = typeof value === "string" ? fromBase64Url(value) : undefined;
  if (bytes === undefined || bytes.length % PSK_BYTES !== 0) return undefined;
  const count = bytes.length / PSK_BYTES;
  if (count < 1 || count > MAX_FORMER_PSKS) return undefined;
  return Array.from({ length: count }, (_, index) => bytes.slice(index * PSK_BYTES, (index + 1) * PSK_BYTES));
}

function toTime(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function toUrl(value: unknown): string | undefined {
  return typeof value === "string" && /^wss?:\/\/[!-~]{1,2000}$/.test(value) ? value : undefined;
}

function toName(value: unknown): string | undefined {
  if (typeof value !== "string" || toUtf8(value).length > MAX_NAME_BYTES || /\p{Cc}/u.test(value)) return undefined;
  // What else is cleaned away depends on the engine's edition of Unicode: a newer Node must not find a file damaged.
  return cleanName(value);
}
