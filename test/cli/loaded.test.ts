// What a program for two people loads: nothing of what rooms need, which comes with the first hub, and nothing of the page,
// which comes with --http.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { bundle } from "../../.ci/bundle.js";

const folder = mkdtempSync(join(tmpdir(), "lair-bundle-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const { inputs, outputs } = bundle(folder);

/** The sources in the files that come with this source, by imports that are no `import()`. */
function loadedWith(source: string): readonly string[] {
  const first = Object.keys(outputs).find((path) => outputs[path]!.entryPoint === source);
  assert.ok(first !== undefined, `${source} begins no file`);
  const files = new Set([first]);
  for (const file of files) {
    for (const { path, kind, external } of outputs[file]!.imports) {
      if (kind === "import-statement" && external !== true) files.add(path);
    }
  }
  return [...files].flatMap((file) => {
    const { inputs } = outputs[file]!;
    return Object.keys(inputs).filter((path) => inputs[path]!.bytesInOutput > 0);
  });
}

const isOfRooms = (path: string): boolean => /^src\/(?:mls|app\/rooms|core\/(?:room|hub))\/|\/ts-mls\//.test(path);
const isOfPage = (path: string): boolean =>
  /^src\/(?:app\/(?:api\/|frontends)|node\/(?:http|page-api|browser)|cli\/page-|web\/)|\/(?:hono|@sinclair\/typebox|preact)\//.test(
    path,
  );
/** How the commands about rooms are written, and links to rooms: what is typed or given at the start may be one. */
const NEEDED = /^src\/(?:app\/rooms\/room-command-\w+|core\/room\/(?:group-crypto|limits|room-context|room-link))\.ts$/;

describe("a program for two people", () => {
  for (const program of ["client", "server"]) {
    it(`loads of rooms only how its commands and links are written: lair-${program}`, () => {
      const loaded = loadedWith(`src/cli/${program}-program.ts`);
      assert.ok(loaded.includes("src/app/messenger.ts"), "it is the program");
      assert.deepEqual(
        loaded.filter((path) => isOfRooms(path) && !NEEDED.test(path)),
        [],
      );
    });
  }

  for (const program of ["client", "server"]) {
    it(`loads nothing of noble, which is for where OpenSSL cannot be used: lair-${program}`, () => {
      const loaded = loadedWith(`src/cli/${program}-program.ts`);
      assert.ok(loaded.includes("src/node/openssl-suite/suite.ts"));
      assert.deepEqual(
        loaded.filter((path) => path.includes("/@noble/")),
        [],
      );
    });
  }

  it("makes the expressions of string-width only for a text that is not ASCII", () => {
    const measure = inputs[".ci/lazy-string-width.js"];
    assert.deepEqual(
      measure?.imports.map(({ path, kind }) => [path, kind]),
      [["node_modules/string-width/index.js", "require-call"]],
    );
    const others = Object.entries(inputs).filter(([path, { imports }]) => {
      return path !== ".ci/lazy-string-width.js" && imports.some((one) => one.path.includes("/string-width/"));
    });
    assert.deepEqual(others, []);
  });

  for (const program of ["client", "server"]) {
    it(`loads nothing of the page and its listener: lair-${program}`, () => {
      const loaded = loadedWith(`src/cli/${program}-program.ts`);
      assert.deepEqual(
        loaded.filter((path) => isOfPage(path)),
        [],
      );
    });
  }

  it("finds the page's listener in a file of its own, with its libraries, and no builder in any", () => {
    const loaded = loadedWith("src/cli/page-program.ts");
    for (const part of ["src/node/page-api/", "src/node/http/", "src/app/api/local-api.ts", "/hono/", "/typebox/"]) {
      assert.ok(
        loaded.some((path) => path.includes(part)),
        part,
      );
    }
    assert.ok(!loaded.includes("src/cli/client-program.ts"));
    const all = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
    assert.ok(!all.some((path) => /^\.ci\/page|^src\/web\/|\/(?:esbuild|preact)\//.test(path)));
  });

  it("has no letter outside of Latin-1, which would double what its source takes while it runs", () => {
    const names = readdirSync(folder).filter((name) => name.endsWith(".js"));
    assert.ok(names.includes("client.js"));
    const sources = names.map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);
    assert.ok(
      sources.some(([, source]) => source.includes("^\\u2026$")),
      "in an expression there is one, escaped",
    );
    assert.deepEqual(
      sources.filter(([, source]) => /[^\0-\xff]/.test(source)).map(([name]) => name),
      [],
    );
  });

  it("finds the cryptography of rooms in a file of its own", () => {
    const loaded = loadedWith("src/mls/index.ts");
    assert.ok(loaded.some((path) => path.includes("/ts-mls/")));
    assert.ok(!loaded.includes("src/app/messenger.ts"));
  });
});
