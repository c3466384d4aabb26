// The two real programs over loopback: messages a second from one to the other and back as acknowledgements, beside ws
// alone doing the same in the clear in this process. Run: npm run bench

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { compare } from "./measure.ts";
import { openPair } from "./programs.ts";

const MESSAGES = 5_000;
const text = "a line of chat of ordinary length, as people type them";

// What a disk costs is another bench's business.
const pair = await openPair("--no-store");
const { client } = pair;

let said = 0;
async function lair(): Promise<void> {
  said += MESSAGES;
  const delivered = client.until(({ event, seq }) => event === "delivered" && seq === said - 1);
  client.write(...Array.from({ length: MESSAGES }, () => ({ send: text })));
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
  { name: "Lair, two processes, JSON in and out, no disk", work: lair },
  { name: "ws alone, in the clear, one process", work: bare },
);

socket.terminate();
plain.close();
await pair.close();
