// A hub and members of one room as real programs, with the faulty proxy between them: how they are started, killed and started
// again. The members know the proxy's address only, so the hub may take another port each time.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
// oxlint-disable-next-line import/no-unassigned-import -- a kill is no power cut: their stores need no disk
import "../in-memory.js";
import type { SeededRandom } from "../core/channel/seeded-random.ts";
import { FaultyProxy } from "../e2e/faulty-proxy.ts";
import type { Fixture } from "../e2e/fixture.ts";
import { inviteFor } from "../e2e/hub-home.ts";
import type { JsonEvent } from "../e2e/program.ts";
import { Watch } from "../e2e/watch.ts";
import { RoomRecord } from "./room-record.ts";
import { RoomSide } from "./room-side.ts";

const PATIENCE_MS = 60_000;

/** A member of the room and what it has printed. */
export class Member {
  readonly side: RoomSide;
  readonly record: RoomRecord;

  /** `heard`: as for its record. */
  constructor(side: RoomSide, heard: Set<string>) {
    this.side = side;
    this.record = new RoomRecord(heard);
    side.onEvent = (event) => this.record.take(event);
  }

  get name(): string {
    return this.side.name;
  }

  start(): void {
    this.record.begin();
    this.side.start();
  }

  /** It is only wishful while the program does not run. */
  say(room: string, text: string): void {
    if (!this.side.isRunning) return;
    this.record.told(text);
    this.side.tell({ send: text, to: room });
  }
}

/** A line of an export. */
interface ExportedLine {
  readonly id: string;
  readonly seq: number;
  readonly text: string;
  readonly from: { readonly fingerprint: string };
}

export class RoomPeople {
  readonly hub: RoomSide;
  readonly proxy: FaultyProxy;
  readonly watch: Watch;
  readonly members: Member[] = [];
  room = "";
  readonly #fixture: Fixture;
  readonly #heard = new Set<string>();

  private constructor(fixture: Fixture, proxy: FaultyProxy, watch: Watch) {
    this.#fixture = fixture;
    this.proxy = proxy;
    this.watch = watch;
    this.hub = new RoomSide(fixture, "lair-hub", "the hub", watch);
    this.hub.onEvent = ({ event, url }) => {
      if (event === "listening") proxy.target = Number(new URL(String(url)).port);
    };
  }

  /** The hub runs, and somebody has made a room. */
  static async begin(
    fixture: Fixture,
    random: SeededRandom,
    founder: string,
    create: object = {},
  ): Promise<RoomPeople> {
    const watch = new Watch();
    const proxy = await FaultyProxy.open(fixture, random, watch);
    const people = new RoomPeople(fixture, proxy, watch);
    people.hub.start("--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log-json");
    const { invite } = await people.hub.until("its invite", () => people.hub.seen("invite"));
    const first = await people.enter(founder, inviteFor(String(invite), { url: proxy.url }));
    const made = await first.side.next("room-created", () =>
      first.side.tell({ command: "create", name: "ops", ...create }),
    );
    people.room = String(made["room"]);
    return people;
  }

