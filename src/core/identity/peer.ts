// The peers that this side is paired with and the open invites, and both as plain objects for a file (docs/PROTOCOL.md
// §9.2). Knows no file. Decoding is strict: it returns undefined for anything that it would not have written itself.

import { concat, equalInConstantTime, erase, fromBase64Url, toBase64Url, toUtf8 } from "../bytes.ts";
import type { CipherSuite } from "../noise/suite.ts";
import { fingerprint, shortFingerprint } from "./fingerprint.ts";
import { isSignatureKey } from "../noise/signature-key.ts";
import { KEY_BYTES, type PublicIdentity } from "./identity.ts";
import { cleanName, columnsOfName, MAX_NAME_BYTES, SHOWN_COLUMNS, startOfName } from "./peer-name.ts";
import { PSK_BYTES } from "./psk.ts";
import { looksLike } from "./skeleton.ts";

/** A peer whose keys are pinned. */
export interface Peer {
  /** 32 bytes; identifies the peer. */
  readonly publicKey: Uint8Array;
  /**
   * 32 bytes, the Ed25519 key. Undefined: paired before there were such keys, and no session since; the next one pins it.
   */
  readonly signatureKey?: Uint8Array | undefined;
  /** At most 64 bytes of UTF-8, cleaned as by {@link cleanName}; may be empty. */
  readonly name: string;
  /**
   * 32 bytes; undefined if the two paired through a psk file, whose psk is not kept here, or were introduced and have not
   * met yet.
   */
  readonly psk: Uint8Array | undefined;
  readonly pairedAtMs: number;
  /** When the safety words were compared, if the user said so. */
  readonly comparedAtMs: number | undefined;
  /** The address at which a client last reached this server. */
  readonly url: string | undefined;
  /**
   * A client keeps the invite's psk until the server's first frame arrives: until then it may still be needed. Of two who
   * were introduced, both keep the introduction's.
   */
  readonly invitePsk: Uint8Array | undefined;
  /**
   * A client's earlier pair psks, newest first, at most {@link MAX_FORMER_PSKS}. Until the server's first frame shows
   * which pairing it has stored, any of them may be the right one.
   */
  readonly formerPsks?: readonly Uint8Array[] | undefined;
  /** Whether this side does not connect to the peer by itself. */
  readonly isMuted?: true | undefined;
  /** The name of the person who introduced it, and vouches for its keys; cleaned as by {@link cleanName}. */
  readonly introducedBy?: string | undefined;
  /**
   * 32 bytes, the public key of that person, whatever name anybody has since. Undefined: nobody introduced it, or an earlier
   * version has stored it.
   */
  readonly introducerKey?: Uint8Array | undefined;
  /** It is a hub, as it said in a session: nobody reads there what is said to it. */
  readonly isHub?: true | undefined;
}

/** Together with the current psk and an invite's: as many connections as a server accepts at once from one address. */
export const MAX_FORMER_PSKS = 3;

/** How much of a name stays in front of a part of the fingerprint. */
const FEWEST_COLUMNS = 4;

/** An invite that nobody has used yet. */
export interface OpenInvite {
  /** 1 to 64 visible ASCII characters; not secret. */
  readonly id: string;
  /** 32 bytes. */
  readonly psk: Uint8Array;
  readonly expiresAtMs: number;
}

/** The peer with this public key. */
export function findPeer(peers: readonly Peer[], publicKey: Uint8Array): Peer | undefined {
  return peers.find((peer) => equalInConstantTime(peer.publicKey, publicKey));
}

/** Whether it was introduced and accepted here, and the two have not met yet: `invitePsk` opens their first session. */
export function isAwaited(peer: Peer): peer is Peer & { readonly invitePsk: Uint8Array } {
  return peer.introducedBy !== undefined && peer.psk === undefined && peer.invitePsk !== undefined;
}

/** Those who are no hubs. */
export function peopleAmong(peers: readonly Peer[]): readonly Peer[] {
  return peers.filter(({ isHub }) => isHub !== true);
}

/** Those who are. */
export function hubsAmong(peers: readonly Peer[]): readonly Peer[] {
  return peers.filter(({ isHub }) => isHub === true);
}

/** Whether the two paired through a psk file, whose psk is not kept here. */
export function isByPskFile(peer: Peer): boolean {
  return peer.psk === undefined && !isAwaited(peer);
}

/** Overwrites the psks of peers and invites that are no longer needed. */
export function erasePsks(peers: readonly Peer[], invites: readonly OpenInvite[] = []): void {
  for (const { psk, invitePsk, formerPsks = [] } of peers) erase(psk, invitePsk, ...formerPsks);
  for (const { psk } of invites) erase(psk);
}

/** Whether both are the same in every member. Throws RangeError as {@link encodePeer} does. */
export function isSamePeer(one: Peer, other: Peer): boolean {
  return JSON.stringify(encodePeer(one)) === JSON.stringify(encodePeer(other));
}

