// The store on the disk: messages a second in groups of 1 to 1,000 beside plain inserts into the same libsql (same cipher,
// log and fsync, one table, nothing sealed) and beside the store in memory; then opening, reading and searching with
// 1,000,000 lines in it, and the longest step of deleting lines full of new words. Everything lies in a temporary directory that is removed. Run: npm run bench

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readMessage, writeText } from "../src/core/chat/message.ts";
import { MemoryStore } from "../src/core/delivery/memory-store.ts";
import { makeStamp } from "../src/core/delivery/stamp.ts";
import { type Change, LIFE_BYTES, type NewMessage, type Store } from "../src/core/delivery/store.ts";
import { NOBLE_SUITE } from "../src/core/noise/index.ts";
import { openLibsql } from "../src/node/store/connection.ts";
import { openStore } from "../src/node/store/open-store.ts";
import { compare } from "./measure.ts";

const ROUNDS = 5;
const LINES = 1_000_000;
const NOW_MS = 1_800_000_000_000;
const PEER = new Uint8Array(32).fill(7);
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const place = mkdtempSync(join(tmpdir(), "lair-bench-"));
process.on("exit", () => rmSync(place, { recursive: true, force: true }));

const openIn = (name: string) =>
  openStore({ directory: name, privateKey: new Uint8Array(32).fill(1), suite: NOBLE_SUITE, random, read: readMessage });
const LIFE = random(LIFE_BYTES);
const stampOf = (index: number): Uint8Array => makeStamp({ life: LIFE, index });
const { bytes: message, content } = writeText("a line of chat of ordinary length, as people type them", NOW_MS);

/** A text as a change carries it. */
function said(text: string, atMs: number): Pick<NewMessage, "message" | "content"> {
  const { bytes, content: says } = writeText(text, atMs);
  return { message: bytes, content: says };
}

/** As a link does it: stored, handed over, acknowledged; the last commit may reach the disk later. */
function send(store: Store, count: number, group: number): void {
  for (let sent = 0; sent < count; sent += group) {
    const first = store.load(PEER).next;
    const changes: Change[] = [];
    for (let i = 0; i < group; i++)
      changes.push({ type: "queued", seq: first + i, stamp: stampOf(first + i), atMs: NOW_MS, message, content });
    store.commit(PEER, [...changes, { type: "released", next: first + group }]);
    store.commit(PEER, [{ type: "acknowledged", next: first + group, atMs: NOW_MS }]);
  }
}

const plain = openLibsql(join(place, "plain.db"), new Uint8Array(32).fill(1), 0);
plain.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
plain.exec("CREATE TABLE messages (id INTEGER PRIMARY KEY, seq INTEGER, at_ms INTEGER, body BLOB)");
const insert = plain.prepare("INSERT INTO messages (seq, at_ms, body) VALUES (?, ?, ?)");
const remove = plain.prepare("DELETE FROM messages");

function insertPlainly(count: number, group: number): void {
  for (let sent = 0; sent < count; sent += group) {
    plain.exec("BEGIN IMMEDIATE");
    for (let i = 0; i < group; i++) insert.run([sent + i, NOW_MS, message]);
    plain.exec("COMMIT");
    plain.exec("PRAGMA synchronous = NORMAL");
    remove.run([]);
    plain.exec("PRAGMA synchronous = FULL");
  }
}

const store = openIn(place);
const memory = new MemoryStore(LIFE);
for (const group of [1, 10, 100, 1_000]) {
  const count = Math.max(200, 2 * group);
  const ours = { name: "Lair, on the disk", work: () => send(store, count, group) };
  const title = `messages in groups of ${group}, stored and acknowledged`;
  await compare(title, count, ours, { name: "libsql, plain", work: () => insertPlainly(count, group) }, ROUNDS);
  await compare(title, count, ours, { name: "Lair, in memory", work: () => send(memory, count, group) }, ROUNDS);
}
store.setRetention(PEER, "forever");
for (const group of [1, 1_000]) {
  const count = Math.max(200, 2 * group);
  await compare(
    `the same in groups of ${group} with history, words and all`,
    count,
    { name: "Lair, on the disk", work: () => send(store, count, group) },
    { name: "libsql, plain", work: () => insertPlainly(count, group) },
    ROUNDS,
  );
}
store.close();

