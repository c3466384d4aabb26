// What the rows of the commands about rooms have in common, and the checks of their members. Pure.

import type { JsonSpelling, Row, Spelling } from "../command-row.ts";
import { isWho, isWhole, type Members } from "../command-words.ts";
import type { RoomCommand, RoomLine } from "./room-commands.ts";

export interface RoomSpelling extends Spelling {
  /** Where it exists: once a hub is known, or at the prompt of a room only. */
  readonly where: "hub" | "room";
  /** It concerns all rooms, although it exists in a room only. */
  readonly isGlobal?: true;
  /**
   * A name must follow first, and becomes the member `who`: of a member of the room, of anybody whom one of the rooms or
   * the list of people has, or also a name that only the hub knows.
   */
  readonly needsWho?: "member" | "known" | "anybody";
  /** Several words may follow it even without a slash. */
  readonly takesWords?: true;
  /** Whether a text is an argument of the command itself, and so nobody's name. */
  readonly isOwn?: (text: string) => boolean;
  /** Whether a line that begins so is meant as a command, although it lacks something. */
  readonly isNearly?: (text: string) => boolean;
  /** A room may stand behind it, in place of the one that the prompt is at. */
  readonly takesRoom?: true;
}

export interface RoomJsonSpelling extends JsonSpelling {
  /** Where a command about people has the same name: the member that only this one has. */
  readonly apart?: "room" | "who";
}

export interface RoomRow extends Row<RoomCommand> {
  readonly prompt?: RoomSpelling;
  readonly json?: RoomJsonSpelling;
}

export function isLine(value: unknown, mayLack: true): value is RoomLine | undefined;
export function isLine(value: unknown, mayLack: false): value is RoomLine;
export function isLine(value: unknown, mayLack: boolean): boolean {
  return value === undefined ? mayLack : isWho(value) || isWhole(value, 0, Number.MAX_SAFE_INTEGER);
}

export function lineOf(line: RoomLine | undefined): { readonly line?: RoomLine } {
  return line === undefined ? {} : { line };
}

/** A room's name without its mark and its quotation marks; undefined if nothing is left, or if it is no text. */
export function roomNameOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const bare = value.trim().replace(/^#/u, "").trim();
  return bare.replace(/^"([^"]*)"$/u, "$1").trim() || undefined;
}

export function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

export function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** The number of a line, as it is typed. */
export const LINE_NUMBER = /^\d{1,9}$/u;

/** The number of a line in front of a text; without one, all of it is text. */
export function readLine(text: string, needsNumber: boolean): Members | undefined {
  const [, number, rest = ""] = /^(\d{1,9})(?:\s+([^]*))?$/u.exec(text) ?? [];
  if (number !== undefined) return rest === "" ? undefined : { id: Number(number), text: rest };
  return needsNumber || text === "" ? undefined : { text };
}

/** The roles of a room's members, as they stand behind "is" in a sentence. */
export const ROLE_PHRASES = { admin: "an admin", moderator: "a moderator", member: "a plain member" } as const;
