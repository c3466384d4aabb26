// The events over the page's listener: nothing is missed, and nobody who does not read is waited for.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { describe, it, type TestContext } from "node:test";
import { WebSocket } from "ws";
import { serveFetch } from "../../../src/node/http/serve-fetch.ts";
import { MOST_WAITING_BYTES } from "../../../src/node/page-api/feed.ts";
import { listenForPage } from "../../../src/node/page-api/listen.ts";
import { FakeApi } from "./fake-api.ts";
import { BEARER, type Json, openPage, pageOptions, TOKEN } from "./open-page.ts";
import { signInAt } from "./sign-in.ts";

interface Listening {
  readonly api: FakeApi;
  readonly port: number;
  readonly faults: unknown[];
  /** Half a minute has passed. */
  readonly beat: () => void;
  readonly close: () => Promise<void>;
}

async function listen(test: TestContext, address = "127.0.0.1"): Promise<Listening> {
  const api = new FakeApi();
  const faults: unknown[] = [];
  let beat: (() => void) | undefined;
  const listener = await listenForPage({
    ...pageOptions(api, faults),
    everyBeat: (action) => {
      beat = action;
      return () => {};
    },
    host: "127.0.0.1",
    port: 0,
    isLoopbackAddress: (one) => one === address,
    unusable: (host, wanted, error) => new Error(`${host} ${wanted}`, { cause: error }),
    notLoopback: (one) => new Error(`${one} is not loopback`),
  });
  test.after(async () => await listener.close());
  return { api, port: listener.port, faults, beat: () => beat?.(), close: async () => await listener.close() };
}

interface Reader {
  readonly socket: WebSocket;
  /** The next message, as it came. */
  readonly next: () => Promise<Json>;
}

