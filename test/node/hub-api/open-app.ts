// The operator's application over a fake hub, asked without a socket.

import { createApp } from "../../../src/node/hub-api/app.ts";
import { fakeHub, type FakeHub } from "./fake-operator.ts";

export const TOKEN = "token-of-the-operator-0123456789";

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly body?: string | ReadableStream;
}

export interface OpenApp {
  readonly hub: FakeHub;
  readonly faults: unknown[];
  /** Asks as anybody. */
  readonly ask: (path: string, asked?: Asked) => Promise<Response>;
  /** Asks with the token, and gives the status and the JSON. */
  readonly api: (path: string, asked?: Asked) => Promise<{ readonly status: number; readonly json: Json }>;
}

/** What a test looks into, as it came. */
export type Json = ReturnType<typeof JSON.parse>;

export function openApp(options: { readonly isLoopback?: boolean } = {}): OpenApp {
  const hub = fakeHub();
  const faults: unknown[] = [];
  const app = createApp({
    operator: hub.operator,
    token: TOKEN,
    isLoopback: options.isLoopback ?? true,
    isOwnHost: (host) => host === "127.0.0.1:9",
    onFault: (error) => faults.push(error),
    ofProcess: false,
  });
  const ask = async (path: string, { method = "GET", headers = {}, json, body }: Asked = {}): Promise<Response> => {
    const type: Record<string, string> = json === undefined ? {} : { "Content-Type": "application/json" };
    const sent = json === undefined ? body : JSON.stringify(json);
    const request = new Request(`http://localhost${path}`, {
      method,
      headers: { Host: "127.0.0.1:9", ...type, ...headers },
      ...(sent === undefined ? {} : { body: sent, duplex: "half" }),
    });
    return await app.fetch(request);
  };
  return {
    hub,
    faults,
    ask,
    async api(path, { headers, ...asked } = {}) {
      const response = await ask(path, { ...asked, headers: { Authorization: `Bearer ${TOKEN}`, ...headers } });
      const text = await response.text();
      return { status: response.status, json: text === "" ? undefined : JSON.parse(text) };
    },
  };
}
