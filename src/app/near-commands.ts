// Recognises words that are not commands but were probably meant as one: a command with one typing error, or another
// program's word for it. Knows no grammar.

import { commandsAt } from "./command-table.ts";
import { hasRooms, type RoomsHere } from "./rooms/room-command-names.ts";

const COMMANDS: readonly string[] = commandsAt("prompt").map(({ name }) => name);

/**
 * English words that are one typing error away from a command. Somebody who types one alone usually means it. The list
 * includes forms of a command ("invited"), and excludes words that nobody says alone ("peer").
 */
const ORDINARY: ReadonlySet<string> = new Set(
  `statue states quite quiet quits quip quid quiz quilt suit held hell helm heap hemp helps kelp yelp beers piers pears
  peels peeps peeks jeers leers seers veers invited invites incite verily verity renamed renames rust crust thrust trusts
  trusty truss tryst truest starch expert exports extort forgot forge forged forges forgets time times timed timers tier
  tiger timber tamer mate cute mutt muted mutes mule must room roams roots roofs rooks looms zooms dooms booms brooms
  grooms created creates crate crates cremate joins joint coin loin john leaves leaved heave weave lease cleave sleeve
  member embers roles rule rope rose robe rode pole hole mole sole remote removed remover removes topics tonic toxic
  tropic tying taping toying reads ready bread tread dread lead head dead bead mead real rear reap road rend reed
  edits edict deleted deletes replay rely repay reacts reach redact exact follows hollow fallow fellow folly feel feet
  need seed weed heed deed reed feud fend feeds invisibly band bans`.split(/\s+/),
);

/** The words of other programs. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ...["exit", "logout", "logoff", "disconnect", "q", ":q", ":q!", ":wq", ":quit", "\\q"].map(
    (word) => [word, "quit"] as const,
  ),
  ...["delete", "remove", "erase"].map((word) => [word, "forget"] as const),
  ...["commands", "usage"].map((word) => [word, "help"] as const),
  ...["unpair", "unfriend"].map((word) => [word, "forget-peer"] as const),
  ["nick", "rename"],
  ["whoami", "status"],
]);

/** The words of other programs for the commands of a room. */
const OTHER_ROOM_WORDS: ReadonlyMap<string, string> = new Map([
  ["kick", "remove"],
  ["part", "leave"],
  ["names", "members"],
  ["msg", "dm"],
]);

/** What other programs can do to a peer, but this one cannot. */
const ABSENT: ReadonlySet<string> = new Set(["unblock", "block", "kick", "ban", "delete", "remove"]);
const PRONOUNS = "it its this that these those them him her his us me my you your our their".split(" ");
/** "block him" is sent as a message; "block bob" was meant as a command. */
const NO_NAMES: ReadonlySet<string> = new Set([...PRONOUNS, ..."all everything everyone anything one now".split(" ")]);
/** Words that follow a verb in a sentence: "trust nobody", "rename the file", "forget about". */
const OBJECTS: ReadonlySet<string> = new Set([
  ...PRONOUNS,
  ..."the a an to for about what how when where why who whom whether if nobody nothing everyone".split(" "),
]);
/** "help please" is sent as a message. */
const AFTER_HELP: ReadonlySet<string> = new Set(COMMANDS);
/** Words behind rename and export that are still a name. */
const MOST_OF_A_NAME = 4;

/** Below this length one slip makes another word: "no", "so" and "how" are not meant as "to" and "who". */
const SHORTEST_SLIP = 4;

/**
 * The command that a word was meant as, if it differs only by one typing error, by capitals, or by another program's
 * name. `more`: commands about rooms, where there are any.
 */
