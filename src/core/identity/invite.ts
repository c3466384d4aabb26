// The invite: one line of text that carries an address, a one-time psk and the server's key (docs/PROTOCOL.md §9.1).
// Knows no socket and no clock; the server decides whether an invite is still open. An invite is a secret: no message
// here repeats anything after the `#`.

import { type Address, formatAddress, parseAddress } from "../address.ts";
import { concat, equalInConstantTime, erase, fromBase64Url, toBase64Url } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { type InviteExcerpt, invitesIn, type InviteSecret, mentionsInvite } from "./invite-text.ts";
import { KEY_BYTES } from "./identity.ts";
import { PSK_BYTES } from "./psk.ts";

// docs/PROTOCOL.md §9.1.
const VERSION = 1;
const PAYLOAD_BYTES = 1 + PSK_BYTES + KEY_BYTES;
const PAYLOAD_LETTERS = Math.ceil((PAYLOAD_BYTES * 4) / 3);

// Ours. Fewer letters are an example in a sentence. Only the first ones are compared, because marks and words may
// follow.
const RIVAL_LETTERS = 20;
const COMPARED_LETTERS = 12;

/** An invite, decoded. */
export interface Invite {
  /** `ws://host:port[/path]`, or `wss://...` with outer TLS; the port is always included. */
  readonly url: string;
  /** 32 bytes, for one pairing. */
  readonly psk: Uint8Array;
  /** The server's static public key, 32 bytes. */
  readonly serverKey: Uint8Array;
}

/**
 * The invite as one line of text. A string cannot be erased: make it when it is shown or stored, not earlier.
 * Throws RangeError for wrong lengths or a URL that is not `ws://host[:port][/path]` or `wss://...`.
 *
 * @example
 * formatInvite({ url: "ws://127.0.0.1:8080", psk, serverKey: keyPair.publicKey }); // "lair://127.0.0.1:8080/#AQB-..."
 */
export function formatInvite(invite: Invite): string {
  const address = parseAddress(invite.url);
  if (address === undefined) throw new RangeError("url: expected ws://host:port or wss://host:port");
  if (invite.psk.length !== PSK_BYTES) throw new RangeError(`psk: expected ${PSK_BYTES} bytes`);
  if (invite.serverKey.length !== KEY_BYTES) throw new RangeError(`serverKey: expected ${KEY_BYTES} bytes`);
  const payload = concat(Uint8Array.of(VERSION), invite.psk, invite.serverKey);
  const shown = formatAddress(address) + (address.path === "/" ? "/" : "");
  const text = `lair${shown.slice("ws".length)}#${toBase64Url(payload)}`;
  erase(payload);
  return text;
}

/**
 * Parses the one invite in a text: with words around it, marks and invisible characters in it, encoded, or wrapped. It
 * may contain the same invite twice. Throws LairError invite-malformed, each time with what is wrong and what to do.
 *
 * @example
 * const { url, psk, serverKey } = parseInvite("Here it is: lair://127.0.0.1:8080/#AQB-...");
 */
export function parseInvite(text: string): Invite {
  const readings = readingsOf(invitesIn(text, PAYLOAD_LETTERS));
  if (readings.length === 0) throw noInvite(text);
  const [invite, ...others] = readings.flatMap(({ outcome }) => (outcome instanceof LairError ? [] : [outcome]));
  if (invite === undefined) throw faultIn(readings);
  const isOne = others.every((other) => isSame(other, invite)) && !haveRivals(readings);
  erase(...others.map(({ psk }) => psk));
  if (isOne) return invite;
  erase(invite.psk);
  throw malformed("There is more than one invite in this text.", "Give only the newest one.");
}

/** Whether this was meant as an invite, well-formed or not: it must then be treated as a secret. */
export function looksLikeInvite(text: string): boolean {
  return mentionsInvite(text);
}

const COPY_WHOLE = "Copy the whole line, from lair:// to its last letter.";

function isSame(a: Invite, b: Invite): boolean {
  return a.url === b.url && equalInConstantTime(a.psk, b.psk) && equalInConstantTime(a.serverKey, b.serverKey);
}

/** A piece of the text, and its invite or the error. */
interface Reading {
  readonly excerpt: InviteExcerpt;
  readonly outcome: Invite | LairError;
}

/** If the simplest way has read one, no other way is tried: it may have removed a part of the address. */
function readingsOf(ways: readonly (readonly InviteExcerpt[])[]): Reading[] {
  const readings: Reading[] = [];
  for (const way of ways) {
    const read = new Set(readings.filter(isInvite).map(({ excerpt }) => excerpt.secret!.letters));
    const news = way.filter(({ secret }) => secret === undefined || !read.has(secret.letters));
    readings.push(...news.map((excerpt) => ({ excerpt, outcome: readingOf(excerpt) })));
  }
  return readings;
}

