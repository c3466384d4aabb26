// What Node itself allows: the package ws and AES-256-GCM of node:crypto, with as many records in a frame as Lair puts there, and
// nothing else. No numbers, no store, no JSON, no events; one key for each direction, which everybody knows. Arguments: serve,
// drive ADDRESS.

import { once } from "node:events";
import { createCipheriv, createDecipheriv } from "node:crypto";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { packRecords, RECORD, unpackRecords } from "../../src/core/channel/record.ts";
import { announce, drive, type Line } from "./end.ts";

const FULL_BYTES = 64 * 1024;
const MOST_BYTES = 65_519;
/** What Lair adds to a text: number, stamp, route, and the JSON around it. */
const AROUND_BYTES = 23 + 43;
const [ECHO, COUNT] = Buffer.from("ec");
const TAG = { authTagLength: 16 };

/** Seals and opens for one side of a connection. */
class Sealing {
  readonly #key = new Uint8Array(32);
  readonly #sent: Buffer;
  readonly #received: Buffer;

  constructor(isServer: boolean) {
    this.#sent = Buffer.alloc(12, isServer ? 1 : 0);
    this.#received = Buffer.alloc(12, isServer ? 0 : 1);
  }

  seal(records: readonly Uint8Array[]): Buffer {
    const cipher = createCipheriv("aes-256-gcm", this.#key, next(this.#sent), TAG);
    const plaintext = packRecords(records.map((body) => ({ type: RECORD.data, body })));
    const sealed = cipher.update(plaintext);
    cipher.final();
    return Buffer.concat([sealed, cipher.getAuthTag()]);
  }

  open(frame: Buffer): readonly Uint8Array[] {
    const decipher = createDecipheriv("aes-256-gcm", this.#key, next(this.#received), TAG);
    decipher.setAuthTag(frame.subarray(-16));
    const plaintext = decipher.update(frame.subarray(0, -16));
    decipher.final();
    return unpackRecords(plaintext).map(({ body }) => body);
  }
}

function next(nonce: Buffer): Buffer {
  nonce.writeUInt32BE(nonce.readUInt32BE(8) + 1, 8);
  return nonce;
}

async function serve(): Promise<void> {
  const listener = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  listener.on("connection", (socket) => {
    const sealing = new Sealing(true);
    let count = 0;
    socket.on("message", (frame: Buffer) => {
      const answers: Uint8Array[] = [];
      for (const body of sealing.open(frame)) {
        if (body[0] === ECHO) answers.push(body);
        else if (body[0] === COUNT) answers.push(Buffer.from(`c${count}`));
        else count += 1;
      }
      // In the place of an ACK, if there is no answer.
      socket.send(sealing.seal(answers));
    });
  });
  await once(listener, "listening");
  announce({ url: `ws://127.0.0.1:${(listener.address() as AddressInfo).port}` });
}

async function connect(url: string): Promise<Line> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  const sealing = new Sealing(false);
  const asking: { take?: (answer: Uint8Array) => void } = {};
  socket.on("message", (frame: Buffer) => {
    for (const body of sealing.open(frame)) asking.take?.(body);
  });
  const asked = async (text: Uint8Array): Promise<Uint8Array> => {
    const answer = new Promise<Uint8Array>((resolve) => (asking.take = resolve));
    socket.send(sealing.seal([text]));
    return await answer;
  };
  return {
    async echo(text) {
      await asked(Buffer.from(text.padEnd(text.length + AROUND_BYTES)));
    },
    async flood(count, text) {
      const length = text.length + AROUND_BYTES;
      const perFrame = Math.floor(MOST_BYTES / (length + 3));
      for (let sent = 0; sent < count; sent += perFrame) {
        const few = Math.min(perFrame, count - sent);
        // Each is a message of its own.
        const frame = sealing.seal(Array.from({ length: few }, () => Buffer.from(text.padEnd(length))));
        if (socket.bufferedAmount < FULL_BYTES) socket.send(frame);
        else await new Promise((resolve) => socket.send(frame, resolve));
      }
      const said = Buffer.from(await asked(Buffer.from("c"))).toString();
      if (Number(said.slice(1)) < count) throw new Error(`the server has ${said} of ${count}`);
    },
    close: () => socket.terminate(),
  };
}

const [what, address] = process.argv.slice(2);
if (what === "serve") await serve();
else {
  const { url } = JSON.parse(address!) as { readonly url: string };
  await drive({ connect: () => connect(url) });
}
