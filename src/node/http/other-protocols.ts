// A request that wishes for another protocol than a WebSocket, such as `Upgrade: h2c` of `curl --http2`: it is answered as if it
// did not (RFC 9110, 7.8). Node takes every connection with such a wish out of its server, so it is handed in again.

import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";

/** Whether a WebSocket is wished for, and nothing else. */
export function wishesForWebSocket({ headers }: Pick<IncomingMessage, "headers">): boolean {
  return headers.upgrade?.toLowerCase() === "websocket";
}

/** Hands the request in again, without its wish. One more on the same connection is not taken. */
export function serveWithoutUpgrade(server: Server, incoming: IncomingMessage, socket: Socket, head: Buffer): void {
  const { method = "GET", url = "/", httpVersion, rawHeaders } = incoming;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (!/^(?:connection|upgrade|http2-settings)$/i.test(name)) lines.push(`${name}: ${rawHeaders[index + 1]!}`);
  }
  lines.push("Connection: close", "", "");
  socket.unshift(Buffer.concat([Buffer.from(lines.join("\r\n"), "latin1"), head]));
  server.emit("connection", socket);
}
