import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { connect } from "../../../src/node/websocket/connect.ts";
import { WebSocketListener } from "../../../src/node/websocket/listener.ts";
import { SERVER_LIMITS } from "../../../src/node/websocket/limits.ts";
import type { IncomingLink } from "../../../src/node/websocket/link.ts";
import { listen } from "../../../src/node/websocket/listen.ts";
import { LairError } from "../../../src/core/errors.ts";
import { ManualClock } from "../manual-clock.ts";
import { holdStill, openListener } from "./house.ts";
import { RawPeer, upgradeHead } from "./raw-peer.ts";
import { Recorder } from "./recorder.ts";

function broken(): never {
  throw new Error("broken");
}

const LIMIT = { timeout: 60_000 };

describe("listen: who is let in", LIMIT, () => {
  it("says where it listens", async (test) => {
    const listener = await openListener(test);
    assert.notEqual(listener.port, 0);
    assert.equal(listener.url, `ws://127.0.0.1:${listener.port}`);
    assert.equal(listener.host, "127.0.0.1");
  });

  it("puts an IPv6 address in brackets", async () => {
    const options = { host: "::1", port: 0, allowOrigins: [], allowHosts: [], onLink: holdStill };
    const listener = await listen(options).catch((error: unknown) => error);
    // Not every machine has IPv6; then that is what must be said.
    if (listener instanceof LairError) return assert.equal(listener.code, "address-unusable");
    assert.ok(listener instanceof WebSocketListener);
    assert.equal(listener.url, `ws://[::1]:${listener.port}`);
    (await connect(listener.url)).attach(new Recorder());
    await listener.close();
  });

  it("answers an upgrade with lair.1 exactly, and without extensions", async (test) => {
    const { port } = await openListener(test);
    const peer = await RawPeer.open(port);
    const offers = { "Sec-WebSocket-Protocol": "chat, lair.1", "Sec-WebSocket-Extensions": "permessage-deflate" };
    peer.socket.write(upgradeHead(offers));
    await peer.until(() => peer.received.includes("\r\n\r\n"));
    const head = peer.received.toString();
    assert.match(head, /^HTTP\/1\.1 101 /);
    assert.match(head, /\r\nSec-WebSocket-Protocol: lair\.1\r\n/);
    assert.doesNotMatch(head, /Extensions/i);
  });

  const refused: [string, Record<string, string | undefined>, number][] = [
    ["any Origin", { Origin: "https://evil.example" }, 403],
    ["an Origin of null", { Origin: "null" }, 403],
    ["a foreign Host", { Host: "evil.example" }, 403],
    ["no Host", { Host: undefined }, 403],
    ["a Host with an empty label", { Host: "evil..localhost" }, 403],
    ["a length of a body", { "Content-Length": "5" }, 400],
    ["a body in chunks", { "Transfer-Encoding": "chunked" }, 400],
    ["no subprotocol", { "Sec-WebSocket-Protocol": undefined }, 400],
    ["another subprotocol", { "Sec-WebSocket-Protocol": "chat" }, 400],
    ["an old version", { "Sec-WebSocket-Version": "8" }, 400],
    ["no key", { "Sec-WebSocket-Key": undefined }, 400],
    ["another protocol to upgrade to", { Upgrade: "h2c" }, 400],
  ];
  for (const [name, headers, status] of refused) {
    it(`answers ${name} with a bare ${status}`, async (test) => {
      const reasons: string[] = [];
      const { port } = await openListener(test, { onLink: broken, onRefused: (reason) => void reasons.push(reason) });
      const peer = await RawPeer.open(port);
      peer.socket.write(upgradeHead(headers));
      await peer.closed;
      assert.equal(peer.status, status);
      assert.equal(peer.afterHead.length, 0);
      assert.doesNotMatch(reasons.join(), /evil/, "what a stranger wrote is not repeated");
    });
  }

  it("answers HTTP/1.0 with a bare 400", async (test) => {
    const { port } = await openListener(test, { onLink: broken });
    const peer = await RawPeer.open(port);
    peer.socket.write(upgradeHead().replace("HTTP/1.1", "HTTP/1.0"));
    await peer.closed;
    assert.equal(peer.status, 400);
  });

  it("lets listed Origins and Hosts in", async (test) => {
    const allow = { allowOrigins: ["https://good.example"], allowHosts: ["chat.example"] };
    const { port } = await openListener(test, allow);
    const peer = await RawPeer.open(port);
    peer.socket.write(upgradeHead({ Origin: "https://good.example", Host: "chat.example:443" }));
    await peer.until(() => peer.received.includes("\r\n\r\n"));
    assert.equal(peer.status, 101);
  });

  it("answers plain HTTP with 426 and closes", async (test) => {
    const { port } = await openListener(test);
    const peer = await RawPeer.open(port);
    peer.socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await peer.closed;
    assert.equal(peer.status, 426);
    assert.match(peer.received.toString(), /\r\nConnection: close\r\n/);
  });

  it("lets no upgrade in behind another request of the same connection", async (test) => {
    const reasons: string[] = [];
    let links = 0;
    const listener = await openListener(test, {
      onLink: () => (links += 1),
      onRefused: (reason, address) => reasons.push(`${address}: ${reason}`),
    });
    const plain = ["GET / HTTP/1.1", "HEAD / HTTP/1.1", "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 0"];
    for (const head of plain) {
      const peer = await RawPeer.open(listener.port);
      peer.socket.write(`${head}\r\nHost: 127.0.0.1\r\n\r\n${upgradeHead()}`);
      await peer.closed;
      assert.ok(!peer.received.includes("101 Switching"), head);
    }
    assert.equal(links, 0);
    assert.deepEqual([...new Set(reasons)], ["127.0.0.1: an upgrade behind another request"]);
  });

  it("tells two connections apart that come from one port to two addresses of a wildcard listener", async (test) => {
    const clock = new ManualClock();
    const links: IncomingLink[] = [];
    const listener = await openListener(test, {
      host: "0.0.0.0",
      clock,
      onLink(link) {
        links.push(link);
        link.attach({ frame() {}, closed() {}, drained() {} });
      },
    });
    const first = await RawPeer.open(listener.port, "127.0.0.1", { address: "127.0.0.1", port: 0 });
    const from = { address: "127.0.0.1", port: first.socket.localPort! };
    const second = await RawPeer.open(listener.port, "127.0.0.2", from);
    for (const peer of [first, second]) {
      peer.socket.write(upgradeHead());
      await peer.until(() => peer.received.includes("\r\n\r\n"));
    }
    links[0]!.authenticated();
    clock.pass(SERVER_LIMITS.handshakeMs);
    await second.closed;
    assert.equal(first.socket.destroyed, false);
  });

  it("drops what is no HTTP, and heads over 8 KiB, without a byte", async (test) => {
    const { port } = await openListener(test);
    for (const words of ["SSH-2.0-x\r\n\r\n", upgradeHead({ Filler: "x".repeat(9000) })]) {
      const peer = await RawPeer.open(port);
      peer.socket.write(words);
      await peer.closed;
      assert.equal(peer.received.length, 0);
    }
  });
});

