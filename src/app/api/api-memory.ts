// What an API remembers of this run of its program: the events, and the lines of conversations that are not kept. It is one of
// the frontends, and is there before the messenger.

import type { PeerView } from "../../core/identity/peer-view.ts";
import type { ProgramEvent } from "../events.ts";
import type { Onlooker } from "../frontends.ts";
import { isoTime } from "../iso-time.ts";
import { recipientOf } from "../people.ts";
import type { RoomReport } from "../rooms/room-reports.ts";
import { apiEvent, type ToJson } from "./api-events.ts";
import { EventLog, type EventObject } from "./event-log.ts";
import { RecentLines } from "./recent-lines.ts";

/** When the line disappears that an event is about. */
function expiryOf(event: ProgramEvent, recent: RecentLines): number | undefined {
  switch (event.type) {
    case "message":
      return recent.expiresAtMs(recipientOf(event.peer), "peer", event.seq);
    case "delivered":
      return recent.expiresAtMs(recipientOf(event.peer), "you", event.seq);
    case "room":
      return event.report.type === "message" || event.report.type === "sent" ? event.report.expiresAtMs : undefined;
    default:
      return undefined;
  }
}

function withExpiry(object: EventObject | undefined, expiresAtMs: number | undefined): EventObject | undefined {
  return object === undefined || expiresAtMs === undefined ? object : { ...object, expires: isoTime(expiresAtMs) };
}

/** The events that have the text of a line. */
const WITH_TEXT: ReadonlySet<string> = new Set(["message", "queued", "sent", "edited", "shared-history"]);

interface ApiMemoryOptions {
  /** Of this run of the program: 1 to 32 random letters and digits. */
  readonly run: string;
  /** That of --json. */
  readonly toJson: ToJson;
  readonly nowMs: () => number;
}

export class ApiMemory implements Onlooker {
  readonly log: EventLog;
  readonly recent: RecentLines;
  /** Under which number a line was queued, by its conversation and its number now; until it is delivered. */
  readonly #was = new Map<string, number>();

  constructor({ run, toJson, nowMs }: ApiMemoryOptions) {
    this.recent = new RecentLines({ nowMs });
    this.log = new EventLog({
      run,
      nowMs,
      toObject: (event) => withExpiry(apiEvent(toJson, event), expiryOf(event, this.recent)),
    });
  }

  /** The lines first: who is told of one may ask for all. */
  show(event: ProgramEvent): void {
    this.recent.note(event);
    this.log.show(event);
    this.#clear(event);
  }

  whenTaken(action: () => void): () => void {
    return this.log.whenTaken(action);
  }

  /** What was deleted is not told again, nor one's own line that has disappeared. */
  #clear(event: ProgramEvent): void {
    switch (event.type) {
      case "released":
        this.#was.set(`${recipientOf(event.peer)} ${event.seq}`, event.was);
        break;
      case "delivered":
        this.#clearDelivered(event);
        break;
      case "forgotten":
      case "peer-forgotten":
        this.log.empty((one) => WITH_TEXT.has(one.event) && isWith(one, event.peer));
        break;
      case "room":
        this.#clearInRoom(event.report);
        break;
      default:
    }
  }

  #clearDelivered({ peer, seq }: Extract<ProgramEvent, { type: "delivered" }>): void {
    const key = `${recipientOf(peer)} ${seq}`;
    const first = this.#was.get(key) ?? seq;
    this.#was.delete(key);
    const expiresAtMs = this.recent.expiresAtMs(recipientOf(peer), "you", seq);
    if (expiresAtMs === undefined) return;
    this.log.emptyNewestAt(expiresAtMs, (one) => isSaid(one) && one["seq"] === first && isWith(one, peer));
  }

  #clearInRoom(report: RoomReport): void {
    if (report.type === "deleted") {
      const { id } = report;
      this.log.empty((one) => WITH_TEXT.has(one.event) && one["id"] === id && one["room"] === report.room.id);
    }
    if (report.type === "room-forgotten") {
      this.log.empty((one) => WITH_TEXT.has(one.event) && one["room"] === report.room.id);
    }
  }
}

/** What one has said oneself, with its text. */
function isSaid({ event, text }: EventObject): boolean {
  return (event === "queued" || event === "sent") && text !== undefined;
}

/** Whether an event is about this person. */
function isWith({ peer }: EventObject, { fingerprint }: PeerView): boolean {
  return typeof peer === "object" && peer !== null && "fingerprint" in peer && peer.fingerprint === fingerprint;
}
