// All conversations of a program: one with each peer, those with somebody who is not known yet, and those with forgotten
// peers whose last session is not over.
//
//   with somebody ---its first session is open---> with a peer ---the peer is forgotten---> abandoned, until its session ends

import { toHex } from "../core/bytes.ts";
import type { Session } from "../core/chat/session.ts";
import type { Peer } from "../core/identity/peer.ts";
import { Conversation, type ConversationOwner } from "./conversation.ts";
import { keyOf } from "./peer-key.ts";
import type { SessionRunner } from "./session-runner.ts";

export class Conversations {
  readonly #owner: ConversationOwner;
  /** By hex of the peer's key, in the order in which they began. */
  readonly #known = new Map<string, Conversation>();
  readonly #abandoned = new Set<Conversation>();
  /** By hex of the key in the invite; by "" without one. */
  readonly #pending = new Map<string, Conversation>();

  constructor(owner: ConversationOwner) {
    this.#owner = owner;
  }

  get all(): readonly Conversation[] {
    return [...this.#known.values(), ...this.#abandoned, ...this.#pending.values()];
  }

  get runners(): readonly SessionRunner<Session>[] {
    return this.all.flatMap(({ runner }) => runner ?? []);
  }

  /** The one with somebody who is not known yet, if there is one; a client's first. */
  get pending(): Conversation | undefined {
    return this.#pending.values().next().value;
  }

  find(peer: Peer): Conversation | undefined {
    return this.#known.get(keyOf(peer));
  }

  /** The one with this peer; a new one if there is none. */
  with(peer: Peer): Conversation {
    const existing = this.find(peer);
    if (existing !== undefined) return existing;
    const conversation = new Conversation(this.#owner, peer);
    this.#known.set(keyOf(peer), conversation);
    return conversation;
  }

  /** `key`: of the one who is expected, from an invite; undefined: anybody. */
  withSomebody(key?: Uint8Array): Conversation {
    const expected = key === undefined ? "" : toHex(key);
    const conversation = this.#pending.get(expected) ?? new Conversation(this.#owner, undefined);
    this.#pending.set(expected, conversation);
    return conversation;
  }

  /** The one whose current session this runner runs. */
  carriedBy(runner: SessionRunner<Session>): Conversation | undefined {
    return this.all.find((conversation) => conversation.runner === runner);
  }

  /** A session with this peer is open in it. */
  opened(conversation: Conversation, peer: Peer): void {
    const [expected] = [...this.#pending].find(([, pending]) => pending === conversation) ?? [];
    if (expected === undefined) return;
    this.#pending.delete(expected);
    this.#known.set(keyOf(peer), conversation);
  }

  /** The peer is forgotten; a later peer with the same key starts from scratch. */
  remove(peer: Peer): void {
    const conversation = this.with(peer);
    this.#known.delete(keyOf(peer));
    if (conversation.runner !== undefined) this.#abandoned.add(conversation);
  }

  /** Its session has ended. */
  ended(conversation: Conversation): void {
    this.#abandoned.delete(conversation);
  }
}
