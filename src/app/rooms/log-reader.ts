// Reads a room's log: what each entry does to the room, the group and the lines, as one step for the store, and the
// reports that follow once it is stored. An entry that breaks the rules changes nothing; the other members skip it as
// well.
//
//   in the group ─► lost     a commit was missed, or the own state is older than the log (a restored home)
//        ▲           │
//        └───────────┘       the own external commit comes back in the log

import { equalInConstantTime, toHex } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import type { TakenCommit, TakenMessage, TakenRemoval } from "../../core/room/group-crypto.ts";
import {
  afterEntry,
  compareMark,
  decodeLogView,
  decodeMark,
  encodeLogView,
  type LogMark,
  type LogView,
} from "../../core/room/log-hash.ts";
import { decodeRoomMessage } from "../../core/room/room-message.ts";
import type { LogEntry } from "./following.ts";
import { lineNumber } from "./line-views.ts";
import { noticeReports } from "./notice-reports.ts";
import type { PeopleMet } from "./people-met.ts";
import { memberWithKey, memberWithSignatureKey, type OpenGroup, openGroup, type RoomParts } from "./room-ground.ts";
import type { RoomNames } from "./room-names.ts";
import type { RoomReport, RoomView } from "./room-reports.ts";
import type { Outgoing, Pin, RoomLine, RoomStep, StoredRoom } from "./room-store.ts";
import { effectOf, type Said } from "./taken-message.ts";

/** The last time that a Date can have: a hub may say any. */
const LATEST_MS = 8.64e15;

interface ReaderParts extends Pick<RoomParts, "groups" | "store" | "clock" | "suite" | "identity"> {
  readonly names: RoomNames;
  readonly people: Pick<PeopleMet, "meet">;
}

/** What is told once a step is stored: a line, or a notice that comes with the entry of this number. */
type Told =
  | { readonly line: RoomLine; readonly seq: number }
  | { readonly report: (room: RoomView) => RoomReport; readonly seq: number };

/** What came of reading. */
interface Reading {
  readonly step: RoomStep & { readonly room: StoredRoom };
  readonly group: OpenGroup | undefined;
  readonly told: readonly Told[];
  /** The own commit that has come back, and is applied. */
  readonly applied: boolean;
}

/** Reads entries in their order; then {@link LogReader.reading} has the step. */
export class LogReader {
  readonly #parts: ReaderParts;
  readonly #outgoing: ReadonlyMap<string, Outgoing>;
  #room: StoredRoom;
  #group: OpenGroup | undefined;
  #log: LogView;
  readonly #lines: RoomLine[] = [];
  readonly #changed: NonNullable<RoomStep["changed"]>[number][] = [];
  readonly #sent: Uint8Array[] = [];
  readonly #pins: Pin[] = [];
  readonly #told: Told[] = [];
  /** What is told of wrong entries: whose, and what. */
  readonly #wrong = new Set<string>();
  #applied = false;

  /** `outgoing`: what waits, by the id of its entry in hex. */
  constructor(
    parts: ReaderParts,
    room: StoredRoom,
    group: OpenGroup | undefined,
    outgoing: ReadonlyMap<string, Outgoing>,
  ) {
    this.#parts = parts;
    this.#room = room;
    this.#group = group;
    this.#outgoing = outgoing;
    this.#log = decodeLogView(room.log);
  }

