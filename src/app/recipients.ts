// For whom a message or a command is meant: whom it names, else the only one this program talks with. It never guesses
// between several. A hub gets commands that are about any peer, and nothing that is said.

import { LairError } from "../core/errors.ts";
import { findPeer, hubsAmong, type Peer, peopleAmong } from "../core/identity/peer.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { peerMeant, peersMeant, shortListOf } from "./which-peer.ts";

const ROOM_ID = /^[0-9a-f]{32}$/u;

interface RecipientsOptions {
  readonly suite: CipherSuite;
  /** All peers that are paired here, as stored now. When `talksWith` changes, they are other objects. */
  readonly known: () => readonly Peer[];
  readonly talksWith: (peer: Peer) => boolean;
  /** Of --to. */
  readonly to: string | undefined;
}

interface Sorted {
  readonly known: readonly Peer[];
  readonly people: readonly Peer[];
  readonly hubs: readonly Peer[];
}

export class Recipients {
  readonly #options: RecipientsOptions;
  /** Whom --to has named, once it named somebody: another person of that name does not take the place. */
  #meant: Uint8Array | undefined;
  /** What `known` gave last, and what follows from it: asked for with each line. */
  #sorted: Sorted | undefined;

  constructor(options: RecipientsOptions) {
    this.#options = options;
  }

  /** The people that this program talks with. */
  get all(): readonly Peer[] {
    return this.#sort().people;
  }

  get hubs(): readonly Peer[] {
    return this.#sort().hubs;
  }

  /** Whether it is the id of a room, as far as can be told before the rooms are known: nobody here is called so. */
  isRoomId(to: string): boolean {
    const { suite, known } = this.#options;
    return ROOM_ID.test(to) && this.hubs.length > 0 && peersMeant(suite, known(), to).length === 0;
  }

  /** Whether a message needs to name nobody. */
  get isClear(): boolean {
    return this.#options.to !== undefined || this.all.length === 1;
  }

  /**
   * Who gets a message. Undefined: this program talks with nobody yet. Throws LairError peer-unknown,
   * ambiguous-recipient.
   */
  ofMessage(to: string | undefined): Peer | undefined {
    const { all } = this;
    if (to !== undefined) return this.#person(all, to);
    if (this.#options.to !== undefined) return this.#ofOption(all, this.#options.to);
    const [only, ...others] = all;
    if (others.length === 0) return only;
    throw this.#ambiguous("this was not sent", all);
  }

  /**
   * Whom a command is about: any peer that is paired here, a hub only if it is named. `purpose` completes "There is nobody to ...". Throws
   * LairError peer-unknown, ambiguous-recipient, not-connected.
   */
  ofCommand(to: string | undefined, purpose: string): Peer {
    if (to !== undefined) return this.#named(this.#options.known(), to);
    const only = this.only;
    if (only !== undefined) return only;
    const { all } = this;
    if (all.length > 1) throw this.#ambiguous("nothing was changed", all);
    throw new LairError("not-connected", `There is nobody to ${purpose}: nobody is connected.`);
  }

  /** As {@link ofCommand}, for what makes sense with people alone. Also throws LairError `usage` for a hub. */
  personOf(to: string | undefined, purpose: string): Peer {
    return to === undefined ? this.ofCommand(to, purpose) : this.#person(peopleAmong(this.#options.known()), to);
  }

  /** The peer of --to, or the only one; undefined if there are several or none. Throws LairError peer-unknown. */
  get only(): Peer | undefined {
    const { all } = this;
    const { to } = this.#options;
    if (to !== undefined) return this.#ofOption(all, to);
    return all.length === 1 ? all[0] : undefined;
  }

  #sort(): Sorted {
    const { known: read, talksWith } = this.#options;
    const known = read();
    if (this.#sorted !== undefined && isSameList(this.#sorted.known, known)) return this.#sorted;
    const people = peopleAmong(known).filter((peer) => talksWith(peer));
    this.#sorted = { known: [...known], people, hubs: hubsAmong(known) };
    return this.#sorted;
  }

  #ofOption(peers: readonly Peer[], to: string): Peer {
    if (this.#meant === undefined) {
      const peer = this.#person(peers, to);
      this.#meant = peer.publicKey;
      return peer;
    }
    const peer = findPeer(peers, this.#meant);
    if (peer !== undefined) return peer;
    throw new LairError("peer-unknown", `The person that --to ${to} named is not paired here any more.`, {
      hint: 'Say for whom it is: to NAME at the prompt, "to" in JSON; or start the program again with another --to.',
    });
  }

  #person(people: readonly Peer[], who: string): Peer {
    const { suite } = this.#options;
    const [hub] = peersMeant(suite, people, who).length > 0 ? [] : peersMeant(suite, this.hubs, who);
    if (hub === undefined) return this.#named(people, who);
    throw new LairError("usage", `${nameInSentence(hub.name)} is a hub, not a person; nothing was done.`, {
      hint: "Write in one of its rooms: rooms lists them, and to #NAME chooses one.",
    });
  }

  #named(peers: readonly Peer[], who: string): Peer {
    return peerMeant(
      this.#options.suite,
      peers,
      who,
      "Write one of these names, or the first eight or more characters of a fingerprint.",
    );
  }

  #ambiguous(outcome: string, peers: readonly Peer[]): LairError {
    return new LairError(
      "ambiguous-recipient",
      `You talk with several people, and this does not say which one; ${outcome}.`,
      {
        details: shortListOf(this.#options.suite, peers),
        hint: 'Say for whom it is: to NAME at the prompt, --to NAME for a pipe, "to" in JSON.',
      },
    );
  }
}

function isSameList(one: readonly Peer[], other: readonly Peer[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
