// The last lines of rooms that a frontend has shown: what a reply quotes, and what a later edit or deletion changes on the
// screen. Knows no screen. Raw text.

import type { AnsweredLine, PersonView, RoomView } from "../app/rooms/room-reports.ts";

export interface RoomLine {
  readonly id: string;
  readonly room: RoomView;
  readonly from: PersonView;
  /** Undefined: it is not in the log yet. */
  readonly seq: number | undefined;
  readonly atMs: number;
  readonly text: string;
  readonly replyTo?: string | undefined;
  /** That line, as it was when this one came. */
  readonly answered?: AnsweredLine | undefined;
  readonly isFollowed?: true | undefined;
  readonly isEdited?: true | undefined;
  /** By whom. */
  readonly deletedBy?: PersonView;
  /** Whether the prompt was at its room when it was shown: its name is then left out. */
  readonly isHere: boolean;
}

/** More than any screen has. */
const MOST_LINES = 500;

export class RoomLines {
  readonly #lines = new Map<string, RoomLine>();

  get(id: string): RoomLine | undefined {
    return this.#lines.get(id);
  }

  put(line: RoomLine): RoomLine {
    this.#lines.set(line.id, line);
    const [oldest] = this.#lines.keys();
    if (this.#lines.size > MOST_LINES && oldest !== undefined) this.#lines.delete(oldest);
    return line;
  }

  /** The line as it is from now on; undefined if it is not here. */
  change(id: string, change: Partial<RoomLine>): RoomLine | undefined {
    const line = this.#lines.get(id);
    if (line === undefined) return undefined;
    const changed = { ...line, ...change };
    this.#lines.set(id, changed);
    return changed;
  }
}
