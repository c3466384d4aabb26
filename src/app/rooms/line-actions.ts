// The commands that say something in a room, or search what was said.

import { toHex } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import type { RoomContent } from "../../core/room/room-message.ts";
import { lineView } from "./line-views.ts";
import { type LookCommand, lookedAt } from "./looking.ts";
import { requireDeleting, requireTimer } from "./role-checks.ts";
import type { OpenGroup } from "./room-ground.ts";
import type { Place } from "./room-places.ts";
import type { RoomReport } from "./room-reports.ts";
import type { Outgoing, RoomLine } from "./room-store.ts";
import { tellSignal } from "./signals.ts";
import { isDeleted } from "./taken-message.ts";
import { type ActionParts, type CommandOf } from "./action-parts.ts";

export class LineActions {
  readonly #parts: ActionParts;

  constructor(parts: ActionParts) {
    this.#parts = parts;
  }

  /** Returns what was queued, if it is a line. It is told only while it waits. */
  async say(
    command: CommandOf<"say" | "edit" | "delete" | "reply" | "react" | "timer">,
  ): Promise<RoomReport | undefined> {
    const { places, showing } = this.#parts;
    const place = places.inside(command.room);
    const content = await this.#contentOf(place, command);
    const id = await place.worker.say(content, command.receipt);
    if (!("text" in content) || content.kind === "edit") return undefined;
    const { atMs, text } = content;
    const report = { type: "queued", room: place.worker.view, id: toHex(id), atMs, text } as const;
    if (!place.hub.isHere) showing.tell(report);
    return report;
  }

  async #contentOf(
    place: Place & { readonly group: OpenGroup },
    command: CommandOf<"say" | "edit" | "delete" | "reply" | "react" | "timer">,
  ): Promise<RoomContent> {
    const atMs = this.#parts.clock.now().wallMs;
    const { timerS } = place.worker.room;
    const ttl = timerS === 0 ? {} : { ttlS: timerS };
    if (command.type === "say") return { kind: "text", atMs, text: command.text, ...ttl };
    const { context } = place.group;
    if (command.type === "timer") {
      requireTimer(context, this.#parts.identity);
      return { kind: "timer", atMs, seconds: command.seconds };
    }
    const waiting = command.line === undefined ? place.worker.lastSaid : undefined;
    const line = waiting === undefined ? await this.#parts.places.line(place, command.line) : this.#own(waiting);
    if (command.type === "edit" && !line.isOwn) {
      throw new LairError("group-not-allowed", "You cannot change what others have said.", {
        hint: "Type reply, the number of the line and a text to answer it.",
      });
    }
    if (command.type !== "reply" && isDeleted(line)) {
      throw new LairError("usage", "This line was deleted.", {
        hint: "Type history to see the numbers of the others.",
      });
    }
    const to = toHex(line.id);
    switch (command.type) {
      case "edit":
        return { kind: "edit", atMs, to, text: command.text };
      case "delete":
        requireDeleting(context, this.#parts.identity, line.from);
        return { kind: "delete", atMs, to };
      case "reply":
        return { kind: "reply", atMs, to, text: command.text, ...ttl };
      case "react":
        return { kind: "reaction", atMs, to, reaction: command.emoji };
    }
  }

  /** What was said last is in no log yet: what is about it follows it there. */
  #own({ id, content }: Pick<Outgoing, "id" | "content">): Pick<RoomLine, "id" | "isOwn" | "from" | "content"> {
    return { id, isOwn: true, from: this.#parts.identity, content };
  }

  async look(command: LookCommand): Promise<RoomReport> {
    const { worker } = this.#parts.places.room(command.room);
    return await lookedAt(this.#parts, worker.room.id, worker.view, command);
  }

  /** At the start: the last lines. */
  async remind({ room, view }: Place["worker"], count: number): Promise<void> {
    const { store, showing, names } = this.#parts;
    if (room.standing !== "joined") return;
    const lines = await store.lines(room.id, Number.MAX_SAFE_INTEGER, count);
    const unshown = new Set((await store.unshown(room.id)).map(({ seq }) => seq));
    const views = lines.flatMap((line) => (unshown.has(line.seq) ? [] : lineView({ names, store }, line)));
    const shown = await Promise.all(views);
    if (shown.length > 0) showing.tell({ type: "room-history", room: view, occasion: "start", lines: shown });
  }

  /** Tells the others of a room that the user types, or has read what is shown; if that is wanted. */
  async note({ room, what, line }: CommandOf<"noted">): Promise<void> {
    const { places, clock, store } = this.#parts;
    const place = places.inside(room);
    const { hub, worker } = place;
    const atMs = clock.now().wallMs;
    const { isInvisible, tellsTyping, tellsRead } = hub.settings;
    if (!hub.isHere || isInvisible || !(what === "typing" ? tellsTyping : tellsRead)) return;
    if (what === "typing") return await tellSignal(this.#parts, hub, worker, { kind: "typing", atMs });
    const [last] =
      line === undefined
        ? await store.lines(worker.room.id, Number.MAX_SAFE_INTEGER, 1)
        : [await places.line(place, line)];
    if (last === undefined || last.isOwn) return;
    await tellSignal(this.#parts, hub, worker, { kind: "read", atMs, to: toHex(last.id) });
  }
}
