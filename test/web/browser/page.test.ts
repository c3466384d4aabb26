// The page in Chromium, on a fake program: what a person does, with mouse, keyboard and a phone's width.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { ApiProblem } from "../../../src/app/api/api.ts";
import { HOSTILE } from "../fake-texts.ts";
import { launch, type Opened, openConversation, openPage, SKIP } from "./chromium.ts";

describe("the page in a browser", { skip: SKIP, concurrency: 1 }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => await browser.close());

  /** Opens the page, and fails if the browser complains about anything. */
  async function on(options: Parameters<typeof openPage>[1], test: (opened: Opened) => Promise<void>): Promise<void> {
    const opened = await openPage(browser, options);
    try {
      await test(opened);
      assert.deepEqual(opened.complaints, []);
    } finally {
      await opened.close();
    }
  }

  it("takes the token out of the address, and stays signed in over a reload", async () => {
    await on({}, async ({ page }) => {
      assert.equal(await page.evaluate(() => location.hash), "");
      await page.reload();
      await page.locator(".entry").first().waitFor();
    });
  });

  it("pairs by an invite that is pasted", async () => {
    await on({ isEmpty: true }, async ({ page }) => {
      await page.getByLabel(/Invite of a person/).fill("Here it is: lair://192.168.1.20:8080/abc. See you");
      await page.getByRole("button", { name: "Connect" }).click();
      await page.locator(".entry", { hasText: "Ada Lovelace" }).click();
      await page.getByText("words not compared yet").waitFor();
    });
  });

  it("says why an invite is refused", async () => {
    await on({ isEmpty: true }, async ({ page, complaints }) => {
      await page.getByLabel(/Invite of a person/).fill("no invite");
      await page.getByRole("button", { name: "Connect" }).click();
      await page.locator(".notice-problem", { hasText: "Copy all of it" }).waitFor();
      // Chromium tells every answer that is a refusal.
      assert.match(complaints.splice(0).join(), /400/);
    });
  });

  it("keeps what is typed into a field as soon as it is there", async () => {
    await on({}, async (opened) => {
      const { page } = opened;
      await openConversation(opened, "#ops");
      await page.evaluate(() => {
        const observer = new MutationObserver(() => {
          const label = [...document.querySelectorAll("label")].find((one) => one.textContent === "Topic");
          if (!(label?.control instanceof HTMLInputElement)) return;
          observer.disconnect();
          label.control.value = "Typed at once";
          label.control.dispatchEvent(new Event("input", { bubbles: true }));
        });
        observer.observe(document.body, { childList: true, subtree: true });
      });
      await page.getByRole("button", { name: "About this room" }).click();
      await page.getByRole("dialog").waitFor();
      // Whatever is still to be done after the dialog was drawn.
      await page.evaluate(async () => {
        for (let frame = 0; frame < 5; frame++) await new Promise((done) => void requestAnimationFrame(done));
      });
      assert.equal(await page.getByLabel("Topic").inputValue(), "Typed at once");
    });
  });

  it("tells in a dialog what was refused there, and gives the focus back to what is still there", async () => {
    await on({}, async (opened) => {
      const { page, api, complaints } = opened;
      await openConversation(opened, "#ops");
      await page.getByRole("button", { name: "About this room" }).click();
      api.refusal = new ApiProblem("peer-unknown", "Nobody is called that.");
      await page.getByLabel("Somebody by name").fill("nobody");
      await page.keyboard.press("Enter");
      const notice = page.getByRole("dialog").locator(".notice-problem", { hasText: "Nobody is called that." });
      await notice.waitFor();
      assert.equal(await page.getByLabel("Somebody by name").inputValue(), "nobody");
      complaints.splice(0);
      api.refusal = undefined;
      await page.keyboard.press("Enter");
      await notice.waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Leave #ops" }).click();
      await page.getByRole("button", { name: "No", exact: true }).click();
      assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ""), /Leave #ops/);
      await page.keyboard.press("Escape");
      assert.equal(await page.evaluate(() => document.activeElement?.ariaLabel), "About this room");
    });
  });

  it("shows a server's first invite as text and as a code, and the same one after a reload", async () => {
    await on({ isEmpty: true, program: "lair-server" }, async ({ page, api }) => {
      const text = await page.locator(".invite code").textContent();
      assert.match(text ?? "", /^lair:\/\//);
      assert.ok(await page.getByRole("img", { name: "Invite as a QR code" }).isVisible());
      await page.reload();
      assert.equal(await page.locator(".invite code").textContent(), text);
      api.pair("Ada Lovelace");
      await page.locator(".entry", { hasText: "Ada Lovelace" }).waitFor();
    });
  });

  it("talks both ways, and says of what waits that it waits", async () => {
    await on({}, async (opened) => {
      const { page, api } = opened;
      await openConversation(opened, "Ada Lovelace");
      await page.keyboard.type("Are you there?");
      await page.keyboard.press("Shift+Enter");
      await page.keyboard.type("I am.");
      await page.keyboard.press("Enter");
      const own = page.locator(".line-own").last();
      assert.equal(await own.locator(".line-text").textContent(), "Are you there?\nI am.");
      assert.equal(await own.locator(".line-state").count(), 0);
      api.hear(api.idOf("Ada Lovelace"), api.person("Ada Lovelace"), "So am I.");
      await page.locator(".line-other", { hasText: "So am I." }).waitFor();
      assert.match((await page.locator(".unseen[role=status]").textContent()) ?? "", /Ada Lovelace: So am I\./);
      await openConversation(opened, "bob");
      await page.locator(".banner", { hasText: "bob is offline. What you say waits." }).waitFor();
      await page.keyboard.type("Later, then.");
      await page.keyboard.press("Enter");
      await page.locator(".line-own", { hasText: "Later, then." }).getByText("waiting").waitFor();
    });
  });

  it("shows what was said elsewhere: in the terminal of the same program", async () => {
    await on({}, async (opened) => {
      const { page, api } = opened;
      await openConversation(opened, "Ada Lovelace");
      await api.call("say", { conversation: api.idOf("Ada Lovelace"), text: "typed in a terminal" });
      await page.locator(".line-own", { hasText: "typed in a terminal" }).waitFor();
      assert.equal(await page.locator(".line-own", { hasText: "typed in a terminal" }).count(), 1);
    });
  });

  it("shows hostile names and texts as text", async () => {
    await on({}, async (opened) => {
      const { page } = opened;
      await openConversation(opened, `?${HOSTILE.name}`);
      await page.locator(".line-text", { hasText: "<script>" }).waitFor({ state: "attached" });
      assert.equal(await page.evaluate(() => "hacked" in window), false);
      assert.equal(await page.locator(".lines img, .lines script, .lines b").count(), 0);
      const addresses = await page.locator(".lines a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
      assert.deepEqual(addresses, ["http://example.com/", "https://example.com/"]);
      const text = await page.locator(".lines").textContent();
      assert.ok(text?.includes("<U+202E>gnp.exe") && !/[\u202e\u200b]|\p{Cc}/u.test(text.replaceAll("\n", "")));
      // Neither a long word nor piled marks leave their place.
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(widths[0]! <= widths[1]!);
    });
  });

  it("keeps a draft for each conversation, over a reload too, and gives back what was not taken", async () => {
    await on({}, async (opened) => {
      const { page, api } = opened;
      await openConversation(opened, "Ada Lovelace");
      await page.keyboard.type("half a thought");
      await openConversation(opened, "bob");
      const area = page.locator(".composer textarea");
      assert.equal(await area.inputValue(), "");
      await openConversation(opened, "Ada Lovelace");
      assert.equal(await area.inputValue(), "half a thought");
      await page.reload();
      await page.locator(".composer textarea").waitFor();
      assert.equal(await area.inputValue(), "half a thought");
      api.refusal = new ApiProblem("store-full", "The disk is full.", "Make room.");
      await area.press("Enter");
      await page.locator(".notice", { hasText: "The disk is full." }).waitFor();
      assert.equal(await area.inputValue(), "half a thought");
      assert.equal(await page.locator(".line", { hasText: "half a thought" }).count(), 0);
      opened.complaints.length = 0;
    });
  });

  it("goes on after the program was away, without a hole", async () => {
    await on({}, async (opened) => {
      const { page, api, served } = opened;
      await openConversation(opened, "Ada Lovelace");
      served.cut();
      await page.locator(".banner-lost").waitFor();
      api.hear(api.idOf("Ada Lovelace"), api.person("Ada Lovelace"), "said meanwhile");
      await page.keyboard.type("written meanwhile");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.querySelector("textarea")?.value === "written meanwhile");
      served.revive();
      // It may have come back by itself.
      await page
        .getByRole("button", { name: "Try now" })
        .click({ timeout: 2_000 })
        .catch(() => undefined);
      await page.locator(".line-other", { hasText: "said meanwhile" }).waitFor();
      assert.equal(await page.locator(".line-other", { hasText: "said meanwhile" }).count(), 1);
      await page.locator(".composer textarea").press("Enter");
      await page.locator(".line-own", { hasText: "written meanwhile" }).waitFor();
      opened.complaints.length = 0;
    });
  });

  it("asks for the new link after a restart of its program", async () => {
    await on({}, async ({ page, served, complaints }) => {
      served.forget();
      await page.getByRole("heading", { name: "This page is not signed in" }).waitFor();
      complaints.length = 0;
    });
  });

  it("separates what is new, and counts it in the title", async () => {
    await on({}, async (opened) => {
      const { page } = opened;
      await page.waitForFunction(() => document.title === "(3) Lair");
      await openConversation(opened, "Ada Lovelace");
      await page.locator(".new").waitFor();
      const next = await page.locator(".new + .line .line-text").textContent();
      assert.match(next ?? "", /^Thursday at six/);
      await page.waitForFunction(() => document.title === "(1) Ada Lovelace · Lair");
    });
  });

  it("finds a line far back, marks the words, and jumps to it", async () => {
    await on({ lines: 3_000 }, async ({ page }) => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("1505");
      const found = page.locator(".entry-found", { hasText: "1505" }).first();
      await found.locator("mark").first().waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      const line = page.locator(".line", { hasText: "1505:" });
      const marked = page.locator(".line-found[aria-current]", { hasText: "1505:" });
      await marked.waitFor();
      assert.ok(await line.evaluate((element) => element === document.activeElement));
      // The mark goes, and does not move where that is not wanted.
      await page.emulateMedia({ reducedMotion: "reduce" });
      const looks = async (): Promise<readonly [string, string]> =>
        await line.evaluate((element) => {
          const bubble = getComputedStyle(element.querySelector(".bubble") ?? element);
          return [bubble.animationName, bubble.boxShadow] as const;
        });
      const [animation, ring] = await looks();
      assert.deepEqual([animation, ring === "none"], ["none", false]);
      await marked.waitFor({ state: "detached" });
      assert.equal((await looks())[1], "none");
      await page.getByRole("button", { name: "Jump to the newest line" }).click();
      await page.locator(".line", { hasText: "This goes in an hour." }).waitFor();
    });
  });

  it("answers, reacts, changes and deletes in a room", async () => {
    await on({}, async (opened) => {
      const { page, api } = opened;
      await openConversation(opened, "#ops");
      const line = page.locator(".line-other", { hasText: "Wait for the documents" });
      await line.hover();
      await line.getByRole("button", { name: "Answer" }).click();
      await page.keyboard.type("I will.");
      await page.keyboard.press("Enter");
      const own = page.locator(".line-own:not([data-line^=saying])", { hasText: "I will." });
      await own.locator(".quote", { hasText: "Wait for the documents" }).waitFor();
      await line.hover();
      await line.getByRole("button", { name: "React" }).click();
      await line.getByRole("button", { name: "👍" }).click();
      await line.locator(".reaction-own").waitFor();
      await page.locator(".composer textarea").press("ArrowUp");
      await page.keyboard.press("End");
      await page.keyboard.type(" Soon.");
      await page.keyboard.press("Enter");
      await page.locator(".line-own", { hasText: "I will. Soon." }).getByText("edited").waitFor();
      await own.hover();
      await own.getByRole("button", { name: "Delete", exact: true }).click();
      await own.getByRole("button", { name: "Delete for everybody" }).click();
      await page.locator(".line-own .gone").waitFor();
      const names = api.calls.map(({ name }) => name);
      for (const name of ["say", "react", "edit", "delete"] as const) assert.ok(names.includes(name), name);
    });
  });

  it("shows who types, what others read, and what happens in a room", async () => {
    await on({}, async (opened) => {
      const { page, api } = opened;
      await openConversation(opened, "#ops");
      const room = { room: api.idOf("ops"), name: "ops" };
      api.emit({ event: "typing", ...room, by: api.person("bob") });
      await page.locator(".banner", { hasText: "bob types" }).waitFor();
      const id = await page.locator(".line").last().getAttribute("data-line");
      api.emit({ event: "read", ...room, id, seq: 1, by: api.person("Linus") });
      await page.locator(".line-state", { hasText: "read by Linus" }).waitFor();
      api.emit({ event: "joined", ...room, who: api.person("Carol"), by: api.person("bob") });
      await page.locator(".note", { hasText: "Carol was added by bob" }).waitFor();
    });
  });

  it("compares words in large letters, and remembers that they were compared", async () => {
    await on({}, async (opened) => {
      const { page, api } = opened;
      await openConversation(opened, "bob");
      await page.getByRole("button", { name: "Compare words" }).click();
      await page.locator(".words").waitFor();
      assert.equal(await page.locator(".words li").count(), 12);
      const size = await page
        .locator(".words li")
        .first()
        .evaluate((word) => parseFloat(getComputedStyle(word).fontSize));
      assert.ok(size >= 24);
      await page.getByRole("button", { name: "They are the same" }).click();
      await page.locator(".head", { hasText: "words compared" }).waitFor();
      assert.ok(api.calls.some(({ name }) => name === "verified"));
    });
  });

  it("works by the keyboard alone", async () => {
    await on({}, async (opened) => {
      const { page } = opened;
      const focused = async (): Promise<string> =>
        await page.evaluate(
          () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "",
        );
      await page.keyboard.press("Tab");
      assert.equal(await focused(), "Skip to the conversation");
      await page.keyboard.press("Control+k");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("End");
      await page.keyboard.press("Home");
      await page.keyboard.press("ArrowDown");
      assert.match(await focused(), /#ops/);
      await page.keyboard.press("Enter");
      await page.locator(".composer textarea").waitFor();
      assert.equal(await focused(), "Write to #ops");
      // Into the lines, to the one above the last, and to its buttons.
      await page.locator(".timeline").focus();
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("Tab");
      assert.equal(await focused(), "React");
      await page.keyboard.press("Escape");
      assert.equal(await focused(), "Write to #ops");
      await page.keyboard.press("Alt+ArrowDown");
      await page.locator(".head h1", { hasText: "Ada Lovelace" }).waitFor();
      // A menu, a dialog, and back to where it came from.
      await page.getByRole("button", { name: "More" }).focus();
      await page.keyboard.press("Enter");
      await page.keyboard.press("ArrowDown");
      assert.equal(await focused(), "Settings");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog", { name: "Settings" }).waitFor();
      await page.keyboard.press("Escape");
      assert.equal(await page.getByRole("dialog").count(), 0);
      assert.equal(await focused(), "More");
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keys and help" }).waitFor();
    });
  });

  it("is two views on a phone, and the browser's back leads to the list", async () => {
    await on({ browser: { viewport: { width: 360, height: 740 }, hasTouch: true } }, async (opened) => {
      const { page } = opened;
      assert.equal(await page.locator(".main").isVisible(), false);
      await openConversation(opened, "#ops");
      assert.equal(await page.locator(".sidebar").isVisible(), false);
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.equal(widths[0], widths[1]);
      await page.locator("main:focus").waitFor();
      await page.getByRole("button", { name: "Back to the list" }).click();
      assert.ok(await page.locator(".sidebar").isVisible());
      await page.locator(".entry:focus", { hasText: "#ops" }).waitFor();
      await openConversation(opened, "bob");
      await page.goBack();
      assert.ok(await page.locator(".sidebar").isVisible());
    });
  });

  it("writes what is kept to a file", async () => {
    await on({}, async (opened) => {
      const { page } = opened;
      await openConversation(opened, "Ada Lovelace");
      await page.getByRole("button", { name: "About this person" }).click();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Export" }).click(),
      ]);
      assert.equal(download.suggestedFilename(), "lair Ada Lovelace.jsonl");
    });
  });
});
