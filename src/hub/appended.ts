// The answer to an attempt to append to a room's log: the number, or a refusal.

import { CallRefused } from "./refused.ts";
import type { Appended, RoomQuota, Use } from "./store.ts";

/** Ours: when to try again if the room is full: acknowledged entries go within a minute. */
const FULL_RETRY_MS = 60_000;

const FULL: { readonly [Of in keyof RoomQuota]: string } = {
  entries: "The room is full: the hub cannot store more until the members have read its entries.",
  bytes: "The room is full: the hub cannot store more until the members have read its entries.",
  posterEntries: "You have sent a lot to this room. Wait until its members have read it.",
  posterBytes: "You have sent a lot to this room. Wait until its members have read it.",
};

/** The number of the entry. Throws CallRefused. */
export function seqOf(appended: Appended): number {
  switch (appended.type) {
    case "appended":
    case "already":
      return appended.seq;
    case "stale":
    case "name-taken":
      throw new CallRefused(appended.type);
    case "full":
      throw new CallRefused("full", { retryAfterMs: FULL_RETRY_MS, sentence: FULL[appended.of] });
    case "no-link":
      throw new CallRefused(`link-${appended.use}`);
    case "no-seat":
    case "unknown-room":
      throw new CallRefused("no-room");
  }
}

/** Throws CallRefused unless a link is good. */
export function requireUse(use: Use): void {
  if (use !== "used") throw new CallRefused(`link-${use}`);
}
