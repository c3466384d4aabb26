// A page that is left open while its program, or the hub, is away: it says so, nothing is lost or said twice, it goes on by
// itself, and who takes the program's place meanwhile learns nothing.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { Fixture } from "../../e2e/fixture.ts";
import { HubPeople } from "../../e2e/hub-people.ts";
import type { Program } from "../../e2e/program.ts";
import { launch, SKIP } from "./chromium.ts";

const LINE = ".line-text";

async function say(page: Page, text: string): Promise<void> {
  await page.locator(".composer textarea").fill(text);
  await page.keyboard.press("Enter");
}

/** Tries again now, and not in some seconds. */
async function wake(page: Page): Promise<void> {
  await page.evaluate(() => globalThis.dispatchEvent(new Event("online")));
}

describe("a page that is left open", { skip: SKIP, concurrency: 1 }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => await browser.close());

  async function open(program: Program): Promise<Page> {
    const { url } = program.all("http")[0] ?? (await program.next("http"));
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    await page.goto(String(url));
    return page;
  }

  /** Bob has a page with the conversation with ada open; ada has a terminal. */
  async function talking(fixture: Fixture) {
    const home = fixture.home();
    const tokenFile = fixture.path("token");
    const ada = fixture.server({ args: ["--name", "ada"] });
    const invite = fixture.file(String((await ada.next("invite"))["invite"]));
    const args = ["--name", "bob", "--http-token-file", tokenFile];
    const bob = fixture.client({ home, args: ["--http", ...args, "--invite-file", invite] });
    const page = await open(bob);
    await page.locator(".entry", { hasText: "ada" }).click();
    await page.locator(".composer").waitFor();
    const { host } = new URL(page.url());
    return { ada, bob, page, host, again: () => fixture.client({ home, args: ["--http", host, ...args] }) };
  }

  it("keeps a draft and tells nothing to who has taken the port; says once what was said as the program was killed", async (t) => {
    const fixture = new Fixture(t);
    const { ada, bob, page, host, again } = await talking(fixture);
    await page.locator(".composer textarea").fill("half a line");
    bob.kill();
    await bob.exited;
    await page.locator(".banner", { hasText: "does not answer" }).waitFor();

    const heard: string[] = [];
    const squatter = createServer((request, response) => {
      void (async () => {
        const parts: string[] = [`${request.method} ${request.url}`, ...request.rawHeaders];
        for await (const part of request) parts.push(String(part));
        heard.push(parts.join("\n"));
        response.setHeader("Content-Type", "application/json");
        response.end(JSON.stringify({ nonce: `1.${"x".repeat(43)}`, proof: "y".repeat(43), key: "z" }));
      })();
    });
    squatter.on("upgrade", (request, socket) => {
      heard.push(request.rawHeaders.join("\n"));
      socket.destroy();
    });
    await once(squatter.listen(Number(host.split(":")[1]), "127.0.0.1"), "listening");
    await wake(page);
    await page.getByText("This page is not signed in").waitFor();
    squatter.closeAllConnections();
    await once(squatter.close(), "close");
    assert.ok(heard.length > 0);
    for (const one of heard) {
      assert.match(one, /^POST \/api\/v1\/session\/proof\n/);
      assert.doesNotMatch(one, /lair-page|lair-key|half a line/i);
    }

    const second = again();
    await second.next("connected");
    await wake(page);
    const draft = page.locator(".composer textarea");
    await draft.waitFor();
    assert.equal(await draft.inputValue(), "half a line");
    await page.locator(".banner", { hasText: "does not answer" }).waitFor({ state: "hidden" });

    // The program has stored the line, and is killed before the page has its answer.
    await page.route("**/messages", async (route) => {
      await route.fetch();
      second.kill();
      await second.exited;
      await route.abort();
      await page.unroute("**/messages");
    });
    await draft.press("Enter");
    await page.locator(".banner", { hasText: "does not answer" }).waitFor();
    assert.equal(await draft.inputValue(), "half a line", "what may not have been said is there to be said again");
    const third = again();
    await third.next("connected");
    await wake(page);
    await page.locator(".banner", { hasText: "does not answer" }).waitFor({ state: "hidden" });
    await draft.press("Enter");
    await say(page, "the end");
    await ada.next("message", ({ text }) => text === "the end");
    const said = ada.all("message").map(({ text }) => text);
    assert.deepEqual(said, ["half a line", "the end"]);
    await page.locator(LINE, { hasText: "the end" }).waitFor();
    assert.deepEqual(await page.locator(LINE).allTextContents(), ["half a line", "the end"]);
  });

  it("waits for a program that is suspended: what both sides say meanwhile comes once", async (t) => {
    const fixture = new Fixture(t);
    const { ada, bob, page } = await talking(fixture);
    bob.signal("SIGSTOP");
    ada.tell({ send: "while it sleeps" });
    await ada.next("sent");
    await say(page, "said to a sleeper");
    await page.locator(LINE, { hasText: "said to a sleeper" }).waitFor();
    bob.signal("SIGCONT");
    await page.locator(LINE, { hasText: "while it sleeps" }).waitFor();
    await ada.next("message", ({ text }) => text === "said to a sleeper");
    await say(page, "awake");
    await ada.next("message", ({ text }) => text === "awake");
    assert.deepEqual((await page.locator(LINE).allTextContents()).toSorted(), [
      "awake",
      "said to a sleeper",
      "while it sleeps",
    ]);
  });

  it("says that the hub is away, and what is said there meanwhile comes once when it is back", async (t) => {
    const fixture = new Fixture(t);
    const hub = await HubPeople.begin(fixture);
    const ann = await open(await hub.enter("ann", { args: ["--http"] }));
    const ben = await hub.enter("ben");
    await ann.getByRole("button", { name: "New room" }).click();
    await ann.getByLabel("Name", { exact: true }).fill("ops");
    await ann.getByRole("button", { name: "Make the room" }).click();
    await ann.locator(".head h1", { hasText: "#ops" }).waitFor();
    await ann.getByRole("button", { name: "About this room" }).click();
    await ann.getByLabel("Somebody by name").fill("ben");
    await ann.getByRole("button", { name: "Invite", exact: true }).click();
    await ann.keyboard.press("Escape");
    const { room } = await ben.next("invited");
    ben.tell({ command: "accept", room });
    await ben.next("joined");
    await hub.dies(async () => {
      await ann.locator(".banner", { hasText: "What you say waits." }).waitFor();
      await say(ann, "without a hub");
      await ann.locator(".line-own", { hasText: "waiting" }).waitFor();
    });
    await ben.next("message", ({ text }) => text === "without a hub");
    await say(ann, "with it");
    await ben.next("message", ({ text }) => text === "with it");
    assert.deepEqual(
      ben.all("message").map(({ text }) => text),
      ["without a hub", "with it"],
    );
    assert.deepEqual(await ann.locator(LINE).allTextContents(), ["without a hub", "with it"]);
  });
});
