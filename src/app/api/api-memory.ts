// What an API remembers of this run of its program: the events, and the lines of conversations that are not kept. It is one of
// the frontends, and is there before the messenger.

import type { ProgramEvent } from "../events.ts";
import type { Onlooker } from "../frontends.ts";
import { isoTime } from "../iso-time.ts";
import { recipientOf } from "../people.ts";
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
  }

  whenTaken(action: () => void): () => void {
    return this.log.whenTaken(action);
  }
}
