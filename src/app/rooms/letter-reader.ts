// The letters that wait for a member at a hub: welcomes, with which others have added it to a room, and knocks of
// people who want to be let in. A letter is dropped at the hub once its content is stored.

import { equalInConstantTime, toHex } from "../../core/bytes.ts";
import type { Answered } from "../../core/hub/calls.ts";
import { decodeKnock } from "../../core/hub/knock.ts";
import { LairError } from "../../core/errors.ts";
import { nameInSentence } from "../../core/identity/quoted-name.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import { encodeLogView, logFrom } from "../../core/room/log-hash.ts";
import { decodeRoomContext } from "../../core/room/room-context.ts";
import { ask, type HubCalls } from "./hub-calls.ts";
import { packageOf } from "./key-packages.ts";
import type { PeopleMet } from "./people-met.ts";
import { type RoomParts, withSigner } from "./room-ground.ts";
import type { RoomNames } from "./room-names.ts";
import type { RoomShowing } from "./room-showing.ts";
import type { Pin, StoredRoom } from "./room-store.ts";
import type { RoomWorker } from "./room-worker.ts";

export type Letter = Answered<"letters">["letters"][number];

interface LetterParts extends RoomParts {
  readonly names: RoomNames;
  readonly showing: RoomShowing;
  readonly people: PeopleMet;
  readonly hub: HubCalls;
  readonly hubKey: Uint8Array;
  readonly worker: (id: string) => RoomWorker | undefined;
  /** The rooms to which the member is invited, and has not answered. */
  readonly invitations: () => readonly StoredRoom[];
  /** Whether a room lets in everybody who asks. */
  readonly isOpen: (id: string) => boolean;
  /** Stores a room to which the member is invited, with what belongs to it; undefined: it must not be stored now. */
  readonly invite: (room: StoredRoom, more: WithInvitation) => Promise<RoomWorker | undefined>;
  /** Whether a welcome to the last resort was taken before: its SHA-256 in hex. */
  readonly wasTaken: (welcome: string) => boolean;
}

/** What is stored with an invitation. */
export interface WithInvitation {
  readonly dropPackages: readonly Uint8Array[];
  readonly pins: readonly Pin[];
  /** Of a welcome to the last resort, the SHA-256 in hex. */
  readonly welcome: string | undefined;
}

/** What is to be done about a letter: nothing more, or somebody is to be let into a room. */
type Taken =
  { readonly type: "done" } | { readonly type: "let-in"; readonly worker: RoomWorker; readonly who: PublicIdentity };

const DONE: Taken = { type: "done" };

/** Ours: more open invitations of one person, or of all, nobody answers; the hub has a limit of its own. */
const MOST_OF_ONE = 8;
const MOST_INVITATIONS = 64;

export class LetterReader {
  readonly #parts: LetterParts;
  /** Whose invitations were declined, which was told: keys in hex. */
  readonly #declined = new Set<string>();

  constructor(parts: LetterParts) {
    this.#parts = parts;
  }

  /** Rejects with LairError: `hub-away`, `hub-refused` and store-* are no fault of the letter's. */
  async take({ kind, bytes }: Letter): Promise<Taken> {
    if (kind === "knock") return await this.#knock(bytes);
    if (kind === "welcome") await this.#welcome(bytes);
    return DONE;
  }

