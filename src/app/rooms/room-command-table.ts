// The commands about rooms, one row each, as `../command-table.ts` has those about people. A row's `read` turns the words
// behind its name into members; only its `make` checks their values, wherever they came from. At the prompt the room, and
// whom the line names, are added by who parses the line.

import type { JsonSpelling, Row, Spelling } from "../command-row.ts";
import { isWho, isWhole, type Members, oneOf, type Words } from "../command-words.ts";
import type { RoomCommand, RoomLine } from "./room-commands.ts";

interface RoomSpelling extends Spelling {
  /** Where it exists: once a hub is known, or at the prompt of a room only. */
  readonly where: "hub" | "room";
  /** A name must follow first, and becomes the member `who`: of a member of the room, or of anybody. */
  readonly needsWho?: "member" | "anybody";
}

interface RoomRow extends Row<RoomCommand> {
  readonly prompt?: RoomSpelling;
  readonly json?: JsonSpelling;
}

/** Ours: more uses or a later end than anybody needs. */
const MOST_USES = 100_000;
const LONGEST_LINK_S = 366 * 86_400;
const MOST_SHARED_LINES = 10_000;
const ROLES = ["admin", "moderator", "member"] as const;
const SWITCHES: ReadonlyMap<string, string> = new Map([
  ["--listed", "listed"],
  ["--announce", "announce"],
  ["--classic", "classic"],
]);

const ABOUT_MEMBERS = {
  remove: "removes somebody from the room",
  ban: "removes somebody, who cannot come back",
  unban: "lets somebody come back",
} as const;

