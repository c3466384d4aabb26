// The page of a program, opened: who is told of the link, and what is behind it. With real programs: test/long/page-program.test.ts.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { ProgramEvent } from "../../src/app/events.ts";
import type { Frontend } from "../../src/app/frontend.ts";
import type { Messenger } from "../../src/app/messenger.ts";
import type { Persistence } from "../../src/app/persistence.ts";
import { browse, loadPage } from "../../src/cli/load-page.ts";
import { generateIdentity } from "../../src/core/identity/identity.ts";
import { NOBLE_SUITE } from "../../src/core/noise/noble-suite.ts";
import { openHome } from "../node/home/open-home.ts";

function frontend(shown: ProgramEvent[]): Frontend {
  return {
    show: (event) => void shown.push(event),
    close() {},
    regulateInput() {},
    whenTaken: (action) => action(true),
  };
}

async function opened(t: TestContext) {
  const place = mkdtempSync(join(tmpdir(), "lair-page-"));
  t.after(() => rmSync(place, { recursive: true, force: true }));
  const shown: ProgramEvent[] = [];
  const tokenFile = join(place, "token");
  const makePage = await loadPage({ host: "127.0.0.1", port: 0, tokenFile }, "lair-client");
  const page = makePage!(frontend(shown));
  await page.open({
    name: "bob",
    home: openHome(join(place, "home"), "client"),
    identity: generateIdentity(NOBLE_SUITE, (length) => new Uint8Array(length).fill(7)),
    // Not asked before the first call.
    persistence: { history: undefined, isLasting: false } as unknown as Persistence,
    messenger: {} as unknown as Messenger,
    suite: NOBLE_SUITE,
    listening: () => undefined,
    command() {},
  });
  t.after(async () => await page.close());
  return { page, shown, tokenFile };
}

describe("the page of a program", () => {
  it("is not loaded without --http", async () => {
    assert.equal(await loadPage(undefined, "lair-client"), undefined);
  });

  it("shows its link to the terminal, with the token of the file, and not among its own events", async (t) => {
    const { page, shown, tokenFile } = await opened(t);
    const [event] = shown;
    assert.ok(event?.type === "http" && shown.length === 1);
    const [address = "", token] = event.url.split("/#");
    assert.equal(token, readFileSync(tokenFile, "utf8").trim());
    const answer = await fetch(`${address}/`);
    assert.match(await answer.text(), /<title>Lair<\/title>/);
    assert.equal((await fetch(`${address}/api/v1/openapi.json`)).status, 401);
    const headers = { Authorization: `Bearer ${token}` };
    const described = (await (await fetch(`${address}/api/v1/openapi.json`, { headers })).json()) as {
      openapi: string;
    };
    assert.equal(described.openapi, "3.1.0");
    page.frontend.show({ type: "notice", text: "both see this" });
    assert.equal(shown.length, 2);
  });

  it("says to open that there is none yet, or no more", async (t) => {
    const { page, shown } = await opened(t);
    await page.close();
    browse(page, page.frontend);
    const last = shown.at(-1);
    assert.ok(last?.type === "error" && last.code === "usage");
  });
});
