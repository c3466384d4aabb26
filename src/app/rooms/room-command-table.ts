// The commands about rooms, one row each, as `../command-table.ts` has those about people. A row's `read` turns the words
// behind its name into members; only its `make` checks their values, wherever they came from. At the prompt the room, and
// whom the line names, are added by who parses the line (`room-command-parse.ts`).

import { parseSpan } from "../../core/chat/history.ts";
import { isWho, isWhole, type Members, oneOf, type Words } from "../command-words.ts";
import { LINE_ROWS } from "./room-command-lines.ts";
import {
  isFlag,
  isLine,
  isText,
  lineOf,
  roomNameOf,
  type RoomJsonSpelling,
  type RoomRow,
  type RoomSpelling,
} from "./room-command-row.ts";
import type { RoomCommand } from "./room-commands.ts";

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
  ban: "removes somebody and keeps them out",
  unban: "lets somebody come back",
} as const;

const BEFORE_LINES: readonly RoomRow[] = [
  {
    name: "rooms",
    make: () => ({ type: "rooms" }),
    prompt: { where: "hub", help: "your rooms, and those that are listed" },
    json: {},
    doc: "lists your rooms, your invitations, and the rooms that are listed at the hub",
  },
  {
    name: "create",
    make: makeCreate,
    prompt: {
      where: "hub",
      takes: "NAME",
      read: readCreate,
      usage: "Write a name after create, and then --listed, --announce, --classic or --share-history N.",
      isNearly: (text) => /(?:^|\s)--[a-z]/u.test(text),
      help: "make a room; --listed, --announce, --classic, --share-history N",
    },
    json: { takes: ["name", "listed", "announce", "classic", "shareHistory", "hub"] },
    doc: "makes a room; `--listed`: its name is public at the hub; `--announce`: only admins and moderators speak; `--classic`: without the cryptography that withstands a quantum computer; `--share-history N`: newcomers get the last N lines",
  },
  {
    name: "join",
    make({ name, link, hub }) {
      if (isText(link) && name === undefined && hub === undefined) return { type: "join-link", link };
      const bare = roomNameOf(name);
      if (bare === undefined || link !== undefined || !mayBeHub(hub)) return undefined;
      return { type: "join", name: bare, ...hubOf(hub) };
    },
    prompt: {
      where: "hub",
      takes: "NAME",
      read: ({ text }) => (isRoomLink(text) ? { link: text } : { name: text }),
      usage: "Write after join the name of a listed room, or a link to a room.",
      isNearly: isRoomLink,
      help: "ask to join a listed room, or join one by its link",
    },
    json: { takes: ["name", "link", "hub"] },
    doc: "asks to be let into a listed room, or joins a room by its link (`join lair://…`)",
  },
  ...(["accept", "decline"] as const).map((name): RoomRow => ({
    name,
    make: ({ room }) => (isWho(room) ? { type: "answer", room, isAccepted: name === "accept" } : undefined),
    prompt: {
      where: "hub",
      takes: "#ROOM",
      takesRoom: true,
      usage: `Write after ${name} the room to which you are invited, such as ${name} #ops; rooms lists them.`,
      ...(name === "accept" ? { help: "accept an invitation to a room; or decline #ROOM" } : {}),
    },
    json: { takes: ["room"] },
    doc: name === "accept" ? "accepts an invitation to a room" : "declines an invitation to a room",
  })),
  {
    name: "leave",
    make: ({ room }) => (isWho(room) ? { type: "leave", room } : undefined),
    prompt: { where: "room", takesRoom: true, help: "leave the room" },
    json: { takes: ["room"] },
    doc: "leaves the room",
  },
  {
    name: "members",
    make: ({ room }) => (isWho(room) ? { type: "members", room } : undefined),
    prompt: { where: "room", takesRoom: true, help: "who is in the room" },
    json: { takes: ["room"] },
    doc: "lists the members: role, and whether they are there",
  },
  {
    name: "status",
    make: ({ room }) => (isWho(room) ? { type: "status", room } : undefined),
    prompt: { where: "room", takesRoom: true, help: "the room, who is there, what is waiting" },
    json: { takes: ["room"], apart: "room" },
    doc: "shows the room: members, your role, the hub, what is waiting, and the keys",
  },
  {
    name: "invite",
    make: ({ link, ...members }) =>
      link === true ? makeLink(members) : link === false ? makeRevocation(members) : makeInvite(members),
    prompt: {
      where: "room",
      takes: "PERSON",
      needsWho: "anybody",
      takesWords: true,
      isOwn: (text) => /^link(?:\s+--|\s+off$|$)/u.test(text),
      read: ({ words: [first, ...more] }) => (first === undefined ? {} : first === "link" ? readLink(more) : undefined),
      usage:
        "Write a name after invite; or invite link, followed by --uses N or --expires 7d if you want; or invite link off. /invite alone makes an invite for one more person.",
      isNearly: (text) => /^link\s+--/u.test(text),
      help: "invite PERSON to the room; invite link makes a link, invite link off revokes all",
    },
    doc: "invites somebody to the room, who then accepts or declines; `invite link` makes a link to the room, with `--uses N` and `--expires 7d`; `invite link off` revokes all links",
  },
  {
    name: "invite-to",
    make: makeInvite,
    json: { takes: ["room", "who"] },
    doc: "invites somebody to the room, who then accepts or declines",
  },
  {
    name: "room-link",
    make: makeLink,
    json: { takes: ["room", "uses", "seconds"] },
    doc: "makes a link to the room",
  },
  {
    name: "revoke-links",
    make: makeRevocation,
    json: { takes: ["room"] },
    doc: "revokes all links to the room",
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
    json: { takes: ["room", "who", "role"] },
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
    json: { takes: ["room", "who"] },
    doc: ABOUT_MEMBERS[name],
  })),
  {
    name: "topic",
    make: ({ room, topic }) => (isWho(room) && typeof topic === "string" ? { type: "topic", room, topic } : undefined),
    prompt: {
      where: "room",
      takes: "TEXT",
      takesWords: true,
      read: ({ text }) => (text === "" ? undefined : { topic: text }),
      usage: "Write the topic after topic.",
      help: "what the room is about",
    },
    json: { takes: ["room", "topic"] },
    doc: "changes what the room is about",
  },
  {
    name: "rename",
    make: makeRename,
    prompt: {
      where: "room",
      takes: "NAME",
      read: ({ text }) => (text === "" ? undefined : { name: text }),
      usage: "Write the room's new name after rename.",
      help: "give the room another name",
    },
    doc: "gives the room another name, for everybody",
  },
  {
    name: "rename-room",
    make: makeRename,
    json: { takes: ["room", "name"] },
    doc: "gives the room another name, for everybody",
  },
];