  get reading(): Reading {
    const step = {
      room: { ...this.#room, state: this.#group?.state ?? this.#room.state, log: encodeLogView(this.#log) },
      lines: this.#lines,
      changed: this.#changed,
      sent: this.#sent,
      pins: this.#pins,
    };
    return { step, group: this.#group, told: this.#told, applied: this.#applied };
  }

  /** Whether the next entries cannot be read in this step: the member is out. */
  get isOver(): boolean {
    return this.#room.standing === "over";
  }

  /** Reads one entry; one that was read before changes nothing. Throws LairError store-* only. */
  async take(entry: LogEntry): Promise<void> {
    const { next } = this.#room;
    if (entry.seq < next || entry.seq === Number.MAX_SAFE_INTEGER || this.isOver) return;
    if (entry.seq > next) {
      this.#tell((room) => ({ type: "missing", room }));
      // A commit may be among what is missing.
      if (this.#room.standing === "joined" || this.#room.standing === "leaving") this.#change({ lost: "gap" });
    }
    this.#log = afterEntry((data) => this.#parts.suite.hash.hash(data), this.#log, entry);
    this.#change({ next: entry.seq + 1 });
    if (entry.type === "commit") await this.#commit(entry);
    if (entry.type === "message" && !(await this.#wasRead(entry))) await this.#message(entry);
  }

  /** The hub has lost what came after it, and it is read a second time. */
  async #wasRead({ id, seq }: LogEntry): Promise<boolean> {
    return (await this.#lineOf(id))?.seq === seq;
  }

  #change(change: Partial<StoredRoom>): void {
    this.#room = { ...this.#room, ...change };
  }

  /** Something is of an epoch whose keys are not here. If entries are missing, that is why. */
  #lose(): void {
    this.#change({ lost: this.#room.lost ?? "epoch" });
  }

  // --- commits ------------------------------------------------------------------------------------------------------

  async #commit(entry: LogEntry): Promise<void> {
    const { pending } = this.#room;
    this.#change({ commits: entry.seq + 1 });
    if (pending !== undefined && this.#isSelf(entry.poster) && equalInConstantTime(pending.id, entry.id)) {
      return await this.#own(entry, pending);
    }
    // A hub takes a commit only from somebody who has read the last one: the pending one is stale.
    this.#change({ pending: undefined });
    const group = this.#group;
    if (group === undefined || entry.epoch < group.epoch) return;
    // One's own that is not known here: the store is an older copy of itself, and lacks what led there.
    if (this.#isSelf(entry.poster)) return this.#change({ lost: "gap" });
    if (entry.epoch > group.epoch) return this.#lose();
    const taken = await this.#attempt(entry, () => this.#parts.groups.take(group.state, entry.bytes));
    if (taken === undefined) return;
    if (taken.kind === "message") return await this.#notFollowed(entry, "a line instead of a change");
    await this.#mark(decodeMark(taken.authenticatedData), taken.sender);
    if (taken.kind === "removed") return await this.#removed(taken);
    // What seemed to be of a later epoch was of none: the log goes on from here.
    if (this.#room.lost === "epoch") this.#change({ lost: undefined });
    await this.#moved(taken);
  }

  /** One's own commit has come back: only now it is applied. */
  async #own(entry: LogEntry, pending: NonNullable<StoredRoom["pending"]>): Promise<void> {
    this.#change({ pending: undefined });
    const isFirst = this.#group === undefined;
    const state = pending.isExternal ? undefined : this.#group?.state;
    const taken = await this.#attempt(entry, () => this.#parts.groups.applyOwn(state, pending.pending, entry.bytes));
    if (taken === undefined) return;
    this.#applied = true;
    const renewed = pending.renews || pending.isExternal ? { renewedAtMs: this.#parts.clock.now().wallMs } : {};
    this.#change({ ...renewed, lost: undefined });
    if (pending.isExternal) {
      const standing = this.#room.standing === "leaving" ? "leaving" : "joined";
      this.#change({ since: Number(taken.after.epoch), standing, link: undefined });
      if (isFirst) this.#change({ first: entry.seq });
      this.#group = undefined;
    }
    const told = pending.isExternal
      ? [(room: RoomView): RoomReport => ({ type: isFirst ? "joined" : "came-back", room })]
      : undefined;
    await this.#moved(taken, told);
  }

  async #moved(taken: TakenCommit, told?: readonly ((room: RoomView) => RoomReport)[]): Promise<void> {
    const before = this.#group;
    this.#group = await openGroup(this.#parts.groups, taken.state);
    // A room of two has no name of its own: that of the other one is kept, who may be gone later.
    if (this.#group.context.kind !== "direct") this.#change({ name: this.#group.context.name });
    if (this.#group.view.roster.length > 1) this.#change({ madeFor: undefined });
    for (const { who, how } of before === undefined ? everybody(this.#group) : newcomersOf(taken)) {
      await this.#meet(who, how);
    }
    const { name } = this.#room;
    const reports = told ?? (await noticeReports(taken, this.#parts.names));
    for (const report of reports) this.#tell(inRoomCalled(name, report));
  }

  async #removed({ sender, before }: TakenRemoval): Promise<void> {
    const { names, identity } = this.#parts;
    const [by, who] = await Promise.all([names.view(sender), names.view(identity)]);
    const wasLeaving = before !== undefined && this.#room.standing === "leaving";
    this.#change({ standing: "over", pending: undefined, state: undefined });
    this.#group = undefined;
    if (this.#room.isUnwanted === true) return;
    this.#tell((room) => (wasLeaving ? { type: "left", room } : { type: "removed", room, who, by }));
  }

  // --- messages -----------------------------------------------------------------------------------------------------

  async #message(entry: LogEntry): Promise<void> {
    if (this.#isSelf(entry.poster)) return await this.#ownMessage(entry);
    const group = this.#group;
    if (group === undefined || entry.epoch < this.#room.since) return;
    if (entry.epoch > group.epoch) return this.#lose();
    const taken = await this.#attempt(entry, () => this.#parts.groups.take(group.state, entry.bytes));
    if (taken === undefined) return;
    if (taken.kind !== "message") return await this.#notFollowed(entry, "a change instead of a line");
    this.#group = { ...group, state: taken.state };
    const isKnown = (await this.#lineOf(entry.id)) !== undefined;
    const problem = isKnown ? "a line with the id of another one" : this.#problemOf(entry, taken);
    if (problem !== undefined) return await this.#notFollowed(entry, problem);
    await this.#said(entry, taken.sender, taken.plaintext, false);
  }

  /** MLS gives nobody the key of an own message: what was said is in the store. */
  async #ownMessage(entry: LogEntry): Promise<void> {
    if (this.#sent.some((id) => equalInConstantTime(id, entry.id))) return;
    const said = this.#outgoing.get(toHex(entry.id));
    if (said === undefined) {
      // The store is an older copy of itself: its message keys were used already.
      this.#change({ renewedAtMs: 0 });
      return this.#tell((room) => ({ type: "missing", room }));
    }
    this.#sent.push(said.id);
    if (said.sealed !== undefined && !equalInConstantTime(said.sealed.bytes, entry.bytes)) {
      return this.#tell((room) => changedByHub(room));
    }
    await this.#said(entry, this.#parts.identity, said.content, true);
  }

  #problemOf({ id, poster }: LogEntry, { sender, authenticatedData }: TakenMessage): string | undefined {
    if (!equalInConstantTime(sender.publicKey, poster)) return "a line in the name of somebody else";
    if (!equalInConstantTime(authenticatedData, id)) return "a line that was posted before";
    if (memberWithSignatureKey(this.#group!, toHex(sender.signatureKey)) === undefined) {
      return "a line after they were removed";
    }
    return undefined;
  }

  async #said(entry: LogEntry, from: PublicIdentity, bytes: Uint8Array, isOwn: boolean): Promise<void> {
    const decoded = await this.#attempt(entry, async () => decodeRoomMessage(bytes));
    if (decoded === undefined) return;
    if (!isOwn) await this.#mark(decoded.log, from);
    const { content } = decoded;
    const { seq, id } = entry;
    const atMs = Math.min(entry.atMs, LATEST_MS);
    if (content.kind === "unknown") {
      const by = await this.#parts.names.view(from);
      return this.#tell((room) => ({
        type: "unknown-message",
        room,
        id: toHex(id),
        seq: lineNumber(seq),
        from: by,
        kind: content.name,
      }));
    }
    // A signal has no place in the log.
    if (content.kind === "typing" || content.kind === "read" || this.#group === undefined) return;
    const nowMs = this.#parts.clock.now().wallMs;
    const { id: room, first } = this.#room;
    const said: Said = { room, seq, id, from, isOwn, atMs, nowMs, content };
    const effect = await effectOf(said, { group: this.#group, first, lineOf: (of) => this.#lineOf(of) });
    if (effect.type === "refused") return await this.#notFollowed(entry, effect.why);
    if (effect.type === "nothing") return;
    this.#lines.push(effect.line);
    for (const line of effect.shared ?? []) if ((await this.#lineOf(line.id)) === undefined) this.#lines.push(line);
    if (effect.changed !== undefined) this.#changed.push(effect.changed);
    if (effect.timerS !== undefined) this.#change({ timerS: effect.timerS });
    // Who leaves does not hear the others any more.
    if (isOwn || this.#room.standing !== "leaving") this.#told.push({ line: effect.line, seq });
  }

  async #lineOf(id: Uint8Array): Promise<RoomLine | undefined> {
    const here = this.#lines.find((line) => equalInConstantTime(line.id, id));
    const line = here ?? (await this.#parts.store.line(this.#room.id, id));
    // What this step changes is not stored yet.
    const changed = this.#changed.findLast((one) => equalInConstantTime(one.id, id));
    return line === undefined ? undefined : { ...line, ...changed };
  }

  // --- people -------------------------------------------------------------------------------------------------------

  async #meet(who: PublicIdentity, how: Pin["how"]): Promise<void> {
    if (this.#isSelf(who.publicKey)) return;
    const { pin, alarm } = await this.#parts.people.meet(who, how);
    if (pin !== undefined) {
      this.#pins.push(pin);
      this.#parts.names.learn(pin);
    }
    if (alarm === undefined) return;
    const view = await this.#parts.names.view(who);
    this.#tell((room) => ({ type: "key-changed", room, who: view }));
  }

  /** Compares what somebody says of the log. */
  async #mark(mark: LogMark | undefined, from: PublicIdentity): Promise<void> {
    if (mark === undefined) return;
    const { verdict, view } = compareMark((data) => this.#parts.suite.hash.hash(data), this.#log, mark);
    this.#log = view;
    const key = toHex(from.signatureKey);
    if (verdict !== "differs" || this.#room.disagreeing.includes(key)) return;
    this.#change({ disagreeing: [...this.#room.disagreeing, key] });
    const by = await this.#parts.names.view(from);
    this.#tell((room) => ({ type: "log-differs", room, by }));
  }

  #isSelf(key: Uint8Array): boolean {
    return equalInConstantTime(key, this.#parts.identity.publicKey);
  }

  #tell(report: (room: RoomView) => RoomReport): void {
    this.#told.push({ report, seq: this.#room.next - 1 });
  }

  /** What cannot be opened or is not allowed is skipped, and told; undefined then. */
  async #attempt<Result>(entry: LogEntry, action: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await action();
    } catch (error) {
      // A damaged store is no fault of the poster's.
      if (!(error instanceof LairError) || error.kind === "store") throw error;
      await this.#notFollowed(entry, whyOf(error));
      return undefined;
    }
  }

  async #notFollowed({ poster }: LogEntry, why: string): Promise<void> {
    const member = this.#group === undefined ? undefined : memberWithKey(this.#group, poster);
    if (member === undefined) return;
    // It may do it as often as it likes: once in each step is enough.
    const what = `${toHex(member.publicKey)} ${why}`;
    if (this.#wrong.has(what)) return;
    this.#wrong.add(what);
    const by = await this.#parts.names.view(member);
    this.#tell((room) => ({ type: "not-followed", room, by, why }));
  }
}

/** What is told of a change names the room as it was called then: it may have another name by the end of the step. */
function inRoomCalled(name: string, told: (room: RoomView) => RoomReport): (room: RoomView) => RoomReport {
  return (room) => told(room.isDirect === true ? room : { ...room, name });
}

type Newcomers = readonly { readonly who: PublicIdentity; readonly how: Pin["how"] }[];

function everybody({ view }: OpenGroup): Newcomers {
  return view.roster.map((who) => ({ who, how: { kind: "present" } }));
}

function newcomersOf({ sender, proposals }: TakenCommit): Newcomers {
  if (sender.kind === "newcomer") return [{ who: sender, how: { kind: "link" } }];
  const by = sender.publicKey;
  return proposals.flatMap((one) => (one.kind === "add" ? [{ who: one.who, how: { kind: "added", by } }] : []));
}

function changedByHub(room: RoomView): RoomReport {
  const message = "The hub has changed a line of yours, so nobody can read it.";
  const hint = "Say it again. If it happens again, the hub lies: ask its operator, or use another one.";
  return { type: "room-error", room, code: "hub-lost-entries", message, hint };
}

/** A clause for a person. */
function whyOf({ code, message }: LairError): string {
  if (code === "group-refused") return /refused: (.*)\.$/u.exec(message)?.[1] ?? "the rules forbid it";
  if (code === "group-identity") return "somebody's keys would have been replaced";
  return "it cannot be opened or read";
}