export function nearestCommand(word: string, more: readonly string[] = []): string | undefined {
  const small = word.toLowerCase();
  if (more.includes(small)) return small;
  if (ORDINARY.has(small)) return undefined;
  const ofRooms = OTHER_ROOM_WORDS.get(small);
  if (ofRooms !== undefined && more.includes(ofRooms)) return ofRooms;
  if (OTHER_WORDS.has(small)) return OTHER_WORDS.get(small);
  // "help!" and "status?" are sent as messages.
  if (/[.,:!?…]/u.test(small)) return undefined;
  return [...COMMANDS, ...more].find(
    (command) => small === command || (command.length >= SHORTEST_SLIP && isNear(small, command)),
  );
}

/** Whether a typed word is this one, or differs from it by one typing error or by capitals. */
export function isNear(typed: string, word: string): boolean {
  const small = typed.toLowerCase();
  return small === word || isOneSlip(Array.from(small), Array.from(word));
}

/** Whether the line asks for a command that does not exist: its word alone, or with a name. */
export function isAbsentCommand(word: string, args: readonly string[]): boolean {
  const [name, ...more] = args;
  if (!ABSENT.has(word.toLowerCase()) || more.length > 0) return false;
  return name === undefined ? !OTHER_WORDS.has(word.toLowerCase()) : !NO_NAMES.has(name.toLowerCase());
}

/**
 * Whether a line that begins with a command was probably meant as one, although the command takes no such arguments:
 * "quit now" and "timer abc", but not "quit smoking today" or "forget it". Sentences have three words, a pronoun, or an
 * end.
 */
export function isMeantAsCommand(command: string, args: readonly string[]): boolean {
  const [first = "", ...more] = args.map((argument) => argument.toLowerCase());
  if (first === "" || /[.!?]$/.test(args.at(-1)!)) return false;
  if (command !== "export" && OBJECTS.has(first)) return false;
  switch (command) {
    case "help":
      return more.length === 0 && AFTER_HELP.has(first);
    case "rename":
      return args.length <= MOST_OF_A_NAME;
    case "export":
      return args.length <= MOST_OF_A_NAME && args.some((argument) => /[^/]\/|\w\.\w/u.test(argument));
    case "timer":
      return more.length === 0 || (more.length === 1 && /^\d+$/.test(first));
    case "trust":
      return more.length === 0 || isFingerprintStart([first, ...more]);
    default:
      return more.length === 0 && COMMANDS.includes(command);
  }
}

/** In groups of four, as on the screen; words of four letters without a digit are a sentence. */
function isFingerprintStart(groups: readonly string[]): boolean {
  return groups.every((group) => /^[a-z2-7]{4}$|^…$/u.test(group)) && /\d/.test(groups.join(""));
}

/** Whether a word follows a verb in a sentence, so that it is nobody's name: "forget them". */
export function isObject(word: string): boolean {
  return OBJECTS.has(word.toLowerCase());
}

/** One letter more, less or different, or two neighbours swapped. */
function isOneSlip(word: readonly string[], command: readonly string[]): boolean {
  let at = 0;
  while (at < command.length && word[at] === command[at]) at += 1;
  switch (word.length - command.length) {
    case 1:
      return rest(word, at + 1) === rest(command, at);
    case -1:
      return rest(word, at) === rest(command, at + 1);
    case 0: {
      if (at === command.length) return false;
      const isSwapped = word[at] === command[at + 1] && word[at + 1] === command[at];
      return (
        rest(word, at + 1) === rest(command, at + 1) || (isSwapped && rest(word, at + 2) === rest(command, at + 2))
      );
    }
    default:
      return false;
  }
}

function rest(letters: readonly string[], from: number): string {
  return letters.slice(from).join("");
}

/**
 * What to ask about a line that is only an invite or a link, or `join` and one: it is a secret, and who pastes it at a prompt
 * mostly wants to use it. With rooms, `join` is a command. Undefined for any other line.
 */
export function ownInvite(line: string, rooms: RoomsHere): string | undefined {
  if (!/^(?:join\s+)?lair:\/\/\S+$/iu.test(line)) return undefined;
  const how = hasRooms(rooms) ? "type join in front of it" : "start with --invite-file FILE";
  return `This is an invite, a secret. To use it yourself, ${how}.`;
}
