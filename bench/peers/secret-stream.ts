// What Lair is compared with: @hyperswarm/secret-stream over TCP, which does a Noise XX handshake and then seals each message
// with libsodium. It acknowledges nothing. Arguments: serve FOLDER, drive ADDRESS FOLDER; FOLDER is where it is installed.

import { once } from "node:events";
import { createRequire } from "node:module";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { announce, drive, type Line } from "./end.ts";

type SecretStream = Duplex & { readonly noiseStream: unknown };
type Constructor = new (isInitiator: boolean, socket: Socket) => SecretStream;

const [ECHO, ONE_WAY, COUNT] = Buffer.from("eoc");

const secretStreamIn = (folder: string): Constructor =>
  createRequire(`${folder}/package.json`)("@hyperswarm/secret-stream") as Constructor;

async function serve(folder: string): Promise<void> {
  const Secret = secretStreamIn(folder);
  const server = createServer({ noDelay: true }, (socket) => {
    const stream = new Secret(false, socket);
    let count = 0;
    stream.on("error", () => {});
    stream.on("data", (data: Buffer) => {
      if (data[0] === ONE_WAY) count += 1;
      else if (data[0] === ECHO) stream.write(Buffer.from(data));
      else if (data[0] === COUNT) {
        stream.write(Buffer.from(`c${count}`));
        count = 0;
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  announce({ port: (server.address() as AddressInfo).port });
}

async function connect(Secret: Constructor, port: number): Promise<Line> {
  const socket = connectTcp({ port, host: "127.0.0.1", noDelay: true });
  const stream = new Secret(true, socket);
  const asked: { take?: (data: Buffer) => void } = {};
  stream.on("data", (data: Buffer) => asked.take?.(data));
  await once(stream, "open");
  const answer = (): Promise<Buffer> => new Promise((resolve) => (asked.take = resolve));
  return {
    async echo(text) {
      const echoed = answer();
      stream.write(Buffer.from(text));
      if ((await echoed).length !== text.length) throw new Error("another echo");
    },
    async flood(count, text) {
      const message = Buffer.from(text);
      for (let sent = 1; sent <= count; sent++) {
        if (!stream.write(message)) await once(stream, "drain");
      }
      const counted = answer();
      stream.write(Buffer.from("c"));
      const said = (await counted).toString();
      if (said !== `c${count}`) throw new Error(`the server has ${said} of ${count}`);
    },
    close() {
      stream.on("error", () => {});
      stream.destroy();
    },
  };
}

const [what, first, second] = process.argv.slice(2);
if (what === "serve") await serve(first!);
else {
  const { port } = JSON.parse(first!) as { readonly port: number };
  const Secret = secretStreamIn(second!);
  await drive({ connect: () => connect(Secret, port) });
}