function follow(
  port: number,
  { since, headers = BEARER, protocols = [] }: Partial<{ since: string; headers: object; protocols: string[] }> = {},
): Reader {
  const query = since === undefined ? "" : `?since=${since}`;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/events${query}`, protocols, { headers: { ...headers } });
  const got: Json[] = [];
  const waiting: ((message: Json) => void)[] = [];
  socket.on("message", (data: Buffer) => {
    const message: Json = JSON.parse(data.toString("utf8"));
    const taker = waiting.shift();
    if (taker === undefined) got.push(message);
    else taker(message);
  });
  const next = async (): Promise<Json> => got.shift() ?? (await new Promise<Json>((resolve) => waiting.push(resolve)));
  return { socket, next };
}

/** The status and the code of a refused WebSocket. `path` as it stands in the request. */
async function refusal(port: number, path: string, headers: object, protocols: readonly string[] = []) {
  const offered = protocols.length === 0 ? {} : { "Sec-WebSocket-Protocol": protocols.join(", ") };
  const handshake = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": 13 };
  const asked = request({
    host: "127.0.0.1",
    port,
    path,
    headers: { ...handshake, "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", ...offered, ...headers },
    agent: false,
  });
  asked.on("upgrade", (_, socket) => socket.destroy());
  asked.end();
  const [response] = (await Promise.race([once(asked, "response"), once(asked, "upgrade")])) as [Json];
  if (response.statusCode === 101) return [101];
  let text = "";
  for await (const part of response) text += String(part);
  return [response.statusCode, JSON.parse(text).code];
}

describe("the events over a WebSocket", () => {
  it("come to a program with the token and to the page with its cookie and key, each with its id", async (test) => {
    const { api, port } = await listen(test);
    const { cookie, key } = await signInAt(`http://127.0.0.1:${port}`, TOKEN);
    const page = {
      headers: { Cookie: cookie, Origin: `http://127.0.0.1:${port}` },
      protocols: ["lair-events", `lair-key.${key}`],
    };
    for (const how of [{}, page]) {
      const { socket, next } = follow(port, how);
      await once(socket, "open");
      assert.equal(socket.protocol, "protocols" in how ? "lair-events" : "");
      api.tell({ event: "unread", conversation: "x", unread: 1 });
      const { id, event } = await next();
      assert.match(id, /^run-\d+$/);
      assert.deepEqual(event, { event: "unread", conversation: "x", unread: 1 });
      socket.close();
      await once(socket, "close");
    }
  });

  it("go on without a hole where a connection was cut, and say so if too much is missing", async (test) => {
    const { api, port } = await listen(test);
    const first = follow(port);
    await once(first.socket, "open");
    const seen: number[] = [];
    api.tell({ event: "x", n: 1 });
    let last = await first.next();
    seen.push(last.event.n);
    first.socket.terminate();
    for (let n = 2; n <= 50; n += 1) api.tell({ event: "x", n });
    const again = follow(port, { since: last.id });
    await once(again.socket, "open");
    for (let n = 51; n <= 60; n += 1) api.tell({ event: "x", n });
    while (seen.length < 60) {
      last = await again.next();
      seen.push(last.event.n);
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
    again.socket.terminate();
    const late = follow(port, { since: "run-of-long-ago" });
    assert.deepEqual((await late.next()).event, { event: "gap" });
    late.socket.terminate();
  });

  it("are nobody else's", async (test) => {
    const { api, port, faults } = await listen(test);
    const { cookie, key } = await signInAt(`http://127.0.0.1:${port}`, TOKEN);
    const events = "/api/v1/events";
    const own = ["lair-events", `lair-key.${key}`];
    const needed = [401, "token-needed"];
    assert.deepEqual(await refusal(port, events, {}), needed);
    assert.deepEqual(await refusal(port, events, { Authorization: "Bearer wrong" }), needed);
    assert.deepEqual(await refusal(port, events, { Cookie: cookie }), needed);
    assert.deepEqual(await refusal(port, events, { Cookie: cookie }, ["lair-events", "lair-key.wrong"]), needed);
    assert.deepEqual(await refusal(port, events, {}, own), needed);
    assert.deepEqual(await refusal(port, `${events}?token=${TOKEN}`, {}), needed);
    const elsewhere = [403, "foreign-page"];
    for (const Origin of ["https://evil.example", `http://127.0.0.1:${port + 1}`, `http://localhost:${port}`]) {
      assert.deepEqual(await refusal(port, events, { Cookie: cookie, Origin }, own), elsewhere);
      assert.deepEqual(await refusal(port, events, { ...BEARER, Origin }), elsewhere);
    }
    assert.deepEqual(await refusal(port, events, { ...BEARER, Host: "evil.example" }), [421, "foreign-host"]);
    assert.deepEqual(await refusal(port, "/api/v1/status", BEARER), [404, "not-found"]);
    assert.deepEqual(await refusal(port, "/api/v1/x/../events", BEARER), [404, "not-found"]);
    assert.equal(api.listeners, 0);
    assert.deepEqual(faults, []);
  });

  it("are for so many readers, and the next is told", async (test) => {
    const { api, port } = await listen(test);
    const readers = Array.from({ length: 32 }, () => follow(port));
    await Promise.all(readers.map(async ({ socket }) => await once(socket, "open")));
    assert.deepEqual(await refusal(port, "/api/v1/events", BEARER), [429, "too-many"]);
    for (const { socket } of readers) socket.terminate();
    await api.deserted();
    const next = follow(port);
    await once(next.socket, "open");
    next.socket.terminate();
  });

  it("are no way in for what a reader says", async (test) => {
    const { api, port } = await listen(test);
    const { socket } = follow(port);
    await once(socket, "open");
    socket.send("x".repeat(100_000));
    const [code] = await once(socket, "close");
    assert.equal(code, 1009);
    await api.deserted();
  });

  it("end for a reader that does not read, before much waits, and not for others", async (test) => {
    const { api, port } = await listen(test);
    const slow = await rawReader(port);
    const quick = follow(port);
    await once(quick.socket, "open");
    const text = "x".repeat(64 * 1_024);
    // What the system takes for the slow one has a limit too.
    for (let n = 0; api.listeners === 2; n += 1) {
      assert.ok(n < 1_000, "it was ended");
      api.tell({ event: "x", n, text });
      assert.equal((await quick.next()).event.n, n);
    }
    assert.equal(api.listeners, 1);
    slow.resume();
    await once(slow, "close");
    quick.socket.terminate();
  });

  it("end for a reader whose connection is dead, and not for one that answers", async (test) => {
    const { api, port, beat } = await listen(test);
    const alive = follow(port);
    await once(alive.socket, "open");
    const dead = new WebSocket(`ws://127.0.0.1:${port}/api/v1/events`, { headers: { ...BEARER }, autoPong: false });
    await once(dead, "open");
    const asked = once(alive.socket, "ping", { signal: AbortSignal.timeout(10_000) });
    beat();
    await asked;
    // What is answered after the pong comes behind it.
    await fetch(`http://127.0.0.1:${port}/api/v1/status`, { headers: BEARER });
    const ended = once(dead, "close", { signal: AbortSignal.timeout(10_000) });
    beat();
    await ended;
    api.tell({ event: "unread", conversation: "x", unread: 1 });
    assert.equal((await alive.next()).event.event, "unread");
  });

  it("of before come whole, however many they are", async (test) => {
    const { api, port } = await listen(test);
    const text = "x".repeat(MOST_WAITING_BYTES / 10);
    for (let n = 1; n <= 50; n += 1) api.tell({ event: "x", n, text });
    const { socket, next } = follow(port, { since: "run-1" });
    for (let n = 2; n <= 50; n += 1) assert.equal((await next()).event.n, n);
    socket.terminate();
  });

  it("end with the listener", async (test) => {
    const { api, port, close } = await listen(test);
    const { socket } = follow(port);
    await once(socket, "open");
    const stream = await serverSent(port);
    const ended = Promise.all([once(socket, "close"), once(stream.response, "end")]);
    await close();
    await ended;
    await api.deserted();
  });
});

