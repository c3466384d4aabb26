// The token of --http-token-file on a real disk.

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { tokenIn } from "../../../src/node/home/token-file.ts";
import { throwsLair } from "../../throws-lair.ts";

const TOKEN = "t".repeat(43);

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "lair-token-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "token");
}

const unasked = (): string => assert.fail("one is there");

describe("the token file", () => {
  it("is made if there is none, for this user alone, and is read from then on", (t) => {
    const path = place(t);
    assert.equal(
      tokenIn(path, () => TOKEN),
      TOKEN,
    );
    assert.equal(readFileSync(path, "utf8"), `${TOKEN}\n`);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(tokenIn(path, unasked), TOKEN);
  });

  it("is refused if others could have read it, and if there is no token in it", (t) => {
    const path = place(t);
    for (const text of ["", "short", `${TOKEN} ${TOKEN}`, "ü".repeat(40), "x".repeat(257)]) {
      writeFileSync(path, text, { mode: 0o600 });
      throwsLair(() => tokenIn(path, unasked), "file-unreadable");
    }
    writeFileSync(path, TOKEN);
    chmodSync(path, 0o644);
    throwsLair(() => tokenIn(path, unasked), "home-mode");
  });

  it("cannot be made where there is no folder", (t) => {
    throwsLair(() => tokenIn(join(place(t), "token"), () => TOKEN), "home-unwritable");
  });
});
