// test/vectors/rooms.json, which the peer in Go has written from docs/ROOMS.md alone: Lair's code writes the same bytes, and
// reads them back.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fromHex, fromUtf8, toHex, toUtf8 } from "../../../src/core/bytes.ts";
import { identityFromPrivateKey } from "../../../src/core/identity/identity.ts";
import { NOBLE_SUITE as SUITE } from "../../../src/core/noise/noble-suite.ts";
import {
  afterEntry,
  compareMark,
  decodeMark,
  encodeMark,
  type HashedEntry,
  logFrom,
  markOf,
  WHOLE_LOG,
} from "../../../src/core/room/log-hash.ts";
import { openOutsideInfo, sealOutsideInfo } from "../../../src/core/room/outside-info.ts";
import { decodeBundle, encodeBundle } from "../../../src/core/room/package-bundle.ts";
import { decodeRoomContext, encodeRoomContext } from "../../../src/core/room/room-context.ts";
import { formatRoomLink, parseRoomLink } from "../../../src/core/room/room-link.ts";
import { decodeRoomMessage, encodeRoomMessage } from "../../../src/core/room/room-message.ts";
import { epochOfSignal, openSignal, sealSignal } from "../../../src/core/room/signal.ts";
import { throwsLair } from "../../throws-lair.ts";

interface Message {
  readonly note: string;
  readonly message: string;
}

interface RoomVectors {
  readonly room: string;
  readonly messages: readonly Message[];
  readonly tolerated: readonly (Message & { readonly means: string })[];
  readonly unknown: Message;
  readonly refused: readonly Message[];
  readonly log: {
    readonly entries: readonly {
      readonly seq: number;
      readonly type: HashedEntry["type"];
      readonly id: string;
      readonly epoch: number;
      readonly poster: string;
      readonly bytes: string;
      readonly d: string;
      readonly h: string;
    }[];
    readonly message: string;
    readonly inCommit: string;
  };
  readonly link: Readonly<Record<"address" | "invitePsk" | "hubKey" | "room" | "id" | "secret" | "text", string>>;
  readonly outside: {
    readonly groupInfo: string;
    readonly contentKey: string;
    readonly salt: string;
    readonly links: readonly { readonly id: string; readonly secret: string }[];
    readonly members: readonly Readonly<
      Record<"staticPrivate" | "staticPublic" | "signatureKey" | "ephemeralPrivate", string>
    >[];
    readonly bytes: string;
  };
  readonly bundle: { readonly packages: readonly string[]; readonly bytes: string };
  readonly signals: readonly (Message &
    Readonly<Record<"sender" | "key" | "nonce" | "bytes", string>> & { readonly epoch: number })[];
  readonly contexts: readonly {
    readonly note: string;
    readonly kind: string;
    readonly name: string;
    readonly topic: string;
    readonly shared: number;
    readonly roles: readonly { readonly key: string; readonly role: string }[];
    readonly leaving: readonly string[];
    readonly banned: readonly string[];
    readonly links: readonly { readonly id: string; readonly secret: string }[];
    readonly bytes: string;
  }[];
  readonly refusedContexts: readonly { readonly note: string; readonly bytes: string }[];
}

const VECTORS = JSON.parse(readFileSync(new URL("../../vectors/rooms.json", import.meta.url), "utf8")) as RoomVectors;
const ROOM = bytes(VECTORS.room);

const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(data).digest());

function bytes(hex: string): Uint8Array {
  const read = fromHex(hex);
  assert.ok(read !== undefined);
  return read;
}

/** As Lair writes what it has read; for a message of a newer Lair nothing. */
function rewritten(message: string): string | undefined {
  const { content, log } = decodeRoomMessage(toUtf8(message));
  return content.kind === "unknown" ? undefined : fromUtf8(encodeRoomMessage(content, log));
}

