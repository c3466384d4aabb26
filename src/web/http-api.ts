// The API over HTTP (docs/api.md), for a page that the program itself has handed out: fetch for calls, a WebSocket for
// events. Nothing is sent before the program has proved that it knows the token (`proof.ts`): somebody else may have taken its
// port. With its own proof the page gets a cookie, which no script can read, and a key, which no other port can.
//
//   opening --proved--> open --closed--> lost (tries again, 0.5 s to 10 s) --proved--> open
//      '-----------------------------------+--not proved--> signed-out (tries again, every 10 s) --proved--> opening

import { type Api, type ApiEvent, ApiProblem, type CallOptions, type InputOf, type OutputOf } from "../app/api/api.ts";
import { type CallName, CALLS } from "../app/api/calls.ts";
import { keyInBrowser } from "./kept-key.ts";
import { answerTo, type KeptKey, newNonce, type ProofKey, proofKeyOf } from "./proof.ts";
import type { Link, LinkState } from "./state/ports.ts";

const BASE = "/api/v1";
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;
/** A program that is alive answers within this time. */
const ANSWER_MS = 20_000;
/** So long without an event, and the program is asked whether it is there: a dead connection says nothing. */
const SILENCE_MS = 45_000;

const NO_ANSWER = new ApiProblem(
  "no-answer",
  "Lair does not answer.",
  "If it has ended, start it again; this page reconnects by itself.",
);
const SIGNED_OUT = new ApiProblem("token-needed", "This page is not signed in.", "Open the link that Lair shows now.");

