// A peer that speaks TCP and writes whatever it likes: heads by hand, frames by hand, or nothing at all.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";

const open = new Set<RawPeer>();

/** Ends all that are left, so that a listener need not wait for their goodbye. */
export function destroyRawPeers(): void {
  for (const peer of open) peer.socket.destroy();
}

export class RawPeer {
  readonly socket: Socket;
  #chunks: Buffer[] = [];
  /** Resolves when the connection is gone, however it ends. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
    open.add(this);
    socket.once("close", () => open.delete(this));
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      socket.emit("lair-received");
    });
  }

  /** `to` is another address of this machine; `from` an address and port to come from, 0 for any. */
  static async open(port: number, to = "127.0.0.1", from?: { address: string; port: number }): Promise<RawPeer> {
    const origin = from === undefined ? {} : { localAddress: from.address, localPort: from.port };
    const socket = connect({ port, host: to, noDelay: true, ...origin });
    const peer = new RawPeer(socket);
    await once(socket, "connect");
    return peer;
  }

  /** A peer that has been let in. */
  static async upgraded(port: number, rest: Buffer = Buffer.alloc(0)): Promise<RawPeer> {
    const peer = await RawPeer.open(port);
    peer.socket.write(Buffer.concat([Buffer.from(upgradeHead()), rest]));
    await peer.until(() => peer.received.includes("\r\n\r\n"));
    return peer;
  }

  /** Waits until what was received satisfies `done`; throws when the connection ends before. */
  async until(done: () => boolean): Promise<void> {
    while (!done()) {
      const gone = this.closed.then(() => "gone");
      if ((await Promise.race([once(this.socket, "lair-received"), gone])) === "gone" && !done()) {
        throw new Error(`connection closed after ${this.received.length} bytes`);
      }
    }
  }

  /** All that has come. Joined only when it is asked for: some peers get megabytes that nobody looks at. */
  get received(): Buffer {
    const whole = Buffer.concat(this.#chunks);
    this.#chunks = [whole];
    return whole;
  }

  /** What came after the HTTP head. */
  get afterHead(): Buffer {
    return this.received.subarray(this.received.indexOf("\r\n\r\n") + 4);
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d{3}) /.exec(this.received.toString("latin1"))?.[1] ?? 0);
  }

  dribble(bytes: Buffer): Promise<void> {
    return dribble(this.socket, bytes);
  }
}

/** Writes one byte a turn of the event loop, so that the other side, in this same process, reads one at a time. */
export async function dribble(socket: Socket, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    socket.write(Buffer.of(byte));
    await nextTurn();
  }
}

/** The head of a good upgrade request; a header that is undefined is left out. */
export function upgradeHead(changes: Record<string, string | undefined> = {}): string {
  const headers: Record<string, string | undefined> = {
    Host: "127.0.0.1",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "lair.1",
    ...changes,
  };
  const lines = Object.entries(headers).map(([name, value]) => (value === undefined ? "" : `${name}: ${value}\r\n`));
  return `GET / HTTP/1.1\r\n${lines.join("")}\r\n`;
}

export interface FrameShape {
  readonly opcode?: number;
  readonly fin?: boolean;
  readonly rsv1?: boolean;
  readonly masked?: boolean;
}

/** A WebSocket frame (RFC 6455 §5.2), by default a masked binary one. */
export function frameOf(payload: Uint8Array, shape: FrameShape = {}): Buffer {
  const { opcode = 2, fin = true, rsv1 = false, masked = true } = shape;
  const length = payload.length;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode;
  header[1] = (masked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  if (!masked) return Buffer.concat([header, payload]);
  const mask = Buffer.from([0x11, 0x22, 0x33, 0x44]);
  return Buffer.concat([header, mask, payload.map((byte, index) => byte ^ mask[index % 4]!)]);
}
