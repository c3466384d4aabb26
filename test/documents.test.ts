// What the documents say of the sources, the programs and each other, and what the sources cite: sections, files,
// links, npm scripts, options, events, and the transcript at the top of the README. Not whether a sentence is true. And
// what the lock file says of each package.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { ProgramEvent } from "../src/app/events.ts";
import { ERROR_KINDS, type LairErrorKind } from "../src/core/errors.ts";
import type { PeerView } from "../src/core/identity/peer-view.ts";
import { roomObjects, roomRow } from "../src/app/rooms/room-command-table.ts";
import { commandRow, commandsAt, type ProgramName } from "../src/app/command-table.ts";
import { createStyle } from "../src/node/terminal/create-style.ts";
import { roomToJson } from "../src/ui/room-json.ts";
import { View } from "../src/ui/view.ts";
import { CLIENT_HELP, HUB_HELP, SERVER_HELP } from "../src/cli/help.ts";
import { documentedOptions, fits, OPTIONS } from "../src/cli/options.ts";
import {
  documentedCommands,
  documentedPrompt,
  documentedRoomCommands,
  documentedRooms,
} from "./documented-commands.ts";
import { faultOfCommand, namesInSchema } from "./json-schema.ts";
import { REPORTS } from "./ui/room-reports.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(root + path, "utf8");
const PROTOCOL = read("docs/PROTOCOL.md");
const README = read("README.md");
const DOCUMENTS = [
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  ...readdirSync(root + "docs", { recursive: true, encoding: "utf8" })
    .map((path) => posix.join("docs", path.replaceAll("\\", "/")))
    .filter((path) => path.endsWith(".md")),
];
const MANIFEST = JSON.parse(read("package.json")) as { version: string; scripts: { [name: string]: string } };

/** All that a pattern's first group finds. */
function finds(pattern: RegExp, text: string): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1]!);
}

