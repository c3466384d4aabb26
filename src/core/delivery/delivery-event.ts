// What a delivery reports to the layer above.

import type { MemoryNotice } from "./resume.ts";
import type { NewMessage } from "./store.ts";

export type DeliveryEvent =
  /** Stored: to be sent when there is a session, or passed to one already. */
  | ({ readonly type: "queued" } & NewMessage)
  | ({ readonly type: "sent" } & NewMessage)
  /** A message that was queued, or sent before, as `was` has been passed to a session as `seq`. */
  | { readonly type: "released"; readonly seq: number; readonly was: number; readonly stream?: number }
  | ({ readonly type: "arrived" } & NewMessage)
  /** `stream`: of what is no chat message. */
  | { readonly type: "delivered"; readonly seq: number; readonly stream?: number }
  /** This stream was refused with `stream-full`, and has room for that message now. */
  | { readonly type: "room"; readonly stream: number }
  | ({ readonly type: "memory" } & MemoryNotice);

/**
 * That a message of ours has been passed to a session. Member by member: to copy whatever an event has takes several times
 * as long.
 */
export function sentEvent({ seq, stamp, atMs, message, content, route }: NewMessage): DeliveryEvent {
  const event = { type: "sent" as const, seq, stamp, atMs, message, content };
  return route === undefined ? event : { ...event, route };
}