  /** Somebody has added this member to a room. */
  async #welcome(bytes: Uint8Array): Promise<void> {
    const { groups, store, clock, names, showing, suite, hub, hubKey, worker } = this.#parts;
    const used = packageOf(await store.packages(hubKey), await groups.welcomeRefs(bytes));
    if (used === undefined) return;
    const { state, view, by } = await withSigner(this.#parts, (signer) => groups.join(bytes, used.secret, signer));
    const dropPackages = used.isLastResort ? [] : [used.ref];
    const { rooms } = await ask(hub, "rooms", {});
    const seat = rooms.find(({ room }) => equalInConstantTime(room, view.groupId));
    const known = worker(toHex(view.groupId));
    const isIn = known !== undefined && known.room.standing !== "over" && (seat?.from ?? 0) < known.room.next;
    if (seat === undefined || isIn) {
      // The hub knows of no such place, or it is the room's group that is here already.
      await store.change({ dropPackages });
      return;
    }
    // One to the last resort can be brought again: it would lead back to keys that others have had since.
    const welcome = used.isLastResort ? toHex(suite.hash.hash(bytes)) : undefined;
    const isOlder = known?.group !== undefined && Number(view.epoch) <= known.group.epoch;
    if (isOlder || (welcome !== undefined && this.#parts.wasTaken(welcome))) throw oldInvitation();
    const { kind, ...context } = decodeRoomContext(view.context);
    const room: StoredRoom = {
      id: view.groupId,
      hub: hubKey,
      standing: "invited",
      name: context.name,
      state,
      since: Number(view.epoch),
      first: seat.from,
      next: seat.from,
      commits: 0,
      log: encodeLogView(logFrom(seat.from)),
      pending: undefined,
      timerS: 0,
      renewedAtMs: clock.now().wallMs,
      lost: undefined,
      disagreeing: [],
      link: undefined,
      by: { publicKey: by.publicKey, signatureKey: by.signatureKey },
    };
    if (this.#isTooMuch(room)) {
      // Left as it is, the seat at the hub would stay for ever.
      const unwanted = { ...room, standing: "leaving", isUnwanted: true } as const;
      (await this.#parts.invite(unwanted, { dropPackages, pins: [], welcome }))?.wake();
      return await this.#tellDeclined(room, by);
    }
    const pins = await this.#meet(room, view.roster);
    // A room of two is called like the other one, who may leave.
    const name = kind === "direct" ? (await names.view(by)).name : room.name;
    const invited = await this.#parts.invite({ ...room, name }, { dropPackages, pins, welcome });
    if (invited !== undefined) showing.tell({ type: "invited", room: invited.view, by: await names.view(by) });
  }

  #isTooMuch({ id, by }: StoredRoom): boolean {
    const open = this.#parts.invitations().filter((one) => !equalInConstantTime(one.id, id));
    const ofOne = open.filter((one) => by && one.by && equalInConstantTime(one.by.publicKey, by.publicKey));
    return open.length >= MOST_INVITATIONS || ofOne.length >= MOST_OF_ONE;
  }

  async #tellDeclined(room: StoredRoom, by: PublicIdentity): Promise<void> {
    const { names, showing } = this.#parts;
    const key = toHex(by.publicKey);
    if (this.#declined.has(key) || this.#declined.size >= MOST_INVITATIONS) return;
    this.#declined.add(key);
    const { name } = await names.view(by);
    const message = `${nameInSentence(name)} has invited you to more rooms than your program keeps; the others were declined.`;
    const hint = "rooms shows your invitations: accept or decline some.";
    showing.error(new LairError("too-many-invitations", message, { hint }), { id: toHex(room.id), name: room.name });
  }

  async #meet(room: StoredRoom, roster: readonly PublicIdentity[]): Promise<readonly Pin[]> {
    const { identity, people, names, showing } = this.#parts;
    const pins: Pin[] = [];
    for (const who of roster) {
      if (equalInConstantTime(who.publicKey, identity.publicKey)) continue;
      const { pin, alarm } = await people.meet(who, { kind: "present" });
      if (pin !== undefined) {
        pins.push(pin);
        names.learn(pin);
      }
      if (alarm === undefined) continue;
      const view = { id: toHex(room.id), name: room.name };
      showing.tell({ type: "key-changed", room: view, who: await names.view(who) });
    }
    return pins;
  }

  /** Somebody asks to be let into a listed room. */
  async #knock(bytes: Uint8Array): Promise<Taken> {
    const { hub, people, names, showing, store, isOpen } = this.#parts;
    const { room, from } = decodeKnock(bytes);
    const worker = this.#parts.worker(toHex(room));
    if (worker?.room.standing !== "joined") return DONE;
    const { account } = await ask(hub, "find", { key: from, handle: undefined });
    if (account === undefined) return DONE;
    const who = { publicKey: account.key, signatureKey: account.signatureKey };
    const { pin, alarm } = await people.meet(who, { kind: "directory" });
    if (alarm !== undefined) {
      showing.tell({ type: "key-changed", room: worker.view, who: await names.view(who) });
      return DONE;
    }
    if (pin !== undefined) {
      await store.change({ pins: [pin] });
      names.learn(pin);
    }
    if (isOpen(worker.view.id)) return { type: "let-in", worker, who };
    showing.tell({ type: "knocked", room: worker.view, who: await names.view(who) });
    return DONE;
  }
}

function oldInvitation(): LairError {
  return new LairError("group-epoch", "The hub sent an old invitation to a room that you know; it was ignored.", {
    hint: "If you were invited just now, ask to be invited again. If not, the hub may be lying.",
  });
}
