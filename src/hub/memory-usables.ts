// Things in memory that may be used a number of times, each time by another key: links, and the hub's invites.

import { toHex } from "../core/bytes.ts";
import { type HubInvite, type News, requireKey, type Use } from "./store.ts";

/** An invite or a link, and who has used it. */
export interface Usable<Kind> {
  readonly kind: Kind;
  readonly uses: number;
  readonly expiresAtMs: number;
  readonly usedBy: ReadonlySet<string>;
}

/** False: there is one with this id. */
export function addUsable<Kind extends { readonly id: string; readonly uses: number; readonly expiresAtMs: number }>(
  usables: Map<string, Usable<Kind>>,
  kind: Kind,
): boolean {
  if (usables.has(kind.id)) return false;
  const { uses, expiresAtMs } = kind;
  usables.set(kind.id, { kind, uses, expiresAtMs, usedBy: new Set() });
  return true;
}

export function useOf<Kind>(usables: Map<string, Usable<Kind>>, id: string, by: Uint8Array, nowMs: number): Use {
  requireKey(by);
  const usable = usables.get(id);
  if (usable === undefined) return "unknown";
  if (usable.usedBy.has(toHex(by))) return "used";
  if (usable.expiresAtMs <= nowMs) return "expired";
  if (usable.uses < 1) return "spent";
  usables.set(id, { ...usable, uses: usable.uses - 1, usedBy: new Set([...usable.usedBy, toHex(by)]) });
  return "used";
}

/** The invites of a hub. */
export class MemoryInvites {
  readonly #invites = new Map<string, Usable<HubInvite>>();
  readonly #tell: (news: News) => void;

  constructor(tell: (news: News) => void) {
    this.#tell = tell;
  }

  get(id: string): HubInvite | undefined {
    const invite = this.#invites.get(id);
    return invite === undefined ? undefined : { ...invite.kind, uses: invite.uses };
  }

  all(): readonly HubInvite[] {
    return [...this.#invites.values()].map(({ kind, uses }) => ({ ...kind, uses }));
  }

  /** False: there is one with this id. */
  add(invite: HubInvite): boolean {
    requireKey(invite.psk);
    if (!addUsable(this.#invites, invite)) return false;
    this.#tell({ type: "invite", id: invite.id });
    return true;
  }

  /** False: there was none. */
  revoke(id: string): boolean {
    if (!this.#invites.delete(id)) return false;
    this.#tell({ type: "invite", id });
    return true;
  }

  use(id: string, by: Uint8Array, nowMs: number): Use {
    return useOf(this.#invites, id, by, nowMs);
  }
}
