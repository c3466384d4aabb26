// Texts for the tests of the page: hostile ones, long conversations, fingerprints and words of nobody.

import { createHash } from "node:crypto";
import type { MessageJson, PersonJson } from "../../src/app/api/views.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

/** The fingerprint of a name: eight groups of four letters, always the same. */
export function fakeFingerprint(name: string): string {
  const digest = createHash("sha256").update(name).digest();
  const letters = Array.from({ length: 32 }, (_, at) => LETTERS[digest[at]! % 32]!).join("");
  return letters.match(/.{4}/g)!.join(" ");
}

export const fakeWords = "anchor maple quiet river ocean table lantern copper window garden silver thunder".split(" ");

export const HOSTILE = {
  name: '<img src=x onerror="document.title=1">',
  texts: [
    "<script>window.hacked = true</script><img src=x onerror='window.hacked=true'>",
    'javascript:alert(1) and http://example.com/"onmouseover="window.hacked=true and https://example.com/<b>x</b>',
    "\u202Egnp.exe\u202C stands backwards, and \u200B\u200B hides",
    `Z${"\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307".repeat(40)}algo grows over its neighbours`,
    "\u001b[2J\u001b[31mcontrol sequences\u0007\u0000",
    "a".repeat(900),
    "&lt;b&gt; {{constructor.constructor('window.hacked=true')()}} ${window.hacked=true}",
    Array.from({ length: 40 }, (_, at) => `line ${at + 1} of forty`).join("\n"),
  ],
} as const;

const SENTENCES = [
  "The queue is empty again.",
  "I looked at the graph: nothing moves before noon, and then everything does.",
  "Yes.",
  "Could somebody restart the second machine? It answers, but it does not do anything, and the disk is full of its own complaints.",
  "Done.",
  "The certificate ends on Friday; I have put it in the list.",
  "Which one?",
  "The one in the cellar. It always was the one in the cellar. When we moved it upstairs for a week, the trouble stayed downstairs, and when it came back it was there already.",
] as const;

/** Line `index` of `count` that were said, one a minute, until a day ago. */
export function longLine(index: number, count: number, people: readonly PersonJson[], nowMs: number): MessageJson {
  const from = people[Math.floor(index / 3) % people.length]!;
  const at = new Date(nowMs - 86_400_000 - (count - index) * 60_000).toISOString();
  const text = `${index}: ${SENTENCES[(index * 7) % SENTENCES.length]!}`;
  return { id: index.toString(16).padStart(32, "0"), from, at, text, ...(from.self === true ? { state: "sent" } : {}) };
}