/** What a handshake, or a comparison of words, has shown about a peer: its keys, which are proven, and more. */
interface ProvenPeer extends PublicIdentity {
  /** The name that the other side claims; may be any text. */
  readonly claimedName: string;
  readonly atMs: number;
  /** If it paired by an invite: the derived psk, and the invite's psk while it may still be needed. */
  readonly pairing?: { readonly psk: Uint8Array; readonly invitePsk: Uint8Array | undefined } | undefined;
  /** Whether the user has just confirmed that the safety words match. */
  readonly compared?: boolean;
  /** The address at which a client reached this server. */
  readonly url?: string | undefined;
  /** Whether it said that it is a hub. One that has once said so stays one. */
  readonly isHub?: boolean;
}

/**
 * The peer to store, whether or not it was among `peers` before. What was known is kept: the name, whether the words
 * were compared, and the psk unless there is a newer one.
 */
export function pairedPeer(suite: CipherSuite, proven: ProvenPeer, peers: readonly Peer[]): Peer {
  const known = findPeer(peers, proven.publicKey);
  return {
    publicKey: proven.publicKey,
    signatureKey: proven.signatureKey,
    name: known?.name ?? freeName(suite, proven.claimedName, proven, peers),
    psk: proven.pairing === undefined ? known?.psk : proven.pairing.psk,
    pairedAtMs: proven.pairing === undefined ? (known?.pairedAtMs ?? proven.atMs) : proven.atMs,
    comparedAtMs: proven.compared === true ? proven.atMs : known?.comparedAtMs,
    url: proven.url ?? known?.url,
    invitePsk: proven.pairing === undefined ? known?.invitePsk : proven.pairing.invitePsk,
    ...(known?.formerPsks === undefined ? {} : { formerPsks: known.formerPsks }),
    ...(known?.isMuted === undefined ? {} : { isMuted: known.isMuted }),
    ...(known?.introducedBy === undefined ? {} : { introducedBy: known.introducedBy }),
    ...(known?.introducerKey === undefined ? {} : { introducerKey: known.introducerKey }),
    ...(proven.isHub === true || known?.isHub === true ? { isHub: true } : {}),
  };
}

/** The peer after the other side has shown that it knows the pair by `psk`: no other psk is needed any more. */
export function confirmedPeer(peer: Peer, psk: Uint8Array | undefined): Peer {
  const { formerPsks: _, ...rest } = peer;
  return { ...rest, psk, invitePsk: undefined };
}

/**
 * Another peer whose name could be mistaken for this one on the screen, where only the start of a name may be visible.
 */
export function bearerOf(name: string, publicKey: Uint8Array, peers: readonly Peer[]): Peer | undefined {
  const isLike = looksLike(startOfName(name));
  return peers.find((peer) => !equalInConstantTime(peer.publicKey, publicKey) && isLike(startOfName(peer.name)));
}

/**
 * The claimed name, cleaned, followed by as much of the fingerprint as is needed to look different from all other
 * names.
 */
function freeName(suite: CipherSuite, claimed: string, keys: PublicIdentity, peers: readonly Peer[]): string {
  const name = cleanName(claimed) || shortFingerprint(suite, keys);
  const groups = fingerprint(suite, keys).split(" ");
  const candidates = groups.map((_, index) => withSuffix(name, ` ${groups.slice(0, index + 1).join(" ")}`));
  const isFree = (candidate: string): boolean => bearerOf(candidate, keys.publicKey, peers) === undefined;
  return [name, ...candidates].find(isFree) ?? candidates.at(-1)!;
}

/** The suffix must be visible: the name is shortened for it, but keeps a few letters. */
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
  "signatureKey",
] as const;
/** Before there were signature keys. */
const FORMER_PEER_MEMBERS = PEER_MEMBERS.filter((member) => member !== "signatureKey");
/** These are there only if they say something. */
const RARE_PEER_MEMBERS = ["muted", "introducedBy", "introducerKey", "hub"] as const;
const INVITE_MEMBERS = ["id", "psk", "expiresAtMs"] as const;

/** A {@link Peer} for JSON: bytes in base64url, null for absent members. */
type EncodedPeer = { readonly [member in (typeof PEER_MEMBERS)[number]]: string | number | null };

/** An {@link OpenInvite} for JSON: bytes in base64url, null for absent members. */
type EncodedInvite = { readonly [member in (typeof INVITE_MEMBERS)[number]]: string | number | null };

/**
 * Encodes a peer for a file. The name is cleaned. Throws RangeError if a member is not as {@link Peer} requires.
 *
 * @example
 * localStorage.setItem("peer", JSON.stringify(encodePeer(peer)));
 * const kept = decodePeer(JSON.parse(localStorage.getItem("peer")));
 */
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
    signatureKey: peer.signatureKey === undefined ? null : toBase64Url(peer.signatureKey),
    ...(peer.isMuted === true ? { muted: true } : {}),
    ...(peer.introducedBy === undefined ? {} : { introducedBy: cleanName(peer.introducedBy) }),
    ...(peer.introducerKey === undefined ? {} : { introducerKey: toBase64Url(peer.introducerKey) }),
    ...(peer.isHub === true ? { hub: true } : {}),
  };
  // A peer that could not be read again must not be written: the file would stay damaged.
  if (decodePeer(encoded) === undefined)
    throw new RangeError("peer: a length, a key, a time or the URL is out of range");
  return encoded;
}