/** A WebSocket that is open and reads nothing any more. */
async function rawReader(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.write(
    `GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`,
  );
  const [head] = (await once(socket, "data")) as [Buffer];
  assert.match(String(head), /^HTTP\/1\.1 101 /);
  socket.pause();
  socket.on("error", () => {});
  return socket;
}

async function serverSent(port: number, headers: object = {}) {
  const asked = request({
    host: "127.0.0.1",
    port,
    path: "/api/v1/events",
    headers: { ...BEARER, Accept: "text/event-stream", ...headers },
    agent: false,
  });
  asked.end();
  const [response] = (await once(asked, "response")) as [Json];
  response.setEncoding("utf8");
  let text = "";
  response.on("data", (part: string) => (text += part));
  const until = async (what: string): Promise<string> => {
    while (!text.includes(what)) await once(response, "data");
    return text;
  };
  return { asked, response, until };
}

describe("server-sent events", () => {
  it("come with their ids, and go on behind Last-Event-ID", async (test) => {
    const { api, port } = await listen(test);
    const first = await serverSent(port);
    assert.equal(first.response.headers["content-type"], "text/event-stream");
    assert.equal(first.response.headers["cache-control"], "no-store");
    api.tell({ event: "x", text: "two\nlines" });
    assert.match(await first.until("lines"), /^id: run-1\ndata: \{"event":"x","text":"two\\nlines"\}\n\n/m);
    first.asked.destroy();
    api.tell({ event: "x", text: "missed" });
    const again = await serverSent(port, { "Last-Event-ID": "run-1" });
    assert.doesNotMatch(await again.until("missed"), /two/);
    again.asked.destroy();
  });

  it("need the token as all else", async () => {
    const { api, ask } = openPage();
    assert.equal((await ask("/api/v1/events")).status, 401);
    assert.equal((await ask("/api/v1/events", { headers: { ...BEARER, Origin: "https://evil.example" } })).status, 403);
    assert.equal(api.listeners, 0);
  });

  it("are not begun for HEAD, nor for a reader that left before the answer", { timeout: 20_000 }, async () => {
    const { api, ask } = openPage();
    assert.equal((await ask("/api/v1/events", { method: "HEAD", headers: BEARER })).status, 200);
    assert.equal(api.listeners, 0);
    const events = await ask("/api/v1/events", { headers: BEARER });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
    const { port } = server.address() as AddressInfo;
    const socket = connect({ host: "127.0.0.1", port });
    const left = new Promise<void>((resolve) => {
      const late = async (): Promise<Response> => {
        socket.destroy();
        await gone;
        queueMicrotask(resolve);
        return events;
      };
      const gone = new Promise<void>((leave) => {
        server.on("request", (_, outgoing) => outgoing.on("close", leave));
      });
      server.on(
        "request",
        serveFetch(late, (error) => assert.fail(String(error))),
      );
    });
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await left;
    await api.deserted();
    server.close();
  });

  it("end for a reader that does not read, before much waits", async () => {
    const { api, ask } = openPage();
    const { body } = await ask("/api/v1/events", { headers: BEARER });
    assert.equal(api.listeners, 1);
    const text = "x".repeat(64 * 1_024);
    let told = 0;
    for (; api.listeners === 1; told += 1) api.tell({ event: "x", text });
    assert.ok(told * text.length < 2 * MOST_WAITING_BYTES, String(told));
    await assert.rejects(async () => {
      for await (const part of body!) assert.ok(part);
    });
  });

  it("are followed no longer once the reader has gone", async () => {
    const { api, ask } = openPage();
    const { body } = await ask("/api/v1/events", { headers: BEARER });
    await body!.cancel();
    assert.equal(api.listeners, 0);
    api.tell({ event: "x" });
  });
});

