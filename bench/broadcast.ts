// What a hub is compared with: a plain ws server in a process of its own that passes each message on to everybody else who is
// connected, in the clear, and keeps nothing. Who has sent it is told "ok". Ended by its parent, or by itself after a while.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { WebSocket, WebSocketServer } from "ws";

const LIFE_MS = 300_000;
const SERVE = "--serve-broadcast";

export class Broadcast {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #url: string;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.pid = child.pid!;
    this.#url = `ws://127.0.0.1:${port}`;
  }

  static async start(): Promise<Broadcast> {
    const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), SERVE], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const [port] = (await once(child, "message")) as [number];
    return new Broadcast(child, port);
  }

  /** Who only posts gets nothing of others. */
  async connect(who: "posts" | "reads" | "both"): Promise<WebSocket> {
    const socket = new WebSocket(`${this.#url}/${who}`, { perMessageDeflate: false });
    await once(socket, "open");
    return socket;
  }

  async end(): Promise<void> {
    this.#child.kill();
    await once(this.#child, "exit");
  }
}

/** Sends so many messages, `depth` of them at a time; resolves once all are taken. */
export async function sendAll(socket: WebSocket, count: number, depth: number, bytes: Uint8Array): Promise<void> {
  let [sent, taken] = [0, 0];
  await new Promise<void>((resolve) => {
    const fill = (): void => {
      for (; sent < count && sent - taken < depth; sent++) socket.send(bytes);
    };
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary || data.toString() !== "ok") return;
      taken += 1;
      if (taken === count) resolve();
      else fill();
    });
    fill();
  });
  socket.removeAllListeners("message");
}

/** Resolves once so many messages of others have come. */
export async function receiveAll(socket: WebSocket, count: number): Promise<void> {
  let received = 0;
  await new Promise<void>((resolve) => {
    const take = (_: Buffer, isBinary: boolean): void => {
      received += isBinary ? 1 : 0;
      if (received < count) return;
      socket.off("message", take);
      resolve();
    };
    socket.on("message", take);
  });
}

async function serve(): Promise<void> {
  setTimeout(() => process.exit(0), LIFE_MS).unref();
  process.on("disconnect", () => process.exit(0));
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  const readers = new Set<WebSocket>();
  server.on("connection", (socket, { url }) => {
    if (url !== "/posts") readers.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => readers.delete(socket));
    socket.on("message", (bytes) => {
      for (const other of readers) if (other !== socket) other.send(bytes as Buffer, { binary: true });
      socket.send("ok");
    });
  });
  await once(server, "listening");
  process.send!((server.address() as AddressInfo).port);
}

if (process.argv[2] === SERVE) await serve();
