// Debian's Chromium for the tests of the page: one for each test file, a new context for each test.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { FakeApi, type FakeOptions } from "../fake-api.ts";
import { servePage, type Served } from "../serve.ts";

const PATH = "/usr/bin/chromium";

/** For `it`: why the tests of the page do not run here, or false. */
export const SKIP: string | false = existsSync(PATH) ? false : `${PATH} is not installed`;

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

export async function launch(): Promise<Browser> {
  // As root, and in a container, Chromium has no sandbox; it loads nothing but the page of the test.
  return await chromium.launch({
    executablePath: PATH,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--js-flags=--expose-gc", "--enable-precise-memory-info"],
  });
}

/** The page of a program, open in a browser. */
export interface Opened {
  readonly api: FakeApi;
  readonly served: Served;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser has complained about: its policies, and what was thrown. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** Opens the page by its link, and waits until it is drawn. */
export async function openPage(
  browser: Browser,
  options: FakeOptions & { readonly browser?: BrowserContextOptions } = {},
): Promise<Opened> {
  const api = new FakeApi({ lines: 300, ...options });
  const served = await servePage(api);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options.browser });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
  await page.goto(served.link);
  await page.locator(".entry, .card").first().waitFor();
  const close = async (): Promise<void> => {
    await context.close();
    await served.close();
  };
  return { api, served, context, page, complaints, close };
}

/** Opens a conversation by its name in the list. */
export async function openConversation({ page }: Opened, name: string): Promise<void> {
  await page
    .locator(".sidebar .entry", { has: page.getByText(name, { exact: true }) })
    .first()
    .click();
  await page.locator(".timeline .lines").waitFor();
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe-core finds: the rules of WCAG 2.2 AA and good practice. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(readFileSync(AXE, "utf8"));
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } };
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    return (await axe.run({ runOnly: { type: "tag", values: tags } })).violations;
  });
  return found.map(({ id, nodes }) => `${id}: ${nodes.map((n) => `${n.html} ${n.failureSummary ?? ""}`).join("; ")}`);
}
