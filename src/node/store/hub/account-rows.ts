// The rows of a hub's accounts and invites.

import {
  type Account,
  type HubAccounts,
  type HubInvite,
  type News,
  type Page,
  requireKey,
  type Use,
} from "../../../hub/store.ts";
import type { Connection } from "../connection.ts";
import type { Row } from "../row.ts";
import type { Changes } from "./changes.ts";
import { useOf } from "./usable-rows.ts";

const COLUMNS = "key, signature_key, handle, is_operator, is_suspended, joined_ms";
const INVITE = "id, psk, uses, expires_ms";

export class AccountRows implements HubAccounts {
  readonly #connection: Connection;
  readonly #changes: Changes;

  constructor(connection: Connection, changes: Changes) {
    this.#connection = connection;
    this.#changes = changes;
  }

  async account(key: Uint8Array): Promise<Account | undefined> {
    requireKey(key);
    return this.#find(key);
  }

  async accountOf(handle: string): Promise<Account | undefined> {
    const row = this.#connection.get(`SELECT ${COLUMNS} FROM accounts WHERE handle = ?`, handle);
    return row === undefined ? undefined : toAccount(row);
  }

  async accounts({ after, limit }: Page<string>): Promise<readonly Account[]> {
    const sql = `SELECT ${COLUMNS} FROM accounts WHERE ? IS NULL OR handle > ? ORDER BY handle LIMIT ?`;
    return this.#connection.all(sql, after ?? null, after ?? null, limit).map(toAccount);
  }

  async countAccounts(): Promise<number> {
    return this.#connection.number("SELECT count(*) FROM accounts") ?? 0;
  }

  async addAccount(account: Account): Promise<"added" | "known" | "handle-taken"> {
    const { key, signatureKey, handle, role, standing, joinedAtMs } = account;
    requireKey(key);
    requireKey(signatureKey);
    return await this.#changes.make((tell) => {
      if (this.#find(key) !== undefined) return "known";
      const isTaken = this.#connection.get("SELECT 1 FROM accounts WHERE handle = ?", handle) !== undefined;
      if (isTaken) return "handle-taken";
      this.#connection.run(
        `INSERT INTO accounts (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`,
        key,
        signatureKey,
        handle,
        role === "operator" ? 1 : 0,
        standing === "suspended" ? 1 : 0,
        joinedAtMs,
      );
      tell({ type: "account", key });
      return "added";
    });
  }

  async changeAccount(key: Uint8Array, change: Partial<Pick<Account, "role" | "standing">>): Promise<boolean> {
    requireKey(key);
    return await this.#changes.make((tell) => {
      const account = this.#find(key);
      if (account === undefined) return false;
      const { role, standing } = { ...account, ...change };
      const sql = "UPDATE accounts SET is_operator = ?, is_suspended = ? WHERE key = ?";
      this.#connection.run(sql, role === "operator" ? 1 : 0, standing === "suspended" ? 1 : 0, key);
      tell({ type: "account", key });
      return true;
    });
  }

  async removeAccount(key: Uint8Array): Promise<boolean> {
    requireKey(key);
    return await this.#changes.make((tell) => {
      if (this.#connection.run("DELETE FROM accounts WHERE key = ?", key) === 0) return false;
      this.#connection.run("DELETE FROM key_packages WHERE key = ?", key);
      this.#connection.run("DELETE FROM letters WHERE to_key = ?", key);
      const rooms = this.#connection.all("SELECT room FROM seats WHERE key = ?", key).map((row) => row.bytes(0));
      this.#connection.run("DELETE FROM seats WHERE key = ?", key);
      for (const room of rooms) tell({ type: "seats", room });
      tell({ type: "account", key });
      return true;
    });
  }

  async invite(id: string): Promise<HubInvite | undefined> {
    const row = this.#connection.get(`SELECT ${INVITE} FROM invites WHERE id = ?`, id);
    return row === undefined ? undefined : toInvite(row);
  }

  async invites(): Promise<readonly HubInvite[]> {
    return this.#connection.all(`SELECT ${INVITE} FROM invites ORDER BY id`).map(toInvite);
  }

  async addInvite(invite: HubInvite): Promise<boolean> {
    requireKey(invite.psk);
    return await this.#changes.make((tell) => this.putInvite(invite, tell));
  }

  async revokeInvite(id: string): Promise<boolean> {
    return await this.#changes.make((tell) => this.deleteInvite(id, tell));
  }

  /** Within a transaction. False: there is one with this id. */
  putInvite({ id, psk, uses, expiresAtMs }: HubInvite, tell: (news: News) => void): boolean {
    const sql = `INSERT OR IGNORE INTO invites (${INVITE}) VALUES (?, ?, ?, ?)`;
    if (this.#connection.run(sql, id, psk, uses, expiresAtMs) === 0) return false;
    tell({ type: "invite", id });
    return true;
  }

  /** Within a transaction. False: there was none. */
  deleteInvite(id: string, tell: (news: News) => void): boolean {
    if (this.#connection.run("DELETE FROM invites WHERE id = ?", id) === 0) return false;
    tell({ type: "invite", id });
    return true;
  }

  async useInvite(id: string, by: Uint8Array, nowMs: number): Promise<Use> {
    requireKey(by);
    const table = {
      find: () => this.#connection.get("SELECT uses, expires_ms FROM invites WHERE id = ?", id),
      hasUsed: () =>
        this.#connection.get("SELECT 1 FROM invite_uses WHERE invite = ? AND by = ?", id, by) !== undefined,
      count: () => {
        this.#connection.run("UPDATE invites SET uses = uses - 1 WHERE id = ?", id);
        this.#connection.run("INSERT INTO invite_uses (invite, by) VALUES (?, ?)", id, by);
      },
    };
    return await this.#changes.make(() => useOf(table, nowMs));
  }

  #find(key: Uint8Array): Account | undefined {
    const row = this.#connection.get(`SELECT ${COLUMNS} FROM accounts WHERE key = ?`, key);
    return row === undefined ? undefined : toAccount(row);
  }
}

function toInvite(row: Row): HubInvite {
  return { id: row.text(0), psk: row.bytes(1), uses: row.whole(2), expiresAtMs: row.whole(3) };
}

function toAccount(row: Row): Account {
  return {
    key: row.bytes(0),
    signatureKey: row.bytes(1),
    handle: row.text(2),
    role: row.whole(3) === 1 ? "operator" : "member",
    standing: row.whole(4) === 1 ? "suspended" : "active",
    joinedAtMs: row.whole(5),
  };
}
