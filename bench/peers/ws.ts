// What Lair is compared with: the package ws alone, in the clear, or over TLS 1.3 with a certificate and its key. One message
// is one frame. Arguments: serve [CERT KEY], drive ADDRESS [CERT].

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { announce, drive, type Line } from "./end.ts";

/** So much waits in the socket before the sender waits. */
const FULL_BYTES = 64 * 1024;
const [ECHO, ONE_WAY, COUNT] = Buffer.from("eoc");

async function serve(cert?: string, key?: string): Promise<void> {
  const isTls = cert !== undefined && key !== undefined;
  const server = isTls
    ? createHttpsServer({ cert: readFileSync(cert), key: readFileSync(key), minVersion: "TLSv1.3" })
    : createHttpServer();
  server.on("connection", (socket: { setNoDelay(): void }) => socket.setNoDelay());
  const webSockets = new WebSocketServer({ server, perMessageDeflate: false });
  webSockets.on("connection", (socket) => {
    let count = 0;
    socket.on("error", () => {});
    socket.on("message", (data: Buffer) => {
      if (data[0] === ONE_WAY) count += 1;
      else if (data[0] === ECHO) socket.send(data);
      else if (data[0] === COUNT) {
        socket.send(Buffer.from(`c${count}`));
        count = 0;
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  announce({ url: `${isTls ? "wss" : "ws"}://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

async function connect(url: string, cert?: string): Promise<Line> {
  const trust = cert === undefined ? {} : { ca: readFileSync(cert), minVersion: "TLSv1.3" as const };
  const socket = new WebSocket(url, { perMessageDeflate: false, ...trust });
  await once(socket, "open");
  const asked: { take?: (data: Buffer) => void } = {};
  socket.on("message", (data: Buffer) => asked.take?.(data));
  const answer = (): Promise<Buffer> => new Promise((resolve) => (asked.take = resolve));
  return {
    async echo(text) {
      const echoed = answer();
      socket.send(Buffer.from(text));
      if ((await echoed).length !== text.length) throw new Error("another echo");
    },
    async flood(count, text) {
      const message = Buffer.from(text);
      for (let sent = 1; sent <= count; sent++) {
        if (socket.bufferedAmount < FULL_BYTES) socket.send(message);
        else await new Promise((resolve) => socket.send(message, resolve));
      }
      const counted = answer();
      socket.send(Buffer.from("c"));
      const said = (await counted).toString();
      if (said !== `c${count}`) throw new Error(`the server has ${said} of ${count}`);
    },
    close: () => socket.terminate(),
  };
}

const [what, first, second] = process.argv.slice(2);
if (what === "serve") await serve(first, second);
else {
  const { url } = JSON.parse(first!) as { readonly url: string };
  await drive({ connect: () => connect(url, second) });
}
