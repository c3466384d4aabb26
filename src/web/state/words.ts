// The words of the page, where the terminal has the same: states, times, people who type. Pure; names have passed the
// sanitiser.

import type { ConversationJson, MessageJson, StatusJson } from "../../app/api/views.ts";
import { calendarDate, clockTime, startOfDay } from "../../ui/phrases.ts";
import { exactSpan } from "../../ui/retention-phrases.ts";
import { isSaying } from "./timeline.ts";

/** Delivery is the normal case; only what takes longer is mentioned, as at the prompt. */
const PATIENCE_MS = 2_000;
const DAY_MS = 86_400_000;
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

/** "waiting", "not sent", or nothing: it is delivered, or on its way for less than two seconds. */
export function stateOfLine(line: MessageJson, kind: ConversationJson["kind"], nowMs: number): string {
  if (line.state === undefined || line.state === "delivered" || line.deleted === true) return "";
  if (line.state === "refused") return "not sent";
  // A room's log has taken it: there is nothing to wait for.
  if (line.state === "sent" && kind !== "person") return "";
  return nowMs - Date.parse(line.at) < PATIENCE_MS ? "" : "waiting";
}

/** When the state of a line changes by itself, if it does. */
export function stateChangesAtMs(line: MessageJson, nowMs: number): number | undefined {
  const isOpen = isSaying(line) || line.state === "waiting" || line.state === "sent";
  const atMs = Date.parse(line.at) + PATIENCE_MS;
  return isOpen && atMs > nowMs ? atMs : undefined;
}

/** "today", "yesterday", "Monday", "20 Nov 2026" */
export function dayPhrase(atMs: number, nowMs: number): string {
  const days = Math.round((startOfDay(nowMs) - startOfDay(atMs)) / DAY_MS);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days > 1 && days < 7) return WEEKDAYS[new Date(atMs).getDay()] ?? "";
  return calendarDate(atMs);
}

/** In a list: "14:03", "Mon", "20 Nov 2026" */
export function shortWhen(atMs: number, nowMs: number): string {
  const day = dayPhrase(atMs, nowMs);
  if (day === "Today") return clockTime(atMs);
  return day.endsWith("day") && day !== "Yesterday" ? day.slice(0, 3) : day.replace(/ \d{4}$/, "");
}

/** "20 Nov 2026 14:03" */
export function wholeWhen(atMs: number): string {
  return `${calendarDate(atMs)} ${clockTime(atMs)}`;
}

/** What the prompt says of a conversation beside its name: "offline, 3 waiting". */
export function standingPhrase(conversation: ConversationJson, typing: readonly string[]): string {
  const { room, state, waiting } = conversation;
  if (room?.standing === "invited") return "invited";
  if (room?.standing === "over") return "no longer a member";
  const [first, ...others] = typing;
  const parts = [
    ...(room?.standing === "waiting" ? ["waiting to be let in"] : []),
    ...(state === "connected" ? [] : [state === "connecting" ? "connecting" : "offline"]),
    ...(waiting === 0 ? [] : [`${waiting} waiting`]),
    ...(first === undefined ? [] : [others.length === 0 ? `${first} types` : `${typing.length} type`]),
  ];
  return parts.join(", ");
}

/** "1 person", "12 people" */
export function peopleCount(count: number): string {
  return count === 1 ? "1 person" : `${count} people`;
}

/** "lines disappear after 10 min" */
export function timerWords(seconds: number): string {
  return seconds === 0 ? "off" : exactSpan(seconds * 1000);
}

/** What a program calls itself, for sentences. */
export function programName(status: StatusJson | undefined): string {
  return status?.program ?? "Lair";
}
