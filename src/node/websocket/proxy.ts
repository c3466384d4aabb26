// A TCP connection through a proxy: SOCKS5 with the library `socks`, HTTP's CONNECT with Node. The proxy receives the
// name of the server and resolves it, so no resolver here learns who talks to whom. Loaded only if a proxy is used; the
// choice of the proxy is elsewhere.

import { request } from "node:http";
import { connect as connectTcp, type Socket } from "node:net";
import { SocksClient } from "socks";
import { type Address, formatHost, systemHost } from "../../core/address.ts";
import type { Proxy } from "./proxy-address.ts";
import { proxyFailed, type ProxyStage, TunnelRefused } from "./proxy-errors.ts";

/**
 * A connection to `target` through `proxy`. Throws LairError `unreachable`, which names the proxy; an aborted signal
 * closes the socket.
 */
export async function connectThrough(proxy: Proxy, target: Address, signal: AbortSignal): Promise<Socket> {
  const socket = connectTcp({ host: systemHost(proxy), port: proxy.port });
  const destroy = (): void => void socket.destroy();
  // Stays for good: the waiting code reports the failure.
  socket.on("error", () => {});
  signal.addEventListener("abort", destroy);
  let stage: ProxyStage = "proxy";
  try {
    await connected(socket);
    stage = "way-on";
    await (proxy.type === "http" ? tunnel(socket, proxy, target) : greet(socket, proxy, target));
    return socket;
  } catch (cause) {
    socket.destroy();
    signal.throwIfAborted();
    throw proxyFailed(proxy, target, stage, cause);
  } finally {
    signal.removeEventListener("abort", destroy);
  }
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed")));
  });
}

/** RFC 1928; the name is sent as a name (the `h` of socks5h). */
async function greet(socket: Socket, { host, port, credentials }: Proxy, target: Address): Promise<void> {
  const login = credentials === undefined ? {} : { userId: credentials.name, password: credentials.password };
  await SocksClient.createConnection({
    command: "connect",
    proxy: { host, port, type: 5, ...login },
    destination: { host: target.host, port: target.port },
    existing_socket: socket,
  });
}

/** RFC 9110 §9.3.6. */
function tunnel(socket: Socket, { credentials }: Proxy, target: Address): Promise<void> {
  const place = `${formatHost({ host: target.host, zone: undefined })}:${target.port}`;
  const login = Buffer.from(`${credentials?.name}:${credentials?.password}`).toString("base64");
  return new Promise((resolve, reject) => {
    const asked = request({
      method: "CONNECT",
      path: place,
      headers: { host: place, ...(credentials === undefined ? {} : { "proxy-authorization": `Basic ${login}` }) },
      createConnection: () => socket,
    });
    asked.once("connect", ({ statusCode = 0 }, _socket, head) => {
      if (statusCode < 200 || statusCode > 299) return reject(new TunnelRefused(statusCode));
      if (head.length > 0) socket.unshift(head);
      resolve();
    });
    asked.once("error", reject);
    asked.end();
  });
}
