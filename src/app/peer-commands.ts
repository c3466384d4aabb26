// The commands about peers: verify, rename, peers, forget-peer. Knows where peers are kept, not how anything looks.

import { equalInConstantTime } from "../core/bytes.ts";
import type { Instant } from "../core/channel/index.ts";
import type { Command } from "./events.ts";
import type { Session } from "../core/chat/session.ts";
import { viewPeer } from "../core/identity/peer-view.ts";
import { LairError } from "../core/errors.ts";
import { fingerprint } from "../core/identity/fingerprint.ts";
import { chosenName } from "../core/identity/peer-name.ts";
import { bearerOf, type Peer } from "../core/identity/peer.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import { safetyWords } from "../core/identity/safety-words.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { isOwnWord } from "../core/identity/reserved-names.ts";
import type { Frontend } from "./frontend.ts";
import { peerMeant } from "./which-peer.ts";

interface PeerCommandsOptions {
  readonly frontend: Frontend;
  readonly clock: { now(): Instant };
  readonly suite: CipherSuite;
  readonly ownKey: Uint8Array;
  readonly peers: () => readonly Peer[];
  /** Stores a changed peer. Throws LairError. */
  readonly savePeer: (peer: Peer) => void;
  /** Ends the session with a peer and removes its pairing, with `history` also its kept lines. Throws LairError. */
  readonly forgetPeer: (peer: Peer, history: boolean) => void;
  /** How many lines are kept with this peer. Throws LairError store-*. */
  readonly countLines: (peer: Peer) => number;
  /** The line that is talked over, if there is one. */
  readonly session: () => Session | undefined;
}

type PeerCommand = Extract<Command, { type: "verify" | "rename" | "peers" | "forget-peer" }>;

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
      case "forget-peer":
        return this.#forget(command);
    }
  }

  /** Shows the words to compare, or records that they matched. */
  #verify(compared: boolean): void {
    const { frontend, clock, suite, ownKey } = this.#options;
    const peer = this.#peerInQuestion("compare words with");
    if (compared) {
      this.#changePeer({ ...peer, comparedAtMs: clock.now().wallMs });
      frontend.show({ type: "notice", text: `Noted: you have compared the words with ${nameInSentence(peer.name)}.` });
      return;
    }
    const words = safetyWords(suite, ownKey, peer.publicKey);
    frontend.show({ type: "verify", own: fingerprint(suite, ownKey), peer: viewPeer(suite, peer), words });
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
      const called = `Somebody else is already called ${nameInSentence(bearer.name)}`;
      throw new LairError("usage", `${called}, which looks the same, so this was not changed.`, {
        hint: "Choose another name; peers shows those in use.",
      });
    }
    this.#changePeer({ ...peer, name });
    const { frontend, suite } = this.#options;
    frontend.show({ type: "renamed", was: peer.name, peer: viewPeer(suite, { ...peer, name }) });
  }

  #show(): void {
    const { frontend, suite, peers, session } = this.#options;
    const connected = session()?.peer;
    frontend.show({
      type: "peers",
      peers: peers().map((peer) => viewPeer(suite, peer)),
      connected: connected === undefined ? undefined : fingerprint(suite, connected.publicKey),
    });
  }

  /** Asks, or forgets at once if confirmed. Always needs a name, even for the only or the connected peer. */
  #forget({ who, history, confirmed }: Extract<Command, { type: "forget-peer" }>): void {
    const { frontend, suite, peers, forgetPeer, countLines } = this.#options;
    const peer = peerMeant(
      suite,
      peers(),
      who,
      "Write one of these names, or the first eight or more characters of a fingerprint.",
    );
    const view = viewPeer(suite, peer);
    if (!confirmed) {
      frontend.show({ type: "forget-peer-asked", peer: view, history, count: countLines(peer) });
      return;
    }
    forgetPeer(peer, history);
    frontend.show({ type: "peer-forgotten", peer: view, history });
  }

  /** Who is connected, else the only one there is; as stored now: a line has the psk of when it was opened. */
  #peerInQuestion(purpose: string): Peer {
    const known = this.#options.peers();
    const connected = this.#options.session()?.peer;
    if (connected !== undefined) {
      return known.find(({ publicKey }) => equalInConstantTime(publicKey, connected.publicKey)) ?? connected;
    }
    const [only, ...others] = known;
    if (only !== undefined && others.length === 0) return only;
    throw new LairError("not-connected", `There is nobody to ${purpose}: nobody is connected.`);
  }

  #changePeer(peer: Peer): void {
    this.#options.savePeer(peer);
    const session = this.#options.session();
    if (session?.peer !== undefined) session.peer = peer;
  }
}