/** The peer in a plain object, or undefined if a member is missing, unknown or out of range. */
export function decodePeer(value: unknown): Peer | undefined {
  const former = exactly(value, FORMER_PEER_MEMBERS);
  const rare = RARE_PEER_MEMBERS.filter((member) => typeof value === "object" && Object.hasOwn(value ?? {}, member));
  const members:
    | (Partial<Record<(typeof RARE_PEER_MEMBERS)[number], unknown>> & Record<(typeof PEER_MEMBERS)[number], unknown>)
    | undefined = former === undefined ? exactly(value, [...PEER_MEMBERS, ...rare]) : { ...former, signatureKey: null };
  if (members === undefined || (rare.includes("muted") && members.muted !== true)) return undefined;
  if (rare.includes("hub") && members.hub !== true) return undefined;
  const introducedBy = rare.includes("introducedBy") ? toName(members.introducedBy) : null;
  const introducerKey = rare.includes("introducerKey") ? toBytes(members.introducerKey, KEY_BYTES) : null;
  if (introducedBy === undefined || introducerKey === undefined) return undefined;
  if (introducerKey !== null && introducedBy === null) return undefined;
  const isMuted = rare.includes("muted");
  const publicKey = toBytes(members.publicKey, KEY_BYTES);
  const signatureKey = orAbsent(members.signatureKey, toSignatureKey);
  const psk = orAbsent(members.psk, (text) => toBytes(text, PSK_BYTES));
  const invitePsk = orAbsent(members.invitePsk, (text) => toBytes(text, PSK_BYTES));
  const formerPsks = orAbsent(members.formerPsks, toPsks);
  const comparedAtMs = orAbsent(members.comparedAtMs, toTime);
  const url = orAbsent(members.url, toUrl);
  const name = toName(members.name);
  const pairedAtMs = toTime(members.pairedAtMs);
  if (publicKey === undefined || name === undefined || pairedAtMs === undefined) return undefined;
  if (psk === undefined || invitePsk === undefined || formerPsks === undefined) return undefined;
  if (comparedAtMs === undefined || url === undefined || signatureKey === undefined) return undefined;
  return {
    publicKey,
    name,
    psk: psk ?? undefined,
    pairedAtMs,
    comparedAtMs: comparedAtMs ?? undefined,
    url: url ?? undefined,
    invitePsk: invitePsk ?? undefined,
    ...(formerPsks === null ? {} : { formerPsks }),
    ...(signatureKey === null ? {} : { signatureKey }),
    ...(isMuted ? { isMuted } : {}),
    ...(introducedBy === null ? {} : { introducedBy }),
    ...(introducerKey === null ? {} : { introducerKey }),
    ...(rare.includes("hub") ? { isHub: true } : {}),
  };
}

/** Encodes an invite for a file. Throws RangeError if a member is not as {@link OpenInvite} requires. */
export function encodeOpenInvite(invite: OpenInvite): EncodedInvite {
  const encoded = { id: invite.id, psk: toBase64Url(invite.psk), expiresAtMs: invite.expiresAtMs };
  if (decodeOpenInvite(encoded) === undefined) throw new RangeError("invite: id, psk or time is out of range");
  return encoded;
}

/** The invite in a plain object, or undefined if a member is missing, unknown or out of range. */
export function decodeOpenInvite(value: unknown): OpenInvite | undefined {
  const members = exactly(value, INVITE_MEMBERS);
  if (members === undefined) return undefined;
  const id = typeof members.id === "string" && /^[!-~]{1,64}$/.test(members.id) ? members.id : undefined;
  const psk = toBytes(members.psk, PSK_BYTES);
  const expiresAtMs = toTime(members.expiresAtMs);
  if (id === undefined || psk === undefined || expiresAtMs === undefined) return undefined;
  return { id, psk, expiresAtMs };
}

/**
 * The object if it has exactly these members. An unknown member is refused, because rewriting the file would lose it.
 */
function exactly<Name extends string>(value: unknown, names: readonly Name[]): Record<Name, unknown> | undefined {
  return hasExactly(value, names) ? value : undefined;
}

function hasExactly<Name extends string>(value: unknown, names: readonly Name[]): value is Record<Name, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name));
}

/** null for null; otherwise the result of `decode`. */
function orAbsent<Value>(value: unknown, decode: (value: unknown) => Value | undefined): Value | null | undefined {
  return value === null ? null : decode(value);
}

function toBytes(value: unknown, length: number): Uint8Array | undefined {
  const bytes = typeof value === "string" ? fromBase64Url(value) : undefined;
  return bytes?.length === length ? bytes : undefined;
}

function toSignatureKey(value: unknown): Uint8Array | undefined {
  const bytes = typeof value === "string" ? fromBase64Url(value) : undefined;
  return bytes !== undefined && isSignatureKey(bytes) ? bytes : undefined;
}

/** Several psks, joined in one string. */
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
  // Other cleaning depends on the engine's version of Unicode: a newer Node must not consider a file damaged.
  return cleanName(value);
}
