// The package as a library: packed, installed into an empty folder, and used by the programs of the documents. Needs the
// registry (or npm's cache) for the dependencies, as `package.test.ts` does.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { importsOf, tokensOf } from "../source-tokens.ts";
import { examplesOf, isOutput } from "../library-examples.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "lair-library-"));
const project = join(folder, "project");
const ORIGIN = "https://chat.example";

function run(command: string, args: readonly string[], cwd = project): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 60_000 });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

/** Every file that a file of the package loads, and what it cannot find. */
function reachableFrom(entry: string): { readonly files: ReadonlySet<string>; readonly builtins: readonly string[] } {
  const files = new Set<string>();
  const builtins: string[] = [];
  const walk = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const { resolve } = createRequire(file);
    for (const specifier of importsOf(tokensOf(readFileSync(file, "utf8")))) {
      const isRelative = specifier.startsWith(".");
      // As Node resolves it: a built-in module comes back as its name.
      const target = isRelative ? fileURLToPath(new URL(specifier, pathToFileURL(file))) : resolve(specifier);
      if (target.startsWith("/")) walk(target);
      else builtins.push(`${file} imports ${specifier}`);
    }
  };
  walk(entry);
  return { files, builtins };
}

/** Starts a server that lets pages of {@link ORIGIN} in, and gives its invite. */
async function startServer(): Promise<{ readonly invite: string; readonly stop: () => Promise<void> }> {
  const options = ["--json", "--name", "ada", "--listen", "127.0.0.1:0", "--allow-origin", ORIGIN];
  const program = join(project, "node_modules", ".bin", "lair-server");
  const server = spawn(program, [...options, "--home", join(folder, "home")], { stdio: ["pipe", "pipe", "inherit"] });
  const hasExited = new Promise<void>((resolve) => server.on("exit", () => resolve()));
  for await (const line of createInterface({ input: server.stdout })) {
    const event = JSON.parse(line) as { event: string; invite?: string };
    if (event.invite === undefined) continue;
    server.stdout.resume();
    const stop = async (): Promise<void> => {
      server.stdin.end();
      await hasExited;
    };
    return { invite: event.invite, stop };
  }
  throw new Error("lair-server ended without an invite");
}

describe("the packed package as a library", () => {
  before(() => {
    mkdirSync(project);
    const packed = run("npm", ["pack", "--silent", "--pack-destination", folder], root);
    writeFileSync(join(project, "package.json"), '{"type":"module","private":true}');
    const tarball = join(folder, packed.trim().split("\n").at(-1)!);
    run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball]);
    for (const types of ["node", "ws"]) {
      const path = join("node_modules", "@types", types);
      cpSync(join(root, path), join(project, path), { recursive: true, dereference: true });
    }
    // Of @types/node.
    cpSync(join(root, "node_modules", "undici-types"), join(project, "node_modules", "undici-types"), {
      recursive: true,
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const entry of ["index.js", "core/noise/index.js"]) {
    it(`reaches nothing of Node from dist/${entry}`, () => {
      const { files, builtins } = reachableFrom(join(project, "node_modules", "lair-chat", "dist", entry));
      assert.ok([...files].some((file) => file.includes("@noble/curves")));
      assert.deepEqual(builtins, []);
    });
  }

  it("reaches Node from dist/index-node.js, and exports the suite of the programs", () => {
    const { builtins } = reachableFrom(join(project, "node_modules", "lair-chat", "dist", "index-node.js"));
    assert.ok(builtins.some((one) => one.endsWith(" node:crypto")));
    const code =
      'import { nodeSuite, OPENSSL_SUITE } from "lair-chat/node"; console.log(nodeSuite() === OPENSSL_SUITE)';
    assert.equal(run(process.execPath, ["--input-type=module", "-e", code]), "true\n");
  });

  it("would see it if it did", () => {
    const trap = join(project, "trap.js");
    writeFileSync(trap, `import "node:fs"; import "fs"; export * from ${JSON.stringify("./trap-below.js")};`);
    writeFileSync(join(project, "trap-below.js"), 'await import("node:net");');
    assert.equal(reachableFrom(trap).builtins.length, 3);
  });

  const examples = [...examplesOf("README.md"), ...examplesOf("docs/library.md")];
  for (const [index, { title, code, output }] of examples.entries()) {
    it(`runs as the documents say: ${title}`, async () => {
      const isPage = title === "In a page";
      const name = `example-${index}`;
      writeFileSync(join(project, `${name}.ts`), code);
      const isForNode = /from "(?:node:|lair-chat\/node")/.test(code);
      const environment = isForNode ? ["--types", "node"] : ["--types", "", "--lib", "es2023,dom"];
      const flags = ["--module", "nodenext", "--target", "es2023", "--strict", "--exactOptionalPropertyTypes"];
      run(join(root, "node_modules", ".bin", "tsc"), [...flags, ...environment, `${name}.ts`]);
      const server = isPage ? await startServer() : undefined;
      try {
        // What a page has and Node 20 has not.
        writeFileSync(
          join(project, "page.js"),
          `import { WebSocket } from "ws";
           globalThis.WebSocket = class extends WebSocket {
             terminate = undefined; pause = undefined; resume = undefined;
             constructor(url, protocols) { super(url, protocols, { origin: ${JSON.stringify(ORIGIN)} }); }
           };
           globalThis.prompt = () => ${JSON.stringify(server?.invite)};`,
        );
        // A page gets one file; for browsers esbuild refuses whatever is Node's.
        const bundling = ["--bundle", "--platform=browser", "--format=esm", `--outfile=${name}.page.js`];
        if (isPage) run(join(root, "node_modules", ".bin", "esbuild"), [`${name}.js`, ...bundling]);
        const printed = run(process.execPath, isPage ? ["--import", "./page.js", `${name}.page.js`] : [`${name}.js`]);
        assert.ok(isOutput(printed, output), printed);
      } finally {
        await server?.stop();
      }
    });
  }
});
