// The rows of a hub's key packages.

import { type HubKeyPackages, requireId, requireKey, type StoredKeyPackage } from "../../../hub/store.ts";
import type { Connection } from "../connection.ts";
import type { Changes } from "./changes.ts";

/** The oldest that is no last resort; else the last resort. */
const NEXT = `SELECT place, id, bytes, expires_ms, is_last FROM key_packages WHERE key = ? AND expires_ms > ?
  ORDER BY is_last, place LIMIT 1`;

export class KeyPackageRows implements HubKeyPackages {
  readonly #connection: Connection;
  readonly #changes: Changes;

  constructor(connection: Connection, changes: Changes) {
    this.#connection = connection;
    this.#changes = changes;
  }

  async addKeyPackages(
    key: Uint8Array,
    packages: readonly StoredKeyPackage[],
    most: number,
    nowMs: number,
  ): Promise<number> {
    requireKey(key);
    for (const { id } of packages) requireId(id);
    return await this.#changes.make(() => {
      this.#connection.run("DELETE FROM key_packages WHERE key = ? AND expires_ms <= ?", key, nowMs);
      for (const one of packages) this.#add(key, one, most, nowMs);
      return this.#count(key, nowMs);
    });
  }

  async takeKeyPackage(key: Uint8Array, nowMs: number): Promise<StoredKeyPackage | undefined> {
    requireKey(key);
    return await this.#changes.make(() => {
      const row = this.#connection.get(NEXT, key, nowMs);
      if (row === undefined) return undefined;
      const isLastResort = row.whole(4) === 1;
      if (!isLastResort) this.#connection.run("DELETE FROM key_packages WHERE place = ?", row.whole(0));
      return { id: row.bytes(1), bytes: row.bytes(2), expiresAtMs: row.whole(3), isLastResort };
    });
  }

  async countKeyPackages(key: Uint8Array, nowMs: number): Promise<number> {
    requireKey(key);
    return this.#count(key, nowMs);
  }

  #add(key: Uint8Array, { id, bytes, expiresAtMs, isLastResort }: StoredKeyPackage, most: number, nowMs: number): void {
    if (expiresAtMs <= nowMs) return;
    const isKnown = this.#connection.get("SELECT 1 FROM key_packages WHERE key = ? AND id = ?", key, id) !== undefined;
    if (isKnown) return;
    if (isLastResort) this.#connection.run("DELETE FROM key_packages WHERE key = ? AND is_last = 1", key);
    else if (this.#count(key, nowMs) >= most) return;
    const sql = "INSERT INTO key_packages (key, id, bytes, expires_ms, is_last) VALUES (?, ?, ?, ?, ?)";
    this.#connection.run(sql, key, id, bytes, expiresAtMs, isLastResort ? 1 : 0);
  }

  #count(key: Uint8Array, nowMs: number): number {
    const sql = "SELECT count(*) FROM key_packages WHERE key = ? AND is_last = 0 AND expires_ms > ?";
    return this.#connection.number(sql, key, nowMs) ?? 0;
  }
}