/** In the order of `help`. */
export const ROOM_ROWS: readonly RoomRow[] = [
  {
    name: "rooms",
    make: () => ({ type: "rooms" }),
    prompt: { where: "hub", help: "your rooms, and those that are listed" },
    json: {},
    doc: "lists your rooms, your invitations, and the rooms that are listed at the hub",
  },
  {
    name: "create",
    make({ name, listed = false, announce = false, classic = false, shareHistory = 0 }) {
      if (!isText(name) || !isWhole(shareHistory, 0, MOST_SHARED_LINES)) return undefined;
      if (!isFlag(listed) || !isFlag(announce) || !isFlag(classic)) return undefined;
      return {
        type: "create",
        name,
        isListed: listed,
        isAnnouncement: announce,
        isClassic: classic,
        sharedLines: shareHistory,
      };
    },
    prompt: {
      where: "hub",
      takes: "NAME",
      read: readCreate,
      usage: "Write a name after create, and then --listed, --announce, --classic or --share-history N.",
      help: "make a room; --listed, --announce, --classic, --share-history N",
    },
    json: {},
    doc: "makes a room; `--listed`: its name is public at the hub; `--announce`: only admins and moderators speak; `--share-history N`: newcomers get the last N lines",
  },
  {
    name: "join",
    make({ name, link }) {
      if (isText(link) && name === undefined) return { type: "join-link", link };
      return isText(name) && link === undefined ? { type: "join", name } : undefined;
    },
    prompt: {
      where: "hub",
      takes: "NAME|LINK",
      read: ({ text }) => (isRoomLink(text) ? { link: text } : { name: unhashed(text) }),
      usage: "Write after join the name of a listed room, or a link to a room.",
      help: "go into a listed room, or into one by its link",
    },
    json: {},
    doc: "asks to be let into a listed room, or goes into a room by its link",
  },
  {
    name: "leave",
    make: ({ room }) => (isWho(room) ? { type: "leave", room } : undefined),
    prompt: { where: "room", help: "leave the room" },
    json: {},
    doc: "leaves the room",
  },
  {
    name: "members",
    make: ({ room }) => (isWho(room) ? { type: "members", room } : undefined),
    prompt: { where: "room", help: "who is in the room" },
    json: {},
    doc: "lists the members: role, and whether they are there",
  },
  {
    name: "invite-to",
    make: ({ room, who }) => (isWho(room) && isWho(who) ? { type: "invite", room, who } : undefined),
    json: {},
    doc: "adds somebody to the room, who then accepts or declines",
  },
  {
    name: "room-link",
    make({ room, uses, seconds }) {
      if (!isWho(room)) return undefined;
      if (uses !== undefined && !isWhole(uses, 1, MOST_USES)) return undefined;
      if (seconds !== undefined && !isWhole(seconds, 1, LONGEST_LINK_S)) return undefined;
      const limits = {
        ...(uses === undefined ? {} : { uses }),
        ...(seconds === undefined ? {} : { expiresInS: seconds }),
      };
      return { type: "link", room, ...limits };
    },
    json: {},
    doc: "makes a link to the room",
  },
  {
    name: "role",
    make({ room, who, role }) {
      const known = ROLES.find((one) => one === role);
      return isWho(room) && isWho(who) && known !== undefined ? { type: "role", room, who, role: known } : undefined;
    },
    prompt: {
      where: "room",
      takes: "PERSON ROLE",
      needsWho: "member",
      read: ({ words }) => (words.length === 1 ? { role: words[0] } : undefined),
      usage: "Write a name after role, and admin, moderator or member.",
      help: "make PERSON admin, moderator or member",
    },
    json: {},
    doc: "makes somebody admin, moderator or member",
  },
  ...(["remove", "ban", "unban"] as const).map((name): RoomRow => ({
    name,
    make: ({ room, who }) => (isWho(room) && isWho(who) ? { type: name, room, who } : undefined),
    prompt: {
      where: "room",
      takes: "PERSON",
      needsWho: name === "unban" ? "anybody" : "member",
      read: ({ words }) => (words.length === 0 ? {} : undefined),
      usage: `Write a name after ${name}; members lists the people.`,
      help: ABOUT_MEMBERS[name],
    },
    json: {},
    doc: ABOUT_MEMBERS[name],
  })),
  {
    name: "topic",
    make: ({ room, topic }) => (isWho(room) && typeof topic === "string" ? { type: "topic", room, topic } : undefined),
    prompt: {
      where: "room",
      takes: "TEXT",
      read: ({ text }) => (text === "" ? undefined : { topic: text }),
      usage: "Write the topic after topic.",
      help: "what the room is about",
    },
    json: {},
    doc: "changes what the room is about",
  },
  ...(["typing", "read"] as const).map((name): RoomRow => ({
    name,
    make: ({ on }) => (isFlag(on) ? { type: "marks", what: name, isOn: on } : undefined),
    prompt: {
      where: "room",
      takes: "on|off",
      read: ({ text }) => oneOf({ on: { on: true }, off: { on: false } }, text),
      usage: `Write on or off after ${name}.`,
      help: name === "typing" ? "whether others see that you type" : "whether others see what you have read",
    },
    json: {},
    doc: name === "typing" ? "whether others see that you type" : "whether others see what you have read",
  })),
  {
    name: "edit",
    make({ room, id, text }) {
      return isWho(room) && isLine(id, true) && isText(text) ? { type: "edit", room, ...lineOf(id), text } : undefined;
    },
    prompt: {
      where: "room",
      takes: "[N] TEXT",
      read: ({ text }) => readLine(text, false),
      usage: "Write after edit the new text of your last line, or the number of a line in front of it.",
      help: "change your last line, or line N; history shows the numbers",
    },
    json: {},
    doc: "changes your last line, or line N as `history` numbers them",
  },
  {
    name: "delete",
    make: ({ room, id }) => (isWho(room) && isLine(id, true) ? { type: "delete", room, ...lineOf(id) } : undefined),
    prompt: {
      where: "room",
      takes: "[N]",
      read: ({ text }) => (text === "" ? {} : /^\d{1,9}$/u.test(text) ? { id: Number(text) } : undefined),
      usage: "Write delete for your last line, or the number of a line behind it.",
      help: "delete your last line, or line N",
    },
    json: {},
    doc: "deletes your last line, or line N",
  },
  {
    name: "reply",
    make({ room, id, text }) {
      if (!isWho(room) || !isLine(id, false) || !isText(text)) return undefined;
      return { type: "reply", room, line: id, text };
    },
    prompt: {
      where: "room",
      takes: "N TEXT",
      read: ({ text }) => readLine(text, true),
      usage: "Write after reply the number of a line, which history shows, and a text.",
      help: "answer line N",
    },
    json: {},
    doc: "answers line N",
  },
  {
    name: "react",
    make({ room, id, emoji }) {
      if (!isWho(room) || !isLine(id, false) || typeof emoji !== "string") return undefined;
      return { type: "react", room, line: id, emoji };
    },
    prompt: {
      where: "room",
      takes: "N EMOJI",
      read({ words: [line = "", emoji = "", ...more] }) {
        if (!/^\d{1,9}$/u.test(line) || emoji === "" || more.length > 0) return undefined;
        return { id: Number(line), emoji: emoji === "off" ? "" : emoji };
      },
      usage: "Write after react the number of a line, which history shows, and an emoji, or off.",
      help: "react to line N; react N off takes it back",
    },
    json: {},
    doc: "reacts to line N; `react N off` takes it back",
  },
  ...(["accept", "decline"] as const).map((name): RoomRow => ({
    name,
    make: ({ room }) => (isWho(room) ? { type: "answer", room, isAccepted: name === "accept" } : undefined),
    json: {},
    doc: name === "accept" ? "goes into a room to which you are invited" : "does not go there",
  })),
  ...(["dm", "follow"] as const).map((name): RoomRow => ({
    name,
    make: ({ who }) => (isWho(who) ? { type: name === "dm" ? "direct" : "follow", who } : undefined),
    prompt: {
      where: "hub",
      takes: "PERSON",
      needsWho: "anybody",
      read: ({ words }) => (words.length === 0 ? {} : undefined),
      usage: `Write a name after ${name}.`,
      help: name === "dm" ? "talk with PERSON alone, through the hub" : "mark what PERSON says in any room",
    },
    json: {},
    doc: name === "dm" ? "talks with somebody alone, through the hub" : "marks what somebody says in any room",
  })),
  {
    name: "feed",
    make: () => ({ type: "feed" }),
    prompt: { where: "hub", help: "your own room for announcements" },
    json: {},
    doc: "opens your own room for announcements, which lets in everybody who asks",
  },
  {
    name: "invisible",
    make: ({ on }) => (isFlag(on) ? { type: "invisible", isOn: on } : undefined),
    prompt: {
      where: "hub",
      takes: "on|off",
      read: ({ text }) => oneOf({ on: { on: true }, off: { on: false } }, text),
      usage: "Write on or off after invisible.",
      help: "whether others see that you are there",
    },
    json: {},
    doc: "whether others see that you are there",
  },
];

