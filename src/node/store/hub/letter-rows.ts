// The rows of what waits for one person at a hub.

import { type HubMail, type Letter, requireId, requireKey } from "../../../hub/store.ts";
import type { Connection } from "../connection.ts";
import type { Changes } from "./changes.ts";

/** As their place in the list. */
const KINDS = ["welcome", "knock", "notice"] as const;

export class LetterRows implements HubMail {
  readonly #connection: Connection;
  readonly #changes: Changes;

  constructor(connection: Connection, changes: Changes) {
    this.#connection = connection;
    this.#changes = changes;
  }

  async send(letter: Letter, most: number): Promise<"sent" | "already" | "full" | "unknown-account"> {
    const { id, to } = letter;
    requireId(id);
    requireKey(to);
    return await this.#changes.make((tell) => {
      if (this.#connection.get("SELECT 1 FROM accounts WHERE key = ?", to) === undefined) return "unknown-account";
      const isKnown = this.#connection.get("SELECT 1 FROM letters WHERE to_key = ? AND id = ?", to, id) !== undefined;
      if (isKnown) return "already";
      if ((this.#connection.number("SELECT count(*) FROM letters WHERE to_key = ?", to) ?? 0) >= most) return "full";
      this.put(letter);
      tell({ type: "letter", to });
      return "sent";
    });
  }

  async letters(to: Uint8Array, limit: number): Promise<readonly Letter[]> {
    requireKey(to);
    const sql = "SELECT id, kind, bytes, at_ms FROM letters WHERE to_key = ? ORDER BY place LIMIT ?";
    return this.#connection.all(sql, to, limit).map((row) => ({
      id: row.bytes(0),
      to,
      kind: row.oneOf(1, KINDS),
      bytes: row.bytes(2),
      atMs: row.whole(3),
    }));
  }

  async countLetters(to: Uint8Array): Promise<number> {
    requireKey(to);
    return this.#connection.number("SELECT count(*) FROM letters WHERE to_key = ?", to) ?? 0;
  }

  async drop(to: Uint8Array, id: Uint8Array): Promise<boolean> {
    requireKey(to);
    requireId(id);
    const sql = "DELETE FROM letters WHERE to_key = ? AND id = ?";
    return await this.#changes.make(() => this.#connection.run(sql, to, id) > 0);
  }

  /** Within a transaction: stores it, unless it is there. */
  put({ id, to, kind, bytes, atMs }: Letter): void {
    const sql = "INSERT OR IGNORE INTO letters (to_key, id, kind, bytes, at_ms) VALUES (?, ?, ?, ?, ?)";
    this.#connection.run(sql, to, id, KINDS.indexOf(kind), bytes, atMs);
  }
}
