import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { getEventListeners, once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";
import { WebSocketServer, type ServerOptions, type WebSocket } from "ws";
import { connect } from "../../../src/node/websocket/connect.ts";
import { ownPort } from "../../own-port.ts";
import { rejectsLair } from "../../throws-lair.ts";
import { ManualClock } from "../manual-clock.ts";
import { deferred, holdStill, openListener, openTcp } from "./house.ts";
import { openSocksProxy } from "./proxies.ts";
import { frameOf, RawPeer } from "./raw-peer.ts";
import { Recorder } from "./recorder.ts";

const LIMIT = { timeout: 60_000 };

/** A certificate for localhost and 127.0.0.1 that nobody has signed but itself. */
async function selfSigned(test: TestContext): Promise<{ cert: string; key: string }> {
  const folder = await mkdtemp(join(tmpdir(), "lair-tls-"));
  test.after(() => rm(folder, { recursive: true }));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const output = ["-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost", "-addext", names];
  await promisify(execFile)("openssl", ["req", "-x509", ...curve, ...output]);
  return { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") };
}

async function openWs(test: TestContext, options: ServerOptions, serve: (socket: WebSocket) => void): Promise<string> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, ...options });
  server.on("connection", (socket) => {
    socket.on("error", () => {});
    serve(socket);
  });
  await once(server, "listening");
  test.after(() => {
    server.close();
    for (const client of server.clients) client.terminate();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `ws://127.0.0.1:${address.port}`;
}

describe("connect", LIMIT, () => {
  it("asks for lair.1, without Origin and without extensions", async (test) => {
    const seen = deferred<Buffer>();
    const port = await openTcp(test, (socket) => {
      socket.once("data", (head: Buffer) => {
        seen.resolve(head);
        socket.destroy();
      });
    });
    await rejectsLair(connect(`ws://127.0.0.1:${port}/path`));
    const head = (await seen.promise).toString();
    assert.match(head, /^GET \/path HTTP\/1\.1\r\n/);
    assert.match(head, /\r\nSec-WebSocket-Protocol: lair\.1\r\n/);
    assert.doesNotMatch(head, /Origin|Extensions/i);
  });

  it("knows where it is connected to", async (test) => {
    const { url } = await openListener(test);
    const link = await connect(url);
    assert.equal(link.remoteAddress, "127.0.0.1");
    link.terminate();
  });

  it("finds loopback names without a resolver, at any path", async (test) => {
    const { port } = await openListener(test);
    for (const host of ["localhost", "localhost.", "chat.localhost", "a.b.localhost."]) {
      const link = await connect(`ws://${host}:${port}/any/path?at=all`);
      assert.equal(link.remoteAddress, "127.0.0.1", host);
      link.terminate();
    }
  });

  it("reaches a server through the zone of its address, and keeps that to itself", async (test) => {
    const loopback = Object.entries(networkInterfaces()).find(([, list]) => list?.some((it) => it.address === "::1"));
    if (loopback === undefined) return test.skip("no ::1 here");
    const hosts: (string | undefined)[] = [];
    const server = createServer((request) => {
      hosts.push(request.headers.host);
      request.socket.destroy();
    });
    server.on("upgrade", (request, socket) => {
      hosts.push(request.headers.host);
      socket.destroy();
    });
    server.listen(0, "::1");
    await once(server, "listening");
    test.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    for (const mark of ["%25", "%"]) {
      assert.match((await rejectsLair(connect(`ws://[::1${mark}${loopback[0]}]:${port}`))).message, /hung up/);
    }
    assert.deepEqual(hosts, [`[::1]:${port}`, `[::1]:${port}`]);
    assert.match((await rejectsLair(connect(`ws://[fe80::1%25no-such]:${port}`))).hint ?? "", /names an interface/);
  });

  it("asks for a name beyond ASCII in its punycode form, and never for one of Tor's", async () => {
    // The reserved name does not resolve (RFC 6761), wherever it is asked.
    const error = await rejectsLair(connect("ws://bücher.invalid:9"));
    assert.match(error.message, /^The name xn--bcher-kva\.invalid does not resolve/);
    for (const name of ["abc.onion", "x.ABC.onion.", "abc\u{3002}onion"]) {
      const refused = await rejectsLair(connect(`ws://${name}:80`));
      assert.equal(refused.code, "usage");
      assert.match(refused.message, /abc\.onion\.? can be reached only through Tor/);
      assert.match(refused.hint ?? "", /--proxy socks5h:\/\/127\.0\.0\.1:9050/);
    }
  });

  it("takes frames that come in one packet with the head, even with the head cut anywhere", async (test) => {
    for (const place of [undefined, 5, 14, 60]) {
      const port = await openTcp(test, (socket) => {
        socket.setNoDelay(true);
        socket.once("data", (request: Buffer) => {
          const key = /Sec-WebSocket-Key: (.*)\r\n/i.exec(request.toString())![1]!;
          const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
          const head =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            `Sec-WebSocket-Protocol: lair.1\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
          const frames = [1, 2, 3].map((byte) => frameOf(Buffer.alloc(200, byte), { masked: false }));
          const all = Buffer.concat([Buffer.from(head), ...frames]);
          socket.write(all.subarray(0, place), () => socket.write(all.subarray(place ?? all.length)));
        });
      });
      const link = await connect(`ws://127.0.0.1:${port}`);
      const recorder = new Recorder();
      link.attach(recorder);
      await recorder.until(() => recorder.frames.length === 3);
      assert.deepEqual(
        recorder.frames.map((frame) => frame[199]),
        [1, 2, 3],
      );
    }
  });

  const bad: [string, (socket: WebSocket) => void][] = [
    ["text", (socket) => socket.send("hello")],
    ["a fragment", (socket) => socket.send(Buffer.alloc(5), { fin: false })],
    ["65,536 bytes", (socket) => socket.send(Buffer.alloc(65_536))],
    ["33 pings in a row", (socket) => Array.from({ length: 33 }, () => socket.ping())],
  ];
  for (const [name, misbehave] of bad) {
    it(`ends the link when the server sends ${name}`, async (test) => {
      const link = await connect(await openWs(test, {}, misbehave));
      const recorder = new Recorder();
      link.attach(recorder);
      assert.deepEqual(await recorder.ended(), { code: 1006, clean: false });
      assert.equal(recorder.frames.length, 0);
    });
  }
});

describe("connect: TLS", LIMIT, () => {
  it("speaks wss with a certificate it trusts, and refuses one it does not", async (test) => {
    const tls = await selfSigned(test);
    const { url, port } = await openListener(test, { tls });
    assert.equal(url, `wss://127.0.0.1:${port}`);
    for (const address of [url, `wss://localhost:${port}`]) {
      const link = await connect(address, { ca: tls.cert });
      const recorder = new Recorder();
      link.attach(recorder);
      link.send(new Uint8Array(65_535).fill(4));
      await recorder.until(() => recorder.frames.length === 1);
      assert.deepEqual(recorder.frames[0], new Uint8Array(65_535).fill(4));
      link.close(1000);
      assert.deepEqual(await recorder.ended(), { code: 1000, clean: true });
    }
    const error = await rejectsLair(connect(url));
    assert.equal(error.code, "unreachable");
    assert.match(error.message, /^The certificate of wss:.* cannot be trusted/);
    assert.match(error.hint ?? "", /\[DEPTH_ZERO_SELF_SIGNED_CERT\]$/);
  });

  it("drops silent, slow and mute connections at the deadline as well", async (test) => {
    const tls = await selfSigned(test);
    const clock = new ManualClock();
    const { port, url } = await openListener(test, { tls, clock, onLink: holdStill, limits: { handshakeMs: 150 } });
    const silent = await RawPeer.open(port);
    await clock.waits(1);
    clock.pass(150);
    await silent.closed;
    const link = await connect(url, { ca: tls.cert });
    const recorder = new Recorder();
    link.attach(recorder);
    clock.pass(150);
    assert.deepEqual(await recorder.ended(), { code: 1006, clean: false });
  });

  it("checks the certificate of the server, and not of the proxy that leads there", async (test) => {
    const tls = await selfSigned(test);
    const { port } = await openListener(test, { tls });
    const { port: at } = await openSocksProxy(test, { to: port });
    const proxy = { type: "socks5h", host: "127.0.0.1", zone: undefined, port: at, credentials: undefined } as const;
    const options = { ca: tls.cert, proxy: { ...proxy, from: "environment" as const } };
    (await connect("wss://localhost.:9", options)).terminate();
    assert.match((await rejectsLair(connect("wss://other.invalid:9", options))).message, /certificate of .* cannot be/);
  });

  it("lifts the deadline at authenticated() under TLS too", async (test) => {
    const tls = await selfSigned(test);
    const refused: string[] = [];
    const onRefused = (reason: string): void => void refused.push(reason);
    const clock = new ManualClock();
    const { port, url } = await openListener(test, { tls, clock, limits: { handshakeMs: 150 }, onRefused });
    const link = await connect(url, { ca: tls.cert });
    const recorder = new Recorder();
    link.attach(recorder);
    // A silent connection that came later is gone: the deadline of the first has passed.
    const silent = await RawPeer.open(port);
    await clock.waits(1);
    clock.pass(150);
    await silent.closed;
    link.send(Uint8Array.of(1));
    await recorder.until(() => recorder.frames.length === 1);
    assert.equal(refused.length, 1);
  });

  it("says when one side speaks TLS and the other does not", async (test) => {
    const plain = await openListener(test);
    const toPlain = await rejectsLair(connect(plain.url.replace("ws:", "wss:")));
    assert.equal(toPlain.code, "unreachable");
    const secure = await openListener(test, { tls: await selfSigned(test) });
    const toSecure = await rejectsLair(connect(secure.url.replace("wss:", "ws:")));
    assert.equal(toSecure.code, "unreachable");
  });
});

describe("connect: what goes wrong", LIMIT, () => {
  for (const url of [
    "",
    "localhost:8080",
    "http://localhost",
    "lair://x/#y",
    "ws://",
    "ws://u:p@localhost",
    "ws://x/#y",
  ]) {
    it(`takes ${JSON.stringify(url)} for no address of a server`, async () => {
      assert.equal((await rejectsLair(connect(url))).code, "usage");
    });
  }

  it("does not repeat what stood in a wrong address", async () => {
    const error = await rejectsLair(connect("lair://localhost/#secret"));
    assert.doesNotMatch(`${error.message}${error.hint}`, /secret/);
  });

  it("says that nobody answers", async (test) => {
    const url = `ws://127.0.0.1:${await ownPort((end) => test.after(end))}`;
    const error = await rejectsLair(connect(url));
    assert.equal(error.code, "unreachable");
    assert.equal(error.message, `Nobody answers at ${url}.`);
    assert.equal(error.hint, "Is lair-server running there, and is the port open? [ECONNREFUSED]");
  });

  it("gives up after timeoutMs, even when bytes trickle in", async (test) => {
    const port = await openTcp(test, (socket) => {
      const timer = setInterval(() => socket.write("H"), 5);
      socket.write("HTTP/1.1 101 Switching");
      socket.once("close", () => clearInterval(timer));
    });
    const error = await rejectsLair(connect(`ws://127.0.0.1:${port}`, { timeoutMs: 100 }));
    assert.equal(error.code, "unreachable");
    assert.match(error.message, /^No answer from .* in time\.$/);
    assert.match(error.hint ?? "", /\[ETIMEDOUT\]$/);
  });

  it("gives up when told to, and closes the socket", async (test) => {
    const controller = new AbortController();
    const closed = deferred<boolean>();
    const port = await openTcp(test, (socket) => {
      socket.resume();
      socket.once("close", closed.resolve);
      controller.abort(new Error("enough"));
    });
    await assert.rejects(connect(`ws://127.0.0.1:${port}`, { signal: controller.signal }), { message: "enough" });
    await closed.promise;
    await assert.rejects(connect(`ws://127.0.0.1:${port}`, { signal: controller.signal }), { message: "enough" });
  });

  it("leaves nothing behind on the signal, which is the same for every try", async (test) => {
    const { signal } = new AbortController();
    const port = await openTcp(test, (socket) => socket.destroy());
    await rejectsLair(connect(`ws://127.0.0.1:${port}`, { signal }));
    const { url } = await openListener(test);
    const link = await connect(url, { signal });
    assert.deepEqual(getEventListeners(signal, "abort"), []);
    link.terminate();
  });

  const others: [string, string, RegExp][] = [
    ["a web server", "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", /not a Lair server/],
    [
      "a redirect",
      "HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
      /not a Lair server/,
    ],
    ["a refusal", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", /refuses this connection/],
    ["another protocol", "SSH-2.0-OpenSSH_9.2p1\r\n", /not a Lair server/],
    ["an endless head", `HTTP/1.1 101 X\r\nX: ${"x".repeat(20_000)}`, /./],
    ["a wrong accept", "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", /not a Lair server/],
  ];
  for (const [name, answer, expected] of others) {
    it(`recognizes ${name}`, async (test) => {
      const port = await openTcp(test, (socket) => socket.once("data", () => socket.write(answer)));
      const error = await rejectsLair(connect(`ws://127.0.0.1:${port}`));
      assert.equal(error.code, "unreachable");
      assert.match(error.message, expected);
    });
  }

  it("recognizes a WebSocket server without lair.1", async (test) => {
    for (const handleProtocols of [(): false => false, (): string => "chat"]) {
      const url = await openWs(test, { handleProtocols }, () => {});
      assert.match((await rejectsLair(connect(url))).message, /not a Lair server/);
    }
  });

  it("recognizes a hang-up without an answer", async (test) => {
    const port = await openTcp(test, (socket) => socket.once("data", () => socket.destroy()));
    const error = await rejectsLair(connect(`ws://127.0.0.1:${port}`));
    assert.match(error.message, /hung up without an answer/);
    assert.match(error.hint ?? "", /\[ECONNRESET\]$/);
  });
});
