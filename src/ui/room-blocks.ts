// The longer answers about rooms: rooms, members, who. Rows of a label and a value. Pure; returns logical lines, which the
// view paints and wraps.

import type { KnownRoom, MemberView, RoomStatus, RoomView } from "../app/rooms/room-reports.ts";
import { duration, shortFingerprint } from "./phrases.ts";
import { exactSpan, lineCount } from "./retention-phrases.ts";
import { ROLE_PHRASES } from "../app/rooms/room-command-row.ts";
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
      ...(room.isDirect === true ? [room.people.length < 2 ? "the other one has left" : "the two of you alone"] : []),
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

/** The answer to `status`; `read`: who has read one's own last line, worded. */
export function statusBlock(
  room: RoomView,
  status: RoomStatus,
  read: string | undefined,
  nowMs: number,
  spell: RoomBlockSpelling,
): BlockRow[] {
  const { hub, inside, standing, waiting, timerS } = status;
  const between = ` ${spell.dot} `;
  const link = [
    spell.line(hub.name),
    shortFingerprint(spell.line(hub.fingerprint), spell.ellipsis),
    hub.isConnected ? "connected" : "not connected",
  ];
  const timer = timerS === 0 ? [] : [`lines disappear after ${exactSpan(timerS * 1000)}`];
  return [
    { label: "room", value: [spell.room(room), ...kindPhrases(status)].join(between) },
    ...(inside === undefined || inside.topic === "" ? [] : [{ label: "topic", value: spell.line(inside.topic) }]),
    ...(inside === undefined ? [] : [{ label: "with", value: peoplePhrases(inside, standing).join(between) }]),
    { label: "hub", value: link.join(between) },
    { label: "messages", value: [waiting === 0 ? "nothing waits" : `${waiting} waiting`, ...timer].join(between) },
    ...(read === undefined ? [] : [{ label: "read", value: read }]),
    ...(inside === undefined ? [] : [{ label: "keys", value: keysPhrases(inside, nowMs).join(between) }]),
  ];
}

type Inside = NonNullable<RoomStatus["inside"]>;

function kindPhrases({ standing, inside }: RoomStatus): readonly string[] {
  if (standing === "over") return ["you are no longer in it"];
  if (standing === "invited") return ["you are invited"];
  if (inside === undefined) return ["not ready yet"];
  if (inside.kind === "direct") return ["for the two of you alone"];
  return inside.kind === "announcement" ? ["only admins and moderators speak"] : [];
}

function peoplePhrases(
  { kind, members, online, role, links, sharedLines }: Inside,
  standing: RoomStatus["standing"],
): readonly string[] {
  const there = online === undefined ? "" : `, ${online} there`;
  const count = members === 1 ? "1 person" : `${members} people`;
  if (kind === "direct" || standing === "invited") return [`${count}${there}`];
  const newcomers = sharedLines === 0 ? [] : [`newcomers get the last ${lineCount(sharedLines)}`];
  const open = links === 0 ? [] : [links === 1 ? "1 open link" : `${links} open links`];
  return [`${count}${there}`, `you are ${ROLE_PHRASES[role]}`, ...open, ...newcomers];
}

function keysPhrases({ suite, epoch, renewedAtMs }: Inside, nowMs: number): readonly string[] {
  const own = renewedAtMs === 0 ? "yours are to be renewed" : `yours renewed ${duration(nowMs - renewedAtMs)} ago`;
  const kind = suite === "hybrid" ? "withstand a quantum computer" : "classic";
  return [`changed ${epoch === 1 ? "once" : `${epoch} times`} in this room`, own, kind];
}

function memberPhrase({ role, isOnline, isSelf, fingerprint }: MemberView, spell: RoomBlockSpelling): string {
  const here = isSelf === true ? "you" : isOnline ? "there" : "away";
  return [role, here, shortFingerprint(spell.line(fingerprint), spell.ellipsis)].join(` ${spell.dot} `);
}

function standingPhrase({ standing, isAway, people }: KnownRoom, typed: string): string {
  if (standing === "invited") return `you are invited: accept ${typed}, or decline ${typed}`;
  if (standing === "waiting") return "not ready yet";
  if (standing === "over") return "you are no longer in it";
  const count = people.length === 1 ? "1 person" : `${people.length} people`;
  return isAway === true ? `${count}, hub not connected` : count;
}
