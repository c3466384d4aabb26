import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { toBase64Url } from "../../../src/core/bytes.ts";
import { formatInvite, parseInvite } from "../../../src/core/identity/invite.ts";
import { formatRoomLink, hasRoomLink, parseRoomLink, type RoomLink } from "../../../src/core/room/room-link.ts";
import { throwsLair } from "../../throws-lair.ts";

const fill = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);
const KNOWN: RoomLink = {
  invite: { url: "ws://hub.example:8080", psk: fill(32, 1), serverKey: fill(32, 2) },
  room: fill(16, 3),
  id: fill(16, 4),
  secret: fill(32, 5),
};
const TEXT = formatRoomLink(KNOWN);

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const link: fc.Arbitrary<RoomLink> = fc.record(
  {
    invite: fc.record(
      {
        url: fc
          .tuple(
            fc.constantFrom("ws", "wss"),
            fc.constantFrom("127.0.0.1", "[::1]", "hub.example"),
            fc.integer({ min: 1, max: 65_535 }),
          )
          .map(([scheme, name, port]) => `${scheme}://${name}:${port}`),
        psk: bytes(32),
        serverKey: bytes(32),
      },
      { noNullPrototype: true },
    ),
    room: bytes(16),
    id: bytes(16),
    secret: bytes(32),
  },
  { noNullPrototype: true },
);

describe("a link to a room (docs/ROOMS.md)", () => {
  it("is an address and 129 bytes in base64url", () => {
    const payload = [fill(1, 2), fill(32, 1), fill(32, 2), fill(16, 3), fill(16, 4), fill(32, 5)];
    assert.equal(TEXT, `lair://hub.example:8080/#${Buffer.concat(payload).toString("base64url")}`);
    const inTls = formatRoomLink({ ...KNOWN, invite: { ...KNOWN.invite, url: "wss://[::1]:443/rooms" } });
    assert.ok(inTls.startsWith("lairs://[::1]:443/rooms#"), inTls);
    assert.equal(parseRoomLink(inTls).invite.url, "wss://[::1]:443/rooms");
  });

  it("is read back as it was written", () => {
    fc.assert(fc.property(link, (it) => assert.deepEqual(parseRoomLink(formatRoomLink(it)), it)));
  });

  it("is read in a sentence, wrapped, quoted, and twice if it is the same", () => {
    for (const text of [
      ` ${TEXT}\n`,
      `Come in: <${TEXT}>!`,
      `> ${TEXT.slice(0, 60)}\n> ${TEXT.slice(60, 120)}\n> ${TEXT.slice(120)}`,
      encodeURI(TEXT).replace("#", "%23"),
      `${TEXT} ${TEXT}`,
    ]) {
      assert.deepEqual(parseRoomLink(text), KNOWN, text);
      assert.equal(hasRoomLink(text), true);
    }
  });

  it("is no invite, and an invite is no link", () => {
    const invite = formatInvite(KNOWN.invite);
    assert.equal(hasRoomLink(invite), false);
    throwsLair(() => parseRoomLink(invite), "invite-malformed");
    throwsLair(() => parseInvite(TEXT), "invite-malformed");
  });

  it("is refused if it is cut, too long, of another version, without an address, or one of two", () => {
    const other = formatRoomLink({ ...KNOWN, secret: fill(32, 6) });
    const newer = `lair://hub.example:8080/#${toBase64Url(Uint8Array.of(3, ...fill(128, 1)))}`;
    for (const text of [
      "",
      "#",
      "lair://",
      "lair://#",
      TEXT.slice(0, -1),
      `${TEXT}A`,
      newer,
      TEXT.replace("hub.example:8080", ""),
      TEXT.replace("hub.example:8080", "hub.example:99999"),
      TEXT.replace("lair:", "http:"),
      `${TEXT} ${other}`,
    ]) {
      throwsLair(() => parseRoomLink(text), "invite-malformed", text);
    }
  });

  it("is never another error, whatever the text", () => {
    const piece = fc.oneof(
      fc.constantFrom(TEXT, "lair://", "#", "%23", " ", "\n> ", "=", "_"),
      fc.string({ maxLength: 9 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.nat(TEXT.length), (pieces, cut) => {
        for (const text of [pieces.join(""), TEXT.slice(0, cut) + pieces.join("") + TEXT.slice(cut)]) {
          try {
            parseRoomLink(text);
          } catch (error) {
            throwsLair(() => {
              throw error;
            }, "invite-malformed");
          }
        }
      }),
    );
  });

  it("is not written with a wrong length, or an address that is none", () => {
    for (const wrong of [
      { ...KNOWN, room: fill(15, 3) },
      { ...KNOWN, id: fill(17, 3) },
      { ...KNOWN, secret: fill(31, 3) },
      { ...KNOWN, invite: { ...KNOWN.invite, psk: fill(31, 3) } },
      { ...KNOWN, invite: { ...KNOWN.invite, url: "hub.example" } },
    ]) {
      assert.throws(() => formatRoomLink(wrong), RangeError);
    }
  });
});
