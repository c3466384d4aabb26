// Whatever stands where a Lair server should: the client says what it is and what to do, and leaves with 3 in time.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { describe, it } from "node:test";
import { WebSocketServer } from "ws";
import { formatInvite } from "../../src/core/identity/invite.ts";
import { portOf, Fixture } from "../e2e/fixture.ts";

/** Starts a client with an invite for `url`, and expects it to leave with 3 and these words. */
async function fails(fixture: Fixture, url: string, words: RegExp): Promise<void> {
  const invite = formatInvite({ url, psk: randomBytes(32), serverKey: randomBytes(32) });
  const client = fixture.client({ args: ["--invite-file", fixture.file(invite)], json: false });
  await client.leaves(3);
  assert.match(client.stderr, words);
  assert.match(client.stderr, /\[(?:unreachable|handshake-rejected)\]\n$/);
}

async function listenAt(fixture: Fixture, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  fixture.atEnd(() => void server.close());
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A WebSocket server that takes everybody and says nothing. */
async function muteWebSockets(fixture: Fixture, handleProtocols?: () => false): Promise<string> {
  const sockets = new WebSocketServer({ host: "127.0.0.1", port: 0, ...(handleProtocols && { handleProtocols }) });
  await new Promise((resolve) => sockets.once("listening", resolve));
  fixture.atEnd(() => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  });
  return `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`;
}

describe("a server that cannot be reached", { concurrency: 4 }, () => {
  it("is 3 for a name that does not resolve", async (t) => {
    await fails(new Fixture(t), "ws://lair.invalid:8080", /lair\.invalid does not resolve/);
  });

  it("is 3 for a refused connection", async (t) => {
    const fixture = new Fixture(t);
    const port = await fixture.ownPort();
    await fails(fixture, `ws://127.0.0.1:${port}`, /Nobody answers[^]*lair-server running/);
  });

  it("is 3 for a web server", async (t) => {
    const fixture = new Fixture(t);
    const url = await listenAt(
      fixture,
      createServer((_request, response) => response.end("hello")),
    );
    await fails(fixture, url, /not a Lair server/);
  });

  it("is 3 for a WebSocket server of another kind", async (t) => {
    const fixture = new Fixture(t);
    await fails(fixture, await muteWebSockets(fixture, () => false), /not a Lair server/);
  });

  it("is 3, after some 10 s, for a WebSocket server that claims to be one and says nothing", async (t) => {
    const fixture = new Fixture(t);
    // Without a rule of its own it takes the first subprotocol that is offered.
    await fails(fixture, await muteWebSockets(fixture), /did not finish the handshake/);
  });

  it("is 3, after some 10 s, for one that says nothing", async (t) => {
    const fixture = new Fixture(t);
    const mute = createTcpServer((socket) => fixture.atEnd(() => void socket.destroy()));
    await fails(fixture, await listenAt(fixture, mute), /No answer/);
  });

  it("is 1 for a port in use, with what to do", async (t) => {
    const fixture = new Fixture(t);
    const first = fixture.server();
    const second = fixture.server({ args: ["--listen", `127.0.0.1:${await portOf(first)}`], json: false });
    await second.leaves(1);
    assert.match(second.stderr, /already listens on 127\.0\.0\.1:\d+[^]*--listen/);
  });
});
