// A carrier over a WebSocket with the interface of browsers, which says neither when its queue is empty nor takes every code.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Carrier } from "../../src/app/ports.ts";
import { webSocketCarrier, type WebSocketLike } from "../../src/app/websocket-carrier.ts";
import { ManualClock } from "../node/manual-clock.ts";

type Listener = (event: { data: unknown; wasClean: boolean }) => void;

class FakeSocket implements WebSocketLike {
  binaryType = "blob";
  bufferedAmount = 0;
  readonly calls: unknown[] = [];
  readonly #listeners = new Map<string, Listener>();

  send(data: Uint8Array<ArrayBuffer>): void {
    this.calls.push(["send", data.length]);
    this.bufferedAmount += data.length;
  }

  close(code?: number): void {
    this.calls.push(["close", code]);
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, listener);
  }

  tell(type: string, event: Partial<Parameters<Listener>[0]>): void {
    this.#listeners.get(type)!({ data: undefined, wasClean: false, ...event });
  }
}

class FakeWsSocket extends FakeSocket {
  pause(): void {
    this.calls.push("pause");
  }

  resume(): void {
    this.calls.push("resume");
  }

  terminate(): void {
    this.calls.push("terminate");
  }
}

function carried(socket: FakeSocket) {
  const clock = new ManualClock();
  const carrier: Carrier = webSocketCarrier(socket, clock);
  const told: unknown[] = [];
  carrier.attach({
    frame: (bytes) => told.push([...bytes]),
    closed: ({ clean }) => told.push(clean ? "clean" : "cut"),
    drained: () => told.push("drained"),
  });
  return { socket, carrier, clock, told };
}

describe("webSocketCarrier", () => {
  it("asks for whole bytes, and passes each message on", () => {
    const { socket, told } = carried(new FakeSocket());
    assert.equal(socket.binaryType, "arraybuffer");
    socket.tell("message", { data: Uint8Array.of(1, 2).buffer });
    assert.deepEqual(told, [[1, 2]]);
  });

  it("drops a connection that sends text", () => {
    const { socket, told } = carried(new FakeSocket());
    socket.tell("message", { data: "text" });
    assert.deepEqual([socket.calls, told], [[["close", undefined]], []]);
  });

  it("tells whether the end was clean", () => {
    const { socket, told } = carried(new FakeSocket());
    socket.tell("close", { wasClean: true });
    socket.tell("close", { wasClean: false });
    assert.deepEqual(told, ["clean", "cut"]);
  });

  it("tells that there is room again, once the queue has been full and is below 16 KiB", () => {
    const { socket, carrier, clock, told } = carried(new FakeSocket());
    carrier.send(new Uint8Array(1_000));
    assert.deepEqual(clock.pending, []);
    carrier.send(new Uint8Array(65_535));
    carrier.send(new Uint8Array(10));
    assert.equal(clock.pending.length, 1);
    clock.pass(1_000);
    assert.deepEqual(told, []);
    socket.bufferedAmount = 16 * 1024 - 1;
    clock.pass(50);
    assert.deepEqual(told, ["drained"]);
    assert.deepEqual(clock.pending, []);
    assert.equal(carrier.bufferedBytes, 16 * 1024 - 1);
  });

  it("asks no more once it has closed", () => {
    const { socket, carrier, clock } = carried(new FakeSocket());
    carrier.send(new Uint8Array(65_536));
    socket.tell("close", {});
    assert.deepEqual(clock.pending, []);
  });

  it("closes with the code that a browser takes", () => {
    const { socket, carrier } = carried(new FakeSocket());
    carrier.close(1011);
    carrier.pause!();
    carrier.resume!();
    carrier.terminate();
    assert.deepEqual(socket.calls, [
      ["close", 1000],
      ["close", undefined],
    ]);
  });

  it("uses what the package ws has beyond that", () => {
    const { socket, carrier } = carried(new FakeWsSocket());
    carrier.pause!();
    carrier.resume!();
    carrier.close(1001);
    carrier.terminate();
    socket.tell("message", { data: "text" });
    assert.deepEqual(socket.calls, ["pause", "resume", ["close", 1001], "terminate", "terminate"]);
  });
});
