// Times, ages, sizes, fingerprints and the ends of sessions, as worded on the screen. Local time, 24 hours. Pure; all
// arguments have passed the sanitiser.

import type { EndReason } from "../app/events.ts";
import { isForThisMachine } from "../core/identity/invite-reach.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;
const DAY_MS = 86_400_000;

/** "14:03" */
export function clockTime(atMs: number): string {
  const date = new Date(atMs);
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

/** "20 Nov 2026" */
export function calendarDate(atMs: number): string {
  const date = new Date(atMs);
  return `${date.getDate()} ${MONTHS[date.getMonth()] ?? "?"} ${date.getFullYear()}`;
}

/** The local midnight before a moment. */
export function startOfDay(atMs: number): number {
  return new Date(atMs).setHours(0, 0, 0, 0);
}

/** What is said beside an invite that leads to this machine only; nothing about another one. */
export function reachPhrase(invite: string): readonly string[] {
  return isForThisMachine(invite) ? ["It works on this machine; for others, start with --listen 0.0.0.0:8080."] : [];
}

/** "today 14:02", "tomorrow 14:02", "22 Nov 2026 14:02" */
export function comingMoment(atMs: number, nowMs: number): string {
  // Plus half a day, because a day with a clock change has 23 or 25 hours.
  const days = Math.floor((startOfDay(atMs) - startOfDay(nowMs) + DAY_MS / 2) / DAY_MS);
  const day = days === 0 ? "today" : days === 1 ? "tomorrow" : calendarDate(atMs);
  return `${day} ${clockTime(atMs)}`;
}

/** "79 s", "3 min", "2 h 5 min", "3 d 4 h" */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** "0.6 ms", "12 ms" */
export function roundTrip(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** "640 B", "18 kB", "2.4 MB" */
export function byteCount(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
  return bytes < 999_500_000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** "1st", "2nd", "11th" */
export function ordinal(count: number): string {
  const tens = count % 100;
  const suffix = tens >= 11 && tens <= 13 ? "th" : (["th", "st", "nd", "rd"][count % 10] ?? "th");
  return `${count}${suffix}`;
}

/** The first four groups of a fingerprint, and a mark for the rest. */
export function shortFingerprint(fingerprint: string, ellipsis: string): string {
  const groups = fingerprint.split(" ");
  return groups.length <= 4 ? fingerprint : `${groups.slice(0, 4).join(" ")} ${ellipsis}`;
}

/** Why a session ended, in a few words; `name` is the peer's. */
export function endPhrase(reason: EndReason, name: string): string {
  switch (reason) {
    case "closed":
      return `${name} left`;
    case "left":
      return "you left";
    case "muted":
    case "forgotten":
      return `the session with ${name} has ended`;
    case "cut":
      return `the link to ${name} was cut`;
    case "shutting-down":
      return `${name} is shutting down`;
    case "busy":
      return `${name} is talking to somebody else`;
    case "replaced":
      return "a newer connection took over";
    case "not-trusted":
      return `${name} did not let you in`;
    case "unable":
      return `${name} could not store something`;
    case "silent":
      return `nothing heard from ${name} for 45 s, the link is lost`;
    case "key-expired":
      return "the keys expired before they were renewed; the session has ended";
    case "failed":
      return "the session has ended";
    case "protocol":
      return `${name} broke the protocol; the session has ended`;
  }
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
