// The longer answers about rooms: rooms, members, who. Rows of a label and a value. Pure; returns logical lines, which the
// view paints and wraps.

import type { KnownRoom, MemberView, RoomView } from "../app/rooms/room-reports.ts";
import { shortFingerprint } from "./phrases.ts";
import type { BlockRow } from "./text-rows.ts";

/** How a block writes things: its separators, and names and other text made safe. */
export interface RoomBlockSpelling {
  readonly dot: string;
  readonly ellipsis: string;
  line(raw: string): string;
  /** "#ops" */
  room(room: RoomView): string;
  /** How a line can name the room. */
  typed(room: RoomView): string;
  /** The name of somebody in a room, which nobody else has there. */
  member(who: MemberView, room: RoomView): string;
  unreadIn(id: string): number;
}

/** A line for each room. */
export function roomsBlock(rooms: readonly KnownRoom[], spell: RoomBlockSpelling): BlockRow[] {
  return rooms.map((room) => {
    const unread = spell.unreadIn(room.id);
    const parts = [
      standingPhrase(room, spell.typed(room)),
      ...(room.isDirect === true ? ["the two of you alone"] : []),
      ...(unread === 0 ? [] : [`${unread} unread`]),
    ];
    return { label: spell.room(room), value: parts.join(` ${spell.dot} `) };
  });
}

/** The answer to `rooms`. */
export function roomsAnswer(
  rooms: readonly KnownRoom[],
  listed: readonly string[],
  spell: RoomBlockSpelling,
): BlockRow[] {
  const names = listed.map((name) => spell.room({ id: "", name })).join(", ");
  const listing = names === "" ? [] : [{ label: "listed", value: `${names}: join NAME asks to be let in` }];
  return [...roomsBlock(rooms, spell), ...listing];
}

/** The answer to `members`. */
export function membersBlock(
  room: RoomView,
  topic: string,
  members: readonly MemberView[],
  spell: RoomBlockSpelling,
): BlockRow[] {
  const about = topic === "" ? [] : [{ label: "topic", value: spell.line(topic) }];
  return [...about, ...members.map((one) => ({ label: spell.member(one, room), value: memberPhrase(one, spell) }))];
}

function memberPhrase({ role, isOnline, isSelf, fingerprint }: MemberView, spell: RoomBlockSpelling): string {
  const here = isSelf === true ? "you" : isOnline ? "there" : "away";
  return [role, here, shortFingerprint(spell.line(fingerprint), spell.ellipsis)].join(` ${spell.dot} `);
}

function standingPhrase({ standing, isAway, people }: KnownRoom, typed: string): string {
  if (standing === "invited") return `you are invited: accept ${typed}, or decline ${typed}`;
  if (standing === "waiting") return "not ready yet";
  if (standing === "over") return "you are out of it";
  const count = people.length === 1 ? "1 person" : `${people.length} people`;
  return isAway === true ? `${count}, hub not connected` : count;
}
