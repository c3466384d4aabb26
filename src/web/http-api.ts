// The API over HTTP (docs/api.md), for a page that the program itself has handed out: fetch for calls, a WebSocket for
// events. The link with the token is exchanged for a cookie, which no script can read, and a key, which no other port can.
//
//   opening -> open -> lost (tries again, 0.5 s to 10 s) -> open
//      '----------'------'-> signed-out

import { type Api, type ApiEvent, ApiProblem, type CallOptions, type InputOf, type OutputOf } from "../app/api/api.ts";
import { type CallName, CALLS } from "../app/api/calls.ts";
import type { Link, LinkState } from "./state/ports.ts";

const BASE = "/api/v1";
const KEY_NAME = "lair-key";
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;
/** A program that is alive answers within this time. */
const ANSWER_MS = 20_000;

const NO_ANSWER = new ApiProblem(
  "no-answer",
  "Lair does not answer.",
  "Start it again if it was ended; this page goes on by itself.",
);

export class HttpApi implements Api, Link {
  #state: LinkState = { name: "opening" };
  #key: string | undefined;
  readonly #followers = new Set<() => void>();
  #socket: WebSocket | undefined;
  #listener: ((event: ApiEvent) => void) | undefined;
  #since: string | undefined;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#key = localStorage.getItem(KEY_NAME) ?? undefined;
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.retry();
    });
    // Another tab has signed in.
    addEventListener("storage", ({ key, newValue }) => {
      if (key === KEY_NAME && newValue !== null && this.#state.name === "signed-out") this.#signedIn(newValue);
    });
  }

  /** Exchanges the token of a link for a key. */
  async signIn(token: string): Promise<void> {
    const answer = await request("POST", "/session", { headers: { Authorization: `Bearer ${token}` } });
    if (!answer.ok) return this.#become({ name: "signed-out" });
    const key = textIn(await answer.json(), "key");
    if (key === undefined) return this.#become({ name: "signed-out" });
    localStorage.setItem(KEY_NAME, key);
    this.#signedIn(key);
  }

  #signedIn(key: string): void {
    this.#key = key;
    if (this.#state.name === "signed-out") this.#become({ name: "opening" });
  }

  /** Call it before anything else: without a key there is nothing to ask. */
  begin(): void {
    if (this.#key === undefined) this.#become({ name: "signed-out" });
  }

  get state(): LinkState {
    return this.#state;
  }

  follow(listener: () => void): () => void {
    this.#followers.add(listener);
    return () => void this.#followers.delete(listener);
  }

  async signOut(): Promise<void> {
    await request("DELETE", "/session", { headers: this.#headers() }).catch(() => undefined);
    this.#forgetKey();
  }

  /** A key was refused. Another tab may have a newer one, which is good. */
  #refused(key: string | undefined): void {
    if (key !== this.#key) return;
    const stored = localStorage.getItem(KEY_NAME) ?? undefined;
    if (stored === undefined || stored === key) this.#forgetKey();
    else this.#key = stored;
  }

  #forgetKey(): void {
    localStorage.removeItem(KEY_NAME);
    this.#key = undefined;
    this.#become({ name: "signed-out" });
    this.#socket?.close();
  }

  #become(state: LinkState): void {
    if (state.name === this.#state.name && state.name !== "lost") return;
    this.#state = state;
    for (const follower of this.#followers) follower();
  }

  #headers(): Record<string, string> {
    return this.#key === undefined ? {} : { "Lair-Page": this.#key };
  }

  async call<Name extends CallName>(name: Name, input: InputOf<Name>, options?: CallOptions): Promise<OutputOf<Name>> {
    const { method, path } = CALLS[name];
    const { address, rest } = addressOf(path, input);
    const key = this.#key;
    const headers = this.#headers();
    if (options?.idempotencyKey !== undefined) headers["Idempotency-Key"] = options.idempotencyKey;
    let where = address;
    let body: string | undefined;
    if (method === "GET") where += queryOf(rest);
    else if (Object.keys(rest).length > 0) {
      headers["Content-Type"] = "application/json";
      body = JSON.stringify(rest);
    }
    const answer = await request(method, where, { headers, ...(body === undefined ? {} : { body }) });
    if (answer.ok) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table of calls says what our program answers
      return (answer.status === 204 ? {} : await answer.json()) as OutputOf<Name>;
    }
    if (answer.status === 401) this.#refused(key);
    throw await problemOf(answer);
  }

  listen(listener: (event: ApiEvent) => void, since?: string): () => void {
    this.#listener = listener;
    this.#since = since;
    this.#connect();
    return () => {
      if (this.#listener === listener) this.#listener = undefined;
      this.#socket?.close();
    };
  }

  /** Tries to reach the program now. */
  retry(): void {
    if (this.#state.name === "lost") this.#connect();
  }

  #connect(): void {
    clearTimeout(this.#timer);
    if (this.#listener === undefined || this.#key === undefined) return;
    if (this.#socket !== undefined && this.#socket.readyState <= WebSocket.OPEN) return;
    const query = this.#since === undefined ? "" : `?since=${encodeURIComponent(this.#since)}`;
    const url = new URL(`${BASE}/events${query}`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url, ["lair-events", `lair-key.${this.#key}`]);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#failures = 0;
      this.#become({ name: "open" });
    });
    socket.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") return;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our program sends nothing else
      const event = JSON.parse(data) as ApiEvent;
      this.#since = event.id;
      this.#listener?.(event);
    });
    socket.addEventListener("close", () => {
      if (this.#socket === socket) this.#lost();
    });
  }

  #lost(): void {
    this.#socket = undefined;
    if (this.#listener === undefined || this.#state.name === "signed-out") return;
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 8));
    this.#failures += 1;
    this.#become({ name: "lost", retryAtMs: Date.now() + delayMs });
    this.#timer = setTimeout(() => this.#connect(), delayMs);
    // A WebSocket does not say why it was refused; a call does.
    this.call("status", {}).catch(() => undefined);
  }
}

interface Request {
  readonly headers: Record<string, string>;
  readonly body?: string;
}

/** Rejects with ApiProblem `no-answer`. */
async function request(method: string, path: string, { headers, body }: Request): Promise<Response> {
  try {
    return await fetch(BASE + path, {
      method,
      headers,
      body: body ?? null,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  } catch {
    throw NO_ANSWER;
  }
}

/** The path with the members in braces filled in, and the others. */
function addressOf(path: string, input: object): { readonly address: string; readonly rest: Record<string, unknown> } {
  const rest: Record<string, unknown> = { ...input };
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  return { address, rest };
}

function queryOf(rest: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(rest)) {
    if (value !== undefined) query.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return query.size === 0 ? "" : `?${query}`;
}

async function problemOf(answer: Response): Promise<ApiProblem> {
  try {
    const body: unknown = await answer.json();
    const code = textIn(body, "code") ?? "bad-answer";
    return new ApiProblem(code, textIn(body, "detail") ?? "Lair refused this.", textIn(body, "hint"));
  } catch {
    return new ApiProblem("bad-answer", `Lair answered ${answer.status}, and nothing that this page understands.`);
  }
}

/** A text of an answer. */
function textIn(body: unknown, member: string): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const value: unknown = Object.entries(body).find(([name]) => name === member)?.[1];
  return typeof value === "string" ? value : undefined;
}
