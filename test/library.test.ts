// The programs of docs/library.md and README.md do what they say, with the sources as the library. That of a page needs a
// server of its own: test/package runs it, and checks the types of all of them.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { examplesOf, isOutput } from "./library-examples.ts";

const ENTRIES: Readonly<Record<string, string>> = {
  "lair-chat": new URL("../src/index.ts", import.meta.url).href,
  "lair-chat/node": new URL("../src/index-node.ts", import.meta.url).href,
  "lair-chat/noise": new URL("../src/core/noise/index.ts", import.meta.url).href,
  ws: import.meta.resolve("ws"),
};

describe("the programs in the documents, over the sources", () => {
  const folder = mkdtempSync(join(tmpdir(), "lair-library-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const examples = [...examplesOf("README.md"), ...examplesOf("docs/library.md")];

  it("are found, each with what it prints", () => {
    assert.ok(examples.length >= 4);
    for (const { title, output } of examples) assert.ok(output !== undefined, title);
  });

  for (const [index, { title, code, output }] of examples.entries()) {
    if (title === "In a page") continue;
    it(title, async ({ mock }) => {
      const lines: string[] = [];
      mock.method(console, "log", (line: string) => lines.push(`${line}\n`));
      const file = join(folder, `${index}.mts`);
      writeFileSync(
        file,
        code.replaceAll(/ from "([^"]+)"/g, (all, name: string) =>
          name in ENTRIES ? ` from ${JSON.stringify(ENTRIES[name])}` : all,
        ),
      );
      await import(pathToFileURL(file).href);
      const printed = lines.join("");
      assert.ok(isOutput(printed, output), printed);
    });
  }
});