describe("test/vectors/rooms.json", () => {
  it("has a message of each kind", () => {
    for (const { note, message } of VECTORS.messages) assert.equal(rewritten(message), message, note);
    const kinds = new Set(VECTORS.messages.map(({ message }) => decodeRoomMessage(toUtf8(message)).content.kind));
    const all = ["text", "reply", "edit", "delete", "reaction", "timer", "shared", "read", "typing"];
    assert.deepEqual([...kinds], all);
  });

  it("has messages that are written otherwise, and one of a newer Lair", () => {
    for (const { note, message, means } of VECTORS.tolerated) assert.equal(rewritten(message), means, note);
    assert.equal(decodeRoomMessage(toUtf8(VECTORS.unknown.message)).content.kind, "unknown");
  });

  it("has messages that are refused", () => {
    for (const { note, message } of VECTORS.refused) {
      throwsLair(() => decodeRoomMessage(toUtf8(message)), "message-malformed", note);
    }
  });

  it("has a log with its hash, and what a message and a commit say of it", () => {
    const { entries, message, inCommit } = VECTORS.log;
    let whole = WHOLE_LOG;
    // Somebody whose first entry is the second one.
    let late = logFrom(1);
    for (const { seq, type, id, epoch, poster, bytes: body, d, h } of entries) {
      const entry = { seq, type, id: bytes(id), epoch, poster: bytes(poster), bytes: bytes(body) };
      whole = afterEntry(sha256, whole, entry);
      assert.deepEqual(markOf(whole), { seq, hash: bytes(h) });
      if (seq === 0) continue;
      late = afterEntry(sha256, late, entry);
      assert.equal(toHex(late.recent.at(-1)!), d);
    }
    const mark = markOf(whole);
    assert.ok(mark !== undefined);
    assert.equal(toHex(encodeMark(mark)), inCommit);
    assert.deepEqual(decodeMark(bytes(inCommit)), mark);
    assert.equal(rewritten(message), message);
    assert.deepEqual(decodeRoomMessage(toUtf8(message)).log, mark);
    assert.equal(markOf(late), undefined);
    const [first] = entries;
    assert.ok(first !== undefined);
    const told = compareMark(sha256, late, { seq: 0, hash: bytes(first.h) });
    assert.equal(told.verdict, "same");
    assert.deepEqual(markOf(told.view), mark, "she knows h of the last entry from that of the first");
  });

  it("has a link", () => {
    const { address, invitePsk, hubKey, room, id, secret, text } = VECTORS.link;
    const invite = { url: address.replace(/\/$/, ""), psk: bytes(invitePsk), serverKey: bytes(hubKey) };
    const link = { invite, room: bytes(room), id: bytes(id), secret: bytes(secret) };
    assert.equal(formatRoomLink(link), text);
    assert.deepEqual(parseRoomLink(`come to ${text} now`), link);
  });

  it("has a GroupInfo that is sealed for two members and a link", () => {
    const { groupInfo, contentKey, salt, links, members, bytes: hex } = VECTORS.outside;
    const drawn = [contentKey, salt, ...members.map(({ ephemeralPrivate }) => ephemeralPrivate)].map(bytes);
    const random = (length: number): Uint8Array => {
      const next = drawn.shift();
      assert.equal(next?.length, length);
      return next.slice();
    };
    const people = members.map((one) => {
      const person = identityFromPrivateKey(SUITE, bytes(one.staticPrivate));
      assert.equal(toHex(person.publicKey), one.staticPublic);
      assert.equal(toHex(person.signatureKey), one.signatureKey);
      return person;
    });
    const readers = { members: people, links: new Map(links.map(({ id, secret }) => [id, bytes(secret)])) };
    assert.equal(toHex(sealOutsideInfo({ suite: SUITE, random }, ROOM, bytes(groupInfo), readers)), hex);
    assert.equal(drawn.length, 0);
    for (const keyPair of people) {
      assert.equal(toHex(openOutsideInfo(SUITE, ROOM, bytes(hex), { kind: "member", keyPair })), groupInfo);
    }
    for (const { id, secret } of links) {
      const by = { kind: "link", id: bytes(id), secret: bytes(secret) } as const;
      assert.equal(toHex(openOutsideInfo(SUITE, ROOM, bytes(hex), by)), groupInfo);
    }
  });

  it("has a bundle of key packages", () => {
    const { packages, bytes: hex } = VECTORS.bundle;
    assert.equal(toHex(encodeBundle(packages.map(bytes))), hex);
    assert.deepEqual(decodeBundle(bytes(hex)).map(toHex), packages);
  });

  it("has signals", () => {
    for (const { note, epoch, sender, key, nonce, message, bytes: hex } of VECTORS.signals) {
      const { content } = decodeRoomMessage(toUtf8(message));
      assert.ok(content.kind === "read" || content.kind === "typing", note);
      const parts = { room: ROOM, sender: bytes(sender), key: bytes(key) };
      const random = (length: number): Uint8Array => {
        assert.equal(length, nonce.length / 2);
        return bytes(nonce);
      };
      assert.equal(toHex(sealSignal(SUITE, random, parts, epoch, content)), hex, note);
      assert.equal(epochOfSignal(bytes(hex)), epoch, note);
      assert.deepEqual(openSignal(SUITE, parts, bytes(hex)), content, note);
    }
  });

  it("has a room's data of each kind", () => {
    for (const { note, bytes: hex, shared, links, roles, ...more } of VECTORS.contexts) {
      const context = decodeRoomContext(bytes(hex));
      assert.equal(toHex(encodeRoomContext(context)), hex, note);
      const read = {
        kind: context.kind,
        name: context.name,
        topic: context.topic,
        leaving: [...context.leaving],
        banned: [...context.banned],
      };
      assert.deepEqual(read, more, note);
      assert.equal(context.sharedLines, shared, note);
      assert.deepEqual(
        [...context.roles].map(([key, role]) => ({ key, role })),
        roles,
        note,
      );
      assert.deepEqual(
        [...context.links].map(([id, secret]) => ({ id, secret: toHex(secret) })),
        links,
        note,
      );
    }
    const kinds = VECTORS.contexts.map(({ kind }) => kind);
    assert.deepEqual(kinds, ["room", "announcement", "direct"]);
  });

  it("has data of a room that are refused", () => {
    for (const { note, bytes: hex } of VECTORS.refusedContexts) {
      throwsLair(() => decodeRoomContext(bytes(hex)), "group-malformed", note);
    }
  });
});
