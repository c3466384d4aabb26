// What axe-core says of the page in its main states, in both themes (WCAG 2.2 AA).

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { launch, type Opened, openConversation, openPage, SKIP, violations } from "./chromium.ts";

type Step = (opened: Opened) => Promise<void>;

/** Opens a menu and chooses something. */
function chosen(menu: string, item: string): Step {
  return async ({ page }) => {
    await page.getByRole("button", { name: menu, exact: true }).click();
    await page.getByRole("menuitem", { name: item }).click();
    await page.getByRole("dialog").waitFor();
    // What it asks for is there.
    await page.waitForLoadState("networkidle");
  };
}

const STATES: readonly (readonly [string, Step])[] = [
  ["the list", async () => undefined],
  ["a room", async (opened) => await openConversation(opened, "#ops")],
  [
    "the buttons of a line",
    async (opened) => {
      await openConversation(opened, "#ops");
      await opened.page.locator(".line").last().hover();
      await opened.page.locator(".line-actions").waitFor();
    },
  ],
  ["a person who is away", async (opened) => await openConversation(opened, "bob")],
  ["hostile texts", async (opened) => await opened.page.locator(".entry", { hasText: "img src" }).click()],
  [
    "an invitation",
    async (opened) => {
      await openConversation(opened, "#sailing");
      await opened.page.getByText("invites you to").waitFor();
    },
  ],
  [
    "search",
    async ({ page }) => {
      await page.locator("#search").fill("cellar");
      await page.locator(".entry-found").first().waitFor();
    },
  ],
  [
    "a menu",
    async ({ page }) => {
      await page.getByRole("button", { name: "New", exact: true }).click();
      await page.getByRole("menu").waitFor();
    },
  ],
  ["adding somebody", chosen("New", "Add somebody")],
  ["a new room", chosen("New", "New room")],
  ["the rooms of the hub", chosen("New", "Rooms of the hub")],
  ["a room of two", chosen("New", "Room of two")],
  ["writing to everybody", chosen("New", "Write to everybody")],
  ["introducing", chosen("New", "Introduce two people")],
  ["status", chosen("More", "Status")],
  [
    "a hub",
    async (opened) => {
      await chosen("More", "Status")(opened);
      await opened.page.getByRole("button", { name: "About this hub" }).click();
      await opened.page.getByRole("dialog", { name: "hub.example" }).waitFor();
    },
  ],
  ["settings", chosen("More", "Settings")],
  ["help", chosen("More", "Keys and help")],
  [
    "the words",
    async (opened) => {
      await openConversation(opened, "bob");
      await opened.page.getByRole("button", { name: "Compare words" }).click();
      await opened.page.locator(".words").waitFor();
    },
  ],
  [
    "a person",
    async (opened) => {
      await openConversation(opened, "bob");
      await opened.page.getByRole("button", { name: "About this person" }).click();
      await opened.page.getByRole("button", { name: "Forget bob" }).click();
    },
  ],
  [
    "a room's details",
    async (opened) => {
      await openConversation(opened, "#ops");
      await opened.page.getByRole("button", { name: "About this room" }).click();
      await opened.page.locator("summary", { hasText: "Linus" }).click();
      await opened.page.getByRole("button", { name: "Make a link" }).click();
      await opened.page.locator(".qr").waitFor();
    },
  ],
  [
    "a program that does not answer",
    async (opened) => {
      await openConversation(opened, "bob");
      opened.served.cut();
      await opened.page.locator(".banner-lost").waitFor();
    },
  ],
  [
    "not signed in",
    async ({ page, served }) => {
      served.forget();
      await page.getByRole("heading", { name: "This page is not signed in" }).waitFor();
    },
  ],
];

async function findsNothing({ page }: Opened): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    assert.deepEqual(await violations(page), [], colorScheme);
  }
}

describe("axe-core finds nothing", { skip: SKIP, concurrency: 1 }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => await browser.close());

  for (const [name, step] of STATES) {
    it(`in ${name}`, async () => {
      const opened = await openPage(browser);
      try {
        await step(opened);
        await findsNothing(opened);
      } finally {
        await opened.close();
      }
    });
  }

  for (const program of ["lair-client", "lair-server"] as const) {
    it(`at the first start of ${program}, on a phone`, async () => {
      const opened = await openPage(browser, {
        isEmpty: true,
        program,
        browser: { viewport: { width: 360, height: 740 } },
      });
      try {
        await findsNothing(opened);
      } finally {
        await opened.close();
      }
    });
  }
});
