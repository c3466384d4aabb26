// DATA as bytes (docs/PROTOCOL.md §7.2).

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { concat, fromHex, toHex, toUtf8 } from "../../../src/core/bytes.ts";
import { decodeData, encodeDataHead, isRoute } from "../../../src/core/delivery/data.ts";
import type { StoredMessage } from "../../../src/core/delivery/store.ts";
import { LairError } from "../../../src/core/errors.ts";
import { effort } from "../../effort.ts";
import { throwsLair } from "../../throws-lair.ts";

const STAMP = fromHex("a82830d50376908600000003")!;

const whole = (data: Omit<StoredMessage, "atMs">): Uint8Array => concat(encodeDataHead(data), data.message);

describe("a DATA (§7.2)", () => {
  it("is number, stamp, kind, stream and message", () => {
    const head = { seq: 5, stamp: STAMP, message: toUtf8("hi") };
    assert.equal(toHex(whole(head)), "0000000000000005a82830d503769086000000030100006869");
    const routed = whole({ ...head, route: { kind: 0xfe, stream: 0x0102 } });
    assert.equal(toHex(routed), "0000000000000005a82830d50376908600000003fe01026869");
    assert.deepEqual(decodeData(whole(head)), { ...head, seq: 5n, route: undefined });
    assert.deepEqual(decodeData(routed), { ...head, seq: 5n, route: { kind: 0xfe, stream: 0x0102 } });
  });

  it("is read as far as it is there, whatever it is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (body) => {
        if (body.length < 23) throwsLair(() => decodeData(body), "record-malformed");
        else {
          const { seq, stamp, route, message } = decodeData(body);
          const kind = route ?? { kind: 1, stream: 0 };
          const again = [Uint8Array.of(kind.kind, kind.stream >> 8, kind.stream & 255), message];
          assert.equal(toHex(body), [seq.toString(16).padStart(16, "0"), toHex(stamp), ...again.map(toHex)].join(""));
        }
      }),
      { numRuns: effort(300, 100_000) },
    );
    assert.ok(throwsLair(() => decodeData(new Uint8Array(22)), "record-malformed") instanceof LairError);
  });

  it("has kind 1 on stream 0 for the chat, and any other kind on any other stream", () => {
    for (const [kind, stream] of [
      [0, 1],
      [2, 1],
      [255, 65_535],
    ] as const) {
      assert.ok(isRoute({ kind, stream }));
    }
    for (const [kind, stream] of [
      [1, 0],
      [1, 1],
      [2, 0],
      [256, 1],
      [2, 65_536],
      [-1, 1],
      [2, -1],
      [1.5, 1],
    ] as const) {
      assert.ok(!isRoute({ kind, stream }), `${kind} on ${stream}`);
    }
  });
});
