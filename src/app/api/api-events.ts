// The events of the API: those of docs/json.md, with what a page must know besides.

import { isoTime } from "../iso-time.ts";
import type { ProgramEvent } from "../events.ts";
import type { RoomReport } from "../rooms/room-reports.ts";
import type { EventObject } from "./event-log.ts";

/** Makes the object of an event as --json has it; undefined for what only a person's screen needs. */
export type ToJson = (event: ProgramEvent) => object | undefined;

/** The object of an event for the API; undefined for what only a person's screen needs. */
export function apiEvent(toJson: ToJson, event: ProgramEvent): EventObject | undefined {
  switch (event.type) {
    case "unread":
      return { event: "unread", conversation: event.conversation, unread: event.unread };
    case "people":
      return { event: "people" };
    case "notice":
      // What --verbose adds, such as the stack of an error.
      return event.detail === true ? undefined : asEvent(toJson(event));
    case "queued":
    case "sent":
      return withSaid(asEvent(toJson(event)), event);
    case "room":
      return roomEvent(toJson, event.report);
    default:
      return asEvent(toJson(event));
  }
}

function roomEvent(toJson: ToJson, report: RoomReport): EventObject | undefined {
  if (report.type === "known-rooms") return { event: "rooms-changed" };
  const object = asEvent(toJson({ type: "room", report }));
  if (report.type !== "queued" && report.type !== "sent") return object;
  return withSaid(object, report);
}

/** Another frontend has not seen what was said. */
function withSaid(
  object: EventObject | undefined,
  { atMs, text, replyTo }: { readonly atMs: number; readonly text: string; readonly replyTo?: string },
): EventObject | undefined {
  if (object === undefined) return undefined;
  return { ...object, at: isoTime(atMs), text, ...(replyTo === undefined ? {} : { replyTo }) };
}

function asEvent(object: object | undefined): EventObject | undefined {
  if (object === undefined) return undefined;
  const members: { readonly event?: unknown } = object;
  return typeof members.event === "string" ? { ...members, event: members.event } : undefined;
}
