// The commands about who one talks to: verify, rename, peers. Knows where peers are kept, not how anything looks.

import { equalInConstantTime } from "../core/bytes.ts";
import type { Instant } from "../core/channel/index.ts";
import type { Command } from "../core/chat/events.ts";
import { type Line, viewPeer } from "../core/chat/line.ts";
import { LairError } from "../core/errors.ts";
import { fingerprint } from "../core/identity/fingerprint.ts";
import { chosenName } from "../core/identity/peer-name.ts";
import { bearerOf, type Peer } from "../core/identity/peer.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import { safetyWords } from "../core/identity/safety-words.ts";
import { isOwnWord } from "../node/terminal/own-words.ts";
import type { Face } from "./face.ts";

export interface PeerCommandsOptions {
  readonly face: Face;
  readonly clock: { now(): Instant };
  readonly ownKey: Uint8Array;
  readonly peers: () => readonly Peer[];
  /** Stores a changed peer. Throws LairError. */
  readonly savePeer: (peer: Peer) => void;
  /** The line that is talked over, if there is one. */
  readonly line: () => Line | undefined;
}

export type PeerCommand = Extract<Command, { type: "verify" | "rename" | "peers" }>;

export class PeerCommands {
  readonly #options: PeerCommandsOptions;

  constructor(options: PeerCommandsOptions) {
    this.#options = options;
  }

  /** Throws LairError. */
  carryOut(command: PeerCommand): void {
    switch (command.type) {
      case "verify":
        return this.#verify(command.compared);
      case "rename":
        return this.#rename(command.name);
      case "peers":
        return this.#show();
    }
  }

  /** Shows the words to compare, or notes that they were. */
  #verify(compared: boolean): void {
    const { face, clock, ownKey } = this.#options;
    const peer = this.#peerInQuestion("compare words with");
    if (compared) {
      this.#changePeer({ ...peer, comparedAtMs: clock.now().wallMs });
      face.show({ type: "notice", text: `Noted: you have compared the words with ${nameInSentence(peer.name)}.` });
      return;
    }
    const words = safetyWords(ownKey, peer.publicKey);
    face.show({ type: "verify", own: fingerprint(ownKey), peer: viewPeer(peer), words });
  }

  #rename(text: string): void {
    const name = chosenName(text);
    if (name === undefined) {
      throw new LairError("usage", "A name is 1 to 64 bytes of text, without invisible characters.");
    }
    const peer = this.#peerInQuestion("rename");
    if (isOwnWord(name)) {
      throw new LairError(
        "usage",
        `${nameInSentence(name)} looks like a word of the program, so this was not changed.`,
        {
          hint: "Choose another name.",
        },
      );
    }
    const bearer = bearerOf(name, peer.publicKey, this.#options.peers());
    if (bearer !== undefined) {
      const called = `Somebody else is called ${nameInSentence(bearer.name)} already`;
      throw new LairError("usage", `${called}, which looks the same, so this was not changed.`, {
        hint: "Choose another name; peers shows those in use.",
      });
    }
    this.#changePeer({ ...peer, name });
    this.#options.face.show({ type: "renamed", was: peer.name, peer: viewPeer({ ...peer, name }) });
  }

  #show(): void {
    const { face, peers, line } = this.#options;
    const connected = line()?.peer;
    face.show({
      type: "peers",
      peers: peers().map((peer) => viewPeer(peer)),
      connected: connected === undefined ? undefined : fingerprint(connected.publicKey),
    });
  }

  /** Who is connected, else the only one there is; as stored now: a line has the psk of when it was opened. */
  #peerInQuestion(purpose: string): Peer {
    const known = this.#options.peers();
    const connected = this.#options.line()?.peer;
    if (connected !== undefined) {
      return known.find(({ publicKey }) => equalInConstantTime(publicKey, connected.publicKey)) ?? connected;
    }
    const [only, ...others] = known;
    if (only !== undefined && others.length === 0) return only;
    throw new LairError("not-connected", `There is nobody to ${purpose}: nobody is connected.`);
  }

  #changePeer(peer: Peer): void {
    this.#options.savePeer(peer);
    const line = this.#options.line();
    if (line?.peer !== undefined) line.peer = peer;
  }
}
