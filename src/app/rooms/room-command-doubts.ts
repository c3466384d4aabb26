// Recognises lines that were probably meant as a command about a room, but would be said there. A question costs one
// Enter. Pure.

import { isObject } from "../near-commands.ts";
import { nearlyNamed } from "../near-names.ts";
import { commandFrom, usageOf } from "../command-row.ts";
import { nameInSentence, quotedName } from "../../core/identity/quoted-name.ts";
import { clearNameInSentence, meantAtStart, namedAtStart, recipientOf } from "../people.ts";
import { clearRoomName, everybody, roomAtStart, type RoomPlace } from "./room-command-names.ts";
import { nobodyCalled, roomPrompt, whomItMayName } from "./room-command-parse.ts";
import { aboutRoomOfTwo } from "./room-command-private.ts";
import type { RoomRow, RoomSpelling } from "./room-command-row.ts";

/** Words behind create, rename and join that are still a name. */
const MOST_OF_A_NAME = 4;

type PromptRow = RoomRow & { readonly prompt: RoomSpelling };

/** What to tell somebody whose line begins as a command about rooms; undefined: it is a sentence, or it begins otherwise. */
export function doubtAboutRoomLine(
  word: string,
  args: readonly string[],
  rest: string,
  place: RoomPlace,
): string | undefined {
  if (args.length === 0) return undefined;
  const row = roomPrompt(word, place.rooms);
  if (row === undefined) return word === "to" && args.length === 1 ? turnElsewhere(rest, place) : undefined;
  const isSentence = isObject(args[0]!) || /[.!?]$/u.test(rest);
  return row.prompt.needsWho === undefined
    ? doubtAboutWords(row, args, rest, isSentence)
    : doubtAboutSomebody(row, args, rest.replace(/^@/u, ""), isSentence, place);
}

/** The same for `@#ROOM` and a line: only what is a command of rooms there, and would be said to all. */
export function doubtInRoomAside(trimmed: string, place: RoomPlace): string | undefined {
  const { rooms } = place.rooms;
  const named = roomAtStart(trimmed.slice(2), rooms);
  if (named === undefined || /^[/@]|[\n\r\u2028\u2029]/u.test(named.rest)) return undefined;
  const inside = { ...place, rooms: { ...place.rooms, at: named.room } };
  const [word = "", ...args] = named.rest.split(/\s+/u);
  if (roomPrompt(word, inside.rooms)?.prompt.where !== "room") return undefined;
  const doubt = doubtAboutRoomLine(word, args, named.rest.slice(word.length).trim(), inside);
  return doubt?.replace("Did you mean ", `Did you mean @${clearRoomName(named.room, rooms)} `);
}

/** "to ops", where a room is called so; "to carol", who is known by rooms only. */
function turnElsewhere(rest: string, { rooms, people }: RoomPlace): string | undefined {
  const room = roomAtStart(rest, rooms.rooms);
  if (room?.rest === "") return `Did you mean to ${clearRoomName(room.room, rooms.rooms)}?`;
  const known = everybody(people, rooms);
  const person = namedAtStart(rest, known);
  return person?.rest === "" ? aboutRoomOfTwo(person.peer, known) : undefined;
}

function doubtAboutSomebody(
  row: PromptRow,
  args: readonly string[],
  text: string,
  isSentence: boolean,
  place: RoomPlace,
): string | undefined {
  const { name: word, prompt } = row;
  const people = whomItMayName(prompt, place);
  const meant = meantAtStart(text, people);
  if (meant.length > 1) return nobodyCalled(text, { word }, prompt, place);
  if (isSentence) return undefined;
  const [named] = meant;
  if (named !== undefined)
    return `Was that a command about ${nameInSentence(named.peer.name)}? ${usageOf(row, prompt)}`;
  const near = nearlyNamed(text, people).find(({ peer, rest }) => isTaken(row, recipientOf(peer), rest));
  if (near !== undefined)
    return `Did you mean ${[word, clearNameInSentence(near.peer, people), near.rest].join(" ").trim()}?`;
  const isCommand = args.length === 1 || isTaken(row, "somebody", args.slice(1).join(" "));
  return isCommand && prompt.needsWho !== "anybody" ? nobodyCalled(text, { word }, prompt, place) : undefined;
}

function isTaken(row: PromptRow, who: string, behind: string): boolean {
  const words = behind.split(/\s+/u).filter((one) => one !== "");
  return commandFrom(row, row.prompt, { words, text: behind }, { who, room: "#" }) !== undefined;
}

function doubtAboutWords(
  row: PromptRow,
  args: readonly string[],
  rest: string,
  isSentence: boolean,
): string | undefined {
  if (isSentence) return undefined;
  const { name: word, prompt } = row;
  const takesName = word === "create" || word === "rename" || word === "join";
  if (takesName && args.length > 1 && args.length <= MOST_OF_A_NAME) return `Did you mean ${word} ${quotedName(rest)}?`;
  return args.length === 1 ? usageOf(row, prompt) : undefined;
}
