// Rooms by nothing but pages: two people at a real hub, with the real programs.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { Fixture } from "../../e2e/fixture.ts";
import { HubPeople } from "../../e2e/hub-people.ts";
import type { Program } from "../../e2e/program.ts";
import { launch, SKIP } from "./chromium.ts";

async function say(page: Page, text: string): Promise<void> {
  await page.locator(".composer textarea").fill(text);
  await page.keyboard.press("Enter");
}

describe("rooms on the pages of real programs", { skip: SKIP, concurrency: 1 }, () => {
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

  it("are made, joined and talked in; lines are answered, changed, deleted; members are looked after", async (t) => {
    const fixture = new Fixture(t);
    const hub = await HubPeople.begin(fixture);
    const history = ["--http", "--history", "forever"];
    const ann = await open(await hub.enter("ann", { args: history }));
    const ben = await open(await hub.enter("ben", { args: history }));

    await ann.getByRole("button", { name: "New room" }).click();
    await ann.getByLabel("Name", { exact: true }).fill("ops");
    await ann.getByRole("button", { name: "Make the room" }).click();
    await ann.locator(".head h1", { hasText: "#ops" }).waitFor();
    await ann.getByRole("button", { name: "About this room" }).click();
    await ann.getByLabel("Somebody by name").fill("ben");
    await ann.getByRole("button", { name: "Invite", exact: true }).click();
    await ann.keyboard.press("Escape");

    await ben.locator(".entry", { hasText: "#ops" }).click();
    await ben.getByRole("button", { name: "Accept" }).click();
    await ben.locator(".composer").waitFor();
    await say(ben, "Hello from ben.");
    const heard = ann.locator(".line-other", { hasText: "Hello from ben." });
    await heard.waitFor();
    await ben.locator(".line-own", { hasText: "Hello from ben." }).waitFor();

    await heard.hover();
    await heard.getByRole("button", { name: "Answer" }).click();
    await say(ann, "Hello back.");
    const answer = ben.locator(".line-other", { hasText: "Hello back." });
    await answer.locator(".quote", { hasText: "Hello from ben." }).waitFor();
    await answer.hover();
    await answer.getByRole("button", { name: "React" }).click();
    await answer.getByRole("button", { name: "👍" }).click();
    await ann.locator(".line-own .reaction", { hasText: "👍" }).waitFor();

    await ann.locator(".composer textarea").press("ArrowUp");
    await say(ann, "Hello back, ben.");
    await ben.locator(".line-other", { hasText: "Hello back, ben." }).getByText("edited").waitFor();
    const own = ben.locator(".line-own", { hasText: "Hello from ben." });
    await own.hover();
    await own.getByRole("button", { name: "Delete", exact: true }).click();
    await own.getByRole("button", { name: "Delete for everybody" }).click();
    await ann.locator(".line-other .gone").first().waitFor();

    await ben.getByRole("button", { name: "More", exact: true }).click();
    await ben.getByRole("menuitem", { name: "Settings" }).click();
    await ben.getByRole("switch", { name: "That you are typing" }).check();
    await ben.keyboard.press("Escape");
    const types = ann.locator(".banner", { hasText: "ben types" });
    for (let key = 0; key < 100 && (await types.count()) === 0; key++) {
      await ben.locator(".composer textarea").pressSequentially("x", { delay: 50 });
    }
    await types.waitFor();

    await ann.getByRole("button", { name: "About this room" }).click();
    await ann.getByLabel("Topic").fill("What runs");
    await ann.getByRole("button", { name: "Change", exact: true }).click();
    await ben.locator(".head-below", { hasText: "What runs" }).waitFor();
    await ben.locator(".note", { hasText: "What runs" }).waitFor();
    await ann.getByRole("button", { name: "Make a link" }).click();
    assert.match((await ann.locator(".invite code").textContent()) ?? "", /^lair:\/\//);
    await ann.locator("summary", { hasText: "ben" }).click();
    await ann.getByLabel("Role of ben").selectOption("moderator");
    await ben.locator(".note", { hasText: "you are moderator now" }).waitFor();
    await ann.keyboard.press("Escape");

    await ann.locator("#search").fill("back");
    await ann.locator(".entry-found mark", { hasText: "back" }).first().waitFor();

    await ben.getByRole("button", { name: "About this room" }).click();
    await ben.getByRole("button", { name: "Leave #ops" }).click();
    await ben.getByRole("button", { name: "Leave #ops" }).click();
    await ann.locator(".note", { hasText: "ben has left" }).waitFor();
    await ben.getByText("You are not in this room any more.").waitFor();
  });
});
