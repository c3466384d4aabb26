// The invites of a hub: stored with their secrets in the hub's store, which counts their uses, and open at its server as
// long as somebody may still come by them. Those of links to rooms are made and revoked by members: the store tells of it.

import type { Clock } from "../app/ports.ts";
import { erase } from "../core/bytes.ts";
import { formatInvite } from "../core/identity/invite.ts";
import type { RandomSource } from "../core/noise/index.ts";
import type { Server } from "../core/pairing/server.ts";
import { OPERATOR_INVITE } from "../hub/accounts.ts";
import type { HubAdmin, InviteView } from "../hub/admin.ts";
import type { LinksBring } from "../hub/handlers.ts";
import { type HubInvite, type HubStore, isLinkInvite } from "../hub/store.ts";
import { INVITE_LIFETIME_MS } from "./invites.ts";

/** The id of the standing invite of --open. */
const OPEN_INVITE = "open";
/** Ours: more than there will ever be people. */
const ANY_NUMBER = 1_000_000_000;

/** An invite to be shown. */
export interface ShownInvite extends InviteView {
  /** The secret itself. */
  readonly text: string;
}

interface HubInvitesOptions {
  readonly store: HubStore;
  readonly admin: HubAdmin;
  readonly server: Server;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly serverKey: Uint8Array;
  /** Where members find the hub. */
  readonly url: () => string;
  readonly linksBring: LinksBring;
  /** The store has failed. */
  readonly onFailed: (error: unknown) => void;
}

export class HubInvites {
  readonly #options: HubInvitesOptions;

  constructor(options: HubInvitesOptions) {
    this.#options = options;
  }

  /** Opens all that are still good. Returns the operator's, until somebody has used it, and the standing one of --open. */
  async begin(isOpen: boolean): Promise<{ readonly operator?: ShownInvite; readonly standing?: ShownInvite }> {
    const operator = await this.#operatorInvite();
    const standing = await this.#standingInvite(isOpen);
    for (const invite of await this.#stored()) this.#open(invite);
    this.#options.store.subscribe((news) => {
      if (news.type === "invite") void this.#follow(news.id);
    });
    return {
      ...(operator === undefined ? {} : { operator: this.#shown(operator) }),
      ...(standing === undefined ? {} : { standing: this.#shown(standing) }),
    };
  }

  async make(how: { readonly uses: number; readonly expiresAtMs: number }): Promise<ShownInvite> {
    const invite = await this.#options.admin.makeInvite(how);
    this.#open(invite);
    return this.#shown(invite);
  }

  /** Somebody has come by it: if that was the last use, it opens nothing any more. */
  async used(id: string): Promise<void> {
    const invite = await this.#options.store.accounts.invite(id);
    if (invite === undefined || invite.uses === 0) this.#options.server.dropInvite(id);
  }

  /** An invite has been made or revoked. Never rejects. */
  async #follow(id: string): Promise<void> {
    const { store, server, onFailed } = this.#options;
    try {
      const invite = await store.accounts.invite(id);
      if (invite === undefined) server.dropInvite(id);
      else this.#open(invite);
    } catch (error) {
      // A client that uses it is refused.
      server.dropInvite(id);
      onFailed(error);
    }
  }

  async #operatorInvite(): Promise<HubInvite | undefined> {
    const { admin } = this.#options;
    const known = (await this.#stored()).find(({ id }) => id === OPERATOR_INVITE);
    if (known?.uses === 0) return undefined;
    if (known !== undefined && known.expiresAtMs > this.#nowMs) return known;
    if (known !== undefined) await admin.revokeInvite(OPERATOR_INVITE);
    return await admin.makeOperatorInvite(this.#nowMs + INVITE_LIFETIME_MS);
  }

  async #standingInvite(isOpen: boolean): Promise<HubInvite | undefined> {
    const { store, random } = this.#options;
    const known = (await this.#stored()).find(({ id }) => id === OPEN_INVITE);
    if (!isOpen) {
      if (known !== undefined) await store.accounts.revokeInvite(OPEN_INVITE);
      return undefined;
    }
    if (known !== undefined) return known;
    const invite = { id: OPEN_INVITE, psk: random(32), uses: ANY_NUMBER, expiresAtMs: Number.MAX_SAFE_INTEGER };
    await store.accounts.addInvite(invite);
    return invite;
  }

  async #stored(): Promise<readonly HubInvite[]> {
    return await this.#options.store.accounts.invites();
  }

  #open({ id, psk, uses, expiresAtMs }: HubInvite): void {
    if (uses === 0 || expiresAtMs <= this.#nowMs) return;
    if (isLinkInvite(id) && this.#options.linksBring === "members") return;
    this.#options.server.openInvite({ id, psk, expiresAtMs, isReusable: true }, this.#options.clock.now());
  }

  #shown({ id, psk, uses, expiresAtMs }: HubInvite): ShownInvite {
    const { url, serverKey } = this.#options;
    const text = formatInvite({ url: url(), psk, serverKey });
    erase(psk);
    return { id, uses, expiresAtMs, text };
  }

  get #nowMs(): number {
    return this.#options.clock.now().wallMs;
  }
}
