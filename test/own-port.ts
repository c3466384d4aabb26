// A port of 127.0.0.1 for a test whose server stops: nobody else gets it while nothing listens there. A program that asks for
// any port gets one of the system's own range, which is above these; and who else asks here finds this one held, by a UDP
// socket, until its test or its process ends.

import { createSocket, type Socket } from "node:dgram";
import { createServer } from "node:net";

const FIRST = 10_000;
/** The range of Linux begins with 32,768, and that of macOS with 49,152. */
const COUNT = 20_000;
const MOST_ATTEMPTS = 100;

/** `atEnd` is given what ends it. Throws if no port can be had. */
export async function ownPort(atEnd: (end: () => void) => void): Promise<number> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    const held = await hold(port);
    if (held === undefined) continue;
    if (await isFree(port)) {
      atEnd(() => held.close());
      return port;
    }
    held.close();
  }
  throw new Error(`no port of ${FIRST} to ${FIRST + COUNT - 1} is free`);
}

function hold(port: number): Promise<Socket | undefined> {
  const socket = createSocket("udp4");
  return new Promise((resolve) => {
    socket.once("error", () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind({ port, address: "127.0.0.1", exclusive: true }, () => resolve(socket.unref()));
  });
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
