// What does not touch Node is put into a bundle for a browser: core, the application, its presentation, and the cryptography of rooms.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SRC = fileURLToPath(new URL("../../src/", import.meta.url));

function sources(folder: string): readonly string[] {
  const names = readdirSync(`${SRC}${folder}`, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts")).map((name) => `${folder}/${name}`);
}

describe("what runs in a browser as it is", () => {
  for (const folder of ["core", "app", "ui", "mls"]) {
    it(`is all of ${folder}`, async () => {
      const all = sources(folder);
      assert.ok(all.length > 5);
      const { errors, metafile } = await build({
        stdin: { contents: all.map((path) => `import ${JSON.stringify(`./${path}`)};`).join("\n"), resolveDir: SRC },
        bundle: true,
        write: false,
        metafile: true,
        format: "esm",
        // A module of Node does not resolve here.
        platform: "browser",
        target: ["chrome120", "firefox121", "safari17.2"],
        logLevel: "silent",
      });
      assert.deepEqual(errors, []);
      const outside = Object.values(metafile.outputs).flatMap(({ imports }) =>
        imports.filter(({ external }) => external),
      );
      assert.deepEqual(outside, []);
    });
  }
});
