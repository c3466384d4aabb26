// A long conversation, and a long time: 100,000 lines scroll without a long task over 100 ms, few of them are in the
// document, and random use leaves no memory behind (test/web/browser/leak.ts runs it for an hour).

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, openConversation, openPage, SKIP } from "./chromium.ts";
import { heapBytes, useRandomly } from "./random-use.ts";

const LONGEST_TASK_MS = 100;
const MOST_ELEMENTS = 6_000;
const MOST_TURNS = 1_000;

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  /** Microseconds on the processor: other programs of a busy machine do not count. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** The longest task of the page's main thread during `action`, in milliseconds on the processor. */
async function longestTaskMs(browser: Browser, page: Page, action: () => Promise<void>): Promise<number> {
  await browser.startTracing(page, { categories: ["toplevel"] });
  await action();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const main = traceEvents.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain");
  const tasks = traceEvents.filter(
    ({ name, pid, tid }) => name.endsWith("RunTask") && main.some((one) => one.pid === pid && one.tid === tid),
  );
  assert.ok(tasks.length > 100, "the tasks are found");
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1_000;
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
      await page.mouse.move(800, 400);
      const first = async (): Promise<number> => {
        const text = await page.locator(".line-text").first().textContent();
        return Number(/^(\d+):/.exec(text ?? "")?.[1] ?? Number.NaN);
      };
      const scroll = async (deltaY: number, isThere: () => Promise<boolean>): Promise<void> => {
        for (let turn = 0; !(await isThere()); turn++) {
          assert.ok(turn < MOST_TURNS, `it stands still at ${await first()}`);
          await page.mouse.wheel(0, deltaY);
        }
      };
      // Twelve pages of 200: the newest ones are dropped on the way.
      const up = await longestTaskMs(browser, page, async () => {
        await scroll(-2_500, async () => (await first()) < 100_000 - 2_400);
      });
      assert.ok((await page.locator("*").count()) < MOST_ELEMENTS);
      const gaps = await page.evaluate(() => {
        const numbers = [...document.querySelectorAll(".line-text")].map((one) => parseInt(one.textContent ?? "", 10));
        return numbers.filter((number, at) => at > 0 && number !== numbers[at - 1]! + 1).length;
      });
      assert.equal(gaps, 0, "no line is missing");
      const newest = page.locator(".line", { hasText: "This goes in an hour." });
      const down = await longestTaskMs(browser, page, async () => {
        await scroll(2_500, async () => (await newest.count()) > 0);
      });
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
      await page.waitForLoadState("networkidle");
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
      await useRandomly(opened, { actions: 100, seed: 1 });
      const before = await heapBytes(opened);
      await useRandomly(opened, { actions: 500, seed: 2 });
      const grown = (await heapBytes(opened)) - before;
      assert.ok(grown < 5_000_000, `the heap has grown by ${grown} bytes`);
    } finally {
      await opened.close();
    }
  });
});
