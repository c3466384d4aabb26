// A long conversation, and a long time: 100,000 lines scroll without a long task over 100 ms, few of them are in the
// document, and random use leaves no memory behind (test/web/browser/leak.ts runs it for an hour).

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, openConversation, openPage, SKIP } from "./chromium.ts";
import { heapBytes, useRandomly } from "./random-use.ts";

const LONGEST_TASK_MS = 100;
const MOST_ELEMENTS = 6_000;

/** The longest task since the last time, in milliseconds. */
async function longestTask(page: Page): Promise<number> {
  return await page.evaluate(() => {
    const { tasks } = window as unknown as { tasks: number[] };
    return Math.max(0, ...tasks.splice(0));
  });
}

async function observeTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(window, { tasks });
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: "longtask",
    });
  });
}

describe("a long conversation", { skip: SKIP, concurrency: 1 }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(async () => await browser.close());

  it("of 100,000 lines scrolls smoothly, back and forth, and keeps its place", async () => {
    const opened = await openPage(browser, { lines: 100_000 });
    try {
      const { page } = opened;
      await openConversation(opened, "#ops");
      await observeTasks(page);
      await page.mouse.move(800, 400);
      const first = async (): Promise<number> => {
        const text = await page.locator(".line-text").first().textContent();
        return Number(/^(\d+):/.exec(text ?? "")?.[1] ?? Number.NaN);
      };
      // Twelve pages of 200: the newest ones are dropped on the way.
      for (let at = await first(); !(at < 100_000 - 2_400); at = await first()) await page.mouse.wheel(0, -2_500);
      const up = await longestTask(page);
      assert.ok((await page.locator("*").count()) < MOST_ELEMENTS);
      const gaps = await page.evaluate(() => {
        const numbers = [...document.querySelectorAll(".line-text")].map((one) => parseInt(one.textContent ?? "", 10));
        return numbers.filter((number, at) => at > 0 && number !== numbers[at - 1]! + 1).length;
      });
      assert.equal(gaps, 0, "no line is missing");
      while ((await page.locator(".line", { hasText: "This goes in an hour." }).count()) === 0) {
        await page.mouse.wheel(0, 2_500);
      }
      const down = await longestTask(page);
      assert.ok(up < LONGEST_TASK_MS && down < LONGEST_TASK_MS, `the longest task took ${up} ms up, ${down} ms down`);
    } finally {
      await opened.close();
    }
  });

  it("stays where it is read while lines come, above and below", async () => {
    const opened = await openPage(browser, { lines: 5_000 });
    try {
      const { page, api } = opened;
      await openConversation(opened, "#ops");
      await page.mouse.move(800, 400);
      await page.mouse.wheel(0, -900);
      await page.locator(".to-end").waitFor();
      const place = async (): Promise<string> =>
        await page.evaluate(() => {
          const all = [...document.querySelectorAll<HTMLElement>(".timeline [data-line]")];
          const one = all.find((element) => element.getBoundingClientRect().top > 200)!;
          return `${one.dataset["line"]} ${Math.round(one.getBoundingClientRect().top)}`;
        });
      const before = await place();
      for (let count = 0; count < 5; count++) api.hear(api.idOf("ops"), api.person("bob"), `news ${count}`);
      await page.locator(".entry-open", { hasText: "news 4" }).waitFor();
      assert.equal(await place(), before);
      await page.locator(".to-end").click();
      await page.locator(".line", { hasText: "news 4" }).waitFor();
    } finally {
      await opened.close();
    }
  });

  it("leaves no memory behind: 500 random actions", async () => {
    const opened = await openPage(browser, { lines: 5_000 });
    try {
      await useRandomly(opened, { actions: 150, seed: 1 });
      const before = await heapBytes(opened);
      await useRandomly(opened, { actions: 500, seed: 2 });
      const grown = (await heapBytes(opened)) - before;
      assert.ok(grown < 5_000_000, `the heap has grown by ${grown} bytes`);
    } finally {
      await opened.close();
    }
  });
});
