// The invites of a server (docs/PROTOCOL.md §9.2), each of which pairs once, unless it is a hub's: then it stays open. Knows no peer beyond its key, and no disk.
//
//   open ---a pairing by it has been stored---> spent ---its peer is forgotten---> void
//    +---it expires, or another one of its id is opened---> gone

import { equalInConstantTime as isSame, erase } from "../bytes.ts";
import type { Instant } from "../channel/index.ts";
import { LairError } from "../errors.ts";
import type { OpenInvite } from "../identity/peer.ts";

/** Ours: a machine may sleep that long, or its clock may be set. */
const MOST_LEAP_MS = 86_400_000;

/** Where changes of the accepted invites are reported. */
interface InviteListener {
  accept(invite: AcceptedInvite): void;
  revoke(id: string): void;
}

/** An invite that a server accepts. */
export interface AcceptedInvite extends OpenInvite {
  /** 32 bytes: the only key that may use it, because an introducer knows its psk too. Absent: any key may. */
  readonly onlyFor?: Uint8Array;
  /** Whether it stays open when somebody has used it: the caller that opened it counts the uses, and drops it. */
  readonly isReusable?: true;
}

type OwnInvite = AcceptedInvite & { readonly openedAt: Instant };

type SpentInvite =
  /** Used by this key, 32 bytes, in the handshake with this number. */
  | { readonly name: "spent"; readonly by: Uint8Array; readonly order: number }
  | { readonly name: "void"; readonly by: Uint8Array };

export class ServerInvites {
  readonly #listener: InviteListener;
  /** By their ids. The psks here are ours: overwritten when they have served. */
  readonly #open = new Map<string, OwnInvite>();
  readonly #spent = new Map<string, SpentInvite>();

  constructor(listener: InviteListener) {
    this.#listener = listener;
  }

  /** Accepts an invite from now on. It is copied. */
  open(invite: AcceptedInvite, now: Instant): void {
    const own = { ...invite, psk: invite.psk.slice(), openedAt: now };
    this.#revoke(invite.id);
    // Only an introduction has the id of an earlier one: to the same key, which was forgotten since.
    this.#spent.delete(invite.id);
    this.#open.set(own.id, own);
    this.#listener.accept(own);
  }

  /** This invite opens nothing any more, if it is open. */
  drop(id: string): void {
    if (this.#open.has(id)) this.#revoke(id);
  }

  /** Forgets the expired invites, and returns their ids. */
  dropExpired(now: Instant): readonly string[] {
    const expired = [...this.#open.values()].filter((invite) => isOver(invite, now)).map(({ id }) => id);
    for (const id of expired) this.#revoke(id);
    return expired;
  }

  /** A pairing with this invite has been stored. `order` is the number of its handshake. */
  spend(id: string, publicKey: Uint8Array, order: number): void {
    if (this.#open.get(id)?.isReusable === true) return;
    this.#spent.set(id, { name: "spent", by: publicKey, order });
    this.#revoke(id);
  }

  /** A peer has been forgotten: no handshake in progress brings it back. */
  forgetPeer(publicKey: Uint8Array): void {
    for (const [id, { by }] of this.#spent) if (isSame(by, publicKey)) this.#spent.set(id, { name: "void", by });
  }

  /**
   * An invite pairs once. The peer that used it may come again with a *later* handshake that was in progress: as far as
   * it knows, its message 3 was lost, and it keeps the later psk. Throws LairError `proof-unknown`.
   */
  requireUnspent(id: string, publicKey: Uint8Array, order: number): void {
    const spent = this.#spent.get(id);
    if (spent === undefined) return;
    if (spent.name === "spent" && isSame(spent.by, publicKey) && order > spent.order) return;
    throw new LairError("proof-unknown", "A connection was dropped: its invite has been used meanwhile.");
  }

  #revoke(id: string): void {
    erase(this.#open.get(id)?.psk);
    this.#open.delete(id);
    this.#listener.revoke(id);
  }
}

/**
 * Whether an invite has expired, by the monotonic clock or the wall clock. The wall clock does not count if it has
 * jumped ahead by more than a day, as when a machine learns the time after its start: an invite on the screen must
 * work.
 */
function isOver({ expiresAtMs, openedAt }: { expiresAtMs: number; openedAt: Instant }, now: Instant): boolean {
  const passedMs = now.monotonicMs - openedAt.monotonicMs;
  const leaptMs = now.wallMs - openedAt.wallMs - passedMs;
  return passedMs >= expiresAtMs - openedAt.wallMs || (now.wallMs >= expiresAtMs && leaptMs <= MOST_LEAP_MS);
}
