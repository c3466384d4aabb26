import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { toHex, toUtf8 } from "../../../src/core/bytes.ts";
import { generateIdentity } from "../../../src/core/identity/identity.ts";
import { NOBLE_SUITE as SUITE } from "../../../src/core/noise/noble-suite.ts";
import { openOutsideInfo, type OutsideKey, sealOutsideInfo } from "../../../src/core/room/outside-info.ts";
import { throwsLair } from "../../throws-lair.ts";

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const parts = { suite: SUITE, random };
const [ada, bob, cyd] = [1, 2, 3].map(() => generateIdentity(SUITE, random)) as [Keys, Keys, Keys];
type Keys = ReturnType<typeof generateIdentity>;
const [ROOM, LINK, OTHER_LINK] = [random(16), random(16), random(16)] as [Uint8Array, Uint8Array, Uint8Array];
const [SECRET, OTHER_SECRET] = [random(32), random(32)] as [Uint8Array, Uint8Array];
const INFO = toUtf8("the GroupInfo, with the name of the room in it");

const asMember = (keyPair: Keys): OutsideKey => ({ kind: "member", keyPair });
const byLink = (id: Uint8Array, secret: Uint8Array): OutsideKey => ({ kind: "link", id, secret });
const sealed = sealOutsideInfo(parts, ROOM, INFO, {
  members: [ada, bob],
  links: new Map([
    [toHex(LINK), SECRET],
    [toHex(OTHER_LINK), OTHER_SECRET],
  ]),
});

function refuses(by: OutsideKey, bytes = sealed, room = ROOM, what = ""): void {
  throwsLair(() => openOutsideInfo(SUITE, room, bytes, by), "group-malformed", what);
}

describe("the GroupInfo at the hub (docs/ROOMS.md)", () => {
  it("is opened by each member and each link", () => {
    for (const by of [asMember(ada), asMember(bob), byLink(LINK, SECRET), byLink(OTHER_LINK, OTHER_SECRET)]) {
      assert.deepEqual(openOutsideInfo(SUITE, ROOM, sealed, by), INFO);
    }
  });

  it("has the length of docs/ROOMS.md, and none of its text", () => {
    assert.equal(sealed.length, 1 + 32 + 1 + 2 * (16 + 48) + 2 + 2 * (8 + 80) + INFO.length + 16);
    assert.equal(Buffer.from(sealed).includes("room"), false);
    assert.equal(Buffer.from(sealed).includes(Buffer.from(SECRET)), false);
    const again = sealOutsideInfo(parts, ROOM, INFO, { members: [ada], links: new Map() });
    assert.equal(toHex(again.slice(-60)) === toHex(sealed.slice(-60)), false, "a key of its own each time");
  });

  it("is closed to everybody else, to a link with another secret, and for another room", () => {
    refuses(asMember(cyd));
    refuses(byLink(random(16), SECRET));
    refuses(byLink(LINK, OTHER_SECRET));
    refuses(asMember({ ...cyd, publicKey: ada.publicKey }), sealed, ROOM, "the hub knows public keys");
    refuses(asMember(ada), sealed, random(16));
    refuses(byLink(LINK, SECRET), sealed, random(16));
  });

  it("is closed if it is cut or damaged anywhere that its reader needs, and never another error", () => {
    const head = 1 + 32 + 1;
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        refuses(asMember(ada), sealed.slice(0, at), ROOM, `cut at ${at}`);
        const damaged = sealed.slice();
        damaged[at]! ^= change;
        for (const by of [asMember(ada), byLink(LINK, SECRET)]) {
          // A part for another reader, or the salt for a member, may be damaged.
          try {
            assert.deepEqual(openOutsideInfo(SUITE, ROOM, damaged, by), INFO);
          } catch (error) {
            throwsLair(() => {
              throw error;
            }, "group-malformed");
          }
        }
        if (at === 0 || (at >= head - 1 && at < head) || at >= sealed.length - INFO.length - 16) {
          refuses(asMember(ada), damaged, ROOM, `damaged at ${at}`);
        }
      }),
      { numRuns: 40 },
    );
    refuses(asMember(ada), new Uint8Array(0));
    refuses(asMember(ada), Uint8Array.of(...sealed, 0), ROOM, "longer");
  });

  it("is sealed for the others though one member's key belongs to nobody", () => {
    const nobody = { publicKey: new Uint8Array(32) };
    const bytes = sealOutsideInfo(parts, ROOM, INFO, { members: [nobody, ada], links: new Map() });
    assert.deepEqual(openOutsideInfo(SUITE, ROOM, bytes, asMember(ada)), INFO);
    assert.equal(bytes.length, 1 + 32 + 1 + 2 + 88 + INFO.length + 16);
  });
});
