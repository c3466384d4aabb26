// Signals (docs/ROOMS.md §6): sealed under a key of the epoch, all of one length.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NOBLE_SUITE as SUITE } from "../../../src/core/noise/index.ts";
import { concat, u64 } from "../../../src/core/bytes.ts";
import { encodeRoomMessage } from "../../../src/core/room/room-message.ts";
import { epochOfSignal, openSignal, sealSignal, type SignalKey } from "../../../src/core/room/signal.ts";
import { throwsLair } from "../../throws-lair.ts";

const filled = (bytes: number, value: number): Uint8Array => new Uint8Array(bytes).fill(value);
const KEY: SignalKey = { room: filled(16, 1), sender: filled(32, 2), key: filled(32, 3) };
const random = (length: number): Uint8Array => filled(length, 4);
const TYPING = { kind: "typing", atMs: 5 } as const;
const READ = { kind: "read", atMs: 5, to: "ab".repeat(16) } as const;

describe("a signal", () => {
  it("comes back as it was, says its epoch, and has the length of every other", () => {
    const [typing, read] = [sealSignal(SUITE, random, KEY, 9, TYPING), sealSignal(SUITE, random, KEY, 9, READ)];
    assert.deepEqual(openSignal(SUITE, KEY, typing), TYPING);
    assert.deepEqual(openSignal(SUITE, KEY, read), READ);
    assert.equal(epochOfSignal(read), 9);
    assert.equal(typing.length, read.length);
  });

  it("opens in its room, from its sender, under its key, unchanged; and is else malformed", () => {
    const sealed = sealSignal(SUITE, random, KEY, 9, TYPING);
    for (const other of [{ room: filled(16, 9) }, { sender: filled(32, 9) }, { key: filled(32, 9) }]) {
      throwsLair(() => openSignal(SUITE, { ...KEY, ...other }, sealed), "message-malformed");
    }
    for (const at of [10, 30, sealed.length - 1]) {
      throwsLair(() => openSignal(SUITE, KEY, sealed.with(at, sealed[at]! ^ 1)), "message-malformed");
    }
    for (const length of [0, 8, 20, 35])
      throwsLair(() => openSignal(SUITE, KEY, sealed.slice(0, length)), "message-malformed");
    throwsLair(() => epochOfSignal(concat(u64(2n ** 60n), sealed.slice(8))), "message-malformed");
  });

  it("is nothing that belongs into the log", () => {
    const nonce = random(12);
    const message = encodeRoomMessage({ kind: "text", atMs: 5, text: "hello" });
    const body = SUITE.cipher.encrypt(KEY.key, nonce, concat(KEY.room, KEY.sender), message);
    throwsLair(() => openSignal(SUITE, KEY, concat(u64(9n), nonce, body)), "message-malformed");
    assert.throws(() => sealSignal(SUITE, random, { ...KEY, key: filled(31, 1) }, 9, TYPING), RangeError);
  });
});
