// The output of --help: the texts around the options, which are in options.ts.

import { commandsAt, labelOf, type ProgramName } from "../app/command-table.ts";
import { helpEntry, helpLines, OPTIONS } from "./options.ts";

const SUBCOMMANDS = commandsAt("argument");
const COLUMNS = 80;

/** The subcommands with their arguments, in as few lines as possible. */
function synopsis(program: ProgramName): string {
  const lines: string[] = [];
  for (const row of SUBCOMMANDS) {
    const switches = Object.keys(row.argument.switches ?? {}).map((name) => ` [--${name}]`);
    const entry = `${labelOf(row, row.argument)}${switches.join("")}`;
    const longer = `${lines.at(-1)} | ${entry}`;
    if (lines.length === 0 || longer.length > COLUMNS) lines.push(`  ${program} ${entry}`);
    else lines.splice(-1, 1, longer);
  }
  return lines.join("\n");
}

function subcommandLines(): string {
  const switches = new Set(SUBCOMMANDS.flatMap(({ argument }) => Object.keys(argument.switches ?? {})));
  return [
    ...SUBCOMMANDS.map((row) => helpEntry(labelOf(row, row.argument), [row.argument.help ?? ""])),
    helpEntry("rooms", ['your rooms; history, search and export take one too: history "#ops" 50']),
    helpEntry("--peer WHO", ["whose, if you know several: a name, or the start of a fingerprint"]),
    ...OPTIONS.flatMap((row) =>
      "doc" in row && switches.has(row.name) ? [helpEntry(`--${row.name}`, [row.doc])] : [],
    ),
  ].join("");
}

const SUBCOMMAND_HELP = `Without a connection, on what --history has kept:
${subcommandLines()}`;

const COMMON_HELP = `${helpLines(["lair-server", "lair-client"])}  --help, --version

${SUBCOMMAND_HELP}
passphrase add, change and remove protect an existing identity with a passphrase, change the
passphrase, or remove it. Without a terminal the old passphrase comes from --passphrase-file FILE
and the new one from --new-passphrase-file FILE. If you forget the passphrase, the identity and
everything that is stored are lost.

At the prompt, each line that is not a command is sent to the other side. Type help to see the
commands. Without a terminal, each line of input is a message, received text goes to standard
output, and the program exits when the input has ended and everything is delivered (or after
10 s). With input from /dev/null it keeps running. If standard input, output and error are not
terminals, it also keeps running when the terminal is closed (as after nohup).

Rooms are for several people, through a lair-hub. Paste its invite, or a link to a room, where the
program asks for an invite. At the prompt, create NAME makes a room, join NAME or join LINK enters
one, rooms lists them, and to #NAME switches the prompt to one. Type help there for its commands.

Exit codes: 0 success, 1 failure, 2 usage, 3 unreachable, 4 not who was expected,
129, 130 and 143 after SIGHUP, SIGINT and SIGTERM. On Windows file modes are not checked.
`;

export const SERVER_HELP = `lair-server - wait for people and talk to them privately

  lair-server [OPTIONS]
${synopsis("lair-server")}
  lair-server passphrase add|change|remove [--home DIR]

On its first start it prints an invite. Give it to one person, who runs lair-client and pastes it.
In the same account, lair-client finds the invite by itself.

${helpLines(["lair-server"], ["lair-client"])}${COMMON_HELP}`;

export const CLIENT_HELP = `lair-client - talk privately to people who run a lair-server

  lair-client [NAME|URL] [OPTIONS]
${synopsis("lair-client")}
  lair-client passphrase add|change|remove [--home DIR]

Without NAME or URL it connects to every server that it is paired with and that is not muted. If
there is none, it uses the invite of a lair-server in the same account, or else asks for one; in a
pipe, the first line is then the invite. NAME is a server that you are paired with; URL is
ws://HOST:PORT or wss://HOST:PORT, with a /PATH if there is one.

${helpLines(["lair-client"], ["lair-server"])}${COMMON_HELP}`;

export const HUB_HELP = `lair-hub - relay messages for several people without being able to read them

  lair-hub [OPTIONS]
  lair-hub invite [--uses N] [--expires SPAN] [--admin-listen HOST:PORT] [--home DIR]
  lair-hub passphrase add|change|remove [--home DIR]

On its first start it prints an invite: the first person to use it becomes the operator.
lair-hub invite asks a running hub for an invite for --uses people (1), valid for --expires (1d).
The address and the invites go to standard output, the log to standard error.

${helpLines(["lair-hub"])}  --help, --version

passphrase add, change and remove protect an existing identity with a passphrase, change the
passphrase, or remove it. If you forget the passphrase, the identity and everything that is stored
are lost.

Exit codes: 0 success, 1 failure, 2 usage, 3 unreachable, 4 wrong passphrase,
129, 130 and 143 after SIGHUP, SIGINT and SIGTERM. On Windows file modes are not checked.
`;