describe("listen: the end", LIMIT, () => {
  it("says 1001 to peers, drops strangers, and takes nobody in", async (test) => {
    const listener = await openListener(test);
    const link = await connect(listener.url);
    const recorder = new Recorder();
    link.attach(recorder);
    const stranger = await RawPeer.open(listener.port);
    await listener.close();
    assert.deepEqual(await recorder.ended(), { code: 1001, clean: true });
    await stranger.closed;
    assert.equal(stranger.received.length, 0);
    await assert.rejects(connect(listener.url), { code: "unreachable" });
  });

  it("does not wait for peers that do not answer", async (test) => {
    const listener = await openListener(test, { limits: { closeMs: 50 } });
    const peer = await RawPeer.upgraded(listener.port);
    await listener.close();
    await peer.closed;
    assert.ok(peer.afterHead.equals(Buffer.from([0x88, 2, 1001 >> 8, 1001 & 0xff])));
  });

  it("leaves no timer behind", async (test) => {
    const clock = new ManualClock();
    const listener = await openListener(test, { clock });
    const peers = [await RawPeer.upgraded(listener.port), await RawPeer.open(listener.port)];
    (await RawPeer.upgraded(listener.port)).socket.resetAndDestroy();
    for (const peer of peers) peer.socket.end();
    await listener.close();
    assert.equal(clock.pending.length, 0);
  });
});

describe("listen: what goes wrong", LIMIT, () => {
  const options = { allowOrigins: [], allowHosts: [], onLink: holdStill };

  it("names a port in use", async (test) => {
    const { port } = await openListener(test);
    const error: unknown = await listen({ ...options, host: "127.0.0.1", port }).catch((reason: unknown) => reason);
    assert.ok(error instanceof LairError);
    assert.equal(error.code, "address-in-use");
    assert.equal(error.message, `Another program already listens on 127.0.0.1:${port}.`);
    assert.match(error.hint ?? "", /--listen HOST:PORT.*\[EADDRINUSE\]$/);
  });

  it("names an address that is not this machine's", async () => {
    // 192.0.2.0/24 is set aside for documentation (RFC 5737).
    await assert.rejects(listen({ ...options, host: "192.0.2.1", port: 0 }), { code: "address-unusable" });
  });

  it("names an unusable certificate", async () => {
    const tls = { cert: "no certificate", key: "no key" };
    await assert.rejects(listen({ ...options, host: "127.0.0.1", port: 0, tls }), { code: "usage" });
  });

  it("hands what onLink throws to onFault, and drops the link", async (test) => {
    const faults: unknown[] = [];
    const { port } = await openListener(test, { onLink: broken, onFault: (fault) => void faults.push(fault) });
    const peer = await RawPeer.upgraded(port);
    await peer.closed;
    assert.equal(peer.afterHead.length, 0);
    assert.equal(faults.length, 1);
  });
});
