// The rows of a view about the connection: what was started, where it listens, the invite, and the attempts to connect. Most
// of it is shown once, so the class remembers what was shown. All raw text passes the sanitiser.
//
// For each peer:
//
//   apart ---an attempt fails---> retrying ---connected---> connected ---disconnected---> apart
//     +--------------------------------connected-------^

import type { ProgramEvent } from "../app/events.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import type { Spelling } from "./blocks.ts";
import { calendarDate, comingMoment, reachPhrase, shortFingerprint } from "./phrases.ts";
import { sanitiseLine } from "./sanitise.ts";
import type { TextRows } from "./text-rows.ts";
import type { ViewOptions } from "./view-options.ts";

type EventOf<Type extends ProgramEvent["type"]> = Extract<ProgramEvent, { type: Type }>;

interface LinkRowsOptions extends ViewOptions {
  readonly layout: TextRows;
  readonly spell: Spelling;
  /** Makes the rows of a line of the program itself. */
  readonly notice: (text: string) => string[];
  /** A command about a peer, as it can be typed now. */
  readonly typed: (word: string, peer: PeerView) => string;
}

type State = { readonly name: "apart" | "connected" } | { readonly name: "retrying"; readonly reason: string };

export class LinkRows {
  readonly #options: LinkRowsOptions;
  /** By fingerprint, and "" for somebody who is not known yet. */
  readonly #states = new Map<string, State>();
  /** The server's first line waits for its address. */
  #greeting: { readonly program: string; readonly fingerprint: string } | undefined;
  #isInvited = false;
  /** The addresses shown, until they are connected. */
  readonly #shown = new Set<string>();
  /** The fingerprints of the peers that were connected before. */
  readonly #seen = new Set<string>();

  constructor(options: LinkRowsOptions) {
    this.#options = options;
  }

  isConnected(peer: PeerView): boolean {
    return this.#state(peer).name === "connected";
  }

  #state(peer: PeerView | undefined): State {
    return this.#states.get(peer?.fingerprint ?? "") ?? { name: "apart" };
  }

  /** Call this with each event after its rows are made. */
  learn(event: ProgramEvent): void {
    if (event.type === "disconnected") this.#states.set(event.peer?.fingerprint ?? "", { name: "apart" });
    if (event.type !== "connected") return;
    this.#states.set(event.peer.fingerprint, { name: "connected" });
    this.#states.delete("");
    this.#seen.add(event.peer.fingerprint);
    this.#shown.clear();
  }

  /** An attempt failed. Returns whether the same reason was shown for the peer's previous one. */
  noteRetry(peer: PeerView | undefined, reason: string): boolean {
    const before = this.#state(peer);
    this.#states.set(peer?.fingerprint ?? "", { name: "retrying", reason });
    return before.name === "retrying" && before.reason === reason;
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
    const reach = reachPhrase(rawInvite).flatMap((text) => this.#options.layout.hanging("", text));
    const rows = ["", ...this.#options.layout.hanging("", intro), ...reach, "", invite, ""];
    if (this.#isInvited) return rows;
    this.#isInvited = true;
    return [...rows, ...this.#options.layout.hanging("", "Waiting. Type help to see the commands.")];
  }

  page({ url: rawUrl, tokenFile }: EventOf<"http">): string[] {
    const { layout, style, hasPrompt, spell } = this.#options;
    // What a service says ends up in a log that others read and that lasts, as the token of a file does.
    if (!hasPrompt && tokenFile !== undefined) {
      const [address = ""] = rawUrl.split("#", 1);
      return [`Page: ${spell.line(address)}#TOKEN`, ...layout.hanging("", `TOKEN is in ${spell.line(tokenFile)}.`)];
    }
    // In one piece: people copy it.
    const url = `Page: ${style.strong(sanitiseLine(rawUrl, 1000, this.#options))}`;
    return hasPrompt ? [url, ...layout.hanging("", "Type open to open it in your browser.")] : [url];
  }

  connecting({ url: rawUrl, how, peer }: EventOf<"connecting">): string[] {
    const url = this.#options.spell.line(rawUrl);
    // Repeated attempts are shown once; with a reason, if there is one.
    if (this.#shown.has(url) || this.#state(peer).name === "retrying") return [];
    this.#shown.add(url);
    const host = url.replace(/^[a-z]+:\/\//, "").replace(/\/.*$/, "");
    if (how === "found-invite") return this.#options.layout.hanging("", `Found an invite of this account for ${host}.`);
    return this.#options.notice(how === "invite" ? `pairing at ${url}` : `connecting to ${url}`);
  }

  connected({ peer, pairedNow }: EventOf<"connected">): string[] {
    if (!pairedNow && this.#seen.has(peer.fingerprint)) {
      const others = [...this.#seen].some((fingerprint) => fingerprint !== peer.fingerprint);
      return this.#options.notice(others ? `connected to ${this.#options.spell.name(peer)} again` : "connected again");
    }
    const isHub = peer.isHub === true;
    const compared = peer.comparedAtMs === undefined ? "words not compared yet" : "words compared";
    const before = `paired ${calendarDate(peer.pairedAtMs)}`;
    const paired = pairedNow ? "paired just now" : isHub ? before : `${before}, ${compared}`;
    const { introducedBy } = peer;
    const vouched = introducedBy === undefined ? [] : [`introduced by ${this.#options.spell.other(introducedBy)}`];
    const parts = [this.#short(peer.fingerprint), paired, ...vouched].join(` ${this.#options.spell.dot} `);
    const text = `Connected to ${isHub ? "the hub " : ""}${this.#options.spell.name(peer)} ${this.#options.spell.dot} ${parts}`;
    const rows = this.#options.layout.hanging("", text);
    if (!pairedNow) return rows;
    const advice = isHub
      ? "Type create and a name to make a room, rooms to see those that are there, or join and a link."
      : `Type ${this.#options.typed("verify", peer)} once, and compare the words by phone or face to face.`;
    return [...rows, ...this.#options.layout.hanging("", advice)];
  }

  #short(fingerprint: string): string {
    const { spell } = this.#options;
    return shortFingerprint(spell.line(fingerprint), spell.ellipsis);
  }
}
