// The step between Node's HTTP server and an application that takes a Request and gives a Response. Answers are short, so
// each is sent in one piece.

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { ReadableStream } from "node:stream/web";

/** The other side left before its body was whole. Nobody reads an answer. */
export class BodyCutOff extends Error {}

/** A listener for 'request'. An error of `fetch`, which it should not have, ends the connection. */
export function serveFetch(
  fetch: (request: Request) => Response | Promise<Response>,
  onFault: (error: unknown) => void,
): RequestListener {
  return (incoming, outgoing) => {
    // It has gone: there is nobody to answer.
    outgoing.on("error", () => {});
    void answer(incoming, outgoing, fetch).catch((error: unknown) => {
      incoming.destroy();
      if (!incoming.errored) onFault(error);
    });
  };
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fetch: (request: Request) => Response | Promise<Response>,
): Promise<void> {
  const request = requestOf(incoming);
  const response = request === undefined ? new Response(null, { status: 400 }) : await fetch(request);
  const body = Buffer.from(await response.arrayBuffer());
  // What of a body was not wanted is not read either.
  if (!incoming.complete) outgoing.shouldKeepAlive = false;
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(body, () => {
    if (!incoming.complete) incoming.destroy();
  });
}

/** Undefined for a target that is no path (the absolute form is for proxies), and for a method that Request refuses. */
function requestOf(incoming: IncomingMessage): Request | undefined {
  const { method = "GET", url = "", rawHeaders } = incoming;
  if (!url.startsWith("/")) return undefined;
  try {
    const headers = new Headers();
    for (let index = 0; index < rawHeaders.length; index += 2)
      headers.append(rawHeaders[index]!, rawHeaders[index + 1]!);
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

/** Throws {@link BodyCutOff}. */
async function* bodyOf(incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of incoming) yield part;
  } catch (error) {
    throw new BodyCutOff("the body ended too early", { cause: error });
  }
}
