// A hub's store in an SQLite file. All changes that are asked for in one turn of the event loop are one transaction, so that
// many people who say something at once wait for the disk once; each of them is told when it is there. Its rows are in the
// other files of this folder.
//
//   open ---the disk fails---> failed: nothing is promised any more, until the hub is started again
//     |                          |
//     +---close------------------+---> closed

import type { HubStore, News } from "../../../hub/store.ts";
import { LairError } from "../../../core/errors.ts";
import type { Connection } from "../connection.ts";
import { sqliteCode } from "../store-error.ts";
import { AccountRows } from "./account-rows.ts";
import type { Changes } from "./changes.ts";
import { KeyPackageRows } from "./key-package-rows.ts";
import { LetterRows } from "./letter-rows.ts";
import { RoomRows } from "./room-rows.ts";

interface Asked {
  readonly work: (tell: (news: News) => void) => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface SqlHubStoreOptions {
  readonly connection: Connection;
  /** Calls `action` in a later turn of the event loop. */
  readonly soon: (action: () => void) => void;
}

export class SqlHubStore implements HubStore, Changes {
  readonly #connection: Connection;
  readonly #soon: (action: () => void) => void;
  readonly #listeners = new Set<(news: News) => void>();
  #state: "open" | "failed" | "closed" = "open";
  #asked: Asked[] = [];
  readonly accounts: AccountRows;
  readonly keyPackages: KeyPackageRows;
  readonly rooms: RoomRows;
  readonly mail: LetterRows;

  constructor({ connection, soon }: SqlHubStoreOptions) {
    this.#connection = connection;
    this.#soon = soon;
    this.mail = new LetterRows(connection, this);
    this.accounts = new AccountRows(connection, this);
    this.keyPackages = new KeyPackageRows(connection, this);
    this.rooms = new RoomRows(connection, this, this.accounts, this.mail);
  }

  subscribe(listener: (news: News) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async make<Result>(work: (tell: (news: News) => void) => Result): Promise<Result> {
    return await new Promise<Result>((resolve, reject) => {
      const asked = {
        work,
        resolve: (result: unknown): void => {
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is what `work` has returned
          resolve(result as Result);
        },
        reject,
      };
      this.#asked.push(asked);
      if (this.#asked.length === 1) this.#soon(() => this.#carryOut());
    });
  }

  /** What was asked for before is stored first. */
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#carryOut();
    this.#state = "closed";
    this.#listeners.clear();
    this.#connection.close();
  }

  #carryOut(): void {
    const asked = this.#asked;
    this.#asked = [];
    if (asked.length === 0) return;
    const news: News[] = [];
    try {
      if (this.#state !== "open") throw this.#unusable();
      const results = this.#connection.transaction(() => asked.map(({ work }) => work((one) => news.push(one))));
      for (const [index, { resolve }] of asked.entries()) resolve(results[index]);
    } catch (error) {
      if (error instanceof LairError && sqliteCode(error.cause) === "SQLITE_IOERR") this.#state = "failed";
      for (const { reject } of asked) reject(error);
      return;
    }
    for (const one of news) for (const listener of this.#listeners) listener(one);
  }

  #unusable(): Error {
    if (this.#state === "closed") return new TypeError("the store is closed");
    return new LairError("store-unwritable", `Cannot use ${this.#connection.path}: the disk failed before.`, {
      hint: "Check the disk, then start this program again.",
    });
  }
}
