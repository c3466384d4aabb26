// The commands of both programs without a connection: show, search, export or forget the history (docs/history.md).
// Only the grammar; the table of commands (`../app/command-table.ts`) has the arguments of each.

import {
  commandFrom,
  commandRow,
  commandsAt,
  type ProgramName,
  type StoreCommand,
  usageOf,
} from "../app/command-table.ts";
import type { Command } from "../app/events.ts";
import { nearestCommand } from "../app/near-commands.ts";
import { roomRow } from "../app/rooms/room-command-table.ts";
import type { RoomCommand } from "../app/rooms/room-commands.ts";
import type { RestCommand } from "../app/rooms/rooms-at-rest.ts";
import { LairError } from "../core/errors.ts";
import { fits, type OptionValues, type Program } from "./options.ts";

/** What is asked for with every start: where the home is, how it is opened, and how the program shows what it has. */
export interface StartArguments {
  readonly home: string | undefined;
  readonly passphraseFile: string | undefined;
  readonly json: boolean;
  readonly plain: boolean;
  readonly noColor: boolean;
  readonly verbose: boolean;
}

/** A command about what is kept of rooms. */
export interface RoomSubcommand {
  readonly type: "room";
  readonly command: RestCommand;
}

/** A command instead of a conversation. */
export interface Subcommand extends StartArguments {
  readonly subcommand: StoreCommand | RoomSubcommand;
  /** Whose lines: a name, or the start of a fingerprint, as typed; undefined for the only peer. */
  readonly peer: string | undefined;
}

const LOOKING: ReadonlySet<string> = new Set(["history", "search", "export"]);

/** The subcommand in the positional arguments; undefined if there is none. Throws LairError `usage`. */
export function parseSubcommand(
  [word = "", ...args]: readonly string[],
  values: OptionValues,
  program: ProgramName,
): Pick<Subcommand, "subcommand" | "peer"> | undefined {
  const ofRooms = roomSubcommand(word, args, program);
  if (ofRooms !== undefined) {
    const option = Object.keys(values).find((name) => name === "peer" || !fits(name, "store"));
    if (option !== undefined) throw usage(`--${option} cannot be used with ${word} of rooms.`, program);
    return { subcommand: { type: "room", command: ofRooms }, peer: undefined };
  }
  const row = commandRow(word, "argument");
  const switches = row?.argument.switches ?? {};
  const stranger = strangeSwitch(values, switches);
  if (stranger !== undefined) throw usage(stranger, program);
  if (row === undefined) return undefined;
  if (word === "forget-peer" && values.peer !== undefined)
    throw usage("forget-peer takes the name itself, without --peer.", program);
  const stray = Object.keys(values).find((name) => !fits(name, "store"));
  if (stray !== undefined) throw usage(`--${stray} cannot be used with ${word}.`, program);
  const given = Object.entries(values).flatMap(([name, value]) =>
    Object.hasOwn(switches, name) ? [[switches[name]!, value] as const] : [],
  );
  const words = { words: args, text: args.join(" ") };
  const subcommand = commandFrom(row, row.argument, words, Object.fromEntries(given));
  if (subcommand === undefined || !isStoreCommand(subcommand)) throw usage(usageOf(row, row.argument), program);
  return { subcommand, peer: parseWho(values, program) };
}

/** `rooms`, or a command with the name of a room in one argument behind it. Throws LairError `usage`. */
function roomSubcommand(
  word: string,
  [room = "", ...args]: readonly string[],
  program: ProgramName,
): RestCommand | undefined {
  const isRooms = word === "rooms";
  if (!isRooms && !(LOOKING.has(word) && room.startsWith("#"))) return undefined;
  const row = roomRow(word);
  const given = isRooms ? {} : { room };
  const words = isRooms && room !== "" ? [room, ...args] : args;
  const { prompt } = row ?? {};
  const command = row && prompt && commandFrom(row, prompt, { words, text: words.join(" ") }, given);
  if (command !== undefined && isRestCommand(command)) return command;
  throw usage(isRooms ? "rooms takes nothing behind it." : `${word} ${room}: ${row?.prompt?.usage ?? ""}`, program);
}

function isRestCommand(command: RoomCommand): command is RestCommand {
  return command.type === "rooms" || LOOKING.has(command.type);
}

function isStoreCommand(command: Command): command is StoreCommand {
  return commandRow(command.type, "argument") !== undefined;
}

/** What to tell of a switch that belongs to another command than the one that has `switches`; undefined without one. */
function strangeSwitch(values: OptionValues, switches: object): string | undefined {
  const rows = commandsAt("argument");
  for (const name of Object.keys(values)) {
    const owners = rows.filter(({ argument }) => Object.hasOwn(argument.switches ?? {}, name));
    if (owners.length === 0 || Object.hasOwn(switches, name)) continue;
    return `--${name} belongs to ${owners.map((owner) => owner.name).join(" and ")}.`;
  }
  return undefined;
}

/** Who is meant by --peer. Throws LairError `usage` when that is nobody. */
export function parseWho({ peer }: OptionValues, program: ProgramName): string | undefined {
  const who = typeof peer === "string" ? peer.trim() : undefined;
  if (who === "") throw usage("--peer takes a name or the start of a fingerprint.", program);
  return who;
}

/**
 * A lone word is a host only where it is no command, or nearly one: somebody who types `lair-client status` means the
 * command. Throws LairError `usage`.
 */
export function refusePromptCommand([word = "", ...args]: readonly string[], program: ProgramName): void {
  if (!/^[a-z]+$/i.test(word)) return;
  const command = word === "version" ? word : nearestCommand(word);
  if (command === undefined) return;
  const host = program === "lair-client" ? ` For a host of that name, write ws://${word}.` : "";
  throw new LairError("usage", `${program} takes no ${[word, ...args].join(" ")}.`, {
    hint: `${insteadOf(command, args, program)}${host}`,
  });
}

function insteadOf(command: string, args: readonly string[], program: ProgramName): string {
  if (command === "help" || command === "version") return `Did you mean ${program} --${command}?`;
  if (commandRow(command, "argument") !== undefined) return `Did you mean ${[program, command, ...args].join(" ")}?`;
  const atServer = commandRow(command, "prompt")?.prompt.atServer;
  if (atServer !== undefined && program === "lair-client") return atServer;
  const option = command === "invite" ? ` Or start ${program} --invite.` : "";
  return `Did you mean ${command} at the prompt? Start ${program}, and type it there.${option}`;
}

/** Where to read more. */
export function helpHint(program: Program): string {
  return `${program} --help lists the options.`;
}

function usage(message: string, program: ProgramName): LairError {
  return new LairError("usage", message, { hint: helpHint(program) });
}
