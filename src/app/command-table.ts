// The commands of both programs, one row each. The prompt (`commands.ts`), the arguments (`../cli/subcommand.ts`) and
// --json (`../ui/json-lines.ts`) use this table, and `help`, --help and the tables in README.md, docs/usage.md and
// docs/cli.md are generated from it (test/documented-commands.ts). A row's readers (`command-words.ts`) turn words into
// members; only its `make` checks their values, wherever they came from.

import type { ArgumentSpelling, JsonSpelling, Row, Spelling } from "./command-row.ts";
import {
  HISTORY_LINES,
  isSpan,
  isTwo,
  isWho,
  isWhole,
  MOST_HISTORY_LINES,
  oneOf,
  readCount,
  readSearch,
  readSpan,
  readSwitches,
} from "./command-words.ts";
import type { Command } from "./events.ts";

export { commandFrom, labelOf, type ProgramName, usageOf } from "./command-row.ts";

export interface PromptSpelling extends Spelling {
  /**
   * A peer's name may stand in front of the other words: with `@`, or, where it cannot be taken for something else,
   * without. `told`: without it too where there are several people, and the user is told how else the line could be meant.
   */
  readonly aboutPeer?: "marked" | "plain" | "told";
  /**
   * A peer's name must follow, or that of somebody who was introduced, and becomes the member `who`; without one the line is
   * sent as a message.
   */
  readonly needsPeer?: true | "introduced";
  /** The names of two peers must follow, and become the member `who`; without them the line is sent as a message. */
  readonly needsTwo?: true;
  /** With fewer than two people the line is sent as a message. */
  readonly needsSeveral?: true;
  /** What to tell the user at the client's prompt, if the command exists only at the server's. */
  readonly atServer?: string;
  /** Nobody says this word by itself, so several words may follow it even without a slash. */
  readonly takesWords?: true;
  /** Whether a text is an argument of the command itself, and so nobody's name. */
  readonly isOwn?: (text: string) => boolean;
  /** Whether one word after it makes the line a mistyped command, although the command does not take that word. */
  readonly isNearly?: (argument: string) => boolean;
  /** It is about a pairing, and so it may name a hub as well, in which nothing is said. */
  readonly mayBeHub?: true;
  /** Whatever follows it, the line is meant as a command. */
  readonly isNeverSaid?: true;
}

interface CommandRow extends Row<Command> {
  readonly prompt?: PromptSpelling;
  /** As an argument, the command runs without a connection. */
  readonly argument?: ArgumentSpelling;
  readonly json?: JsonSpelling;
}

const FORGET_PEER_SWITCHES = { "with-history": "history", yes: "confirmed" };

