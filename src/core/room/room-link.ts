// The link to a room (docs/ROOMS.md): one line of text that brings somebody new to the hub and into the room. It has the
// form of an invite, `lair://HOST:PORT/#...`, with more behind the `#`, and is read as tolerantly. It is a secret.
//
//   version (1 byte: 2) ‖ psk of the hub's invite (32) ‖ key of the hub (32) ‖ room (16) ‖ id of the link (16) ‖ secret (32)

import { formatAddress, parseAddress } from "../address.ts";
import { concat, equalInConstantTime, erase, fromBase64Url, toBase64Url, toUtf8 } from "../bytes.ts";
import { LairError } from "../errors.ts";
import type { Invite } from "../identity/invite.ts";
import { invitesIn } from "../identity/invite-text.ts";
import { GROUP_ID_BYTES } from "./limits.ts";
import { LINK_ID_BYTES, LINK_SECRET_BYTES } from "./room-context.ts";

const VERSION = 2;
const KEY_BYTES = 32;
const LENGTHS = [1, KEY_BYTES, KEY_BYTES, GROUP_ID_BYTES, LINK_ID_BYTES, LINK_SECRET_BYTES] as const;
const PAYLOAD_BYTES = LENGTHS.reduce((sum, one) => sum + one, 0);
const PAYLOAD_LETTERS = Math.ceil((PAYLOAD_BYTES * 4) / 3);

/** A link, decoded. */
export interface RoomLink {
  /** By which somebody new comes to the hub. A member of the hub needs its key and address only. */
  readonly invite: Invite;
  /** 16 bytes. */
  readonly room: Uint8Array;
  /** 16 bytes; the hub knows it. */
  readonly id: Uint8Array;
  /** 32 bytes: the members know it, the hub does not. A newcomer proves it. */
  readonly secret: Uint8Array;
}

/** The link as one line of text. Throws RangeError for wrong lengths or an address that is none. */
export function formatRoomLink({ invite, room, id, secret }: RoomLink): string {
  const address = parseAddress(invite.url);
  if (address === undefined) throw new RangeError("url: expected ws://host:port or wss://host:port");
  const parts = [Uint8Array.of(VERSION), invite.psk, invite.serverKey, room, id, secret];
  if (parts.some((part, at) => part.length !== LENGTHS[at])) throw new RangeError("formatRoomLink: a wrong length");
  const payload = concat(...parts);
  const shown = formatAddress(address) + (address.path === "/" ? "/" : "");
  const text = `lair${shown.slice("ws".length)}#${toBase64Url(payload)}`;
  erase(payload);
  return text;
}

/** Parses the one link in a text. Throws LairError `invite-malformed`. */
export function parseRoomLink(text: string): RoomLink {
  const links = linksIn(text);
  const [link, ...others] = links;
  if (link === undefined) {
    throw new LairError("invite-malformed", "This is not a link to a room.", {
      hint: "Copy the whole line, from lair:// to its last letter.",
    });
  }
  if (others.some((other) => !isSame(other, link))) {
    throw new LairError("invite-malformed", "There is more than one link in this text.", {
      hint: "Give only the newest one.",
    });
  }
  return link;
}

/** Whether a text has a link to a room in it, and not an invite. */
export function hasRoomLink(text: string): boolean {
  return linksIn(text).length > 0;
}

/** What the simplest way of reading that finds any finds. */
function linksIn(text: string): RoomLink[] {
  for (const way of invitesIn(text, PAYLOAD_LETTERS)) {
    const links = way.flatMap(({ addresses, secret }) => {
      const address = addresses.map((one) => parseAddress(one)).find((parsed) => parsed !== undefined);
      const payload = secret?.state === "whole" ? fromBase64Url(secret.letters) : undefined;
      if (address === undefined || payload?.[0] !== VERSION) return [];
      let offset = 0;
      const parts = LENGTHS.map((length) => payload.slice(offset, (offset += length)));
      erase(payload);
      const [, psk, serverKey, room, id, linkSecret] = parts;
      const invite = { url: formatAddress(address), psk: psk!, serverKey: serverKey! };
      return [{ invite, room: room!, id: id!, secret: linkSecret! }];
    });
    if (links.length > 0) return links;
  }
  return [];
}

function isSame(a: RoomLink, b: RoomLink): boolean {
  return equalInConstantTime(toUtf8(formatRoomLink(a)), toUtf8(formatRoomLink(b)));
}
