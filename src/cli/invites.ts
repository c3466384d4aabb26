// A server's invites: made, shown, left in HOME/invite for a client of the account, and removed once they are used or
// expired. Knows neither who uses one nor its form.

import { equalInConstantTime, erase, toHex } from "../core/bytes.ts";
import { formatInvite, parseInvite } from "../core/identity/invite.ts";
import type { OpenInvite, Peer } from "../core/identity/peer.ts";
import type { RandomSource } from "../core/noise/index.ts";
import type { Pairings } from "../core/pairing/pairings.ts";
import type { Home } from "../node/home/home.ts";
import type { Clock } from "../app/ports.ts";
import type { Frontend } from "../app/frontend.ts";

export const INVITE_LIFETIME_MS = 24 * 60 * 60 * 1000;
/** Timers and the wall clock differ a little, and an early timer would be useless. */
const SLACK_MS = 1_000;

interface InvitesOptions {
  readonly home: Home;
  readonly pairings: Pairings;
  readonly frontend: Pick<Frontend, "show">;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly serverKey: Uint8Array;
  /** Accepts an invite from now on. */
  readonly open: (invite: OpenInvite) => void;
  /** Accepts it no longer. */
  readonly close: (id: string) => void;
  /** At least one has expired; {@link Invites.drop} follows for each. */
  readonly dropExpired: () => void;
}

/** An invite without its secret. */
type InviteView = Pick<OpenInvite, "id" | "expiresAtMs">;

export class Invites {
  readonly #options: InvitesOptions;
  readonly #watched = new Set<string>();

  constructor(options: InvitesOptions) {
    this.#options = options;
  }

  /**
   * At the start: a new invite if one is requested or nobody could connect otherwise, else the open one, if any. `url`
   * is where clients find us.
   */
  offer(url: string, { isAsked, isNeeded }: { readonly isAsked: boolean; readonly isNeeded: boolean }): void {
    const open = this.#options.pairings.invites().findLast((invite) => invite.expiresAtMs > this.#nowMs);
    if (isAsked || (isNeeded && open === undefined)) this.make(url);
    else if (open !== undefined) this.#show(open, url);
  }

  /** Makes one, and shows it. */
  make(url: string): void {
    const { text, expiresAtMs } = this.create(url);
    this.#options.frontend.show({ type: "invite", invite: text, expiresAtMs });
  }

  /** Makes one that is shown to nobody: `text` is to be handed over. */
  create(url: string): InviteView & { readonly text: string } {
    const { pairings, open, random } = this.#options;
    const now = this.#nowMs;
    const invite: OpenInvite = { id: toHex(random(8)), psk: random(32), expiresAtMs: now + INVITE_LIFETIME_MS };
    pairings.changeInvites((invites) => [...invites.filter(({ expiresAtMs }) => expiresAtMs > now), invite]);
    open(invite);
    const text = this.#leave(invite, url);
    erase(invite.psk);
    return { id: invite.id, expiresAtMs: invite.expiresAtMs, text };
  }

  /** Those that are open, the oldest first. */
  list(): readonly InviteView[] {
    const invites = this.#options.pairings.invites();
    for (const { psk } of invites) erase(psk);
    return invites.flatMap(({ id, expiresAtMs }) => (expiresAtMs > this.#nowMs ? [{ id, expiresAtMs }] : []));
  }

  /** It opens nothing any more. False: none with this id is open. */
  revoke(id: string): boolean {
    if (!this.list().some((invite) => invite.id === id)) return false;
    this.#options.close(id);
    this.drop(id);
    return true;
  }

  /** A peer came by it: both are stored, and its text for clients of the account is removed. */
  pair(peer: Peer, id: string): void {
    const { home, pairings } = this.#options;
    pairings.pair(peer, id);
    try {
      clearLeftInvite(home, pairings);
    } catch {
      // The pairing is stored, and the text opens nothing any more: the next start removes it.
    }
  }

  /** It opens nothing any more: it is deleted from the disk, and so is its text for clients of the account. */
  drop(id: string): void {
    const { home, pairings } = this.#options;
    pairings.dropInvite(id);
    clearLeftInvite(home, pairings);
  }

  get #nowMs(): number {
    return this.#options.clock.now().wallMs;
  }

  #show(invite: OpenInvite, url: string): void {
    const text = this.#leave(invite, url);
    this.#options.frontend.show({ type: "invite", invite: text, expiresAtMs: invite.expiresAtMs });
  }

  /** Its text, which a client of the account finds from now on. */
  #leave(invite: OpenInvite, url: string): string {
    const { home, serverKey } = this.#options;
    const text = formatInvite({ url, psk: invite.psk, serverKey });
    home.leaveInvite(text);
    this.#watch(invite);
    return text;
  }

  /** Nobody may come for days, and the text for a client of the account must not outlive the invite. */
  #watch({ id, expiresAtMs }: OpenInvite): void {
    if (this.#watched.has(id)) return;
    this.#watched.add(id);
    const { clock, dropExpired } = this.#options;
    clock.setTimer(Math.max(0, expiresAtMs - this.#nowMs) + SLACK_MS, dropExpired);
  }
}

/**
 * Before a server starts: deletes invites that expired while no server was running. One that was made while the clock
 * was ahead lasts at most a day from now.
 */
export function pruneInvites(home: Home, pairings: Pairings, nowMs: number): void {
  const lastMs = nowMs + INVITE_LIFETIME_MS;
  const isSound = ({ expiresAtMs }: OpenInvite): boolean => expiresAtMs > nowMs && expiresAtMs <= lastMs;
  if (!pairings.invites().every(isSound)) {
    pairings.changeInvites((invites) =>
      invites
        .filter(({ expiresAtMs }) => expiresAtMs > nowMs)
        .map((invite) => ({ ...invite, expiresAtMs: Math.min(invite.expiresAtMs, lastMs) })),
    );
  }
  clearLeftInvite(home, pairings);
}

/** Removes the text in HOME/invite if its invite is not open (any more). */
function clearLeftInvite(home: Home, pairings: Pairings): void {
  let found: string | undefined;
  try {
    found = home.findInvite();
  } catch {
    // Damaged: a client that needs the file reports it. A pairing does not fail because of it.
    return;
  }
  if (found === undefined) return;
  const { psk } = parseInvite(found);
  // Read after the text, because a new invite is stored before its text is written.
  const isOpen = pairings.invites().some((invite) => equalInConstantTime(invite.psk, psk));
  erase(psk);
  if (!isOpen) home.removeLeftInvite(found);
}
