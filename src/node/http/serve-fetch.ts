// The step between Node's HTTP server and an application that takes a Request and gives a Response. Answers are short, so
// each is sent in one piece; but for events, which go out as they come.

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ReadableStream } from "node:stream/web";

/** The content type of an answer that goes on. */
export const EVENT_STREAM = "text/event-stream";

/** `socket`: the connection on which it came. */
type Fetch = (request: Request, socket: Socket) => Response | Promise<Response>;

/** The other side left before its body was whole. Nobody reads an answer. */
export class BodyCutOff extends Error {}

/** A listener for 'request'. An error of `fetch`, which it should not have, ends the connection. */
export function serveFetch(fetch: Fetch, onFault: (error: unknown) => void): RequestListener {
  return (incoming, outgoing) => {
    // It has gone: there is nobody to answer.
    outgoing.on("error", () => {});
    void answer(incoming, outgoing, fetch).catch((error: unknown) => {
      incoming.destroy();
      if (!incoming.errored) onFault(error);
    });
  };
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, fetch: Fetch): Promise<void> {
  const request = requestOf(incoming);
  const response = request === undefined ? new Response(null, { status: 400 }) : await fetch(request, incoming.socket);
  // What of a body was not wanted is not read either.
  if (!incoming.complete) outgoing.shouldKeepAlive = false;
  if (response.body !== null && response.headers.get("Content-Type") === EVENT_STREAM) {
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    await send(response.body, outgoing);
    return;
  }
  const body = Buffer.from(await response.arrayBuffer());
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(body, () => {
    if (!incoming.complete) incoming.destroy();
  });
}

/** Until the stream ends or fails, or the other side leaves. */
async function send(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader();
  const leave = (): void => void reader.cancel().catch(() => {});
  outgoing.on("close", leave);
  // The other side may have left before there was an answer.
  if (outgoing.destroyed) leave();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (!outgoing.write(part.value)) await writable(outgoing);
    }
    outgoing.end();
  } catch {
    outgoing.destroy();
  }
}

function writable(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off("drain", done).off("close", done);
      resolve();
    };
    outgoing.on("drain", done).on("close", done);
  });
}

/**
 * Undefined for a target that is no path (the absolute form is for proxies) or one that a URL reads as another, and for a
 * method that Request refuses.
 */
function requestOf(incoming: IncomingMessage): Request | undefined {
  const { method = "GET", url = "" } = incoming;
  if (!isPlainTarget(url)) return undefined;
  try {
    const headers = headersOf(incoming);
    const hasBody = method !== "GET" && method !== "HEAD";
    // A fixed name: what Host says is checked as the header that it is.
    const target = `http://localhost${url}`;
    if (!hasBody) return new Request(target, { method, headers });
    const body = ReadableStream.from(bodyOf(incoming));
    return new Request(target, { method, headers, body, duplex: "half" });
  } catch {
    return undefined;
  }
}

/** Whether a target is a path without steps: no `.` and `..`, however they are written. */
export function isPlainTarget(target: string): boolean {
  const [path = ""] = target.split("?", 1);
  return path.startsWith("/") && !/\\|\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path);
}

/** All headers; one that was sent twice has both values, and so is none that is known. */
export function headersOf({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">): Headers {
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2) headers.append(rawHeaders[index]!, rawHeaders[index + 1]!);
  return headers;
}

/** Throws {@link BodyCutOff}. */
async function* bodyOf(incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of incoming) yield part;
  } catch (error) {
    throw new BodyCutOff("the body ended too early", { cause: error });
  }
}
