// What a message of the log does: about an earlier line, in a room without cryptography.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { effectOf, type Effect } from "../../../src/app/rooms/taken-message.ts";
import type { RoomLine } from "../../../src/app/rooms/room-store.ts";
import { toHex } from "../../../src/core/bytes.ts";
import type { PublicIdentity } from "../../../src/core/identity/identity.ts";
import type { RoomContext } from "../../../src/core/room/room-context.ts";
import { encodeRoomMessage, type RoomContent } from "../../../src/core/room/room-message.ts";
import { id, line, OPS } from "./room-samples.ts";

const person = (number: number): PublicIdentity => ({
  publicKey: new Uint8Array(32).fill(number),
  signatureKey: new Uint8Array(32).fill(number + 100),
});
const [ada, mel, bob] = [person(1), person(2), person(3)] as const;
const roles: RoomContext["roles"] = new Map([
  [toHex(ada.signatureKey), "admin" as const],
  [toHex(mel.signatureKey), "moderator" as const],
]);
const context: RoomContext = {
  kind: "room",
  name: "ops",
  topic: "",
  sharedLines: 0,
  roles,
  leaving: new Set(),
  banned: new Set(),
  links: new Map(),
};
const [atMs, to] = [1_000, toHex(id(5))] as const;

/** What comes of it, about bob's line 5, which is as `about` says. */
async function effect(from: PublicIdentity, content: RoomContent, about: RoomContent): Promise<Effect> {
  const spoken: RoomLine = line(5, { from: bob, content: encodeRoomMessage(about) });
  const said = { room: OPS, seq: 6, id: id(6), from, isOwn: false, atMs, nowMs: atMs, content };
  const group = { context } as Parameters<typeof effectOf>[1]["group"];
  return await effectOf(said, { group, first: 0, lineOf: async () => spoken });
}

const TEXT: RoomContent = { kind: "text", atMs, text: "spam" };
const GONE: RoomContent = { kind: "delete", atMs, to };

describe("a message about a line", () => {
  it("changes it as long as it is there", async () => {
    for (const content of [{ kind: "edit", atMs, to, text: "better" }, GONE] as const) {
      const kept = await effect(bob, content, TEXT);
      assert.ok(kept.type === "kept" && kept.changed !== undefined);
      assert.equal(kept.changed.words, content.kind === "edit" ? "better" : "");
    }
    assert.equal((await effect(mel, GONE, TEXT)).type, "kept");
    assert.equal((await effect(ada, { kind: "edit", atMs, to, text: "mine" }, TEXT)).type, "refused");
  });

  it("is nothing once it was deleted, whoever writes it", async () => {
    for (const from of [ada, mel, bob]) {
      for (const content of [
        { kind: "edit", atMs, to, text: "spam again" },
        { kind: "reaction", atMs, to, reaction: "👍" },
        GONE,
      ] as const) {
        assert.deepEqual(await effect(from, content, GONE), { type: "nothing" }, content.kind);
      }
    }
    const reply = await effect(ada, { kind: "reply", atMs, to, text: "what was it?" }, GONE);
    assert.equal(reply.type, "kept", "an answer is a line of its own");
  });
});
