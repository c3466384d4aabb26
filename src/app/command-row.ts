// What a row of a table of commands has in common, whether it is about people (`command-table.ts`) or about rooms
// (`rooms/room-command-table.ts`): a name, its spellings, and how members become a command.

import { type Members, readNothing, type Words } from "./command-words.ts";

/** The program whose prompt or arguments these are; some commands exist in only one program. */
export type ProgramName = "lair-server" | "lair-client";

/** How a person writes a command: at the prompt, or as arguments. */
export interface Spelling {
  /** What --help, `help` and the documents show after the name. */
  readonly takes?: string;
  /** Without it, the command takes no arguments. Undefined for words that the command does not take. */
  readonly read?: (words: Words) => Members | undefined;
  /** What to tell a user who wrote something else. Without it: that nothing may follow. */
  readonly usage?: string;
  /** A few words for the list of commands; without them, the command is not listed. */
  readonly help?: string;
}

export interface ArgumentSpelling extends Spelling {
  /** The switches that may accompany it, and the member that each sets to true. */
  readonly switches?: { readonly [option: string]: string };
}

export interface JsonSpelling {
  /** The members that its object may have, beside `command`, and `to` if it is about a person. Without it: none. */
  readonly takes?: readonly string[];
  /** Answers that a program is not asked for, because it means what it says. */
  readonly always?: Members;
}

export interface Row<Made> {
  readonly name: string;
  /** The command, or undefined if a member is not valid. */
  readonly make: (members: Members) => Made | undefined;
  /** Its description in docs/cli.md. */
  readonly doc: string;
}

/** The command that the words after its name ask for. `given`: members that were set elsewhere, such as by switches. */
export function commandFrom<Made>({ make }: Row<Made>, spelling: Spelling, words: Words, given: Members = {}) {
  const read = spelling.read ?? readNothing;
  const members = read(words);
  return members === undefined ? undefined : make({ ...members, ...given });
}

/** What to tell a user who wrote a command incorrectly. */
export function usageOf({ name }: Pick<Row<unknown>, "name">, { usage }: Spelling): string {
  return usage ?? `Nothing may follow ${name}.`;
}

/** The name of a command, and what it takes. */
export function labelOf({ name }: Pick<Row<unknown>, "name">, { takes }: Spelling): string {
  return takes === undefined ? name : `${name} ${takes}`;
}
