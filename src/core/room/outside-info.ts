// The GroupInfo of a room as it lies at the hub, for external commits (docs/ROOMS.md). It has the room's name and links in
// it, so it is sealed: for each member, who may have to rejoin, and for each link. The hub, and people
// who were removed, open none of it.
//
//   version (1: 1) ‖ salt (32)
//   ‖ links, count (1), each: id (16) ‖ the content key, sealed (48)
//   ‖ members, count (2), each: the first 8 bytes of the X25519 key ‖ a message of Noise_N with the content key (80)
//   ‖ the GroupInfo, sealed under the content key
//
// A link's key is HKDF-SHA-256(salt, secret, "lair/1 outside" ‖ room). Nonces are zero: each key seals once. The room's id
// is associated data everywhere; in Noise_N it is the prologue.

import { concat, erase, fromHex, readU16, toHex, toUtf8 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import type { PublicIdentity } from "../identity/identity.ts";
import { HandshakeState } from "../noise/handshake-state.ts";
import { NoiseError } from "../noise/noise-error.ts";
import { type CipherSuite, KEY_BYTES, type KeyPair, type RandomSource, TAG_BYTES } from "../noise/suite.ts";
import { LINK_ID_BYTES } from "./room-context.ts";

const VERSION = 1;
const SALT_BYTES = 32;
const BOX_BYTES = KEY_BYTES + TAG_BYTES;
const HINT_BYTES = 8;
const NOISE_BYTES = KEY_BYTES + BOX_BYTES;
const NONCE = new Uint8Array(12);
const LABEL = toUtf8("lair/1 outside");

interface Parts {
  readonly suite: CipherSuite;
  readonly random: RandomSource;
}

/** For whom it is sealed. */
interface OutsideReaders {
  readonly members: readonly Pick<PublicIdentity, "publicKey">[];
  /** By id, in hex. */
  readonly links: ReadonlyMap<string, Uint8Array>;
}

/** Who opens it: a member, or somebody with a link. */
export type OutsideKey =
  | { readonly kind: "member"; readonly keyPair: KeyPair }
  | { readonly kind: "link"; readonly id: Uint8Array; readonly secret: Uint8Array };

/** Seals a GroupInfo. */
export function sealOutsideInfo(
  { suite, random }: Parts,
  room: Uint8Array,
  groupInfo: Uint8Array,
  readers: OutsideReaders,
): Uint8Array {
  const [key, salt] = [random(KEY_BYTES), random(SALT_BYTES)];
  const links = [...readers.links].flatMap(([id, secret]) => {
    const linkKey = linkKeyOf(suite, salt, secret, room);
    return [fromHex(id)!, suite.cipher.encrypt(linkKey, NONCE, room, key)];
  });
  const members = readers.members.flatMap(({ publicKey }) => {
    const message = sealNoise({ suite, random }, room, key, publicKey);
    return message === undefined ? [] : [concat(publicKey.subarray(0, HINT_BYTES), message)];
  });
  const sealed = concat(
    Uint8Array.of(VERSION),
    salt,
    Uint8Array.of(readers.links.size),
    ...links,
    Uint8Array.of(members.length >> 8, members.length & 0xff),
    ...members,
    suite.cipher.encrypt(key, NONCE, room, groupInfo),
  );
  erase(key);
  return sealed;
}

/** Throws LairError `group-malformed` if it is damaged, of another room, or not sealed for this reader. */
export function openOutsideInfo(suite: CipherSuite, room: Uint8Array, sealed: Uint8Array, by: OutsideKey): Uint8Array {
  try {
    let offset = 0;
    const take = (length: number): Uint8Array => {
      if (offset + length > sealed.length) throw new RangeError("cut short");
      return sealed.slice(offset, (offset += length));
    };
    if (take(1)[0] !== VERSION) throw new RangeError("another version");
    const salt = take(SALT_BYTES);
    const links = Array.from({ length: take(1)[0]! }, () => [take(LINK_ID_BYTES), take(BOX_BYTES)] as const);
    const members = Array.from({ length: readU16(take(2), 0) }, () => [take(HINT_BYTES), take(NOISE_BYTES)] as const);
    const body = sealed.slice(offset);
    const keys =
      by.kind === "link"
        ? links
            .filter(([id]) => toHex(id) === toHex(by.id))
            .map(
              ([, box]) =>
                () =>
                  suite.cipher.decrypt(linkKeyOf(suite, salt, by.secret, room), NONCE, room, box),
            )
        : members
            .filter(([hint]) => toHex(hint) === toHex(by.keyPair.publicKey.subarray(0, HINT_BYTES)))
            .map(
              ([, message]) =>
                () =>
                  openNoise(suite, room, message, by.keyPair),
            );
    const [openKey] = keys;
    if (openKey === undefined) throw new RangeError("not for this reader");
    return suite.cipher.decrypt(openKey(), NONCE, room, body);
  } catch (cause) {
    throw new LairError("group-malformed", "The hub's copy of this room's state cannot be opened.", {
      hint: "The link may have been revoked. Ask a member for a new one, or to invite you.",
      cause,
    });
  }
}

/** Undefined for a key of low order, which belongs to nobody: else one such member would stop every commit. */
function sealNoise(
  { suite, random }: Parts,
  room: Uint8Array,
  key: Uint8Array,
  remoteStaticKey: Uint8Array,
): Uint8Array | undefined {
  const prologue = concat(LABEL, room);
  const noise = new HandshakeState({ pattern: "N", suite, role: "initiator", random, prologue, remoteStaticKey });
  try {
    return noise.writeMessage(key);
  } catch (error) {
    if (error instanceof NoiseError && error.code === "noise-all-zero-dh") return undefined;
    throw error;
  }
}

function openNoise(suite: CipherSuite, room: Uint8Array, message: Uint8Array, staticKey: KeyPair): Uint8Array {
  const noise = new HandshakeState({
    pattern: "N",
    suite,
    role: "responder",
    // A responder of N draws nothing.
    random: () => new Uint8Array(KEY_BYTES),
    prologue: concat(LABEL, room),
    staticKey,
  });
  return noise.readMessage(message);
}

function linkKeyOf({ hash }: CipherSuite, salt: Uint8Array, secret: Uint8Array, room: Uint8Array): Uint8Array {
  return hash.hkdf(salt, secret, concat(LABEL, room), KEY_BYTES);
}
