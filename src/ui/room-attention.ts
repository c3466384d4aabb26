// What a prompt tells of its user while it is at a room: that a line is being typed, and that what was shown has been read.
// Both at most every few seconds. Whether others are told is a setting of the user, which the rooms know. Knows the time
// only by the clock that it is handed.

import type { ProgramEvent } from "../app/events.ts";
import type { RoomCommand } from "../app/rooms/room-commands.ts";
import type { KnownRoom } from "../app/rooms/room-reports.ts";

/** Ours: others believe it for a little longer (`prompt-state.ts`). */
const TYPING_EVERY_MS = 4_000;
const READ_EVERY_MS = 2_000;

interface AttentionParts {
  /** The room that the prompt is at, if it is at one and the user sees it now. */
  readonly room: () => KnownRoom | undefined;
  readonly nowMs: () => number;
  /** Calls back once; the function that it returns stops it. */
  readonly setTimer: (ms: number, action: () => void) => () => void;
  readonly command: (command: RoomCommand) => void;
}

export class RoomAttention {
  readonly #parts: AttentionParts;
  #typedAtMs = Number.NEGATIVE_INFINITY;
  #readAtMs = Number.NEGATIVE_INFINITY;
  /** The rooms with lines that nobody has been told of. */
  readonly #unread = new Set<string>();
  #stopTimer: (() => void) | undefined;

  constructor(parts: AttentionParts) {
    this.#parts = parts;
  }

  /** The line has changed; `text`: as it is now. */
  typed(text: string): void {
    const room = this.#room;
    const isSaid = text.trim() !== "" && !/^[/@]/u.test(text.trim());
    if (room === undefined || !isSaid || this.#parts.nowMs() < this.#typedAtMs + TYPING_EVERY_MS) return;
    this.#typedAtMs = this.#parts.nowMs();
    this.#parts.command({ type: "noted", what: "typing", room: room.id });
  }

  /** A line was entered: the next letter is of another one, and the prompt may be at another room. */
  entered(): void {
    this.#typedAtMs = Number.NEGATIVE_INFINITY;
    this.#tell();
  }

  /** An event was shown. */
  shown(event: ProgramEvent): void {
    if (event.type !== "room") return;
    if (event.report.type === "message") this.#unread.add(event.report.room.id);
    this.#tell();
  }

  close(): void {
    this.#stopTimer?.();
  }

  /** Nobody is told anything of a room in which the user is not. */
  get #room(): KnownRoom | undefined {
    const room = this.#parts.room();
    return room?.standing === "joined" ? room : undefined;
  }

  #tell(): void {
    const room = this.#room;
    if (room === undefined || !this.#unread.has(room.id) || this.#stopTimer !== undefined) return;
    const waitMs = this.#readAtMs + READ_EVERY_MS - this.#parts.nowMs();
    if (waitMs > 0) {
      this.#stopTimer = this.#parts.setTimer(waitMs, () => {
        this.#stopTimer = undefined;
        this.#tell();
      });
      return;
    }
    this.#readAtMs = this.#parts.nowMs();
    this.#unread.delete(room.id);
    this.#parts.command({ type: "noted", what: "read", room: room.id });
  }
}
