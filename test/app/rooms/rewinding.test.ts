// From where a room is read again when its hub has lost what was read here.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rewound } from "../../../src/app/rooms/rewinding.ts";
import { room as roomWith } from "./room-samples.ts";

const room = roomWith({ first: 3, next: 20, commits: 15 });
const hub = { room: room.id, epoch: 4, commits: 9, next: 20, oldest: 0, from: 3, cursor: 20 };

/** The entry from which it is read again; undefined: it is not. */
function from(change: Partial<typeof hub>, known: Parameters<typeof rewound>[2]): number | undefined {
  return rewound(room, { ...hub, ...change }, { last: 19, ...known })?.next;
}

describe("a room whose hub has lost entries", () => {
  it("is read on if the hub has all", () => {
    assert.equal(from({}, {}), undefined);
    assert.equal(from({}, { cursor: 12 }), undefined, "what was read last was not acknowledged");
    assert.equal(rewound(room, undefined, {}), undefined);
  });

  it("is read again from what the hub has, or what both had when the session began", () => {
    assert.equal(from({ next: 10 }, {}), 10);
    assert.equal(from({ next: 10 }, { cursor: 7 }), 7, "others have spoken since it was restored");
    assert.equal(from({ next: 30 }, { posted: 11 }), 11);
  });

  it("is read again from the hub's cursor if that went back, however far the others have come", () => {
    assert.equal(from({ next: 30 }, { cursor: 7, hasForgotten: true }), 7);
    assert.equal(
      from({ next: 30 }, { cursor: 0, hasForgotten: true }),
      3,
      "what came before was never for this member",
    );
    assert.equal(rewound(room, { ...hub, next: 10 }, { last: 19 })?.commits, 9);
  });
});
