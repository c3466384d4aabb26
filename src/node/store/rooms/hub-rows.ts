// The rows that belong to no room: key packages and settings of each hub, and the people who were met.

import { FIRST_SETTINGS, type Pin, type RoomSettings, type StoredPackage } from "../../../app/rooms/room-store.ts";
import type { Connection } from "../connection.ts";
import type { Row } from "../row.ts";
import type { SharedFile } from "../sql-store.ts";
import { PACKAGE, PIN, SETTINGS } from "./room-codecs.ts";
import type { SealedRows } from "./sealed-rows.ts";

const PACKAGE_COLUMNS = "hub, ref, opening, nonce, body";
const PIN_COLUMNS = "key, opening, nonce, body";

/** Each call throws LairError store-damaged for a row that does not open. */
export class HubRows {
  readonly #connection: Connection;
  readonly #sealed: SealedRows;

  constructor({ connection }: SharedFile, sealed: SealedRows) {
    this.#connection = connection;
    this.#sealed = sealed;
  }

  packages(hub: Uint8Array): readonly StoredPackage[] {
    const sql = `SELECT ${PACKAGE_COLUMNS} FROM room_packages WHERE hub = ? ORDER BY id`;
    return this.#connection.all(sql, hub).map((row) => this.#package(row));
  }

  putPackage(one: StoredPackage): void {
    const { hub, ref } = one;
    this.#connection.run(
      `INSERT INTO room_packages (${PACKAGE_COLUMNS}) VALUES (?, ?, ?, ?, ?) ON CONFLICT (ref) DO UPDATE SET
        (hub, opening, nonce, body) = (excluded.hub, excluded.opening, excluded.nonce, excluded.body)`,
      hub,
      ref,
      ...this.#sealed.sealRecord("package", [hub, ref], PACKAGE, one),
    );
  }

  setPublished(ref: Uint8Array): void {
    const row = this.#connection.get(`SELECT ${PACKAGE_COLUMNS} FROM room_packages WHERE ref = ?`, ref);
    if (row !== undefined) this.putPackage({ ...this.#package(row), toPublish: undefined });
  }

  dropPackage(ref: Uint8Array): void {
    this.#connection.run("DELETE FROM room_packages WHERE ref = ?", ref);
  }

  pins(): readonly Pin[] {
    return this.#connection.all(`SELECT ${PIN_COLUMNS} FROM room_people ORDER BY id`).map((row) => this.#pin(row));
  }

  pin(publicKey: Uint8Array): Pin | undefined {
    const row = this.#connection.get(`SELECT ${PIN_COLUMNS} FROM room_people WHERE key = ?`, publicKey);
    return row && this.#pin(row);
  }

  /** What is known of the person stays, but for the handle. */
  addPin(pin: Pin): void {
    const known = this.pin(pin.publicKey);
    const kept = { ...(known ?? pin), handle: pin.handle ?? known?.handle };
    this.#connection.run(
      `INSERT INTO room_people (${PIN_COLUMNS}) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
        (opening, nonce, body) = (excluded.opening, excluded.nonce, excluded.body)`,
      pin.publicKey,
      ...this.#sealed.sealRecord("person", [pin.publicKey], PIN, kept),
    );
  }

  settings(hub: Uint8Array): RoomSettings {
    const row = this.#connection.get("SELECT opening, nonce, body FROM room_settings WHERE hub = ?", hub);
    return row === undefined ? FIRST_SETTINGS : this.#sealed.openRecord("settings", [hub], SETTINGS, row, 0);
  }

  putSettings(hub: Uint8Array, settings: RoomSettings): void {
    this.#connection.run(
      `INSERT INTO room_settings (hub, opening, nonce, body) VALUES (?, ?, ?, ?) ON CONFLICT (hub) DO UPDATE SET
        (opening, nonce, body) = (excluded.opening, excluded.nonce, excluded.body)`,
      hub,
      ...this.#sealed.sealRecord("settings", [hub], SETTINGS, settings),
    );
  }

  #package(row: Row): StoredPackage {
    const [hub, ref] = [row.bytes(0), row.bytes(1)];
    return { hub, ref, ...this.#sealed.openRecord("package", [hub, ref], PACKAGE, row, 2) };
  }

  #pin(row: Row): Pin {
    const publicKey = row.bytes(0);
    return { publicKey, ...this.#sealed.openRecord("person", [publicKey], PIN, row, 1) };
  }
}
