// What leaves through the filter: in which pieces it is written, and when it counts as written.

import assert from "node:assert/strict";
import { Socket } from "node:net";
import { it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { FilteredSocket } from "../../../src/node/websocket/filtered-socket.ts";
import { FrameScanner } from "../../../src/node/websocket/frame-scanner.ts";

/** A socket that takes a write when it is told to. */
class StuckSocket extends Socket {
  readonly written: string[] = [];
  readonly takes: (() => void)[] = [];

  override write(chunk: unknown, ...rest: readonly unknown[]): boolean {
    this.written.push(String(chunk));
    for (const one of rest) if (typeof one === "function") this.takes.push(() => void one());
    return false;
  }
}

function filtered() {
  const raw = new StuckSocket();
  const scanner = new FrameScanner(true, { maxFrameBytes: 65_535, controlFramesInARow: 1 });
  return { raw, socket: new FilteredSocket(raw, scanner) };
}

for (const [what, contentBytes, pieces] of [
  ["in one piece if they are short", 4_094, 1],
  ["uncopied if they are longer", 4_095, 2],
] as const) {
  it(`writes the head and the content of a frame ${what}, in order, and queues them until they are taken`, async () => {
    const { raw, socket } = filtered();
    const content = "c".repeat(contentBytes);
    socket.cork();
    socket.write("hh");
    socket.write(content);
    socket.uncork();
    await nextTurn();
    assert.equal(raw.written.join(""), `hh${content}`);
    assert.equal(raw.written.length, pieces);
    assert.equal(socket.writableLength, 2 + contentBytes);
    for (const take of raw.takes) take();
    await nextTurn();
    assert.equal(socket.writableLength, 0);
    socket.destroy();
  });
}
