// An operator's requests to a hub, however they arrive (design: rooms, section 5): members, rooms, invites and numbers.
// It works on the store; the hub learns of each change by the store's news, and ends what has to end. Rooms are named
// by their id in hex, members by their handle. Each call rejects with LairError store-* if the store fails.

import { fromHex, toHex } from "../core/bytes.ts";
import { fingerprint } from "../core/identity/fingerprint.ts";
import type { CipherSuite, RandomSource } from "../core/noise/index.ts";
import { OPERATOR_INVITE } from "./accounts.ts";
import { closeIfEmpty } from "./close-if-empty.ts";
import type { HubNumbers } from "./numbers.ts";
import { type Account, ID_BYTES, type HubInvite, type HubStore, KEY_BYTES, type Page, type Room } from "./store.ts";

/** A member, as an operator sees it. */
interface MemberView {
  readonly handle: string;
  /** Of both keys, in full. */
  readonly fingerprint: string;
  readonly role: Account["role"];
  readonly standing: Account["standing"];
  readonly joinedAtMs: number;
  readonly isConnected: boolean;
  /** In how many rooms it sits. */
  readonly rooms: number;
}

/** A room, as an operator sees it: what is said in it, nobody but its members can. */
interface RoomView {
  /** 32 digits of hex. */
  readonly room: string;
  readonly listedName: string | undefined;
  readonly members: number;
  readonly epoch: number;
  /** Entries that it has ever had. */
  readonly posted: number;
  /** Entries that are kept, at most. */
  readonly kept: number;
  readonly bytes: number;
}

/** An invite without its secret. */
export type InviteView = Pick<HubInvite, "id" | "uses" | "expiresAtMs">;

/** What {@link HubAdmin} asks of a running hub. */
interface RunningHub {
  isConnected(key: Uint8Array): boolean;
  readonly numbers: HubNumbers;
}

interface HubAdminOptions {
  readonly store: HubStore;
  readonly hub: RunningHub;
  readonly suite: CipherSuite;
  readonly random: RandomSource;
}

const INVITE_ID_BYTES = 8;

export class HubAdmin {
  readonly #options: HubAdminOptions;

  constructor(options: HubAdminOptions) {
    this.#options = options;
  }

  /** By handle. */
  async members(page: Page<string>): Promise<readonly MemberView[]> {
    const accounts = await this.#options.store.accounts.accounts(page);
    return await Promise.all(accounts.map((account) => this.#memberView(account)));
  }

  /** Undefined: nobody has this handle. */
  async member(handle: string): Promise<MemberView | undefined> {
    const account = await this.#options.store.accounts.accountOf(handle);
    return account === undefined ? undefined : await this.#memberView(account);
  }

  /** A suspended member is not let in, and its connection ends. False: nobody has this handle. */
  async setStanding(handle: string, standing: Account["standing"]): Promise<boolean> {
    return await this.#change(handle, { standing });
  }

  /** False: nobody has this handle. */
  async setRole(handle: string, role: Account["role"]): Promise<boolean> {
    return await this.#change(handle, { role });
  }

  /**
   * Removes the account with its seats, letters and key packages, and the rooms in which nobody else sits; its connection ends.
   * False: nobody has this handle.
   */
  async forget(handle: string): Promise<boolean> {
    const { accounts, rooms } = this.#options.store;
    const account = await accounts.accountOf(handle);
    if (account === undefined) return false;
    const seated = await rooms.roomsOf(account.key);
    if (!(await accounts.removeAccount(account.key))) return false;
    for (const room of seated) await closeIfEmpty(rooms, room);
    return true;
  }

  /** By id. */
  async rooms({ after, limit }: Page<string>): Promise<readonly RoomView[]> {
    const { rooms } = this.#options.store;
    const behind = after === undefined ? undefined : fromHex(after);
    const ids = await rooms.roomIds({ limit, ...(behind === undefined ? {} : { after: behind }) });
    const found = await Promise.all(ids.map((id) => rooms.room(id)));
    return found.flatMap((room) => (room === undefined ? [] : [roomView(room)]));
  }

  /** Undefined: there is no such room, or this is no id. */
  async room(id: string): Promise<RoomView | undefined> {
    const bytes = roomId(id);
    const room = bytes === undefined ? undefined : await this.#options.store.rooms.room(bytes);
    return room === undefined ? undefined : roomView(room);
  }

  /** Removes a room with everything in it; its members are told. False: there is no such room. */
  async closeRoom(id: string): Promise<boolean> {
    const bytes = roomId(id);
    return bytes !== undefined && (await this.#options.store.rooms.closeRoom(bytes));
  }

  async invites(): Promise<readonly InviteView[]> {
    const invites = await this.#options.store.accounts.invites();
    return invites.map(({ id, uses, expiresAtMs }) => ({ id, uses, expiresAtMs }));
  }

  /** A new invite; its secret is told here and nowhere else. */
  async makeInvite(how: { readonly uses: number; readonly expiresAtMs: number }): Promise<HubInvite> {
    return await this.#addInvite(toHex(this.#options.random(INVITE_ID_BYTES)), how);
  }

  /** The invite by which the first operator comes in, once; undefined: there is one already. */
  async makeOperatorInvite(expiresAtMs: number): Promise<HubInvite | undefined> {
    const invites = await this.#options.store.accounts.invites();
    if (invites.some(({ id }) => id === OPERATOR_INVITE)) return undefined;
    return await this.#addInvite(OPERATOR_INVITE, { uses: 1, expiresAtMs });
  }

  /** False: there is no such invite. */
  async revokeInvite(id: string): Promise<boolean> {
    return await this.#options.store.accounts.revokeInvite(id);
  }

  async numbers(): Promise<HubNumbers & { readonly accounts: number; readonly rooms: number }> {
    const { store, hub } = this.#options;
    const [accounts, rooms] = await Promise.all([store.accounts.countAccounts(), store.rooms.countRooms()]);
    return { ...hub.numbers, accounts, rooms };
  }

  async #addInvite(id: string, how: { readonly uses: number; readonly expiresAtMs: number }): Promise<HubInvite> {
    const { store, random } = this.#options;
    const invite = { id, psk: random(KEY_BYTES), ...how };
    await store.accounts.addInvite(invite);
    return invite;
  }

  async #change(handle: string, change: Partial<Pick<Account, "role" | "standing">>): Promise<boolean> {
    const { accounts } = this.#options.store;
    const account = await accounts.accountOf(handle);
    return account !== undefined && (await accounts.changeAccount(account.key, change));
  }

  async #memberView(account: Account): Promise<MemberView> {
    const { store, hub, suite } = this.#options;
    const { key, signatureKey, handle, role, standing, joinedAtMs } = account;
    return {
      handle,
      fingerprint: fingerprint(suite, { publicKey: key, signatureKey }),
      role,
      standing,
      joinedAtMs,
      isConnected: hub.isConnected(key),
      rooms: (await store.rooms.roomsOf(key)).length,
    };
  }
}

function roomView({ id, listedName, seats, epoch, next, oldest, bytes }: Room): RoomView {
  return {
    room: toHex(id),
    listedName,
    members: seats.length,
    epoch,
    posted: next,
    kept: next - oldest,
    bytes,
  };
}

function roomId(text: string): Uint8Array | undefined {
  const bytes = fromHex(text);
  return bytes?.length === ID_BYTES ? bytes : undefined;
}
