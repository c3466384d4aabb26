// The API over HTTP, in a browser that is none, with the real listener's application: how a page and its program prove
// themselves, and what somebody else at the program's port gets to know. Needs no Chromium.

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { HttpApi } from "../../../src/web/http-api.ts";
import type { KeptKey, ProofKey } from "../../../src/web/proof.ts";

/** What answers at the program's port. */
interface Answering {
  ask(path: string, asked: { method: string; headers: Record<string, string>; body?: string }): Promise<Response>;
}

interface Real extends Answering {
  readonly api: { readonly calls: readonly unknown[] };
}

/** By its address: its types are those of Node, and those of this file a browser's. */
const OPEN_PAGE = new URL("../../node/page-api/open-page.ts", import.meta.url).href;
const { openPage, TOKEN } = (await import(OPEN_PAGE)) as {
  readonly openPage: (options?: { token: string }) => Real;
  readonly TOKEN: string;
};

/** A program that says yes to everything, and knows nothing. */
const STRANGER: Answering = {
  ask: async () => Response.json({ nonce: `9.${"x".repeat(43)}`, proof: "p".repeat(43), key: "k" }),
};

/** What the tabs of a browser share, and what answers at the port of the page. */
class FakeBrowser {
  kept: ProofKey | undefined;
  answering: Answering | undefined;
  cookie = "";
  /** All that was sent, as text. */
  readonly sent: string[] = [];
  readonly #tabs = new Set<(from: object) => void>();
  readonly #before = new Map<string, unknown>();

  constructor() {
    const tabs = this.#tabs;
    this.#put("document", { hidden: false, addEventListener() {} });
    this.#put("location", { port: "9", href: "http://127.0.0.1:9/" });
    this.#put("addEventListener", () => {});
    class FakeChannel {
      addEventListener(_: string, listener: () => void): void {
        tabs.add((from) => {
          if (from !== this) listener();
        });
      }

      postMessage(): void {
        for (const tell of tabs) tell(this);
      }
    }
    this.#put("BroadcastChannel", FakeChannel);
    this.#put("fetch", async (path: string, init: RequestInit) => await this.#fetch(path, init));
  }

  async #fetch(path: string, { method = "GET", headers, body }: RequestInit): Promise<Response> {
    const own = { ...(headers as Record<string, string>) };
    const withBody = typeof body === "string" ? { body } : {};
    this.sent.push(JSON.stringify({ method, path, own, ...withBody }));
    if (this.answering === undefined) throw new TypeError("refused");
    const answer = await this.answering.ask(path, { method, headers: { ...own, Cookie: this.cookie }, ...withBody });
    this.cookie = answer.headers.get("Set-Cookie")?.split(";")[0] ?? this.cookie;
    return answer;
  }

  #put(name: string, value: unknown): void {
    this.#before.set(name, Reflect.get(globalThis, name));
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }

  open(): HttpApi {
    const kept: KeptKey = {
      get: async () => this.kept,
      set: async (key) => void (this.kept = key),
    };
    return new HttpApi(kept);
  }

  close(): void {
    for (const [name, value] of this.#before) Object.defineProperty(globalThis, name, { value, configurable: true });
  }
}

describe("the page and its program", () => {
  let browser: FakeBrowser | undefined;
  afterEach(() => browser?.close());

  async function open(token = TOKEN) {
    const fake = new FakeBrowser();
    browser = fake;
    const program = openPage({ token: TOKEN });
    fake.answering = program;
    const api = fake.open();
    const isIn = await api.signIn(token);
    await api.begin();
    return { fake, program, api, isIn, say: async (one = api) => await one.call("send", { msg: "a secret" }) };
  }

  it("prove themselves, and the token is never sent", async () => {
    const { fake, program, isIn, say } = await open();
    assert.equal(isIn, true);
    await say();
    assert.equal(program.api.calls.length, 1);
    for (const one of fake.sent) assert.doesNotMatch(one, new RegExp(TOKEN.slice(0, 20)));
    await assert.rejects(crypto.subtle.exportKey("raw", fake.kept!), /extractable/);
  });

  it("do not go together with a wrong token, which is not sent either", async () => {
    const { fake, api, isIn, say } = await open("w".repeat(43));
    assert.deepEqual([isIn, api.state.name, fake.kept], [false, "signed-out", undefined]);
    await assert.rejects(say(), { code: "token-needed" });
    assert.equal(fake.sent.length, 1);
  });

  it("go on after a restart with the same token, and the call is done once", async () => {
    const { fake, say } = await open();
    await say();
    const again = openPage({ token: TOKEN });
    fake.answering = again;
    await say();
    assert.equal(again.api.calls.length, 1);
  });

  it("know of no answer where the program ends in the middle of it", async () => {
    const { fake, program, say } = await open();
    fake.answering = {
      ask: async (path, asked) => {
        const answer = await program.ask(path, asked);
        return path.endsWith("/send") ? new Response((await answer.text()).slice(0, -1)) : answer;
      },
    };
    await assert.rejects(say(), { code: "no-answer" });
    assert.equal(program.api.calls.length, 1);
  });

  it("go on in a page that is opened later", async () => {
    const { fake, program, say } = await open();
    const later = fake.open();
    await later.begin();
    await say(later);
    assert.deepEqual([later.state.name, program.api.calls.length], ["opening", 1]);
  });

  it("tell somebody else at the port nothing, and go on when the program is back", async () => {
    const { fake, api, say } = await open();
    await say();
    fake.answering = STRANGER;
    fake.sent.length = 0;
    const reopened = fake.open();
    await reopened.begin();
    await assert.rejects(say(reopened), { code: "token-needed" });
    assert.equal(reopened.state.name, "signed-out");
    assert.equal(await reopened.signIn(TOKEN), false);
    for (const one of fake.sent) {
      assert.match(one, /"path":"\/api\/v1\/session\/proof","own":\{"Content-Type":"application\/json"\}/);
      assert.match(one, /"body":"\{\\"pageNonce\\":\\"[\w-]{43}\\"\}"\}$/);
    }
    assert.equal(fake.sent.length, 2);
    const back = openPage({ token: TOKEN });
    fake.answering = back;
    const opening = new Promise<void>((resolve) => void reopened.follow(resolve));
    reopened.retry();
    await opening;
    await say(reopened);
    await say(api);
    assert.equal(back.api.calls.length, 2);
  });

  it("are signed in and out in all tabs", async () => {
    const { fake, api, program } = await open();
    const other = fake.open();
    await other.begin();
    const out = new Promise<void>((resolve) => void other.follow(resolve));
    await api.signOut();
    await out;
    assert.deepEqual([api.state.name, other.state.name, fake.kept], ["signed-out", "signed-out", undefined]);
    assert.match(fake.sent.at(-1)!, /"DELETE"/);
    const comesBack = new Promise<void>((resolve) => void other.follow(resolve));
    assert.equal(await api.signIn(TOKEN), true);
    await comesBack;
    assert.equal(other.state.name, "opening");
    await other.call("status", {});
    assert.equal(program.api.calls.length, 1);
  });
});