/** Whether a text behind `join` is meant as a link; its reader says whether it is one. */
function isRoomLink(text: string): boolean {
  return /^lairs?:\/\//iu.test(text.trim());
}

/** The row of a command about rooms; undefined for any other word. */
export function roomRow(name: string): RoomRow | undefined {
  return ROOM_ROWS.find((row) => row.name === name);
}

function readCreate({ words }: Words): Members | undefined {
  const members: Record<string, unknown> = {};
  const name: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const member = SWITCHES.get(word);
    if (member !== undefined) members[member] = true;
    else if (word === "--share-history") members["shareHistory"] = Number(words[++at]);
    else if (word.startsWith("--")) return undefined;
    else name.push(word);
  }
  return { ...members, name: unhashed(name.join(" ")) };
}

/** The number of a line in front of a text; without one, all of it is text. */
function readLine(text: string, needsNumber: boolean): Members | undefined {
  const [, number, rest = ""] = /^(\d{1,9})(?:\s+([^]*))?$/u.exec(text) ?? [];
  if (number !== undefined) return rest === "" ? undefined : { id: Number(number), text: rest };
  return needsNumber || text === "" ? undefined : { text };
}

function isLine(value: unknown, mayLack: true): value is RoomLine | undefined;
function isLine(value: unknown, mayLack: false): value is RoomLine;
function isLine(value: unknown, mayLack: boolean): boolean {
  return value === undefined ? mayLack : isWho(value) || isWhole(value, 0, Number.MAX_SAFE_INTEGER);
}

function lineOf(line: RoomLine | undefined): { readonly line?: RoomLine } {
  return line === undefined ? {} : { line };
}

function unhashed(text: string): string {
  return text.trim().replace(/^#/u, "");
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}
