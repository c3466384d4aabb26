// People at terminals: the real programs started and paired in tmux, opposite another terminal or a program that speaks
// JSON and does what a test tells it. Knows what a prompt looks like, nothing of what is tested.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "./program.ts";
import { connected, type Ending, Fixture } from "./fixture.ts";
import { type Terminal, type TerminalOptions, Tmux } from "./tmux.ts";

export interface Terminals {
  readonly fixture: Fixture;
  readonly tmux: Tmux;
}

export function openTerminals(ending: Ending): Terminals {
  const fixture = new Fixture(ending);
  return { fixture, tmux: new Tmux(fixture) };
}

export interface ServerTerminalOptions extends TerminalOptions {
  /** More arguments for the program in the terminal. */
  readonly args?: string;
  /** What the JSON peer is called. */
  readonly peerName?: string;
}

export interface TerminalAndClient extends Terminals {
  readonly home: string;
  /** Where lair-server runs, named ada. */
  readonly ada: Terminal;
  /** lair-client, speaking JSON. */
  readonly bob: Program;
}

/** ada's lair-server in a terminal, with a JSON client connected. */
export async function terminalAndClient(
  ending: Ending,
  options: ServerTerminalOptions = {},
): Promise<TerminalAndClient> {
  const terminals = openTerminals(ending);
  const home = options.home ?? terminals.fixture.home();
  const ada = await terminals.tmux.terminal({ ...options, home });
  await ada.enter(`lair-server --listen 127.0.0.1:0 --name ada ${options.args ?? ""}`);
  await ada.shows(/^Waiting\./m);
  const bob = terminals.fixture.client({ home, args: ["--name", options.peerName ?? "bob"] });
  await Promise.all([connected(bob), ada.showed(/^Connected to /m)]);
  return { ...terminals, home, ada, bob };
}

/** ada's lair-server and bob's lair-client in a terminal each, on one account. */
export async function pairOfTerminals(
  ending: Ending,
  options: { readonly server?: string; readonly client?: string } = {},
): Promise<Terminals & { readonly home: string; readonly ada: Terminal; readonly bob: Terminal }> {
  const terminals = openTerminals(ending);
  const home = terminals.fixture.home();
  const [ada, bob] = await Promise.all([terminals.tmux.terminal({ home }), terminals.tmux.terminal({ home })]);
  await ada.enter(`lair-server --listen 127.0.0.1:0 --name ada ${options.server ?? ""}`);
  await ada.shows(/^Waiting\.[^]*\nnobody ›$/m);
  await bob.enter(`lair-client --name bob ${options.client ?? ""}`);
  await Promise.all([bob.shows(/^ada ›$/m), ada.shows(/^bob ›$/m)]);
  return { ...terminals, home, ada, bob };
}

/**
 * That the program has left with this code and the shell has its terminal back as it was: on a fresh row, with echo,
 * line editing, a cursor, wrapping, and without marks around a paste.
 */
export async function isBackInShell(terminal: Terminal, code: number): Promise<void> {
  await terminal.shows(/^\$$/m);
  await terminal.enter('echo "code $?"');
  const screen = await terminal.shows(/^code \d+\n\$$/m);
  assert.match(screen, new RegExp(`^\\$ echo "code \\$\\?"\ncode ${code}\n\\$$`, "m"));
  const flags = await terminal.property("cursor_flag},#{wrap_flag},#{insert_flag},#{alternate_on},#{mouse_any_flag");
  assert.equal(flags, "1,1,0,0,0");
  await terminal.enter("clear; stty -a");
  const modes = await terminal.shows(/ icanon [^]*\n\$$/);
  for (const mode of ["icanon", "isig", "icrnl", "opost", "echo", "iexten"]) {
    assert.match(modes, new RegExp(`[ \n]${mode}[ ;\n]`), modes);
  }
  await terminal.paste("echo pasted");
  await terminal.shows(/^\$ echo pasted$/m);
  await terminal.press("Enter");
}

/** The invite that a server of this home has left. */
export function leftInvite(home: string): string {
  return readFileSync(join(home, "invite"), "utf8");
}

/** The last row of a screen: the prompt, when the input fits on one row. */
export function lastRow(screen: string): string {
  return screen.split("\n").at(-1) ?? "";
}