const BEHIND_LINES: readonly RoomRow[] = [
  ...(["dm", "follow"] as const).map((name): RoomRow => ({
    name,
    make: ({ who }) => (isWho(who) ? { type: name === "dm" ? "direct" : "follow", who } : undefined),
    prompt: {
      where: "hub",
      takes: "PERSON",
      needsWho: name === "dm" ? "anybody" : "known",
      read: ({ words }) => (words.length === 0 ? {} : undefined),
      usage: `Write a name after ${name}.`,
      help:
        name === "dm"
          ? "talk with PERSON alone, through the hub"
          : "highlight what PERSON says in any room, or stop that",
    },
    json: { takes: ["who"] },
    doc:
      name === "dm"
        ? "opens a room of two, to talk with somebody alone through the hub"
        : "highlights what somebody says in any room; repeat it to stop",
  })),
  {
    name: "feed",
    make: () => ({ type: "feed" }),
    prompt: { where: "hub", help: "your own room for announcements" },
    json: {},
    doc: "opens your own room for announcements, which admits everybody who asks",
  },
  {
    name: "verify",
    make: ({ who }) => (isWho(who) ? { type: "verify", who } : undefined),
    prompt: {
      where: "hub",
      takes: "PERSON",
      needsWho: "known",
      read: ({ words }) => (words.length === 0 ? {} : undefined),
      usage: "Write a name after verify; members lists the people of a room.",
      help: "the words to compare with PERSON",
    },
    json: { takes: ["who"], apart: "who" },
    doc: "shows the words to compare with somebody of a room who is not paired with you",
  },
  ...(["typing", "read"] as const).map((name): RoomRow => {
    const doc = name === "typing" ? "whether others see that you type" : "whether others see what you have read";
    return {
      name,
      make({ on, room, id }) {
        if (room === undefined)
          return isFlag(on) && id === undefined ? { type: "marks", what: name, isOn: on } : undefined;
        const isNoted = on === undefined && isWho(room) && isLine(id, true);
        return isNoted ? { type: "noted", what: name, room, ...lineOf(id) } : undefined;
      },
      prompt: {
        where: "room",
        isGlobal: true,
        takes: "on/off",
        read: ({ text }) => oneOf({ on: { on: true }, off: { on: false } }, text),
        usage: `Write on or off after ${name}.`,
        help: doc,
      },
      json: { takes: name === "typing" ? ["on", "room"] : ["on", "room", "id"] },
      doc,
    };
  }),
  {
    name: "invisible",
    make: ({ on }) => (isFlag(on) ? { type: "invisible", isOn: on } : undefined),
    prompt: {
      where: "hub",
      takes: "on/off",
      read: ({ text }) => oneOf({ on: { on: true }, off: { on: false } }, text),
      usage: "Write on or off after invisible.",
      help: "whether you are hidden: others then do not see that you are there",
    },
    json: { takes: ["on"] },
    doc: "whether you are hidden: others then do not see that you are there",
  },
];

