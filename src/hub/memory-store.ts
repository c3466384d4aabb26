// A hub's store that lives as long as the program: the reference for every other, and enough for tests. One step of
// JavaScript is one atomic call.

import { toHex } from "../core/bytes.ts";
import { compare, pageOf } from "./memory-lists.ts";
import { MemoryRooms } from "./memory-rooms.ts";
import { MemoryInvites } from "./memory-usables.ts";
import { isSameKey } from "./same-key.ts";
import {
  type Account,
  type HubAccounts,
  type HubInvite,
  type HubKeyPackages,
  type HubMail,
  type HubRooms,
  type HubStore,
  type Letter,
  type News,
  type Page,
  requireId,
  requireKey,
  type StoredKeyPackage,
  type Use,
} from "./store.ts";

export class MemoryHubStore implements HubStore {
  readonly #news = new Set<(news: News) => void>();
  readonly #letters = new Map<string, Letter[]>();
  readonly #packages = new Map<string, StoredKeyPackage[]>();
  readonly accounts: HubAccounts;
  readonly keyPackages: HubKeyPackages;
  readonly rooms: HubRooms;
  readonly mail: HubMail;

  constructor() {
    const tell = (news: News): void => {
      for (const listener of this.#news) listener(news);
    };
    const invites = new MemoryInvites(tell);
    const rooms = new MemoryRooms(tell, invites, (letter) => this.#send(letter));
    const accounts = new MemoryAccounts(tell, invites, (key) => {
      this.#letters.delete(key);
      this.#packages.delete(key);
      rooms.unseat(key);
    });
    this.rooms = rooms;
    this.accounts = accounts;
    this.keyPackages = new MemoryKeyPackages(this.#packages);
    this.mail = {
      send: async (letter, most) => {
        requireId(letter.id);
        const waiting = this.#waiting(letter.to);
        if (!accounts.has(letter.to)) return "unknown-account";
        if (waiting.some(({ id }) => isSameKey(id, letter.id))) return "already";
        if (waiting.length >= most) return "full";
        this.#send(letter);
        tell({ type: "letter", to: letter.to });
        return "sent";
      },
      letters: async (to, limit) => this.#waiting(to).slice(0, limit),
      countLetters: async (to) => this.#waiting(to).length,
      drop: async (to, id) => {
        requireId(id);
        const waiting = this.#waiting(to);
        const rest = waiting.filter((letter) => !isSameKey(letter.id, id));
        this.#letters.set(toHex(to), rest);
        return rest.length < waiting.length;
      },
    };
  }

  subscribe(listener: (news: News) => void): () => void {
    this.#news.add(listener);
    return () => void this.#news.delete(listener);
  }

  async close(): Promise<void> {
    this.#news.clear();
  }

  #waiting(to: Uint8Array): Letter[] {
    requireKey(to);
    return this.#letters.get(toHex(to)) ?? [];
  }

  #send(letter: Letter): void {
    const waiting = this.#waiting(letter.to);
    if (waiting.every(({ id }) => !isSameKey(id, letter.id))) this.#letters.set(toHex(letter.to), [...waiting, letter]);
  }
}

class MemoryAccounts implements HubAccounts {
  readonly #accounts = new Map<string, Account>();
  readonly #tell: (news: News) => void;
  readonly #invites: MemoryInvites;
  readonly #onRemoved: (key: string) => void;

  constructor(tell: (news: News) => void, invites: MemoryInvites, onRemoved: (key: string) => void) {
    this.#tell = tell;
    this.#invites = invites;
    this.#onRemoved = onRemoved;
  }

  has(key: Uint8Array): boolean {
    return this.#accounts.has(toHex(key));
  }

  async account(key: Uint8Array): Promise<Account | undefined> {
    requireKey(key);
    return this.#accounts.get(toHex(key));
  }

  async accountOf(handle: string): Promise<Account | undefined> {
    return [...this.#accounts.values()].find((account) => account.handle === handle);
  }

  async accounts(page: Page<string>): Promise<readonly Account[]> {
    return pageOf([...this.#accounts.values()], ({ handle }) => handle, page);
  }

  async countAccounts(): Promise<number> {
    return this.#accounts.size;
  }

  async addAccount(account: Account): Promise<"added" | "known" | "handle-taken"> {
    requireKey(account.key);
    requireKey(account.signatureKey);
    if (this.has(account.key)) return "known";
    if ((await this.accountOf(account.handle)) !== undefined) return "handle-taken";
    this.#accounts.set(toHex(account.key), account);
    this.#tell({ type: "account", key: account.key });
    return "added";
  }

  async changeAccount(key: Uint8Array, change: Partial<Pick<Account, "role" | "standing">>): Promise<boolean> {
    const account = await this.account(key);
    if (account === undefined) return false;
    this.#accounts.set(toHex(key), { ...account, ...change });
    this.#tell({ type: "account", key });
    return true;
  }

  async removeAccount(key: Uint8Array): Promise<boolean> {
    requireKey(key);
    if (!this.#accounts.delete(toHex(key))) return false;
    this.#onRemoved(toHex(key));
    this.#tell({ type: "account", key });
    return true;
  }

  async invite(id: string): Promise<HubInvite | undefined> {
    return this.#invites.get(id);
  }

  async invites(): Promise<readonly HubInvite[]> {
    return this.#invites.all().toSorted((one, other) => compare(one.id, other.id));
  }

  async addInvite(invite: HubInvite): Promise<boolean> {
    return this.#invites.add(invite);
  }

  async revokeInvite(id: string): Promise<boolean> {
    return this.#invites.revoke(id);
  }

  async useInvite(id: string, by: Uint8Array, nowMs: number): Promise<Use> {
    return this.#invites.use(id, by, nowMs);
  }
}

class MemoryKeyPackages implements HubKeyPackages {
  readonly #packages: Map<string, StoredKeyPackage[]>;

  constructor(packages: Map<string, StoredKeyPackage[]>) {
    this.#packages = packages;
  }

  async addKeyPackages(key: Uint8Array, packages: readonly StoredKeyPackage[], most: number, nowMs: number) {
    let here = this.#alive(key, nowMs);
    for (const added of packages) {
      requireId(added.id);
      if (added.expiresAtMs <= nowMs || here.some(({ id }) => isSameKey(id, added.id))) continue;
      if (added.isLastResort) here = here.filter(({ isLastResort }) => !isLastResort);
      else if (here.filter(({ isLastResort }) => !isLastResort).length >= most) continue;
      here = [...here, added];
    }
    this.#packages.set(toHex(key), here);
    return this.countKeyPackages(key, nowMs);
  }

  async takeKeyPackage(key: Uint8Array, nowMs: number): Promise<StoredKeyPackage | undefined> {
    const here = this.#alive(key, nowMs);
    const taken = here.find(({ isLastResort }) => !isLastResort);
    const all = this.#packages.get(toHex(key)) ?? [];
    this.#packages.set(
      toHex(key),
      all.filter((one) => one !== taken),
    );
    return taken ?? here[0];
  }

  async countKeyPackages(key: Uint8Array, nowMs: number): Promise<number> {
    return this.#alive(key, nowMs).filter(({ isLastResort }) => !isLastResort).length;
  }

  #alive(key: Uint8Array, nowMs: number): StoredKeyPackage[] {
    requireKey(key);
    return (this.#packages.get(toHex(key)) ?? []).filter(({ expiresAtMs }) => expiresAtMs > nowMs);
  }
}
