// Listeners for tests: they echo, or hold still; each is closed when its test ends.

import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { connect } from "../../../src/node/websocket/connect.ts";
import { listen, type Listener, type ListenOptions } from "../../../src/node/websocket/listen.ts";
import type { IncomingLink, WebSocketLink } from "../../../src/node/websocket/link.ts";
import { destroyRawPeers } from "./raw-peer.ts";
import { Recorder } from "./recorder.ts";

/** Authenticates whoever comes and sends every frame back. */
export function echo(link: IncomingLink): void {
  link.authenticated();
  link.attach({ frame: (bytes) => link.send(bytes), closed() {}, drained() {} });
}

/** Authenticates whoever sends a frame, and sends every frame back. */
export function authenticateAtFirstFrame(link: IncomingLink): void {
  const frame = (bytes: Uint8Array): void => {
    link.authenticated();
    link.send(bytes);
  };
  link.attach({ frame, closed() {}, drained() {} });
}

/** Takes links and neither authenticates them nor answers. */
export function holdStill(link: IncomingLink): void {
  link.attach({ frame() {}, closed() {}, drained() {} });
}

/** A promise and the function that fulfils it. */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  const slot: { resolve?: (value: T) => void } = {};
  const promise = new Promise<T>((resolve) => (slot.resolve = resolve));
  return { promise, resolve: (value) => slot.resolve?.(value) };
}

/** A listener on a free port that echoes unless told otherwise. */
export async function openListener(test: TestContext, options: Partial<ListenOptions> = {}): Promise<Listener> {
  const defaults = { host: "127.0.0.1", port: 0, allowOrigins: [], allowHosts: [], onLink: echo };
  const listener = await listen({ ...defaults, ...options });
  test.after(() => {
    destroyRawPeers();
    return listener.close();
  });
  return listener;
}

/** A TCP server that does to each connection what it is told; returns its port. */
export async function openTcp(test: TestContext, serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** A link out, and the recorder attached to it. */
export async function connected(url: string): Promise<{ link: WebSocketLink; recorder: Recorder }> {
  const link = await connect(url);
  const recorder = new Recorder();
  link.attach(recorder);
  return { link, recorder };
}

/** A listener, and the promise of the first link that comes in, authenticated and not attached. */
export async function listenerOf(
  test: TestContext,
  options: Partial<ListenOptions> = {},
): Promise<{ listener: Listener; incoming: Promise<IncomingLink> }> {
  const incoming = deferred<IncomingLink>();
  const onLink = (link: IncomingLink): void => {
    link.authenticated();
    incoming.resolve(link);
  };
  return { listener: await openListener(test, { ...options, onLink }), incoming: incoming.promise };
}
