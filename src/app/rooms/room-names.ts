// The displayed names of people in rooms: the stored name if they are paired, else their handle at the hub, else the
// start of their fingerprint. Also finds the person that a name means.

import { equalInConstantTime, toHex } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import { fingerprint } from "../../core/identity/fingerprint.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import type { Peer } from "../../core/identity/peer.ts";
import { quotedName } from "../../core/identity/quoted-name.ts";
import type { RoomParts } from "./room-ground.ts";
import type { PersonView } from "./room-reports.ts";
import type { Pin } from "./room-store.ts";

/** Letters of a fingerprint that name somebody; as for people who are paired. */
const FEWEST_LETTERS = 8;

export class RoomNames {
  readonly #parts: Pick<RoomParts, "suite" | "identity" | "peers" | "store" | "clock">;
  /** By X25519 key in hex. */
  readonly #handles = new Map<string, string>();
  /** Who is paired here, as read in this turn of the event loop: the store opens each of them anew. */
  #paired: readonly Peer[] | undefined;
  /** Signature keys, by X25519 key in hex: as they were seen first. */
  readonly #pinned = new Map<string, Uint8Array>();

  constructor(parts: Pick<RoomParts, "suite" | "identity" | "peers" | "store" | "clock">) {
    this.#parts = parts;
  }

  /** Their handle, before it is stored. */
  learn({ publicKey, handle }: Pick<Pin, "publicKey" | "handle">): void {
    if (handle !== undefined) this.#handles.set(toHex(publicKey), handle);
  }

  /** Who has this signature key; undefined: nobody who was met. */
  async withSignatureKey(key: Uint8Array): Promise<PublicIdentity | undefined> {
    const pins = await this.#parts.store.pins();
    return pins.find(({ signatureKey }) => equalInConstantTime(signatureKey, key));
  }

  /** Somebody, as shown. */
  async view(who: PublicIdentity): Promise<PersonView> {
    const { suite, identity } = this.#parts;
    const letters = fingerprint(suite, who);
    const isSelf = equalInConstantTime(who.publicKey, identity.publicKey);
    const name = (await this.#isOther(who)) ? undefined : (this.#pairedName(who) ?? (await this.#handleOf(who)));
    return { name: name ?? letters.slice(0, 9), fingerprint: letters, ...(isSelf ? { isSelf: true } : {}) };
  }

  /** Everybody who may be meant outside of a room: paired here, or met in rooms. */
  async known(): Promise<readonly PublicIdentity[]> {
    const people: PublicIdentity[] = this.#peers.flatMap(({ publicKey, signatureKey }) =>
      // A hub is nobody that one talks with; who is older than signature keys cannot be in a room.
      signatureKey === undefined ? [] : [{ publicKey, signatureKey }],
    );
    const keys = new Set(people.map(({ publicKey }) => toHex(publicKey)));
    const pins = await this.#parts.store.pins();
    return [...people, ...pins.filter(({ publicKey }) => !keys.has(toHex(publicKey)))];
  }

  /**
   * Who of these is meant by a name or the start of a fingerprint; undefined: nobody. Throws LairError
   * `ambiguous-recipient`.
   */
  async find(who: string, among: readonly PublicIdentity[]): Promise<PublicIdentity | undefined> {
    const views = await Promise.all(among.map(async (one) => ({ one, view: await this.view(one) })));
    const name = who.trim().replace(/^@/u, "").toLowerCase();
    const letters = name.replaceAll(/[\s…]/gu, "");
    const isStart = /^[a-z2-7]+$/u.test(letters) && letters.length >= FEWEST_LETTERS;
    const byName = views.filter(({ view }) => view.name.toLowerCase() === name);
    const found =
      byName.length > 0
        ? byName
        : views.filter(({ view }) => isStart && view.fingerprint.replaceAll(" ", "").startsWith(letters));
    if (found.length > 1) {
      throw new LairError("ambiguous-recipient", `${quotedName(who)} may be several people.`, {
        hint: "Name one by the first 8 letters of a fingerprint; members lists them.",
      });
    }
    return found[0]?.one;
  }

  /** Whether it has another signature key than the person who is known by its other key: then that name is not its own. */
  async #isOther({ publicKey, signatureKey }: PublicIdentity): Promise<boolean> {
    const peer = this.#peers.find((one) => equalInConstantTime(one.publicKey, publicKey));
    const key = toHex(publicKey);
    const known = peer?.signatureKey ?? this.#pinned.get(key) ?? (await this.#parts.store.pin(publicKey))?.signatureKey;
    // The first one stays.
    if (known !== undefined && peer?.signatureKey === undefined) this.#pinned.set(key, known);
    return known !== undefined && !equalInConstantTime(known, signatureKey);
  }

  async #handleOf({ publicKey }: PublicIdentity): Promise<string | undefined> {
    const known = this.#handles.get(toHex(publicKey));
    if (known !== undefined) return known;
    const handle = (await this.#parts.store.pin(publicKey))?.handle;
    this.learn({ publicKey, handle });
    return handle;
  }

  get #peers(): readonly Peer[] {
    const { peers, clock } = this.#parts;
    if (this.#paired === undefined) {
      this.#paired = peers();
      clock.soon(() => {
        this.#paired = undefined;
      });
    }
    return this.#paired;
  }

  #pairedName({ publicKey }: PublicIdentity): string | undefined {
    const peer = this.#peers.find((one) => equalInConstantTime(one.publicKey, publicKey));
    return peer === undefined || peer.name === "" ? undefined : peer.name;
  }
}
