// Showing what happens in rooms, and noting in the store what the output has confirmed.

import { toHex } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import { errorEvent } from "../frontend.ts";
import { reportOfLine } from "./line-views.ts";
import type { RoomParts } from "./room-ground.ts";
import type { RoomNames } from "./room-names.ts";
import type { RoomReport, RoomView } from "./room-reports.ts";
import type { RoomLine, StoredNotice } from "./room-store.ts";

interface ShowingParts extends Pick<RoomParts, "store" | "show" | "clock"> {
  readonly names: RoomNames;
  /** Whether the user follows somebody, by the signature key in hex. */
  readonly follows: (signatureKey: string) => boolean;
  /** Calls back once the output has confirmed every report so far, or can never confirm them. */
  readonly whenTaken: (action: (isTaken: boolean) => void) => void;
  readonly answer?: (report: RoomReport) => void;
}

const MINUTE_MS = 60_000;
/** Ours. */
const MOST_WRONG = 100;

/** What was shown of a room: the last number, and notices by id. */
interface Shown {
  readonly room: Uint8Array;
  seq: number;
  readonly notices: Uint8Array[];
}

export class RoomShowing {
  readonly #parts: ShowingParts;
  /** By room in hex: what was shown, and is not confirmed yet. */
  readonly #shown = new Map<string, Shown>();
  /** When this was told last, by the monotonic clock. */
  readonly #wrong = new Map<string, number>();
  #state: "idle" | "waiting" = "idle";

  constructor(parts: ShowingParts) {
    this.#parts = parts;
  }

  /** What somebody's program does wrong is told once a minute: it may do it as often as it likes. */
  tell(report: RoomReport): void {
    if (report.type === "not-followed" && !this.#isDue(`${report.room.id} ${report.by.fingerprint} ${report.why}`))
      return;
    this.#parts.show(report);
  }

  /** Shows a report to the one that has asked. */
  answer(report: RoomReport): void {
    const { answer, show } = this.#parts;
    (answer ?? show)(report);
  }

  #isDue(what: string): boolean {
    const nowMs = this.#parts.clock.now().monotonicMs;
    for (const [key, atMs] of this.#wrong) if (nowMs - atMs >= MINUTE_MS) this.#wrong.delete(key);
    if (this.#wrong.has(what) || this.#wrong.size >= MOST_WRONG) return false;
    this.#wrong.set(what, nowMs);
    return true;
  }

  /** Shows something that is stored. `again`: it may have been shown before. */
  async line(room: RoomView, line: RoomLine, again: boolean): Promise<void> {
    const report = await reportOfLine(this.#parts, room, line);
    if (report !== undefined) this.tell(marked(report, again));
    const shown = this.#of(line.room);
    shown.seq = Math.max(shown.seq, line.seq);
    this.#confirm();
  }

  /** Shows a notice that is stored. `again`: it may have been shown before. */
  notice({ room, id, report }: StoredNotice, again = false): void {
    this.tell(marked(report, again));
    this.#of(room).notices.push(id);
    this.#confirm();
  }

  /** `id`: of the line that was not sent. */
  error(error: unknown, room?: RoomView, id?: Uint8Array): void {
    // A disk that fails does so at each turn.
    if (error instanceof LairError && error.kind === "store" && !this.#isDue(`store ${error.code}`)) return;
    this.tell(errorReport(error, room, id));
  }

  #of(room: Uint8Array): Shown {
    const shown = this.#shown.get(toHex(room)) ?? { room, seq: -1, notices: [] };
    this.#shown.set(toHex(room), shown);
    return shown;
  }

  #confirm(): void {
    if (this.#state === "waiting") return;
    this.#state = "waiting";
    const shown = [...this.#shown.values()];
    this.#shown.clear();
    this.#parts.whenTaken((isTaken) => {
      this.#state = "idle";
      if (!isTaken) return;
      for (const { room, seq, notices } of shown) {
        // What is not noted is shown again at the next start.
        this.#parts.store.shown(room, seq, notices).catch(() => {});
      }
      if (this.#shown.size > 0) this.#confirm();
    });
  }
}

/** `id`: of the line that was not sent. */
export function errorReport(error: unknown, room?: RoomView, id?: Uint8Array): RoomReport {
  const { code, message, details, hint } = errorEvent(error);
  return {
    type: "room-error",
    ...(room === undefined ? {} : { room }),
    code,
    message: details === undefined || details.length === 0 ? message : [message, ...details].join(" "),
    ...(hint === undefined ? {} : { hint }),
    ...(id === undefined ? {} : { id: toHex(id) }),
  };
}

function marked(report: RoomReport, again: boolean): RoomReport {
  return again ? { ...report, again } : report;
}