/** 20,000 words, the early ones far more often; one line in 100,000 has the rare one, every line has "line". */
function* lines(): Generator<string> {
  const words = Array.from({ length: 20_000 }, (_, i) => `w${((i * 2_654_435_761) >>> 0).toString(36)}`);
  let state = 1;
  for (let index = 0; index < LINES; index++) {
    let text = "line";
    for (let i = 0; i < 8; i++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      text += ` ${words[Math.floor((state / 2 ** 32) ** 3 * words.length)]!}`;
    }
    yield index % 100_000 === 7 ? `${text} rarity` : text;
  }
}

/** Milliseconds of each of several runs: the least, the median, the most. */
function show(name: string, work: () => unknown, runs = 5): void {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  }).toSorted((a, b) => a - b);
  const [least, middle, most] = [times[0]!, times[runs >> 1]!, times.at(-1)!].map((time) => time.toFixed(1));
  console.log(`  ${name.padEnd(44)} ${middle!.padStart(9)} ms (${least} to ${most} in ${runs} runs)`);
}

rmSync(place, { recursive: true });
const big = mkdtempSync(join(tmpdir(), "lair-bench-"));
process.on("exit", () => rmSync(big, { recursive: true, force: true }));
const filling = openIn(big);
filling.setRetention(PEER, "forever");
const startMs = performance.now();
let batch: Change[] = [];
let seq = -1;
for (const text of lines()) {
  seq++;
  batch.push({
    type: "arrived",
    seq,
    stamp: stampOf(seq),
    atMs: NOW_MS + seq,
    ...said(text, NOW_MS + seq),
  });
  if (batch.length < 1_000) continue;
  filling.commit(PEER, [...batch, { type: "shown", next: seq + 1 }]);
  batch = [];
}
filling.close();
const seconds = (performance.now() - startMs) / 1_000;
const megabytes = statSync(join(big, "store.db")).size / 2 ** 20;
console.log(`${LINES.toLocaleString("en")} lines, in groups of 1,000`);
console.log(`  stored in ${seconds.toFixed(0)} s, ${Math.round(LINES / seconds).toLocaleString("en")}/s`);
console.log(`  the file is ${megabytes.toFixed(0)} MiB, ${Math.round((megabytes * 2 ** 20) / LINES)} bytes a line`);
show("open, load, the last 20 lines, close", () => {
  const opened = openIn(big);
  opened.load(PEER);
  opened.last(PEER, 20, NOW_MS);
  opened.close();
});
const opened = openIn(big);
show("the last 20 lines", () => opened.last(PEER, 20, NOW_MS));
opened.indexWords();
for (const words of ["rarity", "line", "line rarity", "rar", "lin", "nothing"])
  show(`search "${words}" (${opened.search(PEER, words, 20, NOW_MS).total})`, () =>
    opened.search(PEER, words, 20, NOW_MS),
  );
opened.close();

/** Lines of 16 KB, each word a new one: the most work that a line can make when it goes. */
const heavyPlace = mkdtempSync(join(tmpdir(), "lair-bench-"));
process.on("exit", () => rmSync(heavyPlace, { recursive: true, force: true }));
const heavy = openIn(heavyPlace);
heavy.setRetention(PEER, { ms: 1 });
let word = 0;
for (let line = 0; line < 250; line++) {
  let words = "";
  while (words.length < 16_000) words += `q${(word++).toString(36)} `;
  heavy.commit(PEER, [
    { type: "arrived", seq: line, stamp: stampOf(line), atMs: NOW_MS, ...said(words, NOW_MS) },
    { type: "shown", next: line + 1 },
  ]);
}
const steps: number[] = [];
for (let dueMs: number | undefined = NOW_MS + 1_000; dueMs === NOW_MS + 1_000;) {
  const start = performance.now();
  dueMs = heavy.purge(NOW_MS + 1_000, () => performance.now() - start >= 20);
  steps.push(performance.now() - start);
}
heavy.close();
console.log(
  `250 lines of 16 KB of new words deleted in ${steps.length} steps, the longest ${Math.max(...steps).toFixed(0)} ms`,
);
