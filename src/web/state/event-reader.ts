// Reads the members of events (docs/json.md). They come from our own program, but a later one may add and change: whatever
// is not as expected is absent. Pure.

import type { ApiEvent } from "../../app/api/api.ts";
import type { PersonJson } from "../../app/api/views.ts";

export type EventObject = ApiEvent["event"];

export function textOf(event: EventObject, member: string): string | undefined {
  const value = event[member];
  return typeof value === "string" ? value : undefined;
}

export function numberOf(event: EventObject, member: string): number | undefined {
  const value = event[member];
  return typeof value === "number" ? value : undefined;
}

export function personOf(event: EventObject, member: string): PersonJson | undefined {
  const value = event[member];
  if (typeof value !== "object" || value === null) return undefined;
  if (!("name" in value) || typeof value.name !== "string") return undefined;
  if (!("fingerprint" in value) || typeof value.fingerprint !== "string") return undefined;
  const isSelf = "self" in value && value.self === true;
  return { name: value.name, fingerprint: value.fingerprint, ...(isSelf ? { self: true as const } : {}) };
}

/** The conversation that an event is about. */
export function conversationOf(event: EventObject): string | undefined {
  const id = textOf(event, "room") ?? textOf(event, "conversation");
  if (id !== undefined) return id;
  return personOf(event, "peer")?.fingerprint.replaceAll(" ", "");
}

/** The id of the line that an event is about, in its conversation; `side`: whose line it is, with a person. */
export function lineOf(event: EventObject, side: "in" | "out"): string | undefined {
  const id = textOf(event, "id");
  if (textOf(event, "room") !== undefined) return id;
  const seq = numberOf(event, "seq");
  return seq === undefined ? undefined : `${side}-${seq}`;
}
