// The package as users get it: packed, installed globally into a folder of the test, started from another folder. Needs
// the registry (or npm's cache) for the dependencies, so it has a script of its own: npm run test:package.

import assert from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "lair-package-"));
const prefix = join(folder, "prefix");
const elsewhere = join(folder, "elsewhere");
const env = { ...process.env, npm_config_prefix: prefix, npm_config_loglevel: "warn" };
let installation: SpawnSyncReturns<string>;

function npm(...args: string[]): SpawnSyncReturns<string> {
  return spawnSync("npm", args, { cwd: root, env, encoding: "utf8" });
}

function start(program: string, args: readonly string[], cwd: string) {
  return spawnSync(join(prefix, "bin", program), args, { cwd, encoding: "utf8", timeout: 30_000 });
}

describe("the published package", () => {
  before(() => {
    mkdirSync(elsewhere);
    const packed = npm("pack", "--silent", "--pack-destination", folder);
    assert.equal(packed.status, 0, packed.stderr);
    const tarball = packed.stdout.trim().split("\n").at(-1)!;
    installation = npm("install", "--global", "--prefer-offline", join(folder, tarball));
    assert.equal(installation.status, 0, installation.stderr);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is installed without a word of warning, by whatever npm does with scripts", () => {
    assert.doesNotMatch(installation.stdout + installation.stderr, /warn|deprecated|script/i);
    const modules = join(prefix, "lib", "node_modules");
    const files = readdirSync(modules, { recursive: true, encoding: "utf8" });
    const manifests = files.filter((path) => /(?:^|node_modules\/)(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path));
    assert.ok(manifests.length > 10);
    for (const path of manifests) {
      const { scripts = {} } = JSON.parse(readFileSync(join(modules, path), "utf8")) as { scripts?: object };
      // npm runs `prepare` for a tarball's own package only, never for what comes from a registry.
      const runs =
        path === join("lair-chat", "package.json") ? /^(?:pre|post)?(?:install|prepare)$/ : /^(?:pre|post)?install$/;
      const ran = Object.keys(scripts).filter((name) => runs.test(name));
      assert.deepEqual(ran, [], path);
      // npm would compile it, without any script.
      assert.ok(!existsSync(join(modules, path, "..", "binding.gyp")), path);
    }
  });

  for (const program of ["lair-server", "lair-client", "lair-hub"]) {
    it(`starts ${program} from any folder`, () => {
      const { status, stdout, stderr } = start(program, ["--version"], elsewhere);
      assert.equal(stderr, "");
      assert.match(stdout, new RegExp(`^${program} \\d+\\.\\d+\\.\\d+\\n$`));
      assert.equal(status, 0);
    });
  }

  it("loads the libraries of the listeners for HTTP in lair-hub, and in the others with --http alone", () => {
    const files = join(prefix, "lib", "node_modules", "lair-chat", "dist", "cli");
    /** All code that a program may load without --http. */
    const codeOf = (file: string, seen = new Set<string>()): string => {
      if (seen.has(file) || file.startsWith("page-program-")) return "";
      seen.add(file);
      const code = readFileSync(join(files, file), "utf8");
      const others = [...code.matchAll(/"\.\/([\w-]+\.js)"/g)].map(([, other]) => codeOf(other!, seen));
      return [code, ...others].join("\n");
    };
    const libraries = /\/\/ node_modules\/(?:hono|@sinclair\/typebox|prom-client)\//;
    assert.match(codeOf("hub.js"), libraries);
    for (const file of ["server.js", "client.js"]) assert.doesNotMatch(codeOf(file), libraries);
  });

  it("hands out its page with --http", () => {
    const script = `
      import { spawn } from "node:child_process";
      import { createInterface } from "node:readline";
      const [client, home] = process.argv.slice(1);
      const bob = spawn(client, ["--json", "--http", "--home", home]);
      createInterface({ input: bob.stdout }).on("line", async (line) => {
        const { event, url } = JSON.parse(line);
        if (event !== "http") return;
        const text = await (await fetch(url)).text();
        for (const [, path] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
          const { status, headers } = await fetch(new URL(path, url));
          console.log(status, headers.get("content-type"));
        }
        bob.stdin.end();
      });`;
    const client = join(prefix, "bin", "lair-client");
    const args = ["--input-type=module", "-e", script, client, join(folder, "home-of-the-page")];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", timeout: 60_000 });
    const files = stdout.trim().split("\n").toSorted();
    assert.deepEqual(
      files,
      ["200 image/svg+xml", "200 text/css; charset=utf-8", "200 text/javascript; charset=utf-8"],
      stderr,
    );
  });

  it("does not obey a hostile tsconfig in the current folder", () => {
    const trap = join(folder, "trap");
    mkdirSync(trap);
    writeFileSync(join(trap, "evil.ts"), 'process.stdout.write("trapped"); process.exit(77);\n');
    const config = { compilerOptions: { baseUrl: ".", paths: { ws: ["./evil.ts"], "node:*": ["./evil.ts"] } } };
    writeFileSync(join(trap, "tsconfig.json"), JSON.stringify(config));
    for (const command of [join(prefix, "bin", "lair-server"), join(root, "bin", "lair-server.js")]) {
      const { status, stdout } = spawnSync(command, ["--version"], { cwd: trap, encoding: "utf8", timeout: 30_000 });
      assert.equal(status, 0);
      assert.match(stdout, /^lair-server /);
    }
  });

  it("pairs and delivers between the two installed programs", async () => {
    const script = `
      import { spawn } from "node:child_process";
      import { createInterface } from "node:readline";
      const [server, client, home] = process.argv.slice(1);
      const ada = spawn(server, ["--json", "--listen", "127.0.0.1:0", "--home", home]);
      createInterface({ input: ada.stdout }).on("line", (line) => {
        const event = JSON.parse(line);
        if (event.event === "invite") {
          const bob = spawn(client, ["--home", home], { stdio: ["pipe", "inherit", "inherit"] });
          bob.stdin.end("hello from the package\\n");
          bob.on("exit", (code) => { process.exitCode = code; ada.stdin.end(); });
        }
        if (event.event === "message") process.stdout.write(event.text);
      });`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        script,
        ...["lair-server", "lair-client"].map((name) => join(prefix, "bin", name)),
        join(folder, "home"),
      ],
      { encoding: "utf8", timeout: 60_000 },
    );
    assert.equal(status, 0, stderr);
    assert.match(stdout, /hello from the package/);
  });
});
