// The API over HTTP, in a browser that is none: which key a tab has where another one has signed in. Needs no Chromium.

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { HttpApi } from "../../../src/web/http-api.ts";

const KEY = "lair-key";

/** What the tabs of a browser share, and a program that takes one key. */
class FakeBrowser {
  readonly stored = new Map<string, string>();
  readonly #storageListeners: ((event: object) => void)[] = [];
  readonly #before = new Map<string, unknown>();
  accepted = "new";

  constructor() {
    const storage = {
      getItem: (name: string) => this.stored.get(name) ?? null,
      setItem: (name: string, value: string) => void this.stored.set(name, value),
      removeItem: (name: string) => void this.stored.delete(name),
    };
    this.#put("localStorage", storage);
    this.#put("document", { hidden: false, addEventListener() {} });
    this.#put("addEventListener", (name: string, listener: (event: object) => void) => {
      if (name === "storage") this.#storageListeners.push(listener);
    });
    this.#put("fetch", async (_: string, { headers }: { readonly headers: Readonly<Record<string, string>> }) =>
      headers["Lair-Page"] === this.accepted
        ? Response.json({ conversations: [] })
        : Response.json({ code: "token-needed" }, { status: 401 }),
    );
  }

  #put(name: string, value: unknown): void {
    this.#before.set(name, Reflect.get(globalThis, name));
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }

  /** Another tab signs in. */
  signIn(key: string): void {
    this.stored.set(KEY, key);
    for (const listener of this.#storageListeners) listener({ key: KEY, newValue: key });
  }

  close(): void {
    for (const [name, value] of this.#before) Object.defineProperty(globalThis, name, { value, configurable: true });
  }
}

describe("the key of a tab", () => {
  let browser: FakeBrowser | undefined;
  afterEach(() => browser?.close());

  function open(key: string) {
    const fake = new FakeBrowser();
    browser = fake;
    fake.stored.set(KEY, key);
    const api = new HttpApi();
    return { fake, api, conversations: async () => await api.call("conversations", {}) };
  }

  it("is forgotten when it is refused", async () => {
    const { fake, api, conversations } = open("old");
    await assert.rejects(conversations, { code: "token-needed" });
    assert.deepEqual([api.state.name, fake.stored.size], ["signed-out", 0]);
  });

  it("is that of another tab which has signed in meanwhile, and stays there", async () => {
    const { fake, api, conversations } = open("old");
    fake.stored.set(KEY, "new");
    // Two calls at once.
    const refused = await Promise.allSettled([conversations(), conversations()]);
    assert.ok(refused.every(({ status }) => status === "rejected"));
    assert.deepEqual([api.state.name, fake.stored.get(KEY)], ["opening", "new"]);
    assert.deepEqual(await conversations(), { conversations: [] });
  });

  it("comes back when another tab signs in", async () => {
    const { fake, api, conversations } = open("old");
    await assert.rejects(conversations);
    fake.signIn("new");
    assert.equal(api.state.name, "opening");
    assert.deepEqual(await conversations(), { conversations: [] });
  });
});
