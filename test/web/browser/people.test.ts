// What can be done about a person by nothing but the page, with the real programs.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { Fixture } from "../../e2e/fixture.ts";
import { launch, openPage, SKIP, violations } from "./chromium.ts";

describe("a person on the page of a real program", { skip: SKIP, concurrency: 1 }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => await browser.close());

  it("is verified, renamed, muted, timed, found elsewhere, and forgotten with all that was said", async (t) => {
    const fixture = new Fixture(t);
    const server = fixture.server({ args: ["--name", "ada"] });
    const invite = String((await server.next("invite"))["invite"]);
    const client = fixture.client({ args: ["--http", "--name", "bob", "--history", "forever"] });
    const { url } = await client.next("http");
    const context = await browser.newContext({ viewport: { width: 1280, height: 1000 } });
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    await page.goto(String(url));
    await page.getByLabel(/Invite of a person/).fill(invite);
    await page.getByRole("button", { name: "Connect" }).click();
    await page.locator(".entry", { hasText: "ada" }).click();
    server.tell({ send: "something to keep" });
    await page.locator(".line-other", { hasText: "something to keep" }).waitFor();

    await page.getByRole("button", { name: "Compare words" }).click();
    await page.locator(".words").waitFor();
    server.tell({ command: "verify" });
    const { words } = await server.next("verify");
    assert.deepEqual(await page.locator(".words li").allTextContents(), words);
    await page.getByRole("button", { name: "They are the same" }).click();
    await page.locator(".head-below", { hasText: "words compared" }).waitFor();

    await page.getByRole("button", { name: "About this person" }).click();
    await page.getByLabel(/^Name/).fill("Ada L.");
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("dialog", { name: "Ada L." }).waitFor();
    await page.getByLabel("Lines disappear after").selectOption("3600");
    assert.equal((await server.next("timer"))["seconds"], 3_600);
    await page.getByText("If you cannot reach Ada L.").click();
    await page.getByLabel("Another address").fill("ws://127.0.0.1:1");
    await page.getByRole("button", { name: "Change", exact: true }).click();
    assert.equal((await client.next("address"))["url"], "ws://127.0.0.1:1");
    await page.getByRole("switch", { name: "Muted" }).check();
    await page.locator(".head-below", { hasText: "offline" }).waitFor({ state: "attached" });

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), "lair Ada L.jsonl");
    await page.getByRole("switch", { name: "Delete the history too" }).check();
    await page.getByRole("button", { name: "Forget Ada L." }).click();
    await page.getByRole("button", { name: "Forget Ada L." }).click();
    await page.getByRole("heading", { name: "Paste an invite" }).waitFor();
    assert.equal(await page.locator(".entry").count(), 0);
  });

  it("is let in by the page of a server, once the words of an unknown key were compared", async () => {
    const opened = await openPage(browser, { program: "lair-server" });
    const { api, page, complaints } = opened;
    api.unknownKeys = [{ id: "aaaabbbb", name: "dora", fingerprint: "aaaa bbbb", words: ["lamp", "river"] }];
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Status" }).click();
    await page.getByText("lamp river").waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole("button", { name: "Accept this key" }).click();
    await page.getByRole("button", { name: "Accept this key" }).click();
    await page.getByText("lamp river").waitFor({ state: "detached" });
    assert.deepEqual([api.unknownKeys, complaints], [[], []]);
    await opened.close();
  });
});