export class HttpApi implements Api, Link {
  readonly #kept: KeptKey;
  /** Tells other tabs that this one has signed in, or out. */
  readonly #tabs = new BroadcastChannel("lair");
  #state: LinkState = { name: "opening" };
  #proofKey: ProofKey | undefined;
  /** Of the run of the program that has proved itself; resolves with undefined if none has. Absent: it is not asked. */
  #session: Promise<string | undefined> | undefined;
  readonly #followers = new Set<() => void>();
  #socket: WebSocket | undefined;
  #listener: ((event: ApiEvent) => void) | undefined;
  #since: string | undefined;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(kept: KeptKey = keyInBrowser()) {
    this.#kept = kept;
    addEventListener("online", () => this.retry());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.retry();
    });
    this.#tabs.addEventListener("message", () => void this.#otherTab());
  }

  /** Signs in with the token of a link; false: it is not that of the program which runs now. Rejects with `no-answer`. */
  async signIn(token: string): Promise<boolean> {
    const proofKey = await proofKeyOf(token, location.port);
    const key = await exchange(proofKey);
    if (key === undefined) return false;
    this.#proofKey = proofKey;
    this.#session = Promise.resolve(key);
    await this.#kept.set(proofKey);
    this.#tellTabs();
    if (this.#state.name === "signed-out") this.#become({ name: "opening" });
    return true;
  }

  /** Call it before anything else: without a key there is nothing to ask. */
  async begin(): Promise<void> {
    this.#proofKey ??= await this.#kept.get();
    if (this.#proofKey === undefined) this.#become({ name: "signed-out" });
  }

  get state(): LinkState {
    return this.#state;
  }

  follow(listener: () => void): () => void {
    this.#followers.add(listener);
    return () => void this.#followers.delete(listener);
  }

  async signOut(): Promise<void> {
    const key = await this.#session?.catch(() => undefined);
    await this.#kept.set(undefined);
    this.#proofKey = undefined;
    this.#tellTabs();
    if (key !== undefined) await request("DELETE", "/session", { headers: headersWith(key) }).catch(() => undefined);
    this.#signedOut();
  }

  #tellTabs(): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of this origin alone
    this.#tabs.postMessage("look at the key");
  }

  async #otherTab(): Promise<void> {
    const key = await this.#kept.get();
    if (key === undefined) {
      this.#proofKey = undefined;
      this.#signedOut();
    } else if (this.#state.name === "signed-out") {
      this.#proofKey = key;
      this.#comeBack();
    }
  }

  /** Whom it does not know may be another program that has taken the port for a while. */
  #signedOut(): void {
    this.#session = undefined;
    this.#become({ name: "signed-out" });
    this.#socket?.close();
    clearTimeout(this.#timer);
    if (this.#proofKey !== undefined) this.#timer = setTimeout(() => this.#comeBack(), LONGEST_RETRY_MS);
  }

  #comeBack(): void {
    if (this.#state.name !== "signed-out" || this.#proofKey === undefined) return;
    clearTimeout(this.#timer);
    const again = this.#proven().catch(() => undefined);
    void again.then((key) => {
      if (this.#state.name !== "signed-out") return;
      if (key === undefined) this.#signedOut();
      else this.#become({ name: "opening" });
    });
  }

  /** The key of the program's run, once both have proved themselves. Rejects with ApiProblem `no-answer`. */
  async #proven(): Promise<string | undefined> {
    const session = (this.#session ??= exchange(this.#proofKey));
    try {
      const key = await session;
      if (key === undefined && this.#session === session) this.#session = undefined;
      return key;
    } catch (error) {
      if (this.#session === session) this.#session = undefined;
      throw error;
    }
  }

  #become(state: LinkState): void {
    if (state.name === this.#state.name && state.name !== "lost") return;
    this.#state = state;
    for (const follower of this.#followers) follower();
  }

  async call<Name extends CallName>(name: Name, input: InputOf<Name>, options?: CallOptions): Promise<OutputOf<Name>> {
    const answer = await this.#ask(name, input, options);
    if (!answer.ok) throw await problemOf(answer);
    const output: unknown = answer.status === 204 ? {} : await answer.json().catch(() => undefined);
    // It was cut off: the program has ended meanwhile.
    if (output === undefined) throw NO_ANSWER;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the table of calls says what our program answers
    return output as OutputOf<Name>;
  }

  async #ask(name: CallName, input: object, options: CallOptions = {}, isAgain = false): Promise<Response> {
    // Who answers now may be another program.
    if (this.#state.name === "lost") throw NO_ANSWER;
    const session = (this.#session ??= exchange(this.#proofKey));
    const key = await this.#proven();
    if (key === undefined) {
      this.#signedOut();
      throw SIGNED_OUT;
    }
    const socket = this.#socket;
    const answer = await request(...requestFor(name, input, { key, ...options })).catch((error: unknown) => {
      this.#drop(socket);
      throw error;
    });
    if (answer.status !== 401 || isAgain) return answer;
    // The key is of another run of the program, which has done nothing.
    if (this.#session === session) this.#session = undefined;
    return await this.#ask(name, input, options, true);
  }

  listen(listener: (event: ApiEvent) => void, since?: string): () => void {
    this.#listener = listener;
    this.#since = since;
    void this.#connect();
    return () => {
      if (this.#listener === listener) this.#listener = undefined;
      this.#socket?.close();
    };
  }

  /** Tries to reach the program now. */
  retry(): void {
    if (this.#state.name === "lost") void this.#connect();
    else if (this.#state.name === "open") this.call("status", {}).catch(() => undefined);
    else this.#comeBack();
  }

  async #connect(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#listener === undefined || this.#proofKey === undefined) return;
    if (this.#isConnected) return;
    let key: string | undefined;
    try {
      key = await this.#proven();
    } catch {
      return this.#lost();
    }
    if (key === undefined) return this.#signedOut();
    // Meanwhile another attempt may have opened one.
    if (this.#listener === undefined || this.#isConnected) return;
    this.#open(key);
  }

  get #isConnected(): boolean {
    return this.#socket !== undefined && this.#socket.readyState <= WebSocket.OPEN;
  }

  /** There was no answer, so its events do not come either, whatever the browser knows of the connection. */
  #drop(socket: WebSocket | undefined): void {
    if (socket === undefined || this.#socket !== socket || socket.readyState !== WebSocket.OPEN) return;
    this.#lost();
    socket.close();
  }

  #listenForSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      if (!document.hidden && this.#state.name === "open") this.call("status", {}).catch(() => undefined);
      this.#listenForSilence();
    }, SILENCE_MS);
  }

  #open(key: string): void {
    const query = this.#since === undefined ? "" : `?since=${encodeURIComponent(this.#since)}`;
    const url = new URL(`${BASE}/events${query}`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url, ["lair-events", `lair-key.${key}`]);
    this.#socket = socket;
    socket.addEventListener("open", () => {
      if (this.#socket !== socket) return;
      this.#failures = 0;
      this.#listenForSilence();
      this.#become({ name: "open" });
    });
    socket.addEventListener("message", ({ data }) => {
      if (typeof data !== "string" || this.#socket !== socket) return;
      this.#listenForSilence();
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our program sends nothing else
      const event = JSON.parse(data) as ApiEvent;
      this.#since = event.id;
      this.#listener?.(event);
    });
    socket.addEventListener("close", () => {
      if (this.#socket === socket) this.#lost();
    });
  }

  /** Who is there when it comes back must prove itself anew. */
  #lost(): void {
    this.#socket = undefined;
    this.#session = undefined;
    clearTimeout(this.#silence);
    if (this.#listener === undefined || this.#state.name === "signed-out") return;
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 8));
    this.#failures += 1;
    this.#become({ name: "lost", retryAtMs: Date.now() + delayMs });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), delayMs);
  }
}

/** The key of the program's run; undefined if the program or the page has not proved itself. Rejects with `no-answer`. */
async function exchange(proofKey: ProofKey | undefined): Promise<string | undefined> {
  if (proofKey === undefined) return undefined;
  const pageNonce = newNonce();
  const first = await post("/session/proof", { pageNonce });
  const [nonce, proof] = [textIn(first, "nonce"), textIn(first, "proof")];
  if (nonce === undefined || proof === undefined) return undefined;
  const answer = await answerTo(proofKey, pageNonce, { nonce, proof });
  if (answer === undefined) return undefined;
  return textIn(await post("/session", { pageNonce, nonce, proof: answer }), "key");
}

/** The answer; undefined if it is a refusal, or nothing that a program of ours says. */
async function post(path: string, body: object): Promise<unknown> {
  const headers = { "Content-Type": "application/json" };
  const answer = await request("POST", path, { headers, body: JSON.stringify(body) });
  return answer.ok ? await answer.json().catch(() => undefined) : undefined;
}

function headersWith(key: string): Record<string, string> {
  return { "Lair-Page": key };
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

function requestFor(
  name: CallName,
  input: object,
  { key, idempotencyKey }: CallOptions & { readonly key: string },
): [method: string, path: string, request: Request] {
  const { method, path } = CALLS[name];
  const { address, rest } = addressOf(path, input);
  const headers = headersWith(key);
  if (idempotencyKey !== undefined) headers["Idempotency-Key"] = idempotencyKey;
  if (method === "GET") return [method, address + queryOf(rest), { headers }];
  if (Object.keys(rest).length === 0) return [method, address, { headers }];
  headers["Content-Type"] = "application/json";
  return [method, address, { headers, body: JSON.stringify(rest) }];
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
    return new ApiProblem(
      "bad-answer",
      `Lair answered ${answer.status}, with something that this page does not understand.`,
    );
  }
}

/** A text of an answer. */
function textIn(body: unknown, member: string): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const value: unknown = Object.entries(body).find(([name]) => name === member)?.[1];
  return typeof value === "string" ? value : undefined;
}