/** In the order of `help`. */
const COMMANDS = [
  {
    name: "to",
    make: ({ who }) => (isWho(who) ? { type: "select", who } : undefined),
    prompt: {
      takes: "NAME",
      needsPeer: true,
      takesWords: true,
      read: ({ words }) => (words.length === 0 ? {} : undefined),
      usage: "Write a name after to; who lists the people.",
      help: "switch the prompt to NAME; @NAME TEXT says one line to NAME",
    },
    doc: "switches the prompt to somebody else; `@NAME TEXT` says one line to NAME",
  },
  {
    name: "all",
    make({ text, confirmed }) {
      return typeof text === "string" && text.trim() !== ""
        ? { type: "say-all", text, confirmed: confirmed === true }
        : undefined;
    },
    prompt: {
      takes: "TEXT",
      needsSeveral: true,
      takesWords: true,
      read: ({ text }) => ({ text }),
      usage: "Write a text after all.",
      help: "say TEXT to everybody; asks first",
    },
    json: { takes: ["text"], always: { confirmed: true } },
    doc: "says TEXT to everybody; asks first",
  },
  {
    name: "who",
    make: () => ({ type: "who" }),
    prompt: { help: "your conversations: who is there, what is waiting" },
    json: {},
    doc: "lists the conversations: state, waiting, unread, last seen",
  },
  {
    name: "status",
    make: () => ({ type: "status" }),
    prompt: { aboutPeer: "plain", help: "who you are talking to, the connection, the keys" },
    json: {},
    doc: "shows the connection, the keys, what is waiting, and what is kept",
  },
  {
    name: "verify",
    make: ({ compared }) => ({ type: "verify", compared: compared === true }),
    prompt: {
      mayBeHub: true,
      aboutPeer: "plain",
      read: ({ text }) => oneOf({ "": { compared: false }, done: { compared: true } }, text),
      isOwn: (text) => text === "done",
      usage: "Type verify to see the words, and verify done once you have compared them.",
      help: "the words to compare; then verify done",
    },
    json: { always: { compared: false } },
    doc: "shows the words to compare; `verify done` records that they matched",
  },
  {
    name: "compared",
    make: () => ({ type: "verify", compared: true }),
    json: {},
    doc: "records that the words matched",
  },
  {
    name: "peers",
    make: () => ({ type: "peers" }),
    prompt: { mayBeHub: true, aboutPeer: "plain", help: "the people you are paired with" },
    json: {},
    doc: "lists the people you are paired with; `peers NAME` only that one",
  },
  {
    name: "rename",
    make: ({ name }) => (typeof name === "string" ? { type: "rename", name } : undefined),
    prompt: {
      mayBeHub: true,
      aboutPeer: "marked",
      takes: "NAME",
      // Quotation marks say where a name ends; they are not part of it.
      read: ({ words }) => (words.length > 0 ? { name: words.join(" ").replace(/^"([^"]+)"$/u, "$1") } : undefined),
      usage: "Write the new name after rename.",
      help: "call your peer NAME, on your side",
    },
    json: { takes: ["name"] },
    doc: "gives your peer another name, on your side only",
  },
  {
    name: "invite",
    make: () => ({ type: "invite" }),
    prompt: { atServer: "Invites are made at the prompt of lair-server.", help: "make an invite for one more person" },
    json: {},
    doc: "makes an invite for one more person",
  },
  {
    name: "trust",
    make: ({ who }) =>
      typeof who === "string" ? { type: "trust", who: who.replaceAll(" ", "").toLowerCase() } : undefined,
    prompt: {
      atServer: "Keys are accepted at the prompt of lair-server.",
      takes: "START",
      // In base32, so that "trust me" is sent as a message.
      read({ words }) {
        const who = words.join("").toLowerCase();
        return /^[a-z2-7]{8,32}$/u.test(who) ? { who } : undefined;
      },
      usage: "Write the start of the fingerprint after trust: eight letters and digits or more.",
      isNearly: (argument) => /^(?=.*\d)[a-z2-7]{4,7}$/iu.test(argument),
      help: "accept the key whose fingerprint starts with START",
    },
    json: { takes: ["who"] },
    doc: "accepts a key under a psk file, by the start of its fingerprint (eight characters or more)",
  },
  {
    name: "history",
    make({ count = HISTORY_LINES }) {
      return isWhole(count, 1, MOST_HISTORY_LINES) ? { type: "history", count } : undefined;
    },
    prompt: {
      aboutPeer: "plain",
      takes: "N",
      read: readCount,
      usage: `Type history, or history and a number from 1 to ${MOST_HISTORY_LINES}.`,
      isOwn: (text) => /^\d+$/.test(text),
      isNearly: (argument) => /^\d+$/.test(argument),
      help: `the last N lines of the history (default ${HISTORY_LINES})`,
    },
    argument: {
      takes: "[N]",
      read: readCount,
      usage: `history takes a number from 1 to ${MOST_HISTORY_LINES}, or nothing.`,
      help: `the last N lines (default ${HISTORY_LINES})`,
    },
    json: { takes: ["count"] },
    doc: `shows the last N lines of the history (default ${HISTORY_LINES}, at most ${MOST_HISTORY_LINES})`,
  },
  {
    name: "search",
    make: ({ words }) => (typeof words === "string" ? { type: "search", words } : undefined),
    prompt: {
      aboutPeer: "told",
      takes: "WORDS",
      read: readSearch,
      usage: "Write after search what to look for.",
      takesWords: true,
      help: "the lines that contain all these words",
    },
    argument: {
      takes: "WORDS...",
      read: readSearch,
      usage: "search takes the words to look for.",
      help: "the lines that contain all these words",
    },
    json: { takes: ["words"] },
    doc: "shows the lines of the history that contain all these words",
  },
  {
    name: "export",
    make: ({ file }) => (typeof file === "string" && file !== "" ? { type: "export", file } : undefined),
    prompt: {
      aboutPeer: "marked",
      takes: "FILE",
      read: ({ text }) => ({ file: text }),
      usage: "Write after export the name of a file that does not exist yet.",
      help: "write the history as JSON to a new file",
    },
    argument: {
      takes: "FILE",
      // A shell has its own way to write a blank.
      read: ({ words }) => (words.length === 1 ? { file: words[0] } : undefined),
      usage: "export takes the name of one file that does not exist yet.",
      help: "write every line as a JSON object to a new file (mode 0600)",
    },
    json: { takes: ["file"] },
    doc: "writes every line of the history as a JSON object to a new file (mode 0600)",
  },
  {
    name: "forget",
    make: ({ confirmed }) => ({ type: "forget", confirmed: confirmed === true }),
    prompt: {
      aboutPeer: "plain",
      read: ({ text }) => oneOf({ "": { confirmed: false }, yes: { confirmed: true } }, text),
      isOwn: (text) => text === "yes",
      usage: "Type forget, then answer yes. To forget a person, type forget-peer NAME.",
      help: "delete the history with your peer, here; asks first",
    },
    argument: {
      switches: { yes: "confirmed" },
      usage: "forget takes no more than --peer and --yes. To forget a person, use forget-peer NAME.",
      help: "delete every line with a peer, here; asks first",
    },
    json: { always: { confirmed: true } },
    doc: "deletes the history with a peer, on this side; asks first",
  },
  {
    name: "forget-peer",
    make({ who, history = false, confirmed }) {
      if (typeof who !== "string" || who.trim() === "" || typeof history !== "boolean") return undefined;
      return { type: "forget-peer", who: who.trim(), history, confirmed: confirmed === true };
    },
    prompt: {
      mayBeHub: true,
      takes: "NAME",
      read: ({ words }) => readSwitches(words, FORGET_PEER_SWITCHES),
      usage: "Type forget-peer NAME. With --with-history, its history is deleted too.",
      takesWords: true,
      isNeverSaid: true,
      help: "end a pairing; asks first; --with-history: its history too",
    },
    argument: {
      takes: "NAME",
      read: ({ words }) => ({ who: words.join(" ") }),
      switches: FORGET_PEER_SWITCHES,
      usage: "forget-peer takes a name or the start of a fingerprint.",
      help: "end a pairing: NAME becomes a stranger; asks first",
    },
    json: { takes: ["who", "history"], always: { confirmed: true } },
    doc: "ends a pairing: NAME becomes a stranger; asks first; `--with-history` also deletes the history and what is waiting",
  },
  {
    name: "mute",
    make: ({ who }) => (isWho(who) ? { type: "mute", who, isMuted: true } : undefined),
    prompt: {
      mayBeHub: true,
      takes: "NAME",
      needsPeer: true,
      takesWords: true,
      read: ({ words }) => (words.length === 0 ? {} : undefined),
      usage: "Write a name after mute.",
      help: "no longer connect to NAME by itself; or unmute NAME",
    },
    json: { takes: ["who"] },
    doc: "stops connecting to NAME by itself; `unmute NAME` changes that",
  },
  {
    name: "unmute",
    make: ({ who }) => (isWho(who) ? { type: "mute", who, isMuted: false } : undefined),
    prompt: {
      mayBeHub: true,
      takes: "NAME",
      needsPeer: true,
      takesWords: true,
      read: ({ words }) => (words.length === 0 ? {} : undefined),
      usage: "Write a name after unmute.",
    },
    json: { takes: ["who"] },
    doc: "connects to NAME again",
  },
  {
    name: "address",
    make: ({ who, url }) => (isWho(who) && typeof url === "string" ? { type: "address", who, url } : undefined),
    prompt: {
      mayBeHub: true,
      takes: "NAME URL",
      needsPeer: true,
      takesWords: true,
      read: ({ words }) => (words.length === 1 ? { url: words[0] } : undefined),
      usage: "Write a name after address, and the new address: address NAME ws://HOST:PORT",
      help: "where NAME is found from now on",
    },
    json: { takes: ["who", "url"] },
    doc: "changes where NAME is found, without pairing again",
  },
  {
    name: "introduce",
    make: ({ who }) => (isTwo(who) ? { type: "introduce", who } : undefined),
    prompt: {
      takes: "A B",
      needsTwo: true,
      takesWords: true,
      read: ({ words }) => (words.length === 0 ? {} : undefined),
      usage: "Write two names after introduce; who lists the people.",
      help: "introduce A and B; they type accept NAME, or decline NAME",
    },
    json: { takes: ["who"] },
    doc: "introduces A and B, whom you know, to each other: both are asked, and if both accept they connect directly",
  },
  {
    name: "accept",
    make: ({ who }) => (isWho(who) ? { type: "answer-introduction", who, isAccepted: true } : undefined),
    prompt: {
      takes: "NAME",
      needsPeer: "introduced",
      takesWords: true,
      read: ({ words }) => (words.length === 0 ? {} : undefined),
      usage: "Write after accept the name of somebody who was introduced to you.",
    },
    doc: "accepts an introduction: NAME becomes a peer once the other side has accepted too",
  },
  {
    name: "decline",
    make: ({ who }) => (isWho(who) ? { type: "answer-introduction", who, isAccepted: false } : undefined),
    prompt: {
      takes: "NAME",
      needsPeer: "introduced",
      takesWords: true,
      read: ({ words }) => (words.length === 0 ? {} : undefined),
      usage: "Write after decline the name of somebody who was introduced to you.",
    },
    doc: "declines an introduction; nobody learns of it",
  },
  {
    name: "accept-introduction",
    make: ({ id }) => (isWho(id) ? { type: "answer-introduction", who: id, isAccepted: true } : undefined),
    json: { takes: ["id"] },
    doc: "accepts an introduction, by its id, or by the name or fingerprint of the person introduced",
  },
  {
    name: "decline-introduction",
    make: ({ id }) => (isWho(id) ? { type: "answer-introduction", who: id, isAccepted: false } : undefined),
    json: { takes: ["id"] },
    doc: "declines an introduction, in the same way",
  },
  {
    name: "open",
    make: () => ({ type: "open" }),
    // The link says it; help has no row to spare.
    prompt: {},
    doc: "opens the page of `--http` in your browser",
  },
  {
    name: "renumber",
    make: () => ({ type: "renumber" }),
    prompt: { aboutPeer: "plain", help: "restart message numbers, if the other side refuses them" },
    argument: {
      usage: "renumber takes no more than --peer.",
      help: "restart message numbers, if the other side refuses them",
    },
    json: {},
    doc: "restarts the numbers of the messages, if the other side refuses them",
  },
  {
    name: "timer",
    make: ({ seconds }) => (isSpan(seconds) ? { type: "timer", seconds } : undefined),
    prompt: {
      aboutPeer: "plain",
      takes: "10m",
      read: readSpan,
      usage: "Write after timer how long messages stay, such as 30s, 10m, 12h or 7d, or off.",
      isOwn: (text) => text === "off" || /^\d+[a-z]?$/i.test(text),
      isNearly: (argument) => /^\d+[a-z]?$/i.test(argument),
      help: "messages disappear after 10 min, on both sides; or timer off",
    },
    json: { takes: ["seconds"] },
    doc: "makes messages disappear on both sides after a time such as 30s, 10m, 12h or 7d; `timer off` stops that",
  },
  {
    name: "help",
    make: () => ({ type: "help" }),
    prompt: {},
    doc: "lists the commands",
  },
  {
    name: "quit",
    make: () => ({ type: "quit" }),
    prompt: { help: "leave (also Ctrl-D or Ctrl-C)" },
    json: {},
    doc: "leaves, as do Ctrl-C and Ctrl-D",
  },
] as const satisfies readonly CommandRow[];

/** The same, each row with all that a row may have. */
export const COMMAND_ROWS: readonly CommandRow[] = COMMANDS;

/** A command that is also an argument and runs without a connection. */
export type StoreCommand = Extract<
  Command,
  { type: Extract<(typeof COMMANDS)[number], { readonly argument: object }>["name"] }
>;

/** The row of a command that exists in this place; undefined for any other word. */
export function commandRow<Place extends "prompt" | "argument" | "json">(
  name: string,
  place: Place,
): (CommandRow & { readonly [P in Place]-?: NonNullable<CommandRow[P]> }) | undefined {
  return commandsAt(place).find((row) => row.name === name);
}

/** The rows that exist in this place, in the order of `help`. */
export function commandsAt<Place extends "prompt" | "argument" | "json">(
  place: Place,
): (CommandRow & { readonly [P in Place]-?: NonNullable<CommandRow[P]> })[] {
  return COMMAND_ROWS.filter((row): row is CommandRow & { readonly [P in Place]-?: NonNullable<CommandRow[P]> } => {
    return row[place] !== undefined;
  });
}
