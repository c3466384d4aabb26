// Who is admitted, and who somebody is: an account is a pinned key, made at the first arrival.
//
//   known key ── active ──────────────────────────────> account
//       │  └──── suspended, or another signature key ─> turned away
//   unknown key ── an invite with a use left, or an open hub ──> account, under a handle that nobody has
//              └── else ───────────────────────────────────────> turned away

import { equalInConstantTime } from "../core/bytes.ts";
import type { Instant } from "../core/clock.ts";
import type { TurnedAway } from "./events.ts";
import { handlesFor } from "./handle.ts";
import type { HubQuotas } from "./quotas.ts";
import type { Account, HubStore } from "./store.ts";

/** The id of the invite by which the first operator comes in. */
export const OPERATOR_INVITE = "operator";

/** Somebody who has authenticated. */
export interface Arriving {
  /** X25519, 32 bytes. */
  readonly key: Uint8Array;
  /** Ed25519, 32 bytes. */
  readonly signatureKey: Uint8Array;
  /** What it calls itself. */
  readonly name: string;
}

type Admitted =
  | { readonly type: "admitted"; readonly account: Account; readonly isNew: boolean }
  | { readonly type: "turned-away"; readonly why: TurnedAway };

interface AdmissionOptions {
  readonly store: HubStore;
  readonly clock: { now(): Instant };
  readonly quotas: Pick<HubQuotas, "accounts">;
  /** Everybody who has authenticated gets an account. */
  readonly isOpen: boolean;
}

export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** `via` is the id of the invite by which it has come, if any. Rejects with LairError store-*. */
  async admit(who: Arriving, via: string | undefined): Promise<Admitted> {
    const known = await this.#options.store.accounts.account(who.key);
    return known === undefined ? await this.#admitNew(who, via) : admitKnown(who, known);
  }

  async #admitNew(who: Arriving, via: string | undefined): Promise<Admitted> {
    const { store, clock, quotas, isOpen } = this.#options;
    const { accounts } = store;
    const nowMs = clock.now().wallMs;
    // Before an invite is used: it stays good for a day on which there is room.
    if ((await accounts.countAccounts()) >= quotas.accounts) return { type: "turned-away", why: "full" };
    const use = via === undefined ? "unknown" : await accounts.useInvite(via, who.key, nowMs);
    if (use !== "used" && !isOpen) return { type: "turned-away", why: use };
    const role = use === "used" && via === OPERATOR_INVITE ? "operator" : "member";
    const { key, signatureKey } = who;
    for (const handle of handlesFor(who.name, key)) {
      const account: Account = { key, signatureKey, handle, role, standing: "active", joinedAtMs: nowMs };
      const added = await accounts.addAccount(account);
      if (added === "added") return { type: "admitted", account, isNew: true };
      // The same key has arrived twice at once.
      if (added === "known") break;
    }
    const there = await accounts.account(key);
    return there === undefined ? { type: "turned-away", why: "unknown" } : admitKnown(who, there);
  }
}

function admitKnown({ signatureKey }: Arriving, account: Account): Admitted {
  if (account.standing === "suspended") return { type: "turned-away", why: "suspended" };
  const isSame = equalInConstantTime(account.signatureKey, signatureKey);
  return isSame ? { type: "admitted", account, isNew: false } : { type: "turned-away", why: "key-changed" };
}