/** The numbers of PROTOCOL.md's headings: "8", "8.4". */
const SECTIONS: ReadonlySet<string> = new Set(finds(/^##+ (\d+(?:\.\d+)?)\.? /gm, PROTOCOL));

/** What a source cites and cannot be looked up. */
function deadCitations(source: string): string[] {
  // A citation may go on in the next line of its comment.
  const text = source.replaceAll(/\n\s*(?:\/\/|\*)\s?/g, " ");
  const lists = finds(/PROTOCOL\.md ((?:(?:, | and | to )?§[\d.]*\d)+)/g, text);
  const sections = lists.flatMap((list) => finds(/§([\d.]*\d)/g, list)).filter((section) => !SECTIONS.has(section));
  const files = finds(/([\w./-]+\.md)\b(?!\()/g, text).filter((path) => !DOCUMENTS.includes(path));
  const vague = text.match(/PROTOCOL\.md,? sections? \S+|\bprotocol sections? \S+|\b(?:design|issue) "[^"]*"/gi) ?? [];
  const titles = [...text.matchAll(/\b(README|docs\/\w+\.md), "([^"]+)"/g)].filter(([, document, title]) => {
    const lines = read(document === "README" ? "README.md" : document!).split("\n");
    // A heading, or the beginning of a paragraph that is bold or ends in a colon.
    return !lines.some((line) => (/^#|^\*\*/.test(line) && line.includes(title!)) || line.startsWith(`${title!}:`));
  });
  return [...sections.map((section) => `§${section}`), ...files, ...vague, ...titles.map(([cited]) => cited)];
}

/** Prettier sets a table's columns; the rows are the same without. */
function tableRows(text: string): string[] {
  return text.split("\n").map((line) => line.replaceAll(/ *\| */g, "|"));
}

function options(text: string): string[] {
  return [...new Set(finds(/(?<![\w-])(--[a-z][a-z-]+)/g, text))].toSorted();
}

/** As GitHub makes anchors of headings. */
function anchorsOf(document: string): string[] {
  const headings = finds(/^#+ (.*)$/gm, document);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The names that an entry of the library exports, with the files that declare them. */
function exportsOf(path: string): (readonly [name: string, file: string])[] {
  const source = read(path);
  const fileOf = (specifier: string): string => posix.join(posix.dirname(path), specifier);
  const whole = finds(/^export \* from "([^"]+)"/gm, source).flatMap((specifier) => exportsOf(fileOf(specifier)));
  const named = [...source.matchAll(/^export (?:type )?\{([^}]+)\} from "([^"]+)"/gm)];
  return [
    ...whole,
    ...named.flatMap(([, names = "", specifier = ""]) =>
      finds(/(?:^|,)\s*(?:type )?(\w+)/g, names).map((name) => [name, fileOf(specifier)] as const),
    ),
  ];
}

/** Whether a docstring stands right before the declaration of this name. */
function hasDocstring(name: string, file: string): boolean {
  const entry = exportsOf(file).find(([exported]) => exported === name);
  if (entry !== undefined) return hasDocstring(...entry);
  const declared = `export (?:abstract )?(?:class|function|const|interface|type) ${name}\\b`;
  return new RegExp(`\\*/\\n${declared}`).test(read(file));
}

describe("the library's entries", () => {
  it("export nothing without a docstring", () => {
    const exported = ["src/index.ts", "src/index-node.ts", "src/core/noise/index.ts"].flatMap(exportsOf);
    assert.ok(exported.length > 100, "the exports are found");
    assert.deepEqual(
      exported.filter(([name, file]) => !hasDocstring(name, file)),
      [],
    );
  });
});

describe("what the sources cite", () => {
  const paths = ["src", "bin", "bench"].flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: "utf8" })
      .map((path) => posix.join(folder, path.replaceAll("\\", "/")))
      .filter((path) => /\.[jt]s$/.test(path)),
  );

  it("is there: sections of docs/PROTOCOL.md, documents, titles", () => {
    assert.ok(SECTIONS.has("8.4") && SECTIONS.has("13"), "the headings are found");
    assert.ok(paths.includes("src/core/channel/rekey.ts"), "the sources are found");
    const dead = paths.flatMap((path) => deadCitations(read(path)).map((cited) => `${path}: ${cited}`));
    assert.deepEqual(dead, []);
  });

  it("tells people what to do in sentences: a hint begins with a capital letter", () => {
    const hints = paths.flatMap((path) => finds(/\bhint:\s*(?:[\w.() =<!>&|]+\?\s*)?["'`]([^"'`]*)/gu, read(path)));
    assert.ok(hints.length > 100, "the hints are found");
    assert.deepEqual(
      hints.filter((hint) => /^[a-z]/u.test(hint)),
      [],
    );
  });

  it("would be missed if it were not", () => {
    assert.deepEqual(deadCitations("// (docs/PROTOCOL.md §8.4, §3.2 to §4 and §13): Noise §99, docs/SECURITY.md"), []);
    assert.deepEqual(deadCitations('// README, "Talk"; docs/SECURITY.md, "Limits"'), []);
    const dead = [
      "(docs/PROTOCOL.md §8.9)",
      "(docs/PROTOCOL.md §8,\n// §18)",
      "docs/PROTOCOL.md §3 and §3.9",
      "docs/PROTOCOL.md section 8",
      "Protocol section 5.",
      "(screen.md)",
      "(security.md)",
      'docs/SECURITY.md, "Files"',
      '(design "screen")',
    ];
    for (const citation of dead) assert.equal(deadCitations(`// ${citation}`).length, 1, citation);
  });
});

describe("the documents", () => {
  it("refer to sections of docs/PROTOCOL.md that exist", () => {
    // Sections of Noise and of RFCs are named with their document, or "there".
    const cited = finds(/(?<!Noise, |RFC \d+, )\bsections? (\d+(?:\.\d+)?)\b(?! there)/g, PROTOCOL);
    assert.ok(cited.length > 10);
    assert.deepEqual(
      cited.filter((section) => !SECTIONS.has(section)),
      [],
    );
  });

  for (const path of DOCUMENTS) {
    const document = read(path);

    it(`link to what is there: ${path}`, () => {
      for (const link of finds(/\]\(([^)]+)\)/g, document).filter((target) => !/^https?:/.test(target))) {
        const [file = "", anchor] = link.split("#", 2);
        const target = file === "" ? path : posix.join(posix.dirname(path), file);
        assert.ok(existsSync(root + target), link);
        if (anchor !== undefined) assert.ok(anchorsOf(read(target)).includes(anchor), link);
      }
    });

    it(`name files and npm scripts that are there: ${path}`, () => {
      for (const file of finds(/`((?:src|test|bench|docs|bin|\.ci)\/[\w./-]+)`/g, document)) {
        assert.ok(existsSync(root + file), file);
      }
      for (const script of finds(/\bnpm (?:run )?((?<=run )[\w:]+|test\b(?!:))/g, document)) {
        assert.ok(script in MANIFEST.scripts, script);
      }
    });
  }

  it("name a file, not a folder, wherever docs/SECURITY.md says what shows a guarantee", () => {
    const shown = finds(/^_Shown by:_ (.*)$/gm, read("docs/SECURITY.md"));
    assert.ok(shown.length > 8);
    for (const line of shown) assert.match(line, /^`test\/[\w/-]+\.test\.ts`/);
  });
});

describe("docs/decisions", () => {
  it("has an index of every decision, by its title", () => {
    const files = readdirSync(root + "docs/decisions").filter((name) => name !== "README.md");
    assert.ok(files.length > 50);
    const entries = files.map((name) => `[${finds(/^# (.*)$/gm, read(`docs/decisions/${name}`))[0]!}](${name})`);
    const index = [...read("docs/decisions/README.md").matchAll(/^- (.*)$/gm)].map(([, entry]) => entry!);
    assert.deepEqual(index.toSorted(), entries.toSorted());
  });
});

describe("docs/cli.md", () => {
  it("has the table of options as the programs have it", () => {
    const written = tableRows(read("docs/cli.md")).filter((row) => row.startsWith("|`--"));
    assert.deepEqual(
      written,
      tableRows(documentedOptions()).filter((row) => row.startsWith("|`--")),
    );
    assert.ok(written.length > 25);
  });

  it("has the table of commands as the programs have it", () => {
    const section = read("docs/cli.md").split("\n## Commands\n")[1]!.split("\n### ")[0]!;
    const [written = [], made = []] = [section, documentedCommands()].map((table) =>
      tableRows(table).filter((row) => row.startsWith("|`")),
    );
    assert.deepEqual(written, made);
    assert.ok(written.length > 15);
  });

  it("names the options that stand beside the commands without a connection", () => {
    const paragraph = read("docs/cli.md")
      .split("\n")
      .find((line) => line.startsWith("`history`, `search`"))!;
    const [store = "", passphrase = ""] = paragraph.split(". ");
    for (const [place, text] of [
      ["store", store],
      ["passphrase", passphrase],
    ] as const) {
      const fitting = OPTIONS.filter(({ name }) => fits(name, place) && name !== "help" && name !== "version");
      assert.deepEqual(options(text), fitting.map(({ name }) => `--${name}`).toSorted());
    }
  });

  it("has every option of --help, and no other", () => {
    const offered = options(SERVER_HELP + CLIENT_HELP + HUB_HELP);
    assert.ok(offered.includes("--psk-file"));
    // What follows a command about rooms is no option of a program.
    const [before = "", behind = ""] = read("docs/cli.md").split("\n### Commands about rooms\n");
    assert.deepEqual(options(before + behind.slice(behind.indexOf("\n## "))), offered);
  });
});

describe("docs/json.md", () => {
  const sections = new Map(
    read("docs/json.md")
      .split("\n## ")
      .map((section) => [section.split("\n", 1)[0]!, section.split("\nA **`status`**")[0]!]),
  );
  const [events, ofRooms] = ["Events", "Events of rooms"].map((title) =>
    finds(/^\| `([a-z-]+)` +\|/gm, sections.get(title)!),
  ) as [string[], string[]];
  const [commands, aboutRooms] = ["Commands", "Commands about rooms"].map((title) => sections.get(title)!) as [
    string,
    string,
  ];

  it("has every event of --json, and no other", () => {
    const source = read("src/ui/json-lines.ts");
    const shown = [...new Set(finds(/\bevent: "([a-z-]+)"/g, source))].toSorted();
    assert.ok(shown.includes("connected"));
    assert.deepEqual(events.toSorted(), shown);
  });

  it("has every event of rooms, and no other", () => {
    const told = Object.values(REPORTS).flatMap((report) => {
      const value = roomToJson(report) as { readonly event: string } | undefined;
      return value === undefined ? [] : [value.event];
    });
    assert.deepEqual(ofRooms.toSorted(), told.toSorted());
  });

  it("has every command of --json, and no other", () => {
    for (const [text, rows] of [
      [commands, commandsAt("json")],
      [aboutRooms, roomObjects()],
    ] as const) {
      const written = finds(/^\| `\{"command":"([a-z-]+)"/gm, text);
      assert.deepEqual(written.toSorted(), rows.map(({ name }) => name).toSorted());
    }
  });

  it("has what docs/json.schema.json has: each event and each command, and no other", () => {
    assert.deepEqual([...new Set([...events, ...ofRooms])].toSorted(), namesInSchema("event").toSorted());
    const written = finds(/^\| `\{"(?:command":")?([a-z-]+)"/gm, commands + aboutRooms);
    assert.deepEqual([...new Set(written)].toSorted(), namesInSchema("command").toSorted());
  });

  it("has an example of each that is taken", () => {
    for (const example of finds(/^\| `(\{.*?\})`/gm, commands + aboutRooms)) {
      assert.equal(faultOfCommand(JSON.parse(example)), undefined);
    }
    for (const [text, rowOf] of [
      [commands, (command: string) => commandRow(command, "json")],
      [aboutRooms, roomRow],
    ] as const) {
      for (const example of finds(/^\| `(\{"command":.*?\})`/gm, text)) {
        const { command, ...members } = JSON.parse(example) as { command: string };
        assert.notEqual(rowOf(command)?.make(members), undefined, example);
      }
    }
  });
});

describe("docs/errors.md", () => {
  it("has a paragraph for each code, under the title of its kind, and for no other", () => {
    const titles: { readonly [title: string]: LairErrorKind } = {
      "The other side broke the protocol": "protocol",
      "The other side": "peer",
      Trust: "trust",
      "The home and the store": "store",
      "The network": "network",
      "What was asked for": "input",
      "What was to be written": "output",
      "Lair itself": "internal",
    };
    const sections = read("docs/errors.md").split("\n## ").slice(1);
    const described = sections.flatMap((section) => {
      const [title = "", ...entries] = section.split("\n### ");
      return entries.map((entry) => {
        const [, code = "", text = ""] = /^`([a-z-]+)`\n\n(.*)/.exec(entry) ?? [];
        assert.match(text, /^[A-Z`].*\.$/, code);
        return [code, titles[title.split("\n")[0]!]] as const;
      });
    });
    assert.equal(new Set(described.map(([code]) => code)).size, described.length);
    assert.deepEqual(Object.fromEntries(described), ERROR_KINDS);
  });
});

function foldersOf(path: string): string[] {
  return readdirSync(root + path, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );
}

describe("CONTRIBUTING.md", () => {
  it("has each folder of src and of src/core in its map, and no other", () => {
    const map = finds(/^```\n([^]*?)^```$/gm, read("CONTRIBUTING.md"))[0]!;
    const drawn = finds(/^ {2,4}([a-z]+)\/ /gm, map);
    assert.deepEqual(drawn.toSorted(), [...foldersOf("src"), ...foldersOf("src/core")].toSorted());
  });
});

/** The rows of a section's table. */
function rowsBetween(path: string, from: string, to: string): string[] {
  const section = read(path).split(`\n${from}\n`)[1]!.split(`\n${to}\n`)[0]!;
  return tableRows(section).filter((row) => row.startsWith("|`"));
}

describe("the tables of commands", () => {
  const made = documentedPrompt().flatMap((row) => tableRows(row));

  it("have all of the prompt, as the programs have it: docs/usage.md", () => {
    assert.deepEqual(rowsBetween("docs/usage.md", "## At the prompt", "## Forgetting a person"), made);
  });

  it("have all about rooms, as the programs have it: docs/usage.md, docs/cli.md", () => {
    for (const [written, rows] of [
      [rowsBetween("docs/usage.md", "## Rooms", "## In a pipe"), documentedRooms()],
      [rowsBetween("docs/cli.md", "### Commands about rooms", "## Exit codes"), documentedRoomCommands()],
    ] as const) {
      assert.deepEqual(
        written,
        rows.flatMap((row) => tableRows(row)),
      );
      assert.ok(written.length > 20);
    }
  });

  it("have ten of them, in the same words and order: README.md", () => {
    const written = rowsBetween("README.md", "## Talk", "## Pipe");
    assert.equal(written.length, 10);
    assert.deepEqual(
      written,
      made.filter((row) => written.includes(row)),
    );
  });
});

describe("README.md", () => {
  it("begins with what the two programs print in 80 columns", () => {
    const transcripts = README.slice(0, README.indexOf("## Install"));
    const [server = "", client = ""] = finds(/^```\n([^]*?)^```$/gm, transcripts);
    assert.equal(server, [`$ lair-server --name ada`, ...printed("lair-server"), "bob ›", ""].join("\n"));
    assert.equal(client, [`$ lair-client --name bob`, ...printed("lair-client"), "ada ›", ""].join("\n"));
  });
});

/** A value of PROTOCOL.md's worked example. */
function example(name: string): string {
  return new RegExp(`^${name} +(\\S.*)$`, "m").exec(PROTOCOL)![1]!;
}

/** The rows of a first conversation, with the keys and the invite of PROTOCOL.md's worked example. */
function printed(program: ProgramName): string[] {
  const at = new Date(2026, 10, 20, 14, 3).getTime();
  const view = new View({
    program,
    style: createStyle(false, true),
    unicode: true,
    columns: () => 80,
    nowMs: () => at,
    merges: true,
  });
  const person = (name: string, side: string): PeerView => {
    return { name, fingerprint: example(`fingerprint of ${side}`), pairedAtMs: at, comparedAtMs: undefined };
  };
  const [ada, bob] = [person("ada", "server"), person("bob", "client")];
  const url = "ws://127.0.0.1:8080";
  const isServer = program === "lair-server";
  const own = isServer ? ada : bob;
  const peer = isServer ? bob : ada;
  const question = { seq: 0, atMs: at, text: "can you see this?" };
  const answer = { seq: 0, atMs: at, text: "yes" };
  const events: ProgramEvent[] = [
    { type: "started", program, version: MANIFEST.version, fingerprint: own.fingerprint },
    ...(isServer
      ? ([
          { type: "listening", url, fingerprint: own.fingerprint },
          { type: "invite", invite: example("invite"), expiresAtMs: at + 24 * 3_600_000 - 60_000 },
        ] as const)
      : ([{ type: "connecting", peer: undefined, url, how: "found-invite" }] as const)),
    { type: "connected", peer, pairedNow: true },
    { type: isServer ? "sent" : "message", peer, ...question },
    { type: isServer ? "message" : "sent", peer, ...answer },
    { type: "rekeyed", peer, epoch: 1 },
  ];
  // An invite is longer than a row, and the terminal breaks it.
  return events.flatMap((event) => view.render(event).rows).flatMap((row) => row.match(/.{1,80}/gu) ?? [row]);
}

interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly link?: boolean;
}

/** The packages of a lock file of which npm could install anything at all: by no hash, or not by SHA-512. */
function unpinned(packages: { readonly [path: string]: LockEntry }): string[] {
  return Object.entries(packages).flatMap(([path, { integrity, link }]) => {
    // The first is this package itself.
    const isPinned = path === "" || (link !== true && /^sha512-[\w+/]{86}==$/.test(integrity ?? ""));
    return isPinned ? [] : [path];
  });
}

describe("package-lock.json", () => {
  const { packages } = JSON.parse(read("package-lock.json")) as { packages: { [path: string]: LockEntry } };

  it("pins each package by a hash, those of other platforms too", () => {
    assert.ok(Object.keys(packages).length > 100);
    assert.deepEqual(unpinned(packages), []);
  });

  it("has a check that sees a package without a good hash", () => {
    const [path, entry] = Object.entries(packages)[1]!;
    for (const bad of [
      {},
      { integrity: "" },
      { integrity: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" },
      { ...entry, link: true },
    ]) {
      assert.deepEqual(unpinned({ "": {}, [path]: bad }), [path]);
    }
  });
});
