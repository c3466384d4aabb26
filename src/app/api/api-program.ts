// What the API needs of the program that it is a part of: what only a server or only a client knows. `src/cli` fulfils it.

import type { WaitingKey } from "../../core/pairing/waiting-keys.ts";
import type { ProgramName } from "../command-table.ts";
import type { Command } from "../events.ts";

/** An invite that nobody has used yet. */
export interface ProgramInvite {
  readonly id: string;
  readonly expiresAtMs: number;
}

export interface ApiProgram {
  readonly name: ProgramName;
  readonly version: string;
  /** How this side introduces itself: of --name, or the account's. */
  readonly ownName: string;
  /** Where clients find it. Undefined: it does not listen, or not yet. */
  readonly listening: () => string | undefined;
  /**
   * Carries out a command just as the terminal's are, but not in the terminal's name: what it shows of it goes to the
   * frontends that the messenger has. Shows what is wrong with it as an event `error`; never throws.
   */
  readonly command: (command: Command) => void;
  /** The keys of those who know the psk of a file and are not let in yet. Absent: this program lets nobody in. */
  readonly waitingKeys?: () => readonly WaitingKey[];
  /** Absent: this program makes none. */
  readonly invites?: ProgramInvites;
}

/** The invites of a server. Calls throw LairError store-*, home-*. */
export interface ProgramInvites {
  /** Those that are open, the oldest first. */
  list(): readonly ProgramInvite[];
  /** A new one. It is shown to nobody else; `text` is what to hand over. */
  make(): ProgramInvite & { readonly text: string };
  /** It opens nothing any more. False: none with this id is open. */
  revoke(id: string): boolean;
}