  /** Starts a program that joins by an invite or a link, and waits until it is connected. */
  async enter(name: string, invite: string): Promise<Member> {
    const member = new Member(new RoomSide(this.#fixture, "lair-client", name, this.watch), this.#heard);
    this.members.push(member);
    member.side.start("--name", name, "--invite-file", this.#fixture.file(invite));
    await member.side.until("that it is connected", () => member.side.seen("connected"));
    member.side.startsWith("--name", name);
    return member;
  }

  /** A link to the room for so many. */
  async link(uses: number, by = this.members[0]!): Promise<string> {
    const made = await by.side.next("room-link", () =>
      by.side.tell({ command: "room-link", room: this.room, uses, seconds: 3_600 }),
    );
    return String(made["link"]);
  }

  /** Somebody joins by a link, and waits until it is in the room. */
  async join(name: string, link: string): Promise<Member> {
    const member = await this.enter(name, link);
    await member.side.until("that it is in the room", () => member.side.seen("joined"));
    return member;
  }

  /** Waits until `look` finds something; it is asked whenever anything happens. */
  async until<T>(what: string, look: () => T | undefined, patienceMs = PATIENCE_MS): Promise<T> {
    const checked = (): T | undefined => {
      this.check();
      return look();
    };
    return await this.watch.until(what, checked, patienceMs, () =>
      [this.hub, ...this.members.map(({ side }) => side)].map((side) => side.describe()).join("\n"),
    );
  }

  /** The CPU that all programs have used in their present lives, in milliseconds; Infinity where that is not known. */
  get usedMs(): number {
    return [this.hub, ...this.members.map(({ side }) => side)].reduce((sum, side) => sum + side.usedMs, 0);
  }

  /** Throws what a program must not have done. */
  check(): void {
    this.hub.check();
    for (const { side } of this.members) side.check();
  }

  /** SIGKILL, and the next life. */
  async restartHub(): Promise<void> {
    this.proxy.target = undefined;
    await this.hub.kill();
    this.hub.start();
    await this.hub.until("that it listens", () => this.hub.seen("listening"));
  }

  /** What a member keeps of the room. */
  async export(member: Member): Promise<readonly ExportedLine[]> {
    const file = this.#fixture.path("room.jsonl");
    await member.side.next("exported", () => member.side.tell({ command: "export", room: this.room, file }));
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => {
      const { id, seq, text, from } = JSON.parse(line) as ExportedLine;
      return { id, seq, text, from: { fingerprint: from.fingerprint } };
    });
  }

  /** Whose events of a kind in this life say so. */
  seenBy(event: string, where: (event: JsonEvent) => boolean): readonly string[] {
    return this.members.flatMap(({ name, side }) => {
      const found = side.seen(event);
      return found !== undefined && where(found) ? [name] : [];
    });
  }

  /**
   * Each member keeps the same lines, each once, in the same order, and has shown exactly these; all that was printed as
   * queued is among them, and of each life of a writer nothing is left out: what is there of it is how it began. Returns
   * how many there are.
   */
  async checkAgreement(): Promise<number> {
    const [first, ...others] = this.members;
    const lines = await this.export(first!);
    for (const member of others) assert.deepEqual(await this.export(member), lines, `${member.name} has another list`);
    const seqs = lines.map(({ seq }) => seq);
    const texts = lines.map(({ text }) => text);
    assert.equal(new Set(seqs).size, lines.length, "no number is there twice");
    assert.equal(new Set(texts).size, lines.length, "no text is there twice");
    assert.deepEqual(
      seqs,
      seqs.toSorted((one, other) => one - other),
    );
    const ids = new Set(lines.map(({ id }) => id));
    for (const { name, record } of this.members) {
      assert.deepEqual(
        [...record.lines.keys()].toSorted((one, other) => one - other),
        seqs,
        `${name} has shown other lines`,
      );
      for (const { seq, id, text } of lines) {
        const shown = record.lines.get(seq)!;
        assert.deepEqual([shown.id, shown.text ?? text], [id, text], `${name}, number ${seq}`);
      }
      for (const id of record.queued) assert.ok(ids.has(id), `${name}: ${id} was queued and is not in the log`);
      checkSaid(record, texts, name);
    }
    return lines.length;
  }
}

/** Of each life, the lines that are in the log are the first that were said, in their order. */
function checkSaid(record: RoomRecord, log: readonly string[], name: string): void {
  const placeOf = new Map(log.map((text, place) => [text, place]));
  let last = -1;
  for (const [life, texts] of record.said.entries()) {
    const places = texts.map((text) => placeOf.get(text));
    const end = places.indexOf(undefined);
    const there = end < 0 ? places : places.slice(0, end);
    if (end >= 0)
      assert.ok(
        places.slice(end).every((place) => place === undefined),
        `${name}, life ${life}: a line is left out`,
      );
    for (const place of there) {
      assert.ok(place! > last, `${name}, life ${life}: "${log[place!]}" is not in the order in which it was said`);
      last = place!;
    }
  }
}
