// What one side of a conversation was told to say and what it printed, over all the lives of its program, and whether the
// two sides agree. Says at once what must never be: a gap, a double, another order. Knows the events of --json only.

import assert from "node:assert/strict";
import type { JsonEvent } from "../e2e/program.ts";

/** What a bad network, a kill or a failing disk never brings about. */
const NEVER: ReadonlySet<unknown> = new Set([
  "frame-length",
  "input-malformed",
  "internal",
  "message-malformed",
  "message-too-long",
  "noise-authentication",
  "peer-key-changed",
  "queue-full",
  "record-malformed",
  "record-unexpected",
  "record-unknown",
  "rekey-protocol",
  "resume-malformed",
  "sequence",
  "store-damaged",
]);

export class DeliveryRecord {
  /** What the program was told to say, life by life. When it is killed it may have read a part of that. */
  readonly said: string[][] = [];
  saidCount = 0;
  /** What the peer has said, by number. */
  readonly heard: string[] = [];
  /** By number: in which life "queued" or "sent" was printed first. That is the promise that it will arrive. */
  readonly promised = new Map<number, number>();
  /** How many events of each kind were printed. */
  readonly counts = new Map<string, number>();
  /** How many lines it may have refused since its store cannot be written, life by life. */
  readonly refusals: number[] = [];
  /** How many messages were shown once more after a kill. */
  repeats = 0;
  /** Everything below was printed as delivered. */
  delivered = 0;
  /** The last of each kind in this life: within one life none of them goes back. */
  readonly #last = { queued: -1, sent: -1, delivered: -1 };

  get life(): number {
    return this.said.length - 1;
  }

  /** The program is started. */
  begin(): void {
    this.said.push([]);
    this.refusals.push(0);
    Object.assign(this.#last, { queued: -1, sent: -1, delivered: -1 });
  }

  told(text: string): void {
    this.said.at(-1)!.push(text);
    this.saidCount += 1;
  }

  count(event: string): number {
    return this.counts.get(event) ?? 0;
  }

  /** Throws AssertionError for what must never be printed. */
  take(event: JsonEvent): void {
    this.counts.set(event.event, this.count(event.event) + 1);
    switch (event.event) {
      case "message":
        return this.#hear(event);
      case "queued":
      case "sent":
        this.#goOn(event.event, event);
        // Numbers change only when a store was lost, and none is here.
        assert.ok(!("was" in event), `renumbered: ${JSON.stringify(event)}`);
        if (!this.promised.has(Number(event["seq"]))) this.promised.set(Number(event["seq"]), this.life);
        return;
      case "delivered":
        this.#goOn("delivered", event);
        this.delivered = Math.max(this.delivered, Number(event["seq"]) + 1);
        return;
      case "error":
        assert.ok(!NEVER.has(event["code"]), `this must not be: ${excerpt(event)}`);
        if (event["code"] === "store-unwritable") this.refusals[this.life]! += refusedBy(event);
        return;
      case "unknown-message":
      case "unreadable-message":
      case "memory":
        assert.fail(`this must not be: ${excerpt(event)}`);
    }
  }

  #hear(event: JsonEvent): void {
    const { seq, text, again } = event;
    assert.equal(typeof text, "string", JSON.stringify(event));
    const expected = this.heard.length;
    if (again === true && Number(seq) < expected) {
      assert.equal(text, this.heard[Number(seq)], `number ${String(seq)} is another text when it is shown again`);
      this.repeats += 1;
      return;
    }
    assert.equal(seq, expected, `number ${expected} was to be heard, not ${excerpt(event)}`);
    this.heard.push(String(text));
  }

  #goOn(kind: "queued" | "sent" | "delivered", event: JsonEvent): void {
    const seq = event["seq"];
    assert.ok(Number.isSafeInteger(seq), JSON.stringify(event));
    assert.ok(Number(seq) > this.#last[kind], `"${kind}" went from ${this.#last[kind]} to ${String(seq)}`);
    this.#last[kind] = Number(seq);
  }
}

/**
 * Everything that the speaker promised was heard, once and in order, and of each life nothing is left out but what was
 * refused: what was heard of it is how it began. Returns how many were heard.
 */
export function checkHeard(speaker: DeliveryRecord, listener: DeliveryRecord): number {
  const { heard } = listener;
  const lifeOf: number[] = [];
  for (const [life, texts] of speaker.said.entries()) {
    let [leftOut, unheard] = [0, 0];
    for (const text of texts) {
      if (heard[lifeOf.length] !== text) {
        unheard += 1;
        continue;
      }
      lifeOf.push(life);
      leftOut += unheard;
      unheard = 0;
    }
    const refused = speaker.refusals[life]!;
    assert.ok(leftOut <= refused, `of life ${life}, ${leftOut} lines were left out and ${refused} refused`);
  }
  assert.equal(
    lifeOf.length,
    heard.length,
    `number ${lifeOf.length} is not what was said then: ${excerpt(heard[lifeOf.length])}`,
  );
  for (const [seq, life] of speaker.promised) {
    assert.ok(seq < heard.length, `number ${seq} was promised in life ${life} and never heard`);
    // A number that was promised, lost, and given to a line of a later life.
    assert.ok(lifeOf[seq]! <= life, `number ${seq} was promised in life ${life} and is a line of life ${lifeOf[seq]}`);
  }
  return heard.length;
}

/** As {@link checkHeard}, for a speaker that was never killed: everything was promised, heard and delivered. */
export function checkAllHeard(speaker: DeliveryRecord, listener: DeliveryRecord): void {
  assert.equal(speaker.said.length, 1, "it had one life");
  const count = checkHeard(speaker, listener);
  assert.equal(count, speaker.said[0]!.length, "lines heard");
  assert.equal(speaker.promised.size, count, "lines promised");
  assert.equal(speaker.count("sent"), count, "lines sent");
  assert.equal(speaker.count("delivered"), count, "lines delivered");
  assert.equal(speaker.delivered, count, "the last one delivered");
  assert.equal(listener.repeats, 0, "lines shown again");
}

/** One transaction may have held several; its error says how many. */
function refusedBy({ details }: JsonEvent): number {
  const said = /The last (\d+) messages were not stored/.exec(JSON.stringify(details ?? []));
  return Number(said?.[1] ?? 1);
}

function excerpt(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 200);
}
