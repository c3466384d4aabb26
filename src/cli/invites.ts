// A server's invites: made, shown, left in HOME/invite for a client of the account, and cleared away once they have served
// or expired. Knows neither who uses one nor how one looks.

import { equalInConstantTime, erase, toHex } from "../core/bytes.ts";
import { formatInvite, parseInvite } from "../core/identity/invite.ts";
import type { OpenInvite } from "../core/identity/peer.ts";
import type { RandomSource } from "../core/noise/index.ts";
import type { Home } from "../node/home/home.ts";
import type { Clock } from "../app/ports.ts";
import type { Frontend } from "../app/frontend.ts";

export const INVITE_LIFETIME_MS = 24 * 60 * 60 * 1000;
/** Timers and the wall clock differ a little, and one that comes too early would come in vain. */
const SLACK_MS = 1_000;

export interface InvitesOptions {
  readonly home: Home;
  readonly frontend: Pick<Frontend, "show">;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly serverKey: Uint8Array;
  /** Accepts an invite from now on. */
  readonly open: (invite: OpenInvite) => void;
  /** Time is up for one at least; {@link Invites.drop} follows for each. */
  readonly dropExpired: () => void;
}

export class Invites {
  readonly #options: InvitesOptions;
  readonly #watched = new Set<string>();

  constructor(options: InvitesOptions) {
    this.#options = options;
  }

  /**
   * At the start: a new invite if one is asked for or nobody could connect otherwise, else the open one, if any.
   * `url` is where clients find us.
   */
  offer(url: string, { isAsked, isNeeded }: { readonly isAsked: boolean; readonly isNeeded: boolean }): void {
    const { home } = this.#options;
    const peers = home.peers();
    // One that a peer still has beside its pair has served; a crash kept it from being dropped.
    const hasServed = ({ psk }: OpenInvite): boolean =>
      peers.some(({ invitePsk }) => invitePsk !== undefined && equalInConstantTime(invitePsk, psk));
    const open = home.invites().findLast((invite) => invite.expiresAtMs > this.#nowMs && !hasServed(invite));
    if (isAsked || (isNeeded && open === undefined)) this.make(url);
    else if (open !== undefined) this.#show(open, url);
  }

  make(url: string): void {
    const { home, open, random } = this.#options;
    const now = this.#nowMs;
    const invite: OpenInvite = { id: toHex(random(8)), psk: random(32), expiresAtMs: now + INVITE_LIFETIME_MS };
    home.changeInvites((invites) => [...invites.filter(({ expiresAtMs }) => expiresAtMs > now), invite]);
    open(invite);
    this.#show(invite, url);
    erase(invite.psk);
  }

  /** It opens nothing any more: it goes from the disk, and so does its text for clients of the account. */
  drop(id: string): void {
    this.#options.home.changeInvites((invites) => invites.filter((invite) => invite.id !== id));
    clearLeftInvite(this.#options.home);
  }

  /** A peer goes from the disk, and with it the invite that it came by, if that is still there. */
  forgetPeer(publicKey: Uint8Array): void {
    forgetPeer(this.#options.home, publicKey);
  }

  get #nowMs(): number {
    return this.#options.clock.now().wallMs;
  }

  #show(invite: OpenInvite, url: string): void {
    const { home, frontend, serverKey } = this.#options;
    const text = formatInvite({ url, psk: invite.psk, serverKey });
    home.leaveInvite(text);
    this.#watch(invite);
    frontend.show({ type: "invite", invite: text, expiresAtMs: invite.expiresAtMs });
  }

  /** Nobody may come for days, and what is left for a client of the account must not outlive its time. */
  #watch({ id, expiresAtMs }: OpenInvite): void {
    if (this.#watched.has(id)) return;
    this.#watched.add(id);
    const { clock, dropExpired } = this.#options;
    clock.setTimer(Math.max(0, expiresAtMs - this.#nowMs) + SLACK_MS, dropExpired);
  }
}

/**
 * Before a server starts: what has expired while none was running goes from the disk. One that was made while the clock was
 * ahead does not outlive a day from now.
 */
export function pruneInvites(home: Home, nowMs: number): void {
  const lastMs = nowMs + INVITE_LIFETIME_MS;
  const isSound = ({ expiresAtMs }: OpenInvite): boolean => expiresAtMs > nowMs && expiresAtMs <= lastMs;
  if (!home.invites().every(isSound)) {
    home.changeInvites((invites) =>
      invites
        .filter(({ expiresAtMs }) => expiresAtMs > nowMs)
        .map((invite) => ({ ...invite, expiresAtMs: Math.min(invite.expiresAtMs, lastMs) })),
    );
  }
  clearLeftInvite(home);
}

/** Removes a peer from the home, and with it the invite that it came by, also its text for clients of the account. */
export function forgetPeer(home: Home, publicKey: Uint8Array): void {
  home.forgetPeer(publicKey);
  if (home.role === "server") clearLeftInvite(home);
}

/** Removes the text in HOME/invite when it is of an invite that is not open (any more). */
function clearLeftInvite(home: Home): void {
  let found: string | undefined;
  try {
    found = home.findInvite();
  } catch {
    // Damaged: a person who needs one is told so. A pairing does not fail for it.
    return;
  }
  if (found === undefined) return;
  const { psk } = parseInvite(found);
  // Read after the text, since a new invite is stored before its text is left.
  const isOpen = home.invites().some((invite) => equalInConstantTime(invite.psk, psk));
  erase(psk);
  if (!isOpen) home.removeLeftInvite(found);
}