describe("the page's listener on a port", () => {
  it("refuses steps in a path, however they are written, and a target that is none", async (test) => {
    const { port, faults } = await listen(test);
    for (const path of [
      "/../package.json",
      "/assets/../../etc/passwd",
      "/assets/%2e%2e/%2E./etc/passwd",
      "/assets\\..\\x",
      "/api/v1/x/./status",
      "http://evil.example/",
    ]) {
      const asked = request({ host: "127.0.0.1", port, path, headers: BEARER, agent: false }).end();
      const [response] = (await once(asked, "response")) as [Json];
      response.resume();
      assert.equal(response.statusCode, 400, path);
    }
    assert.deepEqual(faults, []);
  });

  it("is refused where others can reach it", async (test) => {
    await assert.rejects(listen(test, "::1"), /127\.0\.0\.1 is not loopback/);
  });
});

/** What is answered to a request as it stands. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(text);
  let answer = "";
  for await (const part of socket) answer += String(part);
  return answer;
}

describe("a wish for another protocol than a WebSocket", () => {
  const wish = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n";

  it("is no wish: the request is answered as any other, with its body", async (test) => {
    const { api, port, faults } = await listen(test);
    const head = `Host: 127.0.0.1:${port}\r\nAuthorization: Bearer ${TOKEN}\r\n${wish}`;
    assert.match(await raw(port, `GET /api/v1/status HTTP/1.1\r\n${head}\r\n`), /^HTTP\/1\.1 200 OK\r\n/);
    const json = "Content-Type: application/json\r\nContent-Length: 12\r\n";
    const said = await raw(port, `POST /api/v1/send HTTP/1.1\r\n${head}${json}\r\n{"msg":"hi"}`);
    assert.match(said, /^HTTP\/1\.1 200 OK\r\n/);
    assert.deepEqual(
      api.calls.map(({ name }) => name),
      ["status", "send"],
    );
    const stranger = `Host: 127.0.0.1:${port}\r\n${wish}`;
    assert.match(await raw(port, `GET /api/v1/status HTTP/1.1\r\n${stranger}\r\n`), /^HTTP\/1\.1 401 /);
    assert.deepEqual(faults, []);
  });
});

describe("the connections of strangers", () => {
  it("take no place from who has access, and the oldest goes for one more", async (test) => {
    const { port, api } = await listen(test);
    const { socket, next } = follow(port);
    await once(socket, "open");
    const idle: Socket[] = [];
    const ended: Promise<unknown>[] = [];
    for (let count = 0; count < 150; count++) {
      const one = connect(port, "127.0.0.1");
      one.on("error", () => {});
      idle.push(one);
      ended.push(once(one, "close"));
      await once(one, "connect");
    }
    // The first hundred have been closed for those that came later.
    await Promise.all(ended.slice(0, 100));
    const status = await fetch(`http://127.0.0.1:${port}/api/v1/status`, { headers: BEARER });
    assert.equal(status.status, 200);
    api.tell({ event: "unread", conversation: "x", unread: 1 });
    assert.equal((await next()).event.unread, 1);
    for (const one of idle) one.destroy();
    socket.close();
  });
});