/** In the order of `help`. */
export const ROOM_ROWS: readonly RoomRow[] = [...BEFORE_LINES, ...LINE_ROWS, ...BEHIND_LINES];

/** The row of a command about rooms; undefined for any other word. */
export function roomRow(name: string): RoomRow | undefined {
  return ROOM_ROWS.find((row) => row.name === name);
}

/** The rows that can be typed, in the order of `help`: all, or those that exist without the prompt of a room too. */
export function roomPrompts(where: RoomSpelling["where"]): (RoomRow & { readonly prompt: RoomSpelling })[] {
  return ROOM_ROWS.filter((row): row is RoomRow & { readonly prompt: RoomSpelling } => {
    return row.prompt !== undefined && (where === "room" || row.prompt.where === "hub");
  });
}

/** The rows of --json, in the same order. */
export function roomObjects(): (RoomRow & { readonly json: RoomJsonSpelling })[] {
  return ROOM_ROWS.filter((row): row is RoomRow & { readonly json: RoomJsonSpelling } => row.json !== undefined);
}

function makeCreate(members: Members): RoomCommand | undefined {
  const { name, listed = false, announce = false, classic = false, shareHistory = 0, hub } = members;
  const bare = roomNameOf(name);
  if (bare === undefined || !isWhole(shareHistory, 0, MOST_SHARED_LINES) || !mayBeHub(hub)) return undefined;
  if (!isFlag(listed) || !isFlag(announce) || !isFlag(classic)) return undefined;
  return {
    type: "create",
    name: bare,
    isListed: listed,
    isAnnouncement: announce,
    isClassic: classic,
    sharedLines: shareHistory,
    ...hubOf(hub),
  };
}

function makeInvite({ room, who }: Members): RoomCommand | undefined {
  return isWho(room) && isWho(who) ? { type: "invite", room, who } : undefined;
}

function makeLink({ room, uses, seconds }: Members): RoomCommand | undefined {
  if (!isWho(room)) return undefined;
  if (uses !== undefined && !isWhole(uses, 1, MOST_USES)) return undefined;
  if (seconds !== undefined && !isWhole(seconds, 1, LONGEST_LINK_S)) return undefined;
  const limits = { ...(uses === undefined ? {} : { uses }), ...(seconds === undefined ? {} : { expiresInS: seconds }) };
  return { type: "link", room, ...limits };
}

function makeRevocation({ room }: Members): RoomCommand | undefined {
  return isWho(room) ? { type: "revoke-links", room } : undefined;
}

function makeRename({ room, name }: Members): RoomCommand | undefined {
  const bare = roomNameOf(name);
  return isWho(room) && bare !== undefined ? { type: "rename", room, name: bare } : undefined;
}

function mayBeHub(hub: unknown): hub is string | undefined {
  return hub === undefined || isWho(hub);
}

function hubOf(hub: string | undefined): { readonly hub?: string } {
  return hub === undefined ? {} : { hub };
}

/** Whether a text behind `join` is meant as a link; its reader says whether it is one. */
function isRoomLink(text: string): boolean {
  return /^lairs?:\/\//iu.test(text.trim());
}

/** Words with their values; a name may have several words. Undefined for a switch that is not known. */
function readCreate({ words }: Words): Members | undefined {
  const members: Record<string, unknown> = {};
  const name: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const member = SWITCHES.get(word);
    if (member !== undefined) members[member] = true;
    else if (word === "--share-history") members["shareHistory"] = Number(words[++at]);
    else if (word === "--hub") members["hub"] = words[++at];
    else if (word.startsWith("--")) return undefined;
    else name.push(word);
  }
  return { ...members, name: name.join(" ") };
}

/** The limits of a link; or that there is to be none. */
function readLink(words: readonly string[]): Members | undefined {
  if (words.length === 1 && words[0] === "off") return { link: false };
  const members: Record<string, unknown> = { link: true };
  for (let at = 0; at < words.length; at += 2) {
    const value = words[at + 1] ?? "";
    if (words[at] === "--uses") members["uses"] = Number(value);
    else if (words[at] === "--expires") members["seconds"] = (parseSpan(value) ?? Number.NaN) / 1000;
    else return undefined;
  }
  return members;
}
