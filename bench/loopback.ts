// The two real programs over loopback: messages a second from one to the other and back as acknowledgements, beside ws
// alone doing the same in the clear in this process. Run: npm run bench

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { WebSocket, WebSocketServer } from "ws";
import { compare } from "./measure.ts";

const MESSAGES = 5_000;
const text = "a line of chat of ordinary length, as people type them";
const home = mkdtempSync(join(tmpdir(), "lair-bench-"));

interface Event {
  readonly event: string;
  readonly seq?: number;
}

class Program {
  readonly process: ChildProcessWithoutNullStreams;
  #listener: (event: Event) => void = () => {};

  constructor(program: string, args: readonly string[]) {
    const bin = fileURLToPath(new URL(`../bin/${program}.js`, import.meta.url));
    this.process = spawn(process.execPath, [bin, "--json", "--home", home, ...args]);
    this.process.stderr.pipe(process.stderr);
    createInterface({ input: this.process.stdout }).on("line", (line) => this.#listener(JSON.parse(line) as Event));
  }

  until(isIt: (event: Event) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#listener = (event) => {
        if (isIt(event)) resolve();
      };
    });
  }
}

const server = new Program("lair-server", ["--listen", "127.0.0.1:0"]);
await server.until(({ event }) => event === "invite");
const client = new Program("lair-client", []);
await client.until(({ event }) => event === "connected");

let said = 0;
async function lair(): Promise<void> {
  said += MESSAGES;
  const delivered = client.until(({ event, seq }) => event === "delivered" && seq === said - 1);
  client.process.stdin.write(`${JSON.stringify({ send: text })}\n`.repeat(MESSAGES));
  await delivered;
}

const plain = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
await once(plain, "listening");
plain.on("connection", (socket) => socket.on("message", () => socket.send("ok")));
const socket = new WebSocket(`ws://127.0.0.1:${(plain.address() as AddressInfo).port}`);
await once(socket, "open");

async function bare(): Promise<void> {
  let answers = 0;
  const done = new Promise<void>((resolve) => {
    socket.removeAllListeners("message");
    socket.on("message", () => {
      answers += 1;
      if (answers === MESSAGES) resolve();
    });
  });
  for (let i = 0; i < MESSAGES; i++) socket.send(text);
  await done;
}

await compare(
  `${MESSAGES} messages from lair-client to lair-server, each acknowledged`,
  MESSAGES,
  { name: "Lair, two processes, JSON in and out", work: lair },
  { name: "ws alone, in the clear, one process", work: bare },
);

socket.terminate();
plain.close();
client.process.stdin.write('{"command":"quit"}\n');
await once(client.process, "exit");
server.process.stdin.write('{"command":"quit"}\n');
await once(server.process, "exit");
rmSync(home, { recursive: true, force: true });
