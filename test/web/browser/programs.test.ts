// The page of the real programs in Chromium: two people who have nothing but their pages pair and talk, and a terminal sees
// the same.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { Fixture } from "../../e2e/fixture.ts";
import type { Program } from "../../e2e/program.ts";
import { launch, SKIP } from "./chromium.ts";

const HOSTILE = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

/** The text of a line. */
const LINE = ".line-text";

describe("the page of a program in a browser", { skip: SKIP, concurrency: 1 }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => await browser.close());

  async function open(program: Program, complaints: string[]): Promise<Page> {
    const { url } = await program.next("http");
    const context = await browser.newContext();
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && /Content Security|TrustedHTML/.test(message.text())) {
        complaints.push(message.text());
      }
    });
    await page.goto(String(url));
    return page;
  }

  it("pairs, talks both ways, shows hostile text as text, and goes on after a restart of its program", async (t) => {
    const fixture = new Fixture(t);
    const complaints: string[] = [];
    const home = fixture.home();
    const tokenFile = ["--http-token-file", fixture.path("token")];
    const server = fixture.server({ args: ["--http", "--name", "ada"] });
    const client = fixture.client({ home, args: ["--http", "--name", "bob", ...tokenFile] });
    const ada = await open(server, complaints);
    const bob = await open(client, complaints);
    assert.equal(await bob.evaluate(() => location.hash), "", "the token has gone from the address");

    const invite = (await ada.locator(".invite code").textContent()) ?? "";
    assert.match(invite, /^lair:\/\/127\.0\.0\.1:/);
    await bob.getByLabel(/Invite of a person/).fill(`Here it is: ${invite}`);
    await bob.getByRole("button", { name: "Connect" }).click();
    await bob.locator(".entry", { hasText: "ada" }).click();
    await ada.locator(".entry", { hasText: "bob" }).click();

    await bob.keyboard.type("from bob's page");
    await bob.keyboard.press("Enter");
    await ada.locator(LINE, { hasText: "from bob's page" }).waitFor();
    assert.equal((await server.next("message"))["text"], "from bob's page");
    server.tell({ send: "from ada's terminal" });
    await bob.locator(LINE, { hasText: "from ada's terminal" }).waitFor();
    await ada.locator(LINE, { hasText: "from ada's terminal" }).waitFor();

    server.tell({ send: HOSTILE });
    await bob.locator(LINE, { hasText: "onerror" }).waitFor();
    assert.equal(await bob.locator(LINE, { hasText: "onerror" }).textContent(), HOSTILE);
    assert.doesNotMatch(await bob.title(), /owned/);

    const { host } = new URL(bob.url());
    client.tell({ command: "quit" });
    await client.leaves(0);
    const again = fixture.client({ home, args: ["--http", host, "--name", "bob", ...tokenFile] });
    await again.next("connected");
    server.tell({ send: "after the restart" });
    await bob.locator(LINE, { hasText: "after the restart" }).waitFor();
    await bob.keyboard.type("and back");
    await bob.keyboard.press("Enter");
    await ada.locator(LINE, { hasText: "and back" }).waitFor();
    assert.deepEqual(complaints, []);
  });
});
