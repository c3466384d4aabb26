// The invite: one line of text that carries an address, a one-time psk and the server's key (docs/PROTOCOL.md §9.1).
// Knows no socket and no clock; whether an invite is still open is for the server to say. It is a secret: no message
// here repeats anything of what stands behind the `#`.

import { formatAddress, parseAddress } from "../address.ts";
import { concat, erase, fromBase64Url, toBase64Url } from "../bytes.ts";
import { LairError } from "../errors.ts";
import { KEY_BYTES } from "./key-pair.ts";
import { PSK_BYTES } from "./psk.ts";

// docs/PROTOCOL.md §9.1.
const VERSION = 1;
const PAYLOAD_BYTES = 1 + PSK_BYTES + KEY_BYTES;
const PAYLOAD_LETTERS = Math.ceil((PAYLOAD_BYTES * 4) / 3);

const INVITE_TEXT = /^lair(s?):\/\/([^#]*)#(.*)$/i;

/** An invite, decoded. */
export interface Invite {
  /** `ws://host:port[/path]`, or `wss://...` when TLS is outside; the port is always there. */
  readonly url: string;
  /** 32 bytes, good for one pairing. */
  readonly psk: Uint8Array;
  /** The server's static public key, 32 bytes. */
  readonly serverKey: Uint8Array;
}

/**
 * The invite as one line of text. A string cannot be erased: make it when it is shown or stored, not earlier.
 * Throws RangeError for wrong lengths or a URL that is not `ws://host[:port][/path]` or `wss://...`.
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
 * Reads an invite. White space around and inside it is dropped, since chat programs wrap long lines.
 * Throws LairError invite-malformed, each time with what is wrong and what to do.
 */
export function parseInvite(text: string): Invite {
  const dense = withoutWhiteSpace(text);
  if (dense === "") throw malformed("This is not an invite: it is empty.", ASK_FOR_ONE);
  if (!looksLikeInvite(dense)) throw malformed("This is not an invite: an invite begins with lair://.", ASK_FOR_ONE);
  if (!dense.includes("#")) throw malformed("This invite was cut short: the part after # is missing.", COPY_WHOLE);
  const match = INVITE_TEXT.exec(dense);
  const address = match === null ? undefined : parseAddress(`ws${match[1]!}://${match[2]!}`);
  if (match === null || address === undefined) {
    throw malformed("The address in this invite is none: between lair:// and # stands HOST:PORT/.", COPY_WHOLE);
  }
  return { url: formatAddress(address), ...parsePayload(match[3]!) };
}

/** Whether somebody meant this as an invite, well-formed or not: it must then be treated as a secret. */
export function looksLikeInvite(text: string): boolean {
  return /^lairs?:/i.test(withoutWhiteSpace(text));
}

const ASK_FOR_ONE = "Ask the other side for one: lair-server shows it, and its command invite makes another.";
const COPY_WHOLE = "Copy the whole line, from lair:// to its last letter.";

function parsePayload(letters: string): { psk: Uint8Array; serverKey: Uint8Array } {
  if (/[^A-Za-z0-9_-]/.test(letters)) {
    throw malformed(
      "This invite holds characters that no invite has.",
      `${COPY_WHOLE} Nothing may stand before or after.`,
    );
  }
  // The first letter is the top six bits of the version, and the first two bits of the second one are its rest.
  const stated = fromBase64Url(letters.slice(0, 4))?.[0];
  if (stated !== undefined && stated !== VERSION) {
    // The number is not shown: in a garbled invite it would be a byte of the secret.
    throw malformed(
      `This invite is of another version than the one that this program knows, ${VERSION}.`,
      "Use the same version of Lair on both sides; if they are the same, copy the whole line again.",
    );
  }
  if (letters.length < PAYLOAD_LETTERS) {
    throw malformed(`This invite was cut short: ${PAYLOAD_LETTERS - letters.length} letters are missing.`, COPY_WHOLE);
  }
  if (letters.length > PAYLOAD_LETTERS) {
    throw malformed(`This invite is too long by ${letters.length - PAYLOAD_LETTERS} letters.`, COPY_WHOLE);
  }
  const payload = fromBase64Url(letters);
  if (payload === undefined) throw malformed("The last letter of this invite is wrong.", COPY_WHOLE);
  const psk = payload.slice(1, 1 + PSK_BYTES);
  const serverKey = payload.slice(1 + PSK_BYTES);
  erase(payload);
  return { psk, serverKey };
}

function withoutWhiteSpace(text: string): string {
  return text.replaceAll(/\s/g, "");
}

function malformed(message: string, hint: string): LairError {
  return new LairError("invite-malformed", message, { hint });
}
