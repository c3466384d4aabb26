// Words that were typed, sent, searched for and forgotten: in no file of either home in the clear, whatever the programs
// were doing when somebody looked.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { FIRST_SEED } from "../core/channel/first-seed.ts";
import { SeededRandom } from "../core/channel/seeded-random.ts";
import { BIN } from "../e2e/build.ts";
import { Fixture } from "../e2e/fixture.ts";
import { DeliveryPair } from "./delivery-pair.ts";
import type { Side } from "./delivery-side.ts";

/** A word that stands nowhere by chance. An index keeps words in lower case and may keep only how two of them differ. */
const canary = (): string => `kanarie${randomBytes(12).toString("hex")}`;

const WORDS = { delivered: canary(), queued: canary(), searched: canary() };

describe("words of a conversation that is kept", { timeout: 120_000 }, () => {
  it("are in no file of either home: while they wait, when both have been killed, and when they were forgotten", async (t) => {
    const fixture = new Fixture(t);
    const keep = ["--history", "forever"];
    const pair = await DeliveryPair.begin(fixture, new SeededRandom(FIRST_SEED), { server: keep, client: keep });
    const { server, client } = pair;
    for (const side of pair.sides) {
      for (let count = 0; count < 20; count++) side.say(`${side.role} ${count} says ${WORDS.delivered} aloud`);
      await pair.settle();
      assert.equal(Number((await search(side, WORDS.delivered))["total"]), side === server ? 20 : 40);
      await search(side, WORDS.searched);
    }
    nowhere(pair, "while both run");

    // What waits for somebody who is not there.
    await pair.kill(server);
    client.say(`${WORDS.queued} waits`);
    await client.until("that it is queued", () =>
      client.record.promised.size === client.record.saidCount ? true : undefined,
    );
    await pair.kill(client);
    nowhere(pair, "when both were killed");

    pair.start(server);
    await server.until("that it listens", () => server.seen("listening"));
    pair.start(client);
    await pair.connected();
    await pair.settle();
    for (const side of pair.sides) {
      const file = fixture.path("export");
      side.tell({ command: "export", file });
      await side.until("the export", () => side.seen("exported"));
      // So it is there to be found, and would be.
      for (const word of [WORDS.delivered, WORDS.queued]) assert.ok(readFileSync(file).includes(word), "the export");
      assert.equal(statSync(file).mode & 0o777, 0o600);
      side.tell({ command: "forget" });
      const forgotten = await side.until("that it is forgotten", () => side.seen("forgotten"));
      assert.ok(Number(forgotten["count"]) >= 41, JSON.stringify(forgotten));
      assert.equal((await search(side, WORDS.delivered))["total"], 0);
    }
    nowhere(pair, "when it was forgotten");
    await pair.quit();
    nowhere(pair, "when both have left");
    for (const { role, home } of pair.sides) {
      const args = [join(BIN, `lair-${role}.js`), "history", "100", "--json", "--home", home];
      const kept = execFileSync(process.execPath, args, { stdio: "pipe", encoding: "utf8" });
      for (const word of Object.values(WORDS)) assert.ok(!kept.includes(word), `lair-${role} history`);
    }
  });

  it("would be found, whole or in part and however they were written", () => {
    const word = WORDS.delivered;
    const bytes = Buffer.from(`x${word}y`);
    const disguises = [
      bytes,
      Buffer.from(word.slice(10)),
      Buffer.from(word.toUpperCase()),
      Buffer.from(word, "utf16le"),
    ];
    for (const text of [bytes.toString("base64"), bytes.subarray(1).toString("base64url"), bytes.toString("hex")]) {
      disguises.push(Buffer.from(text));
    }
    for (const disguise of disguises)
      assert.ok(holds(Buffer.concat([Buffer.alloc(9), disguise]), word), disguise.toString());
    assert.equal(holds(Buffer.from(canary()), word), false);
  });
});

async function search(side: Side, words: string) {
  const before = side.record.count("found");
  side.tell({ command: "search", words });
  return await side.until("what it found", () =>
    side.record.count("found") > before ? side.seen("found") : undefined,
  );
}

function nowhere(pair: DeliveryPair, when: string): void {
  for (const { home, role } of pair.sides) {
    const files = readdirSync(home, { recursive: true, encoding: "utf8" }).filter((path) =>
      statSync(join(home, path)).isFile(),
    );
    assert.ok(
      files.some((path) => path.includes("store")),
      `lair-${role} keeps its store in ${files.join(", ")}`,
    );
    for (const path of files) {
      const bytes = readFileSync(join(home, path));
      for (const [what, word] of Object.entries(WORDS)) {
        assert.ok(!holds(bytes, word), `${when}: the ${what} word is in ${path} of lair-${role}`);
      }
    }
  }
}

/** Whether a good part of the word is there, in the encodings in which a careless program would leave it. */
function holds(file: Buffer, word: string): boolean {
  const lowerCase = file.toString("latin1").toLowerCase();
  const part = word.slice(-12);
  const spellings = [Buffer.from(part), Buffer.from(part, "utf16le"), Buffer.from(Buffer.from(part).toString("hex"))];
  for (let shift = 0; shift < 3; shift++) {
    // Base64 of it at each position in a group of three; the letters at the edges mix with their neighbours.
    const text = Buffer.concat([Buffer.alloc(shift), Buffer.from(part)]).toString("base64");
    spellings.push(Buffer.from(text.slice(shift === 0 ? 0 : 4, 12)));
  }
  return spellings.some((spelling) => lowerCase.includes(spelling.toString("latin1").toLowerCase()));
}