function isInvite({ outcome }: Reading): boolean {
  return !(outcome instanceof LairError);
}

/** The error of the first piece that consists only of letters to its end; otherwise of the first piece. */
function faultIn(readings: readonly Reading[]): Invite | LairError {
  const clear = readings.find(({ excerpt: { secret } }) => secret !== undefined && secret.state !== "foreign");
  return (clear ?? readings[0]!).outcome;
}

/** Whether a broken invite that is too long for an example begins differently from another one. */
function haveRivals(readings: readonly Reading[]): boolean {
  const begun = readings.filter(
    ({ excerpt: { addresses, secret } }) =>
      secret !== undefined && secret.letters.length >= RIVAL_LETTERS && addressOf(addresses) !== undefined,
  );
  return new Set(begun.map(({ excerpt }) => excerpt.secret!.letters.slice(0, COMPARED_LETTERS).toLowerCase())).size > 1;
}

function noInvite(text: string): LairError {
  if (text.trim() === "") return malformed("This is not an invite: it is empty.");
  if (mentionsInvite(text)) return malformed("This invite was cut short: its address is missing.", COPY_WHOLE);
  return malformed("This is not an invite: an invite begins with lair://.");
}

function addressOf(addresses: readonly string[]): Address | undefined {
  return addresses.map((text) => parseAddress(text)).find((parsed) => parsed !== undefined);
}

/** The invite, or the error. */
function readingOf({ addresses, secret }: InviteExcerpt): Invite | LairError {
  if (secret === undefined) return malformed("This invite was cut short: the part after # is missing.", COPY_WHOLE);
  const address = addressOf(addresses);
  if (address === undefined) {
    return malformed(
      "The address in this invite is not valid: HOST:PORT/ must stand between lair:// and #.",
      COPY_WHOLE,
    );
  }
  const payload = payloadOf(secret);
  if (payload instanceof LairError) return payload;
  const psk = payload.slice(1, 1 + PSK_BYTES);
  const serverKey = payload.slice(1 + PSK_BYTES);
  erase(payload);
  return { url: formatAddress(address), psk, serverKey };
}

function payloadOf({ letters, state }: InviteSecret): Uint8Array | LairError {
  if (hasLostItsCase(letters)) {
    return malformed("All letters of this invite were turned into capital or small letters.", COPY_WHOLE);
  }
  // The first letter is the top six bits of the version, and the first two bits of the second letter are its rest. If
  // letters are missing, that is the error, whatever the first ones say.
  const stated = letters.length < PAYLOAD_LETTERS ? undefined : fromBase64Url(letters.slice(0, 4))?.[0];
  if (stated !== undefined && stated !== VERSION) {
    // Do not show the number: in a garbled invite it would be a byte of the secret.
    return malformed(
      `This invite has another version than the one that this program knows, ${VERSION}.`,
      "Use the same version of Lair on both sides; if they are the same, copy the whole line again.",
    );
  }
  if (state !== "whole") return unreadable(letters.length, state);
  return fromBase64Url(letters) ?? malformed("The last letter of this invite is wrong.", COPY_WHOLE);
}

function unreadable(count: number, state: InviteSecret["state"]): LairError {
  if (state === "foreign") {
    return malformed(`After ${count} letters, this invite has a character that no invite contains.`, COPY_WHOLE);
  }
  if (state === "in-pieces") {
    return malformed("This invite was cut short, or it has other words in the middle.", COPY_WHOLE);
  }
  const missing = PAYLOAD_LETTERS - count;
  if (missing < 0) return malformed(`This invite is too long by ${lettersPhrase(-missing)}.`, COPY_WHOLE);
  const verb = missing === 1 ? "is" : "are";
  return malformed(`This invite was cut short: ${lettersPhrase(missing)} ${verb} missing.`, COPY_WHOLE);
}

function lettersPhrase(count: number): string {
  return count === 1 ? "1 letter" : `${count} letters`;
}

/** Random letters have both cases; the letters of an all-zero key, which nobody uses, are too uniform to tell. */
function hasLostItsCase(letters: string): boolean {
  const isOneCase = !/[a-z]/.test(letters) || !/[A-Z]/.test(letters);
  return isOneCase && new Set(letters).size > 16;
}

/** Without a hint: it was not an invite at all. */
function malformed(message: string, hint?: string): LairError {
  return new LairError("invite-malformed", message, hint === undefined ? {} : { hint });
}
