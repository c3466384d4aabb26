// The people of a hub as this member knows them, with their keys. The first key that is seen is pinned; a different one
// later raises an alarm, and so does one that differs from the key confirmed in pairing. A hub can lie about a key only
// before that.

import { equalInConstantTime, toHex } from "../../core/bytes.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import { ask, type HubCalls } from "./hub-calls.ts";
import type { Pin, RoomStore } from "./room-store.ts";

/** Somebody in a room. */
interface RoomPerson extends PublicIdentity {
  /** As the hub's directory has it; undefined: not known. */
  readonly handle: string | undefined;
}

/** Somebody has another signature key than the one that was seen first, or that was confirmed when pairing. */
interface KeyAlarm {
  readonly who: RoomPerson;
  readonly expected: Uint8Array;
  readonly from: "pair" | "pin";
}

/** What the people of a hub are compared with. */
interface KnownPeople {
  readonly store: Pick<RoomStore, "pin">;
  readonly hub: HubCalls;
  /** The signature key that was pinned when pairing with this person; undefined: not paired. */
  readonly pairedKey: (publicKey: Uint8Array) => Uint8Array | undefined;
}

/** Somebody, as met now. */
interface Met {
  readonly person: RoomPerson;
  /** To be stored with what it was met in; undefined: nothing new. */
  readonly pin: Pin | undefined;
  readonly alarm: KeyAlarm | undefined;
}

export class PeopleMet {
  readonly #parts: KnownPeople;
  /** By key in hex: what the directory said in this program's life. */
  readonly #handles = new Map<string, string | undefined>();

  constructor(parts: KnownPeople) {
    this.#parts = parts;
  }

  /** Compares somebody's keys with what is known. Looks the handle up once. */
  async meet(who: PublicIdentity, how: Pin["how"]): Promise<Met> {
    const { publicKey, signatureKey } = who;
    const pinned = await this.#parts.store.pin(publicKey);
    const handle = pinned?.handle ?? (await this.#handleOf(publicKey));
    const person = { publicKey, signatureKey, handle };
    const paired = this.#parts.pairedKey(publicKey);
    const expected = paired ?? pinned?.signatureKey;
    const isExpected = expected === undefined || equalInConstantTime(expected, signatureKey);
    const isNew = pinned === undefined || (pinned.handle === undefined && handle !== undefined);
    return {
      person,
      pin: isNew && isExpected ? { publicKey, signatureKey, handle, how: pinned?.how ?? how } : undefined,
      alarm: isExpected ? undefined : { who: person, expected, from: paired === undefined ? "pin" : "pair" },
    };
  }

  async #handleOf(key: Uint8Array): Promise<string | undefined> {
    const name = toHex(key);
    if (this.#handles.has(name)) return this.#handles.get(name);
    try {
      const { account } = await ask(this.#parts.hub, "find", { key, handle: undefined });
      this.#handles.set(name, account?.handle);
      return account?.handle;
    } catch {
      // Without a handle for now.
      return undefined;
    }
  }
}
