// The page says nothing of commands, options and prompts: what the program says of them is said in the page's own words.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { COMMAND_ROWS } from "../../src/app/command-table.ts";
import { noticesOf } from "../../src/web/state/notices.ts";
import { inPageWords, PAGE_WORDS } from "../../src/web/state/page-words.ts";

const SOURCE = fileURLToPath(new URL("../../src", import.meta.url));

/** Where a text is made that a page may be told, and not where lines are typed or arguments are read. */
const TOLD = [
  "app",
  "core",
  "node/store",
  "node/websocket",
  "node/system-error.ts",
  "cli/client-program.ts",
  "cli/server-program.ts",
];
const TYPED = [
  // The table of commands, and what is typed at a prompt.
  /app\/(?:command-table|commands|near-commands|near-names|input-text|which-peer|options)\.ts$/,
  /app\/rooms\/room-command-/,
  /app\/rooms\/rooms-at-rest\.ts$/,
  // Before the page is open, or without it: no other store, no --http, a pipe.
  /node\/store\/hub\//,
];
const NEVER_TOLD: ReadonlySet<string> = new Set([
  "There is no page: this program was started without --http.",
  "Start it with --http.",
  "The person that --to X1 named is not paired here any more.",
  "ALTER TABLE X1 RENAME TO X1X1",
  "ALL_PROXY, HTTPS_PROXY and HTTP_PROXY",
  "--queue is for the lines of a pipe.",
  "Any command of docs/json.md.",
  "This is a bug in Lair: a command about rooms has no answer.",
  "lair-client rooms lists your rooms.",
  "Use that one, or stop it; or start this one with another --home, or with --no-store.",
]);

function filesIn(path: string): readonly string[] {
  if (path.endsWith(".ts")) return [path];
  return readdirSync(join(SOURCE, path), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(path, file));
}

/** The texts of a source, each whole: what is put together by "+" is one. What is filled in is X1. */
function textsIn(source: string): readonly string[] {
  const code = source.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");
  const literal = String.raw`(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|${"`(?:[^`\\\\]|\\\\.)*`"})`;
  return [...code.matchAll(new RegExp(String.raw`${literal}(?:\s*\+\s*${literal})*`, "g"))].map(([text]) =>
    [...text.matchAll(new RegExp(literal, "g"))]
      .map(([part]) => part.slice(1, -1))
      .join("")
      .replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "X1"),
  );
}

const NAMES = COMMAND_ROWS.map(({ name }) => name).join("|");
/** Words that only somebody at a terminal can do something with. */
const OF_TERMINALS: readonly RegExp[] = [
  /(?:^|[\s(“"'])--[a-z]/,
  /\btype [a-z]/i,
  /\bprompt\b/,
  /\b(?:ulimit|NODE_EXTRA_CA_CERTS|ALL_PROXY)\b/,
  /(?:^|\s)\/say\b/,
  /\bto #/,
  new RegExp(String.raw`\b(?:${NAMES}|rooms|members|conversations|invites) (?:shows|show|lists|list)\b`),
  /\b[A-Z]*NAME\b/,
  /\bforget-peer|renumber|trust X1/,
  /\bcommand\b/,
];

function isOfTerminals(text: string): boolean {
  return text.includes(" ") && OF_TERMINALS.some((word) => word.test(text));
}

describe("the words of the page", () => {
  const told = TOLD.flatMap(filesIn).filter((file) => !TYPED.some((typed) => typed.test(file)));
  const texts = [
    ...told.flatMap((file) => textsIn(readFileSync(join(SOURCE, file), "utf8"))),
    // Of a proxy, it is filled in which option or variable has named it.
    "Is it running there? See --proxy.",
    "Check ALL_PROXY, HTTPS_PROXY and HTTP_PROXY.",
  ];

  it("have none that is of terminals, whatever the program tells", () => {
    const before = texts.filter(isOfTerminals).filter((text) => !NEVER_TOLD.has(text));
    assert.ok(before.length > 40, `${before.length} texts are of terminals`);
    assert.deepEqual([...new Set(before.map((text) => inPageWords(text)).filter(isOfTerminals))], []);
  });

  it("have a use for each of their rows", () => {
    const unused = PAGE_WORDS.filter(([theirs]) => !texts.some((text) => theirs.test(text)));
    assert.deepEqual(unused, []);
  });

  it("are those of the page itself, too", () => {
    const own = filesIn("web")
      .filter((file) => !file.endsWith("page-words.ts"))
      .flatMap((file) => {
        const source = readFileSync(join(SOURCE, file), "utf8");
        const shown = [...source.matchAll(/>([^<>{}]+)</g)].map(([, text]) => text!.replaceAll(/\s+/g, " "));
        return [...textsIn(source), ...(file.endsWith(".tsx") ? shown : [])];
      });
    assert.ok(own.length > 500);
    assert.deepEqual(own.filter(isOfTerminals), []);
  });

  it("leave out no sentence that a name was made to look like", () => {
    const name = "--no-store works without it, in memory only";
    const message = `This is not the key of "${name}": somebody may be in between.`;
    const [told] = noticesOf({ event: "error", code: "peer-key-changed", message, hint: "Ask by another way." });
    assert.equal(told?.text, message);
    assert.deepEqual(noticesOf({ event: "notice", message: "Type quit to leave." }), []);
  });
});
