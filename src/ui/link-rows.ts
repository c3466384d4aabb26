// The rows of a view about the connection: what was started, where it listens, the invite, and the attempts to connect. Most
// of it is shown once, so the class remembers what was shown. All raw text passes the sanitiser.
//
//   apart ---an attempt fails---> retrying ---connected---> connected ---disconnected---> apart
//     +--------------------------------connected-------^

import type { ProgramEvent } from "../app/events.ts";
import type { Spelling } from "./blocks.ts";
import { calendarDate, comingMoment, shortFingerprint } from "./phrases.ts";
import { sanitiseLine } from "./sanitise.ts";
import type { TextRows } from "./text-rows.ts";
import type { ViewOptions } from "./view-options.ts";

type EventOf<Type extends ProgramEvent["type"]> = Extract<ProgramEvent, { type: Type }>;

interface LinkRowsOptions extends ViewOptions {
  readonly layout: TextRows;
  readonly spell: Spelling;
  /** Makes the rows of a line of the program itself. */
  readonly notice: (text: string) => string[];
}

type State = { readonly name: "apart" | "connected" } | { readonly name: "retrying"; readonly reason: string };

export class LinkRows {
  readonly #options: LinkRowsOptions;
  #state: State = { name: "apart" };
  /** The server's first line waits for its address. */
  #greeting: { readonly program: string; readonly fingerprint: string } | undefined;
  #isInvited = false;
  /** The last address shown, until it is connected. */
  #shown: string | undefined;
  /** The fingerprint of the last connected peer. */
  #met: string | undefined;

  constructor(options: LinkRowsOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#state.name === "connected";
  }

  /** Call this with each event after its rows are made. */
  learn(event: ProgramEvent): void {
    if (event.type === "disconnected") this.#state = { name: "apart" };
    if (event.type !== "connected") return;
    this.#state = { name: "connected" };
    this.#met = event.peer.fingerprint;
    this.#shown = undefined;
  }

  /** An attempt failed. Returns whether the same reason was shown for the previous one. */
  noteRetry(reason: string): boolean {
    const isTold = this.#state.name === "retrying" && this.#state.reason === reason;
    this.#state = { name: "retrying", reason };
    return isTold;
  }

  started(event: EventOf<"started">): string[] {
    const { spell } = this.#options;
    const program = `${spell.line(event.program)} ${spell.line(event.version)}`;
    this.#greeting = { program, fingerprint: event.fingerprint };
    return this.#options.program === "lair-server" ? [] : this.greeting();
  }

  /** The first line, if it was not shown yet. */
  greeting(url?: string): string[] {
    if (this.#greeting === undefined) return [];
    const { program, fingerprint } = this.#greeting;
    this.#greeting = undefined;
    const [name = "", version = ""] = program.split(" ");
    const parts = [version, ...(url === undefined ? [] : [url]), `you are ${this.#short(fingerprint)}`];
    const text = parts.join(` ${this.#options.spell.dot} `);
    return this.#options.layout.hanging("", `${name} ${text}`);
  }

  listening({ url: rawUrl, fingerprint }: EventOf<"listening">): string[] {
    const url = this.#options.spell.line(rawUrl);
    if (this.#greeting === undefined)
      return this.#options.notice(`listening at ${url}, you are ${this.#short(fingerprint)}`);
    return this.greeting(url);
  }

  invite({ invite: rawInvite, expiresAtMs }: EventOf<"invite">): string[] {
    const until = comingMoment(expiresAtMs, this.#options.nowMs());
    const intro = `Give this invite to one person. It works once, until ${until}.`;
    // In one piece, whatever the width: people copy it.
    const invite = `  ${this.#options.style.strong(sanitiseLine(rawInvite, 1000, this.#options))}`;
    const rows = ["", ...this.#options.layout.hanging("", intro), "", invite, ""];
    if (this.#isInvited) return rows;
    this.#isInvited = true;
    return [...rows, ...this.#options.layout.hanging("", "Waiting. Type help to see the commands.")];
  }

  connecting({ url: rawUrl, how }: EventOf<"connecting">): string[] {
    const url = this.#options.spell.line(rawUrl);
    // Repeated attempts are shown once; with a reason, if there is one.
    if (this.#shown === url || this.#state.name === "retrying") return [];
    this.#shown = url;
    const host = url.replace(/^[a-z]+:\/\//, "").replace(/\/.*$/, "");
    if (how === "found-invite") return this.#options.layout.hanging("", `Found an invite of this account for ${host}.`);
    return this.#options.notice(how === "invite" ? `pairing at ${url}` : `connecting to ${url}`);
  }

  connected({ peer, pairedNow }: EventOf<"connected">): string[] {
    if (!pairedNow && this.#met === peer.fingerprint) return this.#options.notice("connected again");
    const compared = peer.comparedAtMs === undefined ? "words not compared yet" : "words compared";
    const paired = pairedNow ? "paired just now" : `paired ${calendarDate(peer.pairedAtMs)}, ${compared}`;
    const parts = [this.#short(peer.fingerprint), paired].join(` ${this.#options.spell.dot} `);
    const text = `Connected to ${this.#options.spell.name(peer)} ${this.#options.spell.dot} ${parts}`;
    const rows = this.#options.layout.hanging("", text);
    if (!pairedNow) return rows;
    const advice = "Type verify once, and compare the words by phone or face to face.";
    return [...rows, ...this.#options.layout.hanging("", advice)];
  }

  #short(fingerprint: string): string {
    const { spell } = this.#options;
    return shortFingerprint(spell.line(fingerprint), spell.ellipsis);
  }
}
