// What an API remembers of this run of its program: the events, and the lines of conversations that are not kept. It is one of
// the frontends, and is there before the messenger.

import type { ProgramEvent } from "../events.ts";
import type { Onlooker } from "../frontends.ts";
import { apiEvent, type ToJson } from "./api-events.ts";
import { EventLog } from "./event-log.ts";
import { RecentLines } from "./recent-lines.ts";

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
  /** After how many seconds lines of a conversation disappear; set by the API, which knows. */
  timerOf: (conversation: string) => number = () => 0;

  constructor({ run, toJson, nowMs }: ApiMemoryOptions) {
    this.log = new EventLog({ run, toObject: (event) => apiEvent(toJson, event) });
    this.recent = new RecentLines({ nowMs, timerOf: (conversation) => this.timerOf(conversation) });
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
