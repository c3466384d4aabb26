// The page's application over a fake program, asked without a socket.

import { type CallName, CALLS } from "../../../src/app/api/calls.ts";
import { createPageApp, type PageAppOptions } from "../../../src/node/page-api/app.ts";
import type { PageFiles } from "../../../src/node/page-api/files.ts";
import { FakeApi } from "./fake-api.ts";
import { signInWith } from "./sign-in.ts";

export const TOKEN = "token-of-the-link-0123456789abcdefghijklmno";
export const HOST = "127.0.0.1:9";
export const BEARER = { Authorization: `Bearer ${TOKEN}` };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export const FILES: PageFiles = new Map([
  ["/", { contentType: "text/html; charset=utf-8", bytes: bytes("<!doctype html><title>Lair</title>") }],
  ["/assets/page-1234.js", { contentType: "text/javascript; charset=utf-8", bytes: bytes("void 0;") }],
]);

/** What a test looks into, as it came. */
export type Json = ReturnType<typeof JSON.parse>;

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

export function pageOptions(api: FakeApi, faults: unknown[] = []): Omit<PageAppOptions, "port"> {
  return {
    api,
    files: FILES,
    token: TOKEN,
    version: "1.2.3",
    isOwnHost: (host) => /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(host),
    nowMs: () => 0,
    everyBeat: () => () => {},
    onWrongTokens() {},
    onFault: (error) => faults.push(error),
  };
}

export interface OpenPage {
  readonly api: FakeApi;
  readonly faults: unknown[];
  /** Asks as anybody. */
  readonly ask: (path: string, asked?: Asked) => Promise<Response>;
  /** Asks as a program with the token. */
  readonly program: (path: string, asked?: Asked) => Promise<{ readonly status: number; readonly json: Json }>;
  /** Asks as a page that has not signed in. */
  readonly post: (path: string, json: object) => Promise<Response>;
  /** What a page that has signed in sends. */
  readonly signIn: () => Promise<{ readonly Cookie: string; readonly "Lair-Page": string }>;
  readonly end: () => void;
}

export function openPage(options: Partial<PageAppOptions> = {}): OpenPage {
  const api = new FakeApi();
  const faults: unknown[] = [];
  const app = createPageApp({ ...pageOptions(api, faults), port: 9, ...options });
  const ask = async (path: string, { method = "GET", headers = {}, json, body }: Asked = {}): Promise<Response> => {
    const type: Record<string, string> = json === undefined ? {} : { "Content-Type": "application/json" };
    const sent = json === undefined ? body : JSON.stringify(json);
    const request = new Request(`http://localhost${path}`, {
      method,
      headers: { Host: HOST, ...type, ...headers },
      ...(sent === undefined ? {} : { body: sent }),
    });
    return await app.fetch(request);
  };
  const post = async (path: string, json: object): Promise<Response> => await ask(path, { method: "POST", json });
  return {
    api,
    faults,
    ask,
    post,
    async program(path, asked = {}) {
      const response = await ask(path, { ...asked, headers: { ...BEARER, ...asked.headers } });
      const text = await response.text();
      return { status: response.status, json: text === "" ? undefined : JSON.parse(text) };
    },
    async signIn() {
      const response = await signInWith(post, options.token ?? TOKEN, options.port ?? 9);
      const { key } = (await response.json()) as { readonly key: string };
      const [cookie = ""] = (response.headers.get("Set-Cookie") ?? "").split(";");
      return { Cookie: cookie, "Lair-Page": key };
    },
    end: () => app.end(),
  };
}

/** Where a call is found over HTTP, with its input in the places for it. */
export function requestOf(name: CallName, input: object): readonly [string, Asked] {
  const { method, path } = CALLS[name];
  const rest = new Map<string, unknown>(Object.entries(input));
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, member: string) => {
    const value = encodeURIComponent(String(rest.get(member)));
    rest.delete(member);
    return value;
  });
  const query = new URLSearchParams(
    [...rest].map(([member, value]): [string, string] => [member, String(value)]),
  ).toString();
  if (method === "GET") return [`/api/v1${filled}${query === "" ? "" : `?${query}`}`, {}];
  return [`/api/v1${filled}`, { method, ...(rest.size === 0 ? {} : { json: Object.fromEntries(rest) }) }];
}
