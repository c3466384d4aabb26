// The commands about peers: verify, rename, peers, forget-peer. Knows where peers are kept, not how anything looks.

import { formatAddress, parseAddress } from "../core/address.ts";
import type { Instant } from "../core/channel/index.ts";
import type { Conversation } from "./conversation.ts";
import type { Command } from "./events.ts";
import { viewPeer } from "../core/identity/peer-view.ts";
import { LairError } from "../core/errors.ts";
import { fingerprint } from "../core/identity/fingerprint.ts";
import type { PublicIdentity } from "../core/identity/identity.ts";
import { chosenName } from "../core/identity/peer-name.ts";
import { bearerOf, type Peer } from "../core/identity/peer.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import { safetyWords } from "../core/identity/safety-words.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { isOwnWord } from "../core/identity/reserved-names.ts";
import type { Frontend } from "./frontend.ts";
import type { Recipients } from "./recipients.ts";

interface PeerCommandsOptions {
  readonly frontend: Frontend;
  readonly clock: { now(): Instant };
  readonly suite: CipherSuite;
  readonly self: PublicIdentity;
  readonly peers: () => readonly Peer[];
  /** Stores a changed peer. Throws LairError. */
  readonly savePeer: (peer: Peer) => void;
  /** Ends the session with a peer and removes its pairing, with `history` also its kept lines. Throws LairError. */
  readonly forgetPeer: (peer: Peer, history: boolean) => void;
  /** How many lines are kept with this peer. Throws LairError store-*. */
  readonly countLines: (peer: Peer) => number;
  readonly recipients: Recipients;
  readonly conversation: (peer: Peer) => Conversation;
}

type PeerCommand = Extract<Command, { type: "verify" | "rename" | "peers" | "forget-peer" | "mute" | "address" }>;

export class PeerCommands {
  readonly #options: PeerCommandsOptions;

  constructor(options: PeerCommandsOptions) {
    this.#options = options;
  }

  /** Throws LairError. */
  carryOut(command: PeerCommand): void {
    switch (command.type) {
      case "verify":
        return this.#verify(command);
      case "rename":
        return this.#rename(command);
      case "peers":
        return this.#show(command);
      case "forget-peer":
        return this.#forget(command);
      case "mute":
        return this.#mute(command);
      case "address":
        return this.#changeAddress(command);
    }
  }

  /** Shows the words to compare, or records that they matched. */
  #verify({ compared, to }: Extract<Command, { type: "verify" }>): void {
    const { frontend, clock, suite, self, savePeer, recipients } = this.#options;
    const peer = recipients.ofCommand(to, "compare words with");
    if (compared) {
      savePeer({ ...peer, comparedAtMs: clock.now().wallMs });
      const text = `Noted: you have compared the words with ${nameInSentence(peer.name)}.`;
      frontend.show({ type: "notice", text, peer: viewPeer(suite, peer) });
      return;
    }
    const { publicKey, signatureKey } = peer;
    if (signatureKey === undefined) {
      const name = nameInSentence(peer.name);
      throw new LairError("not-connected", `One key of ${name} is not known yet, and the words cover it too.`, {
        hint: `Connect with ${name} once, then ask for the words again.`,
      });
    }
    const words = safetyWords(suite, self, { publicKey, signatureKey });
    frontend.show({ type: "verify", own: fingerprint(suite, self), peer: viewPeer(suite, peer), words });
  }

  #rename({ name: text, to }: Extract<Command, { type: "rename" }>): void {
    const { frontend, suite, savePeer, recipients } = this.#options;
    const name = chosenName(text);
    if (name === undefined) {
      throw new LairError("usage", "A name is 1 to 64 bytes of text, without invisible characters.");
    }
    const peer = recipients.ofCommand(to, "rename");
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
    savePeer({ ...peer, name });
    frontend.show({ type: "renamed", was: peer.name, peer: viewPeer(suite, { ...peer, name }) });
  }

  /** Without a name all of them, at whomever the prompt is: whose names are in use is a question about all. */
  #show({ to }: Extract<Command, { type: "peers" }>): void {
    const { frontend, suite, peers, conversation, recipients } = this.#options;
    const listed = to === undefined ? peers() : [recipients.ofCommand(to, "list")];
    const connected = listed.filter((peer) => conversation(peer).isOpen);
    frontend.show({
      type: "peers",
      peers: listed.map((peer) => viewPeer(suite, peer)),
      connected: connected.map((peer) => fingerprint(suite, peer)),
    });
  }

  /** Asks, or forgets at once if confirmed. Always needs a name, even for the only or the connected peer. */
  #forget({ who, history, confirmed }: Extract<Command, { type: "forget-peer" }>): void {
    const { frontend, suite, forgetPeer, countLines, recipients } = this.#options;
    const peer = recipients.ofCommand(who, "forget");
    const view = viewPeer(suite, peer);
    if (!confirmed) {
      frontend.show({ type: "forget-peer-asked", peer: view, history, count: countLines(peer) });
      return;
    }
    forgetPeer(peer, history);
    frontend.show({ type: "peer-forgotten", peer: view, history });
  }

  #mute({ who, isMuted }: Extract<Command, { type: "mute" }>): void {
    const { frontend, suite, savePeer, recipients } = this.#options;
    const peer = { ...recipients.ofCommand(who, "mute"), isMuted: isMuted ? (true as const) : undefined };
    savePeer(peer);
    frontend.show({ type: "muted", peer: viewPeer(suite, peer), isMuted });
  }

  #changeAddress({ who, url }: Extract<Command, { type: "address" }>): void {
    const { frontend, suite, savePeer, recipients } = this.#options;
    const address = parseAddress(url);
    if (address === undefined) {
      throw new LairError("usage", `${url} is not an address, so nothing was changed.`, {
        hint: "An address looks like ws://HOST:PORT or wss://HOST.",
      });
    }
    const peer = { ...recipients.ofCommand(who, "find"), url: formatAddress(address) };
    savePeer(peer);
    frontend.show({ type: "address", peer: viewPeer(suite, peer), url: peer.url });
  }
}
