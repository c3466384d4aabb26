// The house's own rules (docs/architecture.md: imports run downward only), proved by reading every source: who may
// import whom, which library belongs to which folder, and what the core may not touch. Type-only imports count too.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { importsOf, tokensOf } from "./source-tokens.ts";

interface Layer {
  /** What a path must match; a capture group becomes part of the name: "node/websocket". */
  readonly files: RegExp;
  readonly name: string;
  /** Layers below: names, such as that of one adapter, or "node/" for all adapters. The layer itself is always allowed, but for `isAlone`. */
  readonly below: readonly string[];
  /** Files of this layer don't import each other. */
  readonly isAlone?: true;
  /** What to put for "*" in an import that is a template; without it such imports are refused. */
  readonly mayCompute?: string;
}

const CORE = [
  "bytes",
  "errors",
  "noise",
  "channel",
  "transfers",
  "delivery",
  "identity",
  "chat",
  "pairing",
  "calls",
  "room",
];

/** The first that matches a path is its layer. A file without a layer is a violation. */
const LAYERS: readonly Layer[] = [
  {
    files:
      /^src\/core\/(?:address|base-encoding|bytes|clock|destroyed-on-error|json-object|message-limits|padme|queue|sparse-map)\.ts$/,
    name: "bytes",
    below: [],
  },
  { files: /^src\/core\/errors\.ts$/, name: "errors", below: [] },
  { files: /^src\/(?:core|app|mls)\/globals\.d\.ts$/, name: "globals", below: [] },
  { files: /^src\/core\/noise\//, name: "noise", below: ["bytes"] },
  { files: /^src\/core\/identity\//, name: "identity", below: ["bytes", "errors", "noise"] },
  { files: /^src\/core\/channel\//, name: "channel", below: ["noise", "bytes", "errors"] },
  { files: /^src\/core\/transfers\//, name: "transfers", below: ["channel", "bytes", "errors"] },
  { files: /^src\/core\/delivery\//, name: "delivery", below: ["channel", "bytes", "errors"] },
  {
    files: /^src\/core\/chat\//,
    name: "chat",
    below: ["delivery", "transfers", "channel", "identity", "noise", "bytes", "errors"],
  },
  {
    files: /^src\/core\/pairing\//,
    name: "pairing",
    below: ["chat", "delivery", "channel", "identity", "noise", "bytes", "errors"],
  },
  { files: /^src\/core\/hub\//, name: "calls", below: ["room", "channel", "bytes", "errors"] },
  { files: /^src\/core\/room\//, name: "room", below: ["identity", "noise", "bytes", "errors"] },
  // The adapter of core/room's port. It runs in browsers too; the programs for two people load none of it.
  { files: /^src\/mls\//, name: "mls", below: ["room", "identity", "noise", "bytes", "errors"] },
  // The package's entries: nothing imports them. One is for Node.
  { files: /^src\/index\.ts$/, name: "library", below: ["app", ...CORE] },
  { files: /^src\/index-node\.ts$/, name: "library for Node", below: ["node/", "node", "app", ...CORE] },
  { files: /^src\/app\//, name: "app", below: CORE },
  // The services of a hub and the ports that they stand on; the pair's programs load none of it.
  { files: /^src\/hub\//, name: "hub", below: ["app", ...CORE] },
  { files: /^src\/ui\//, name: "ui", below: ["app", ...CORE] },
  // The page: on the interface of the API, with the words and the sanitiser of the terminal, in a browser.
  { files: /^src\/web\//, name: "web", below: ["ui", "app", ...CORE] },
  // The ground floor that all adapters share.
  { files: /^src\/node\/(?:clock|disk|system-error)\.ts$/, name: "node", below: ["app", ...CORE] },
  // The terminal shows what the presentation lays out.
  { files: /^src\/node\/terminal\//, name: "node/terminal", below: ["node", "ui", "app", ...CORE] },
  // Not in "node/store", so that the programs of the pair cannot reach it.
  { files: /^src\/node\/store\/hub\//, name: "node/hub-store", below: ["node/store", "hub", "node", "app", ...CORE] },
  // Not in "node/store" either: it is loaded when the first hub is met.
  { files: /^src\/node\/store\/rooms\//, name: "node/room-store", below: ["node/store", "node", "app", ...CORE] },
  // What the listeners for HTTP share; not in "node/" either, and with libraries of its own.
  { files: /^src\/node\/http\//, name: "node/http", below: ["node", "app", ...CORE] },
  { files: /^src\/node\/hub-api\//, name: "node/hub-api", below: ["node/http", "node", "app", ...CORE] },
  { files: /^src\/node\/page-api\//, name: "node/page-api", below: ["node/http", "node", "app", ...CORE] },
  { files: /^src\/node\/([^/.]+)(?:\/|\.ts$)/, name: "node/", below: ["node", "app", ...CORE] },
  {
    files: /^src\/cli\/(?:server|client)\.ts$/,
    name: "entry",
    below: ["cli", "node/", "node/terminal", "node", "mls", "ui", "app", ...CORE],
    isAlone: true,
  },
  {
    files: /^src\/cli\/hub\.ts$/,
    name: "entry",
    below: ["cli/hub", "cli", "app", ...CORE],
    isAlone: true,
  },
  // Only lair-hub loads it: the services of a hub, their store, and its operator's listener with its libraries.
  {
    files: /^src\/cli\/hub-[\w-]+\.ts$/,
    name: "cli/hub",
    below: ["cli", "hub", "node/hub-store", "node/hub-api", "node/", "node", "ui", "app", ...CORE],
  },
  // Loaded with --http only: test/cli/loaded.test.ts looks.
  {
    files: /^src\/cli\/page-[\w-]+\.ts$/,
    name: "cli/page",
    below: ["cli", "page's build", "node/page-api", "node/", "node", "ui", "app", ...CORE],
  },
  {
    files: /^src\/cli\//,
    name: "cli",
    below: ["cli/page", "node/", "node/room-store", "node/terminal", "node", "mls", "ui", "app", ...CORE],
  },
  // What builds the page in a clone.
  { files: /^\.ci\/page\.js$/, name: "page's build", below: [] },
  { files: /^bin\//, name: "bin", below: ["entry"], mayCompute: "server" },
];

/** Who may import a package: a layer, or one file of it. One that is not here may be imported by nobody. */
const PACKAGES: readonly { readonly names: RegExp; readonly layers: RegExp; readonly file?: string }[] = [
  { names: /^node:/, layers: /^(?:node|node\/.*|library for Node|cli|cli\/hub|cli\/page|entry|bin)$/ },
  // Everybody else computes by the suite that is handed in.
  { names: /^@noble\//, layers: /^noise$/, file: "src/core/noise/noble-suite.ts" },
  // What ts-mls computes with, where WebCrypto is slow: src/mls/suites.ts says so.
  { names: /^@noble\/hashes\//, layers: /^mls$/, file: "src/mls/suites.ts" },
  { names: /^ts-mls(?:\/|$)/, layers: /^mls$/ },
  { names: /^@scure\/bip39\/wordlists\//, layers: /^identity$/, file: "src/core/identity/safety-words.ts" },
  { names: /^ws$/, layers: /^node\/(?:websocket|page-api)$/ },
  { names: /^socks$/, layers: /^node\/websocket$/ },
  { names: /^libsql$/, layers: /^node\/store$/ },
  { names: /^hono(?:\/.*)?$/, layers: /^node\/(?:http|hub-api|page-api)$/ },
  { names: /^@sinclair\/typebox(?:\/value)?$/, layers: /^node\/(?:http|hub-api|page-api)$/ },
  { names: /^prom-client$/, layers: /^node\/hub-api$/ },
  { names: /^(?:chalk|readline-sync)$/, layers: /^node\/terminal$/ },
  { names: /^string-width$/, layers: /^ui$/ },
  { names: /^preact(?:\/hooks)?$/, layers: /^web$/ },
  { names: /^qr$/, layers: /^web$/, file: "src/web/parts/invite-card.tsx" },
  { names: /^tsx(?:\/|$)/, layers: /^bin$/ },
];

/** What the core gets handed or does without. The core's tsconfig refuses most of it too; these are the words. */
const FORBIDDEN_IN_CORE: ReadonlySet<string> = new Set(
  `Buffer process console globalThis require eval Function crypto performance Date fetch WebSocket
  setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask`.split(/\s+/),
);

function isClock(word: string): boolean {
  return word === "Date" || word === "performance" || word === "hrtime";
}

/** A user of the library has neither: what is said of them is for `app` and above. */
const NAME_OF_A_PROGRAM = /lair-(?:server|client|hub)\b|(?:^|\s)--[a-z]/;

interface Place {
  readonly layer: Layer;
  /** "noise", "node/websocket", ... */
  readonly name: string;
}

function placeOf(path: string): Place | undefined {
  for (const layer of LAYERS) {
    const found = layer.files.exec(path);
    if (found !== null) return { layer, name: layer.name + (found[1] ?? "") };
  }
  return undefined;
}

function targetOf(path: string, specifier: string): string {
  // A launcher runs the compiled program where there is one.
  return posix.join(posix.dirname(path), specifier).replace(/^dist\/(.*)\.js$/, "src/$1.ts");
}

function problemOfImport(path: string, from: Place, specifier: string): string | undefined {
  if (specifier.includes("*")) {
    const { mayCompute } = from.layer;
    if (mayCompute === undefined || specifier === "*") return `${path} imports what only a run can tell`;
    return problemOfImport(path, from, specifier.replaceAll("*", mayCompute));
  }
  if (!specifier.startsWith(".")) {
    const mayImport = PACKAGES.some(
      ({ names, layers, file }) =>
        names.test(specifier) && layers.test(from.name) && (file === undefined || file === path),
    );
    return mayImport ? undefined : `${path} may not import ${specifier}`;
  }
  const target = targetOf(path, specifier);
  const to = placeOf(target);
  if (to === undefined) return `${path} imports ${target}, which is in no layer`;
  const isBelow = [to.layer.name, to.name].some((name) => from.layer.below.includes(name));
  const isOwn = from.name === to.name && from.layer.isAlone === undefined;
  return isBelow || isOwn ? undefined : `${path} may not import ${target}`;
}

/** Every rule that one source breaks. */
function problemsOf(path: string, source: string): string[] {
  const from = placeOf(path);
  if (from === undefined) return [`${path} is in no layer`];
  const tokens = tokensOf(source);
  const problems = importsOf(tokens).flatMap((specifier) => problemOfImport(path, from, specifier) ?? []);
  if (/^\s*\/\/\/\s*<reference/m.test(source)) problems.push(`${path} takes types in by a reference`);
  tokens.forEach(({ kind, text }, index) => {
    if (kind !== "word" && path.startsWith("src/core/") && NAME_OF_A_PROGRAM.test(text)) {
      problems.push(`${path} names a program or an option`);
    }
    if (kind !== "word") return;
    const before = tokens[index - 1]?.text;
    const after = [1, 2].map((offset) => tokens[index + offset]?.text).join("");
    const asksTheTime = after === ".now" || after === "()";
    if (asksTheTime && isClock(text) && /^src\/(?:node|cli)\//.test(path) && path !== "src/node/clock.ts") {
      problems.push(`${path} reads a clock of its own`);
    }
    if (!/^src\/(?:core|app|hub|ui|web\/state)\//.test(path)) return;
    const isAllowed = (text === "queueMicrotask" || (text === "Date" && !asksTheTime)) && !path.startsWith("src/core/");
    if (FORBIDDEN_IN_CORE.has(text) && before !== "." && !isAllowed) problems.push(`${path} uses ${text}`);
    if (text === "random" && before === "." && tokens[index - 2]?.text === "Math")
      problems.push(`${path} uses Math.random`);
  });
  return problems;
}

/** A docstring, if there is one; the name of the class behind it; and its members. */
const CLASS = /^(\/\*\*(?:(?!\*\/)[^])*\*\/\n)?(?:export )?(?:abstract )?class (\w+).* \{\n((?: .*\n|\n)*)\}/gm;
/** As prettier writes them. */
const PUBLIC_MEMBER =
  /^ {2}(?:override |static |readonly |async |get |set |\*)*(?!constructor\b)([a-z]\w*)[?!]?[:(<]/gm;
const MOST_MEMBERS = 20;

/** The classes with more public members whose docstring does not say why. */
function largeClasses(source: string): string[] {
  return [...source.matchAll(CLASS)].flatMap(([, docstring = "", name = "", body = ""]) => {
    const members = new Set([...body.matchAll(PUBLIC_MEMBER)].map(([, member]) => member));
    const isExplained = /More\s[\s*]*than\s[\s*]*twenty\s[\s*]*members:/.test(docstring);
    return members.size > MOST_MEMBERS && !isExplained ? [name] : [];
  });
}

/** Each circle of files that a walk along the imports comes upon, as the files in it; type-only imports count too. */
function circlesOf(sources: ReadonlyMap<string, string>): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) {
      circles.push([...way.slice(way.indexOf(path)), path].join(" -> "));
      return;
    }
    if (done.has(path)) return;
    for (const specifier of importsOf(tokensOf(sources.get(path) ?? ""))) {
      if (specifier.startsWith(".")) walk(targetOf(path, specifier), [...way, path]);
    }
    done.add(path);
  };
  for (const path of sources.keys()) walk(path, []);
  return circles;
}

describe("the layers of the house", () => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const paths = ["src", "bin"].flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: "utf8" })
      .map((path) => posix.join(folder, path.replaceAll("\\", "/")))
      .filter((path) => /\.[cm]?[jt]sx?$/.test(path)),
  );
  const sources = new Map(paths.map((path) => [path, readFileSync(root + path, "utf8")]));

  it("are kept by every file of src and bin", () => {
    assert.ok(paths.includes("src/core/noise/handshake-state.ts"), "the sources are found");
    assert.deepEqual(
      [...sources].flatMap(([path, source]) => problemsOf(path, source)),
      [],
    );
  });

  it("have a reason written at each class of more than twenty public members", () => {
    assert.deepEqual(
      [...sources].flatMap(([path, source]) => largeClasses(source).map((name) => `${path}: ${name}`)),
      [],
    );
  });

  it("have no circle of files, by their types neither", () => {
    assert.deepEqual(circlesOf(sources), []);
  });

  it("are read completely: no import is missed by the reader", () => {
    for (const [path, source] of sources) {
      // A second, coarser reader: every line that looks like the end of an import statement.
      const lines = source.match(/^(?:import|export|\}).* from "[^"]+";$|^import "[^"]+";$/gm) ?? [];
      const found = importsOf(tokensOf(source));
      for (const line of lines) {
        const specifier = /"([^"]+)";$/.exec(line)![1]!;
        assert.ok(found.includes(specifier), `${path}: ${line}`);
      }
    }
  });
});

function accepts(path: string, ...lines: string[]): void {
  assert.deepEqual(problemsOf(path, lines.join("\n")), []);
}

/** Each line alone breaks exactly one rule. */
function refuses(path: string, ...lines: string[]): void {
  for (const line of lines) assert.equal(problemsOf(path, line).length, 1, `${path} with ${line}`);
}

function refusesImports(path: string, ...specifiers: string[]): void {
  refuses(path, ...specifiers.map((specifier) => `import "${specifier}";`));
}

/** The circles among files that import one another for their types: each begins with its own name. */
function circlesAmong(...files: readonly (readonly [string, ...string[]])[]): string[] {
  const sources = files.map(([name, ...imports]): [string, string] => [
    `src/${name}.ts`,
    imports.map((other) => `import type { X } from "./${other}.ts";`).join("\n"),
  ]);
  return circlesOf(new Map(sources));
}

/** A class with so many public members. */
function largeClass(members: number, docstring = ""): string {
  const getters = Array.from(
    { length: members },
    (_, index) => `  get member${index}(): string {\n    return f("x");\n  }\n`,
  );
  return `${docstring}export class Large implements Port {\n  #state = 1;\n\n  constructor() {}\n${getters.join("\n")}}\n`;
}

describe("the checker of the layers", () => {
  it("knows the way down", () => {
    accepts("src/core/noise/a.ts", 'import { x } from "../bytes.ts";', 'import "./b.ts";');
    accepts("src/core/noise/noble-suite.ts", 'import "@noble/hashes/sha2.js";');
    accepts("src/core/channel/a.ts", 'import type { x } from "../noise/index.ts";', 'export * from "../errors.ts";');
    accepts("src/core/delivery/a.ts", 'import { x } from "../channel/index.ts";');
    accepts("src/core/identity/a.ts", 'import type { x } from "../noise/suite.ts";');
    accepts("src/core/identity/safety-words.ts", 'import "@scure/bip39/wordlists/english.js";');
    accepts("src/core/chat/a.ts", 'import { x } from "../delivery/a.ts";', 'import { y } from "../identity/a.ts";');
    accepts("src/node/websocket/a.ts", 'import { x } from "ws";', 'import "node:http";', 'import "./b.ts";');
    accepts("src/node/websocket.ts", 'import "./websocket/b.ts";', 'import "../core/bytes.ts";');
    accepts("src/core/pairing/a.ts", 'import { x } from "../chat/a.ts";', 'import { y } from "../identity/a.ts";');
    accepts(
      "src/core/room/a.ts",
      'import type { x } from "../identity/a.ts";',
      'import { y } from "../noise/suite.ts";',
    );
    accepts("src/mls/a.ts", 'import "ts-mls";', 'import "ts-mls/keySchedule.js";', 'import "../core/room/a.ts";');
    accepts("src/mls/suites.ts", 'import "@noble/hashes/hkdf.js";', 'import "./a.ts";');
    accepts("src/index.ts", 'export * from "./core/pairing/a.ts";', 'export type { x } from "./app/ports.ts";');
    accepts("src/app/a.ts", 'import { x } from "../core/pairing/a.ts";', 'import "./b.ts";');
    accepts("src/ui/a.ts", 'import type { x } from "../app/events.ts";', 'import "string-width";');
    accepts("src/web/parts/a.tsx", 'import { x } from "preact/hooks";', 'import "../../ui/a.ts";', 'import "./b.tsx";');
    accepts("src/node/clock.ts", 'import type { x } from "../app/ports.ts";', 'import "node:timers";');
    accepts(
      "src/node/terminal/a.ts",
      'const x = await import("readline-sync");',
      'import "chalk";',
      'import "../../ui/a.ts";',
      'import "../clock.ts";',
    );
    accepts("src/node/hub-api/a.ts", 'import "../http/a.ts";', 'import "hono";');
    accepts("src/node/page-api/a.ts", 'import "../http/a.ts";', 'import "hono";', 'import "ws";');
    accepts("src/cli/page-program.ts", 'import "../node/page-api/a.ts";', 'import "./version.ts";');
    accepts("src/node/store/a.ts", 'import Database from "libsql";', 'import "../../core/delivery/store.ts";');
    accepts(
      "src/cli/a.ts",
      'import "../node/home/a.ts";',
      'import "../app/events.ts";',
      'import "../ui/b.ts";',
      'import "./b.ts";',
    );
    accepts(
      "src/cli/hub-program.ts",
      'import "../node/hub-api/a.ts";',
      'import "../hub/a.ts";',
      'import "./start.ts";',
    );
    accepts("src/cli/hub.ts", 'await import("./hub-program.ts");', 'import "./asked.ts";');
    accepts("src/cli/server.ts", 'import "./a.ts";', 'import "../node/home.ts";', 'import "node:util";');
    accepts(
      "bin/lair-server.js",
      'import "tsx/esm/api";',
      'import "../src/cli/server.ts";',
      'import("../dist/cli/server.js");',
    );
    accepts("bin/lair-client.js", 'import { launch } from "./launch.js";');
    accepts("bin/launch.js", "await import(`../src/cli/${program}.ts`);", "await import(`../dist/cli/${program}.js`);");
  });

  it("sees each way up and sideways in the core", () => {
    refusesImports("src/core/bytes.ts", "./errors.ts", "./noise/suite.ts");
    refusesImports("src/core/errors.ts", "./bytes.ts");
    refusesImports("src/core/noise/a.ts", "../errors.ts", "../channel/a.ts", "../identity/a.ts", "../chat/a.ts");
    refusesImports("src/core/channel/a.ts", "../delivery/a.ts", "../chat/a.ts", "../identity/a.ts");
    refusesImports("src/core/delivery/a.ts", "../chat/a.ts", "../noise/index.ts", "../identity/a.ts");
    refusesImports("src/core/identity/a.ts", "../channel/a.ts", "../chat/a.ts");
    refusesImports("src/core/chat/a.ts", "../pairing/a.ts", "../../node/home.ts", "../../app/a.ts", "../../index.ts");
    refusesImports("src/core/pairing/a.ts", "../../app/a.ts", "../../ui/a.ts", "../../index.ts");
    refusesImports("src/core/room/a.ts", "../chat/a.ts", "../channel/index.ts", "../../mls/index.ts", "ts-mls");
    refusesImports("src/mls/a.ts", "../app/a.ts", "../core/chat/a.ts", "../node/clock.ts", "node:crypto");
    refusesImports("src/app/a.ts", "../mls/index.ts", "ts-mls");
    refusesImports("src/index.ts", "./ui/a.ts", "./node/clock.ts", "./cli/a.ts", "node:util", "ws");
    refusesImports("src/app/a.ts", "../ui/a.ts", "../node/clock.ts", "../cli/a.ts", "../index.ts", "node:util");
    refusesImports("src/web/state/a.ts", "../../node/clock.ts", "../../cli/a.ts", "../../mls/index.ts", "node:util");
    refusesImports("src/app/a.ts", "../web/state/a.ts", "preact");
    refusesImports("src/ui/a.ts", "../web/state/a.ts", "preact");
    refusesImports("src/ui/a.ts", "../node/clock.ts", "../node/terminal/a.ts", "../cli/a.ts", "chalk", "node:util");
  });

  it("sees an adapter that knows another, or a program", () => {
    refusesImports("src/node/home/a.ts", "../websocket/a.ts", "../websocket.ts", "../../ui/a.ts", "../../cli/a.ts");
    refusesImports("src/node/clock.ts", "./websocket/a.ts", "../ui/a.ts");
    refusesImports(
      "src/node/hub-api/a.ts",
      "../websocket/a.ts",
      "../home/a.ts",
      "../../ui/a.ts",
      "../../hub/a.ts",
      "../page-api/a.ts",
      "ws",
    );
    refusesImports("src/node/http/a.ts", "../hub-api/a.ts", "../page-api/a.ts", "../websocket/a.ts", "ws");
    refusesImports("src/node/page-api/a.ts", "../hub-api/a.ts", "../websocket/a.ts", "../../ui/a.ts", "prom-client");
    refusesImports("src/node/websocket/b.ts", "../hub-api/a.ts", "hono", "prom-client");
    refusesImports(
      "src/cli/a.ts",
      "../node/hub-api/a.ts",
      "../node/page-api/a.ts",
      "../node/http/a.ts",
      "hono",
      "@sinclair/typebox",
      "prom-client",
    );
    refusesImports("src/node/home.ts", "./terminal/a.ts", "../cli/server.ts");
  });

  it("sees a program that knows an entry, an entry that knows another, and a launcher with a mind of its own", () => {
    refusesImports("src/cli/a.ts", "./server.ts", "../../bin/lair-server.js");
    refusesImports(
      "src/cli/server.ts",
      "./hub-program.ts",
      "../node/hub-api/a.ts",
      "../hub/a.ts",
      "./client.ts",
      "../index.ts",
      "../../bin/launch.js",
    );
    refusesImports("bin/lair-server.js", "../src/cli/a.ts", "../src/core/bytes.ts", "ws", "../test/b.ts");
    refuses("bin/launch.js", "await import(name);", "await import(`../src/app/${name}.ts`);", "import(`${name}`);");
  });

  it("sees a library outside its folder", () => {
    refusesImports("src/core/channel/a.ts", "@noble/hashes/sha2.js", "@scure/bip39", "node:crypto");
    refusesImports("src/core/noise/a.ts", "@noble/hashes/sha2.js", "node:crypto", "crypto", "ws", "chalk");
    refusesImports("src/core/identity/a.ts", "@noble/hashes/sha2.js", "@scure/bip39/wordlists/english.js");
    refusesImports("src/core/identity/safety-words.ts", "@noble/hashes/hkdf.js", "@scure/bip39");
    refusesImports("src/node/home.ts", "ws", "chalk", "libsql", "@noble/ciphers/aes.js", "tsx/esm/api");
    refusesImports("src/node/terminal/a.ts", "ws", "left-pad", "fs");
    refusesImports("src/node/websocket/a.ts", "readline-sync", "ws/lib/receiver.js");
    refusesImports("src/cli/start.ts", "./hub-program.ts", "../hub/a.ts", "../node/store/hub/a.ts");
    refusesImports("src/cli/hub-program.ts", "hono", "prom-client", "./server.ts");
    refusesImports("src/node/store/a.ts", "libsql/promise", "ws", "../home/home.ts");
    refusesImports("src/mls/a.ts", "@noble/hashes/sha2.js", "@hpke/core", "ws");
    refusesImports("src/node/store/a.ts", "ts-mls");
    refusesImports("src/cli/a.ts", "ts-mls", "ws", "libsql", "string-width", "@noble/hashes/sha2.js");
  });

  it("sees every form of import", () => {
    refuses(
      "src/core/bytes.ts",
      'import x from "./errors.ts";',
      "import x from './errors.ts';",
      'import * as x from "./errors.ts";',
      'import type { x } from "./errors.ts";',
      'import { type x } from "./errors.ts";',
      'import {\n  x,\n  y as z, // "why"\n} from "./errors.ts";',
      'import "./errors.ts";',
      'export * from "./errors.ts";',
      'export type { x } from "./errors.ts";',
      'const x = await import("./errors.ts");',
      'type X = import("./errors.ts").LairError;',
      'const x = `${await import("./errors.ts")}`;',
      'const x = /["\'`]/; import "./errors.ts";',
      "const x = await import(`./errors.ts`);",
      "const x = await import(name);",
      "const x = await import(`./${name}.ts`);",
      'import x from "./errors.ts" with { type: "json" };',
      '/// <reference types="node" />',
    );
  });

  it("sees everything that the core may not touch", () => {
    const uses = [
      "Buffer.alloc(1)",
      "process.env",
      "console.log(1)",
      "new Date()",
      "Date.now()",
      "globalThis.x",
      "require('x')",
    ];
    const timers = ["setTimeout(f)", "setInterval(f)", "setImmediate(f)", "queueMicrotask(f)", "clearTimeout(t)"];
    const others = [
      "Math.random()",
      "Math . random()",
      "crypto.subtle",
      "performance.now()",
      "f(`${process.pid}`)",
      "a / b / Date",
    ];
    refuses("src/core/chat/a.ts", ...uses, ...timers, ...others);
    const names = ["f('type invite at lair-server')", "f(`start with --json`)"];
    refuses("src/core/chat/a.ts", ...names);
    accepts("src/app/a.ts", ...names);
    accepts("src/core/chat/a.ts", "f('---'); // of --json");
    refuses("src/app/a.ts", "Date.now()", "new Date()", "process.env", "setTimeout(f)", "Math.random()");
    accepts("src/ui/a.ts", "new Date(ms).getHours()", "queueMicrotask(f)");
    accepts(
      "src/node/home.ts",
      ...uses.slice(0, 3),
      "new Date(0)",
      ...uses.slice(5, 6),
      ...timers,
      ...others.slice(0, 3),
    );
    refuses("src/node/home.ts", "Date.now()", "new Date()", "performance.now()");
    accepts("src/node/clock.ts", "Date.now()", "performance.now()");
  });

  it("is not deceived by comments, strings, templates, regular expressions and members", () => {
    accepts(
      "src/core/bytes.ts",
      '// import "./errors.ts"; Date',
      '/* import "./errors.ts";\n Date.now() */',
      "const a = 'import \"./errors.ts\"; Date';",
      'const b = `import "./errors.ts"; ${c({ d: `Date ${e}` })} Date`;',
      "const f = /Date[/]console/u.test(g) ? h / i : j / k;",
      "l.process(m.crypto); n.random(); Math.max(o.Date);",
      "import.meta.url;",
    );
  });

  it("sees a large class without a reason", () => {
    assert.deepEqual(largeClasses(largeClass(20)), []);
    assert.deepEqual(largeClasses(largeClass(21)), ["Large"]);
    assert.deepEqual(largeClasses(largeClass(21, "/** It is. */\n")), ["Large"]);
    assert.deepEqual(largeClasses(largeClass(21, "/**\n * It is. More\n * than twenty members: why. */\n")), []);
  });

  it("sees a circle of files, of whatever length and by types too", () => {
    assert.deepEqual(circlesAmong(["a", "b", "c"], ["b", "c"], ["c"]), []);
    assert.deepEqual(circlesAmong(["a", "b"], ["b", "a"]), ["src/a.ts -> src/b.ts -> src/a.ts"]);
    assert.deepEqual(circlesAmong(["a", "a"]), ["src/a.ts -> src/a.ts"]);
    const [circle] = circlesAmong(["a", "b"], ["b", "c"], ["c", "d"], ["d", "b"]);
    assert.equal(circle, "src/b.ts -> src/c.ts -> src/d.ts -> src/b.ts");
  });

  it("sees a file that belongs nowhere, and an import of one", () => {
    for (const path of ["src/core/utils.ts", "src/helpers.ts", "src/page/a.ts"])
      assert.equal(problemsOf(path, "").length, 1, path);
    refusesImports("src/server.ts", "./helpers.ts", "./shared.ts");
  });
});
