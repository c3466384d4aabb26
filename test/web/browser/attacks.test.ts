// The page of somebody else in the same browser, against the real listener: whatever it does, no call reaches the program,
// and it reads no answer.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import type { Attacked } from "./attacked-types.ts";
import { SKIP } from "./chromium.ts";

/** By its address: its types are those of Node, and those of this file a browser's. */
const LISTENER = new URL("../attacked.ts", import.meta.url).href;

/** A name that leads to this machine, as somebody's DNS may say it. */
const REBOUND = "evil.example";

describe("the page of somebody else in the same browser", { skip: SKIP, concurrency: 1 }, () => {
  const evil = createServer((_, response) =>
    response.setHeader("Content-Type", "text/html").end("<title>evil</title>"),
  );
  let listener: Attacked;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  const own = (path = "/"): string => `http://127.0.0.1:${listener.port}${path}`;
  const evilAt = (host: string): string => `http://${host}:${(evil.address() as AddressInfo).port}/`;

  before(async () => {
    const { openAttacked } = (await import(LISTENER)) as { readonly openAttacked: () => Promise<Attacked> };
    listener = await openAttacked();
    await new Promise<void>((resolve) => evil.listen({ host: "127.0.0.1", port: 0 }, resolve));
    browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-dev-shm-usage", `--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`],
    });
    context = await browser.newContext();
    context.setDefaultTimeout(60_000);
    // The user has signed in, in another tab.
    const user = await context.newPage();
    await user.goto(own());
    const pageNonce = "n".repeat(43);
    const nonce = await user.evaluate(
      async (given) => {
        const [method, headers] = ["POST", { "Content-Type": "application/json" }];
        const answer = await fetch("/api/v1/session/proof", { method, headers, body: JSON.stringify(given) });
        return ((await answer.json()) as { nonce: string }).nonce;
      },
      { pageNonce },
    );
    const isIn = await user.evaluate(
      async (given) => {
        const [method, headers] = ["POST", { "Content-Type": "application/json" }];
        const answer = await fetch("/api/v1/session", { method, headers, body: JSON.stringify(given) });
        const { key } = (await answer.json()) as { key: string };
        const status = await fetch("/api/v1/status", { headers: { "Lair-Page": key } });
        return status.status;
      },
      { pageNonce, nonce, proof: listener.proofOf(pageNonce, nonce) },
    );
    assert.equal(isIn, 200);
    assert.equal(listener.calls(), 1);
  });

  after(async () => {
    await browser.close();
    await listener.close();
    evil.close();
  });

  /** From a page of another port, under the name of the listener and under another one, and of another site. */
  async function fromEach(attack: (host: string) => Promise<void>): Promise<void> {
    for (const host of ["127.0.0.1", "localhost", REBOUND]) {
      page = await context.newPage();
      await page.goto(evilAt(host));
      await attack(host);
      assert.equal(listener.calls(), 1, `from ${host}`);
      assert.equal(listener.readers(), 0, `from ${host}`);
      await page.close();
    }
  }

  it("reads nothing and changes nothing by fetch, with the cookie and without", async () => {
    await fromEach(async () => {
      const outcomes = await page.evaluate(async (base) => {
        const tries: [string, RequestInit][] = [
          ["/api/v1/status", { credentials: "include" }],
          ["/api/v1/status", { credentials: "include", headers: { "Lair-Page": "x" } }],
          ["/api/v1/status", { credentials: "include", mode: "no-cors" }],
          ["/api/v1/send", { method: "POST", credentials: "include", mode: "no-cors", body: '{"msg":"x"}' }],
          ["/api/v1/session", { method: "DELETE", credentials: "include" }],
          ["/api/v1/session/proof", { method: "POST", mode: "no-cors", body: '{"pageNonce":"x"}' }],
          ["/api/v1/events", { credentials: "include", mode: "no-cors" }],
          ["/", {}],
        ];
        return await Promise.all(
          tries.map(async ([path, init]) => {
            try {
              return (await fetch(base + path, init)).type;
            } catch {
              return "refused";
            }
          }),
        );
      }, own(""));
      // Opaque: the page sees neither status nor body.
      for (const outcome of outcomes) assert.match(outcome, /^(?:refused|opaque)$/);
    });
  });

  it("posts no form", async () => {
    await fromEach(async () => {
      await page.setContent(
        `<form method="post" enctype="text/plain" action="${own("/api/v1/send")}"><input name='{"msg":"x","a":"' value='"}'></form>`,
      );
      const [answer] = await Promise.all([
        page.waitForResponse(own("/api/v1/send")),
        page.evaluate(() => document.forms[0]!.submit()),
      ]);
      assert.equal(answer.status(), 403);
    });
  });

  it("opens no WebSocket", async () => {
    await fromEach(async () => {
      const outcome = await page.evaluate(
        async (url) =>
          await new Promise<string>((resolve) => {
            const socket = new WebSocket(url, ["lair-events", "lair-key.x"]);
            socket.addEventListener("open", () => resolve("open"));
            socket.addEventListener("error", () => resolve("refused"));
          }),
        own("/api/v1/events").replace("http", "ws"),
      );
      assert.equal(outcome, "refused");
    });
  });

  it("shows it in no frame, runs none of its scripts, and has no hold of its window", async () => {
    await fromEach(async () => {
      await page.setContent(`<iframe src="${own()}"></iframe>`);
      const frame = page.frames().find((one) => one !== page.mainFrame());
      await frame?.waitForLoadState().catch(() => undefined);
      assert.doesNotMatch((await frame?.content().catch(() => "")) ?? "", /<title>Lair/);
      const isLoaded = await page.evaluate(
        async (src) =>
          await new Promise<boolean>((resolve) => {
            const script = document.createElement("script");
            script.addEventListener("load", () => resolve(true));
            script.addEventListener("error", () => resolve(false));
            script.src = src;
            document.body.append(script);
          }),
        own("/assets/page-1234.js"),
      );
      assert.equal(isLoaded, false);
      // Only the attacker's document may be asked: what the opened one says is its own.
      const [opened] = await Promise.all([
        context.waitForEvent("page"),
        page.evaluate((url) => void Object.assign(globalThis, { opened: open(url) }), own()),
      ]);
      await opened.waitForLoadState();
      assert.equal(await opened.title(), "Lair", "a link may lead to the page");
      assert.equal(await opened.evaluate(() => globalThis.opener === null), true);
      await opened.close();
    });
  });

  it("gets nothing by a name of its own that leads here: DNS rebinding", async () => {
    page = await context.newPage();
    for (const path of ["/", "/api/v1/status", "/assets/page-1234.js"]) {
      const answer = await page.goto(`http://${REBOUND}:${listener.port}${path}`);
      assert.equal(answer?.status(), 421);
    }
    assert.equal(listener.calls(), 1);
    await page.close();
  });
});
