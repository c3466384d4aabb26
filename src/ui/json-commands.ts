// Reads a line of input of --json (docs/json.md) as a command. Pure; knows no stream.

import { isWho, type Members } from "../app/command-words.ts";
import { commandRow } from "../app/command-table.ts";
import type { Command } from "../app/events.ts";
import { forRecipient } from "../app/people.ts";
import { roomObjects } from "../app/rooms/room-command-table.ts";

/** Why a line of input is no command. */
interface Fault {
  readonly code: "input-malformed";
  readonly message: string;
}

const MALFORMED: Fault = {
  code: "input-malformed",
  message: 'A line of input is neither {"send":"text"} nor {"command":"status"|"quit"|...}; it changed nothing.',
};

/** A typing error in `to` must not send a line to everybody, or to somebody else. What is no name may be a secret. */
function notTaken(command: string, member: string): Fault {
  const name = /^[a-z]{1,16}$/i.test(member) ? `"${member}"` : "a member";
  return {
    code: "input-malformed",
    message: `A line of input has ${name}, which ${command} does not take; it changed nothing.`,
  };
}

/** The command in a line of input, or what is wrong with the line. */
export function readCommand(line: string): Command | Fault {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return MALFORMED;
  }
  if (!hasMembers(value)) return MALFORMED;
  const { send, command, to, ...members } = value;
  // Half a surrogate pair is not a character, and would be sent as another one. A line of UTF-8 can only have it escaped.
  if (line.includes("\\u") && hasHalfPair(value)) return MALFORMED;
  if (to !== undefined && (typeof to !== "string" || to.trim() === "")) return MALFORMED;
  if ((send === undefined) === (command === undefined)) return MALFORMED;
  if (typeof (send ?? command) !== "string") return MALFORMED;
  if (typeof send === "string") return sayCommand(send, members, to);
  const word = String(command);
  const found = roomCommand(word, members);
  if (found !== undefined) return to === undefined ? found : notTaken(word, "to");
  return peopleCommand(word, members, to);
}

function hasMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasHalfPair(value: object): boolean {
  return Object.values(value).some((member) => typeof member === "string" && /\p{Surrogate}/u.test(member));
}

/** `send`: to a person, or in a room, which `to` may name by a # and its name. */
function sayCommand(text: string, { room, ...members }: Members, to: string | undefined): Command | Fault {
  const extra = Object.keys(members)[0];
  if (extra !== undefined) return notTaken("send", extra);
  if (room === undefined && to?.startsWith("#") !== true) return forRecipient({ type: "say", text }, to);
  if (room !== undefined && to !== undefined) return notTaken("send", "to");
  const named = room ?? to;
  return isWho(named) ? { type: "room", command: { type: "say", room: named, text } } : MALFORMED;
}

/** A command about rooms; undefined if it is another one, perhaps of the same name. */
function roomCommand(word: string, members: Members): Command | Fault | undefined {
  const row = roomObjects().find(({ name }) => name === word);
  if (row === undefined) return undefined;
  const { apart, takes } = row.json;
  if (apart !== undefined && members[apart] === undefined) return undefined;
  const extra = Object.keys(members).find((member) => takes?.includes(member) !== true);
  if (extra !== undefined) return notTaken(word, extra);
  const command = row.make(members);
  return command === undefined ? MALFORMED : { type: "room", command };
}

function peopleCommand(word: string, members: Members, to: string | undefined): Command | Fault {
  const row = commandRow(word, "json");
  if (row === undefined) return MALFORMED;
  const extra = Object.keys(members).find((member) => row.json.takes?.includes(member) !== true);
  if (extra !== undefined) return notTaken(word, extra);
  const made = row.make({ ...members, ...row.json.always });
  if (made === undefined) return MALFORMED;
  const addressed = forRecipient(made, to);
  return to !== undefined && addressed === made ? notTaken(word, "to") : addressed;
}
