// Proxies for tests, on a free port of loopback: one that speaks SOCKS5 (RFC 1928, 1929), one that speaks HTTP's CONNECT.
// They keep what they were asked for, and lead everything to the port that they are told.

import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";

export interface TestProxy {
  readonly port: number;
  /** `HOST:PORT` as it was asked for, of SOCKS with the kind of address in front. */
  readonly asked: string[];
  /** `name:password` as it came. */
  readonly logins: string[];
}

export interface ProxyBehaviour {
  /** Where everything leads. */
  readonly to?: number;
  /** Required of who comes. */
  readonly login?: string;
  /** SOCKS: the reply to a request; HTTP: the status. */
  readonly reply?: number;
}

async function opened(test: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

function join(socket: Socket, port: number): Socket {
  const onward = connect(port, "127.0.0.1");
  onward.on("error", () => socket.destroy());
  socket.on("close", () => onward.destroy());
  onward.on("close", () => socket.destroy());
  onward.pipe(socket);
  socket.pipe(onward);
  return onward;
}

export async function openSocksProxy(test: TestContext, behaviour: ProxyBehaviour = {}): Promise<TestProxy> {
  const asked: string[] = [];
  const logins: string[] = [];
  const server = createServer((socket) => {
    const steps = [
      (bytes: Buffer): Buffer | undefined => {
        const methods = [...bytes.subarray(2)];
        const wanted = behaviour.login === undefined ? 0 : 2;
        return Buffer.of(5, methods.includes(wanted) ? wanted : 0xff);
      },
      (bytes: Buffer): Buffer | undefined => {
        const name = bytes.subarray(2, 2 + bytes[1]!).toString();
        const login = `${name}:${bytes.subarray(3 + bytes[1]!).toString()}`;
        logins.push(login);
        return Buffer.of(1, login === behaviour.login ? 0 : 1);
      },
      (bytes: Buffer): Buffer | undefined => {
        const kind = bytes[3];
        const host = kind === 3 ? bytes.subarray(5, -2).toString() : [...bytes.subarray(4, -2)].join(".");
        asked.push(`${kind === 3 ? "name" : "address"} ${host}:${bytes.readUInt16BE(bytes.length - 2)}`);
        const answer = Buffer.of(5, behaviour.reply ?? 0, 0, 1, 127, 0, 0, 1, 0, 0);
        if (behaviour.to === undefined || behaviour.reply !== undefined) return answer;
        socket.removeAllListeners("data");
        join(socket, behaviour.to).once("connect", () => socket.write(answer));
        return undefined;
      },
    ];
    let step = -1;
    const inOrder = behaviour.login === undefined ? [steps[0]!, steps[2]!] : steps.slice();
    socket.on("data", (bytes: Buffer) => {
      step += 1;
      const answer = inOrder[step]?.(bytes);
      if (answer !== undefined) socket.write(answer);
    });
  });
  return { port: await opened(test, server), asked, logins };
}

export async function openHttpProxy(test: TestContext, behaviour: ProxyBehaviour = {}): Promise<TestProxy> {
  const asked: string[] = [];
  const logins: string[] = [];
  const server = createHttpServer((_request, response) => response.writeHead(405).end());
  server.on("connect", (request, socket) => {
    asked.push(request.url ?? "");
    const login = Buffer.from(
      request.headers["proxy-authorization"]?.slice("Basic ".length) ?? "",
      "base64",
    ).toString();
    if (login !== "") logins.push(login);
    const isLet = behaviour.login === undefined || login === behaviour.login;
    const status = isLet ? (behaviour.reply ?? 200) : 407;
    const head = `HTTP/1.1 ${status} X\r\n${status === 200 ? "" : "Content-Length: 0\r\n"}\r\n`;
    if (status !== 200 || behaviour.to === undefined) return void socket.end(head);
    join(socket as Socket, behaviour.to).once("connect", () => socket.write(head));
  });
  return { port: await opened(test, server), asked, logins };
}
