// Random use of the page: conversations, lines, dialogs, searches, scrolling, news; and how much memory it holds.

import type { Opened } from "./chromium.ts";

interface RandomUse {
  /** How often something is done; without it, until `untilMs`. */
  readonly actions?: number;
  readonly untilMs?: number;
  readonly seed: number;
}

type Action = (opened: Opened, random: (upTo: number) => number) => Promise<void>;

const NAMES = ["#ops", "Ada Lovelace", "bob", "Grace Hopper", "#news"] as const;

const ACTIONS: readonly Action[] = [
  async ({ page }, random) => {
    const name = NAMES[random(NAMES.length)]!;
    await page
      .locator(".sidebar .entries .entry", { has: page.getByText(name, { exact: true }) })
      .first()
      .click();
  },
  async ({ api }, random) => {
    const id = random(2) === 0 ? api.idOf("ops") : api.idOf("Ada Lovelace");
    api.hear(id, api.person("Ada Lovelace"), `news ${random(1_000_000)}`);
    api.emit({ event: "typing", room: api.idOf("ops"), name: "ops", by: api.person("bob") });
  },
  async ({ page }, random) => {
    const area = page.locator(".composer textarea");
    if ((await area.count()) === 0) return;
    await area.fill(`said ${random(1_000_000)}`);
    await area.press("Enter");
  },
  async ({ page }, random) => {
    await page.mouse.move(800, 400);
    for (let turn = 0; turn < 5; turn++) await page.mouse.wheel(0, random(2) === 0 ? -1_500 : 1_500);
  },
  async ({ page }, random) => {
    // There is an answer, whatever is open: what is written in the search stays there.
    await page.locator("#search").fill(["cellar", "green", "maps"][random(3)]!);
    await page.locator(".results-count", { hasText: / lines? with / }).waitFor();
    await page.locator("#search").fill("");
    await page.locator(".results-count").waitFor({ state: "detached" });
  },
  async ({ page }, random) => {
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem").nth(random(3)).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  },
  async ({ page }) => {
    const about = page.getByRole("button", { name: /^About this/ });
    if ((await about.count()) === 0) return;
    await about.click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  },
];

/** Always the same for a seed. */
export async function useRandomly(opened: Opened, { actions = Infinity, untilMs = Infinity, seed }: RandomUse) {
  let state = seed;
  const random = (upTo: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * upTo);
  };
  for (let count = 0; count < actions && Date.now() < untilMs; count++) {
    await ACTIONS[random(ACTIONS.length)]!(opened, random);
  }
}

/** The bytes of the page's heap, after what nobody holds was taken away; with nothing open. */
export async function heapBytes({ page, context, api }: Opened): Promise<number> {
  await page.evaluate(() => history.replaceState(null, "", location.pathname));
  await page.evaluate(() => dispatchEvent(new PopStateEvent("popstate")));
  api.calls.length = 0;
  const session = await context.newCDPSession(page);
  for (let turn = 0; turn < 3; turn++) await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return usedSize;
}
