// What one member of a room was told to say and what its program printed, over all its lives. Says at once what must never be:
// a line twice, another order, another text under the same number. Knows the events of --json only.

import assert from "node:assert/strict";
import type { JsonEvent } from "../e2e/program.ts";

/** What a bad network or a kill never brings about. */
const NEVER: ReadonlySet<unknown> = new Set([
  "call-flood",
  "call-malformed",
  "frame-length",
  "group-identity",
  "group-malformed",
  "internal",
  "message-malformed",
  "noise-authentication",
  "peer-key-changed",
  "queue-full",
  "record-malformed",
  "record-unexpected",
  "record-unknown",
  "sequence",
  "store-damaged",
]);

/** A line of the room's log, as this member has it. */
export interface LoggedLine {
  readonly id: string;
  readonly text: string | undefined;
  readonly isOwn: boolean;
}

export class RoomRecord {
  /** What the program was told to say, life by life. When it is killed it may not have read all of that. */
  readonly said: string[][] = [[]];
  /** By number, for the room that is watched. */
  readonly lines = new Map<number, LoggedLine>();
  /** Ids that were printed as `queued`: each must come into the log. */
  readonly queued = new Set<string>();
  readonly counts = new Map<string, number>();
  /** Events that are expected here, though a bad network or a kill does not bring them about. */
  readonly expected = new Set<string>();
  /** How many lines were shown once more after a kill. */
  repeats = 0;
  /** In this life: what was shown last of all, and whether anything came that was no repetition. */
  #lastSeq = -1;
  #newFrom = -1;
  /** How many lines of this life others have heard. */
  #arrived = 0;
  readonly #heard: Set<string>;

  /** `heard`: all texts that any member has heard; shared by the records of all. */
  constructor(heard: Set<string>) {
    this.#heard = heard;
  }

  /** The program is started. */
  begin(): void {
    this.said.push([]);
    this.#newFrom = Math.max(-1, ...this.lines.keys()) + 1;
    this.#lastSeq = -1;
    this.#arrived = 0;
  }

  told(text: string): void {
    this.said.at(-1)!.push(text);
  }

  /** How many lines of this life nobody has heard yet. */
  get unheard(): number {
    const said = this.said.at(-1)!;
    while (this.#arrived < said.length && this.#heard.has(said[this.#arrived]!)) this.#arrived += 1;
    return said.length - this.#arrived;
  }

  count(event: string): number {
    return this.counts.get(event) ?? 0;
  }

  /** Throws AssertionError for what must never be printed. */
  take(event: JsonEvent): void {
    this.counts.set(event.event, this.count(event.event) + 1);
    switch (event.event) {
      case "message":
        this.#heard.add(String(event["text"]));
        return this.#log(event, { id: String(event["id"]), text: String(event["text"]), isOwn: false });
      case "sent":
        return this.#log(event, { id: String(event["id"]), text: undefined, isOwn: true });
      case "queued":
        this.queued.add(String(event["id"]));
        return;
      case "error":
        assert.ok(!NEVER.has(event["code"]), `this must not be: ${excerpt(event)}`);
        return;
      case "unknown-message":
      case "missing":
      case "not-followed":
      case "log-differs":
      case "key-changed":
      case "came-back":
        assert.ok(this.expected.has(event.event), `this must not be: ${excerpt(event)}`);
    }
  }

  #log(event: JsonEvent, line: LoggedLine): void {
    // The numbers of such a hub begin anew, at an earlier one.
    if (this.expected.has("hub-lost-entries")) return;
    const seq = Number(event["seq"]);
    assert.ok(seq > this.#lastSeq, `number ${seq} came after ${this.#lastSeq}: ${excerpt(event)}`);
    this.#lastSeq = seq;
    const known = this.lines.get(seq);
    if (known === undefined) {
      this.lines.set(seq, line);
      return;
    }
    assert.deepEqual(known, line, `number ${seq} is another line when it is shown again`);
    // What may have been shown before is shown again after a start only, and said to be so.
    assert.ok(seq < this.#newFrom, `shown twice in one life: ${excerpt(event)}`);
    // A home that was put back from an old copy cannot say so.
    const isSaid = line.isOwn || event["again"] === true || this.expected.has("missing");
    assert.ok(isSaid, `shown twice, and not said to be: ${excerpt(event)}`);
    this.repeats += 1;
  }
}

export function excerpt(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 300);
}
