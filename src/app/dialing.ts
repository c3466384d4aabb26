// How a program keeps sessions with the servers that it knows: one attempt after the other for each of them
// (`reconnect.ts`), all at the same time. A muted peer is left alone. Knows no WebSocket and no screen.

import { CLOSE_REASON } from "../core/channel/index.ts";
import { findPeer, type Peer } from "../core/identity/peer.ts";
import { ClientSession } from "../core/pairing/client-session.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { viewPeer } from "../core/identity/peer-view.ts";
import type { Backoff } from "./backoff.ts";
import type { Connecting } from "./connecting.ts";
import type { ConnectTarget } from "./connect-target.ts";
import type { Conversation } from "./conversation.ts";
import type { Frontend } from "./frontend.ts";
import type { Messenger } from "./messenger.ts";
import type { Clock } from "./ports.ts";
import { Reconnecting } from "./reconnect.ts";

interface DialingOptions {
  readonly connecting: Connecting;
  readonly messenger: Messenger;
  readonly frontend: Frontend;
  readonly suite: CipherSuite;
  readonly clock: Clock;
  readonly newBackoff: () => Backoff;
  /** Of --once: one connection, however it ends. */
  readonly isOnce: boolean;
  /** Whether a person uses the program, who may wait for a server that is not running yet. */
  readonly isPatient: boolean;
  /** Of --queue: messages are kept, so an unreachable server is not a failure. */
  readonly isQueueing: boolean;
  /** See {@link Reconnecting}. */
  readonly isMutual?: boolean;
  /**
   * Whether the user gives commands, and is no person: then the program also stays when all peers are muted, because
   * `unmute` may follow.
   */
  readonly isCommanded?: boolean;
  /** All known peers, as stored now. */
  readonly peers: () => readonly Peer[];
  /** Where a known peer is found, and by which secret; undefined if that is not known. */
  readonly targetOf: (peer: Peer) => ConnectTarget | undefined;
  /** The target for reconnecting to a peer. */
  readonly targetFor: (peer: Peer, before: ConnectTarget) => ConnectTarget;
  /** The proxy for an address, for `status`. */
  readonly proxyFor: (url: string) => string | undefined;
  /** Nothing is tried any more, and nothing will be by itself. The first exit code that is not 0, else 0. */
  readonly onIdle: (code: number) => void;
}

export class Dialing {
  readonly #options: DialingOptions;
  /** Those under way, by their conversation. */
  readonly #dialled = new Map<Conversation, Reconnecting>();
  #code = 0;
  /** Whether the user has muted somebody, or unmuted when nothing was tried: a program with commands then stays. */
  #isKept = false;

  constructor(options: DialingOptions) {
    this.#options = options;
  }

  /** Tries this target from now on, until there is nothing more to try; the reason is shown then. */
  dial(target: ConnectTarget): void {
    const { messenger, frontend, suite, proxyFor } = this.#options;
    const [credential] = target.credentials;
    const peer = credential?.peer;
    const key = credential?.type === "invite" ? credential.serverKey : undefined;
    const conversation = peer === undefined ? messenger.withSomebody(key) : messenger.with(peer);
    const underWay = this.#dialled.get(conversation);
    if (underWay !== undefined) {
      if (target.how === "invite") underWay.aimed(target);
      return;
    }
    // One that has a session, of the other side's making, is tried after it.
    if (!conversation.isOpen) {
      conversation.address.url = target.url;
      conversation.address.proxy = proxyFor(target.url);
      frontend.show({
        type: "connecting",
        url: target.url,
        how: target.how,
        peer: peer === undefined ? undefined : viewPeer(suite, peer),
      });
    }
    const reconnecting = new Reconnecting({
      ...this.#options,
      conversation,
      backoff: this.#options.newBackoff(),
      onWaiting: () => this.#settle(),
    });
    this.#dialled.set(conversation, reconnecting);
    void reconnecting.converse(target).then((code) => this.#over(conversation, code));
  }

  /** The user is active, or the machine has woken up: try again now. */
  hurry(): void {
    for (const reconnecting of this.#dialled.values()) reconnecting.hurry();
  }

  /** A peer was changed: muted or not any more, or it has another address. */
  changed({ publicKey }: Peer): void {
    const { messenger, peers, targetOf } = this.#options;
    const peer = findPeer(peers(), publicKey);
    if (peer === undefined) return;
    const conversation = messenger.with(peer);
    const target = targetOf(peer);
    if (this.#options.isCommanded === true && (peer.isMuted === true || this.#dialled.size === 0)) this.#isKept = true;
    if (peer.isMuted === true) {
      // One of the other side's making stays: whom this side does not connect to may connect to it.
      const { runner } = conversation;
      if (runner?.session instanceof ClientSession) runner.leave(CLOSE_REASON.goodbye, 0);
      this.#dialled.get(conversation)?.hurry();
      return;
    }
    if (target === undefined) return;
    const reconnecting = this.#dialled.get(conversation);
    // An open session stays, whichever side made it; the next dial is after its end.
    if (reconnecting === undefined) this.dial(target);
    else reconnecting.moved(target.url);
  }

  #over(conversation: Conversation, code: number): void {
    this.#dialled.delete(conversation);
    this.#code ||= code;
    if (this.#dialled.size > 0) this.#settle();
    else if (!this.#isKept || !this.#options.peers().some(({ isMuted }) => isMuted === true)) {
      this.#options.onIdle(this.#code);
    }
  }

  /** If all that are left wait for one another, they end. */
  #settle(): void {
    const all = [...this.#dialled.values()];
    if (!this.#isKept && all.every(({ isWaiting }) => isWaiting)) for (const one of all) one.giveUp();
  }
}
