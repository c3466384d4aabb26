// Finds the hub, the room, the line and the person that a command names.

import { equalInConstantTime, fromHex, toHex, toUtf8 } from "../../core/bytes.ts";
import { MAX_HANDLE_BYTES } from "../../core/hub/calls.ts";
import { LairError } from "../../core/errors.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import { nameInSentence, quotedName } from "../../core/identity/quoted-name.ts";
import { isSameIdentity } from "../../core/room/roster.ts";
import { ask } from "./hub-calls.ts";
import type { HubMembership } from "./hub-membership.ts";
import type { RoomLine as NamedLine } from "./room-commands.ts";
import type { OpenGroup, RoomParts } from "./room-ground.ts";
import { seqOfLine } from "./line-views.ts";
import type { RoomNames } from "./room-names.ts";
import type { RoomView } from "./room-reports.ts";
import type { RoomLine, StoredRoom } from "./room-store.ts";
import type { RoomWorker } from "./room-worker.ts";

interface PlaceParts extends Pick<RoomParts, "store" | "peers" | "identity"> {
  readonly names: RoomNames;
  readonly hubs: () => readonly HubMembership[];
}

/** A room, and the hub where it is. */
export interface Place {
  readonly hub: HubMembership;
  readonly worker: RoomWorker;
}

/** The hub's directory has another key than the one that is known here. */
export function keyChanged(): LairError {
  return new LairError("peer-key-changed", "The hub has another key for this person than the one that is known here.", {
    hint: "Nobody was added. Compare safety words with them (verify); the hub may be lying.",
  });
}

export class RoomPlaces {
  readonly #parts: PlaceParts;

  constructor(parts: PlaceParts) {
    this.#parts = parts;
  }

  get hubs(): readonly HubMembership[] {
    return this.#parts.hubs();
  }

  /** All rooms that are not over. */
  get all(): readonly Place[] {
    return this.#parts.hubs().flatMap((hub) => {
      const rooms = hub.rooms.filter(({ room }) => room.standing !== "over");
      return rooms.map((worker) => ({ hub, worker }));
    });
  }

  /**
   * By id, or "#" and a name: of several of that name, the one in which the user is with others. So a stranger's invitation
   * takes no name away. Throws LairError `peer-unknown`, `ambiguous-recipient`.
   */
  room(text: string): Place {
    const found = called(text, this.everywhere);
    if (found.length > 0) return onlyOne(found);
    throw new LairError("peer-unknown", `No room is called ${quotedName(text.trim())} here.`, {
      hint: "Type rooms to see them.",
    });
  }

  /** The view of the room that a text names, if it names exactly one. */
  view(text: string): RoomView | undefined {
    const [only, ...others] = called(text, this.everywhere);
    return others.length > 0 ? undefined : only?.worker.view;
  }

  /** One to which the user is invited. Throws LairError as {@link room} does, and `usage`. */
  invitation(text: string): Place {
    const invitations = this.everywhere.filter(({ worker }) => worker.room.standing === "invited");
    const found = called(text, invitations);
    if (found.length > 0) return onlyOne(found);
    this.room(text);
    throw new LairError("usage", "You are not invited to this room, or have answered already.", {
      hint: "Type rooms to see your invitations.",
    });
  }
  /** The room of two with this person, or her invitation to one; undefined: none, or she has left it. */
  direct(person: PublicIdentity): Place | undefined {
    const found = this.everywhere.filter(({ worker: { room, group } }) => {
      if (group === undefined || (room.standing !== "joined" && room.standing !== "invited")) return false;
      const isWith = group.view.roster.some((one) => isSameIdentity(one, person));
      return group.context.kind === "direct" && isWith && !isLeftAlone(group);
    });
    return found.find(({ worker }) => worker.room.standing === "joined") ?? found[0];
  }

  /** A room in which the user is, with its group. Throws LairError as {@link room} does, and `hub-refused`. */
  inside(text: string): Place & { readonly group: OpenGroup } {
    const place = this.room(text);
    const { group, room } = place.worker;
    if (room.standing !== "joined" || group === undefined) {
      throw notInside(room.standing, `#${nameInSentence(place.worker.view.name)}`);
    }
    return { ...place, group };
  }

  /** The hub of this name, or the only one. Throws LairError `peer-unknown`, `ambiguous-recipient`. */
  hub(name: string | undefined): HubMembership {
    const hubs = this.#parts.hubs();
    const nameOf = ({ hubKey }: HubMembership): string =>
      this.#parts.peers().find((peer) => equalInConstantTime(peer.publicKey, hubKey))?.name ?? "";
    const found = name === undefined ? hubs : hubs.filter((hub) => nameOf(hub).toLowerCase() === name.toLowerCase());
    const [first, ...others] = found;
    if (first === undefined) {
      const what = name === undefined ? "No hub is known here." : `No hub is called ${quotedName(name)} here.`;
      throw new LairError("peer-unknown", what, { hint: "Join one with its invite, or with a link to a room." });
    }
    if (others.length > 0) {
      throw new LairError("ambiguous-recipient", "More than one hub is known here.", {
        hint: `Say which: --hub, and one of ${hubs.map((hub) => nameInSentence(nameOf(hub))).join(", ")}.`,
      });
    }
    return first;
  }

  /** The only hub, or the first that is here and where this person is. Throws LairError as {@link hub} does. */
  async hubOf({ publicKey: key }: PublicIdentity): Promise<HubMembership> {
    const hubs = this.#parts.hubs();
    if (hubs.length > 1) {
      for (const hub of hubs.filter(({ isHere }) => isHere)) {
        if ((await ask(hub, "find", { key, handle: undefined })).account !== undefined) return hub;
      }
    }
    return this.hub(undefined);
  }

  /** Somebody in a room. Throws LairError `peer-unknown`, `ambiguous-recipient`. */
  async member({ view }: OpenGroup, who: string): Promise<PublicIdentity> {
    const found = await this.#parts.names.find(who, view.roster);
    if (found !== undefined) return found;
    throw new LairError("peer-unknown", `${quotedName(who)} is not in the room.`, {
      hint: "Type members to see who is.",
    });
  }

  /** Anybody: paired here, met in rooms, or found by a handle at a hub that is here. Throws LairError as {@link member}. */
  async anybody(hub: HubMembership | undefined, who: string): Promise<PublicIdentity> {
    const found = await this.#parts.names.find(who, await this.#parts.names.known());
    if (found !== undefined) return found;
    const hubs = hub === undefined ? this.#parts.hubs().filter(({ isHere }) => isHere) : [hub];
    const handle = who.trim().replace(/^@/u, "");
    // Nobody is called so.
    const isTooLong = toUtf8(handle).length > MAX_HANDLE_BYTES;
    for (const one of isTooLong ? [] : hubs) {
      const { account } = await ask(one, "find", { key: undefined, handle });
      if (account === undefined) continue;
      const person = { publicKey: account.key, signatureKey: account.signatureKey };
      const { pin, alarm } = await one.people.meet(person, { kind: "directory" });
      if (alarm !== undefined) throw keyChanged();
      if (pin !== undefined) {
        await this.#parts.store.change({ pins: [pin] });
        this.#parts.names.learn(pin);
      }
      return person;
    }
    throw new LairError("peer-unknown", `Nobody is called ${quotedName(who)} here or at the hub.`, {
      hint: "A name at the hub is spelt as its owner spells it; members lists the people of a room.",
    });
  }

  /** A line of a room; without one, the user's last. Throws LairError `peer-unknown`. */
  async line({ worker }: Place, line: NamedLine | undefined): Promise<RoomLine> {
    const { store } = this.#parts;
    const { id } = worker.room;
    const bytes = typeof line === "string" ? fromHex(line.toLowerCase()) : undefined;
    const found =
      line === undefined
        ? await store.ownLast(id)
        : typeof line === "number"
          ? await store.lineAt(id, seqOfLine(line))
          : bytes?.length === 16
            ? await store.line(id, bytes)
            : undefined;
    if (found?.kind === "line") return found;
    const what = line === undefined ? "You have said nothing in this room yet." : "There is no such line in this room.";
    throw new LairError("peer-unknown", what, { hint: "Type history to see the numbers of the lines." });
  }

  /** All rooms, also those that are over. */
  get everywhere(): readonly Place[] {
    return this.#parts.hubs().flatMap((hub) => hub.rooms.map((worker) => ({ hub, worker })));
  }
}

function notInside(standing: StoredRoom["standing"], name: string): LairError {
  switch (standing) {
    case "invited":
      return new LairError("hub-refused", `You are invited to ${name}, and not in it yet.`, {
        hint: `Type accept ${name} to go in, or decline ${name}.`,
      });
    case "over":
      return new LairError("hub-refused", `You are not in ${name} any more.`, {
        hint: "What was said there stays here: history, search and export show it. Type rooms to see your rooms.",
      });
    default:
      return new LairError("hub-refused", `You are not in ${name}: it is being made, joined or left just now.`, {
        hint: "Try again in a moment.",
      });
  }
}

/** Those of an id's start, or of a name, that are to be preferred. */
function called(text: string, among: readonly Place[]): readonly Place[] {
  const name = text.trim().replace(/^#/u, "").toLowerCase();
  const isStart = /^[0-9a-f]{8,32}$/u.test(name);
  const byId = isStart ? among.filter(({ worker }) => worker.view.id.startsWith(name)) : [];
  if (byId.length === 1) return byId;
  const byName = among.filter(({ worker }) => worker.view.name.toLowerCase() === name);
  const best = Math.min(...byName.map(({ worker }) => rankOf(worker)));
  return byName.filter(({ worker }) => rankOf(worker) === best);
}

/** The lower, the sooner a room is meant by its name. */
function rankOf({ room: { standing }, group }: RoomWorker): number {
  if (standing === "over") return 3;
  if (standing !== "joined") return 2;
  return group !== undefined && isLeftAlone(group) ? 1 : 0;
}

/** Whether the other one of a room of two has left, or has declined. */
function isLeftAlone({ context, view }: Pick<OpenGroup, "context" | "view">): boolean {
  const staying = view.roster.filter(({ signatureKey }) => !context.leaving.has(toHex(signatureKey)));
  return context.kind === "direct" && staying.length < 2;
}

/** Throws LairError `ambiguous-recipient`. */
function onlyOne([first, ...others]: readonly Place[]): Place {
  if (first !== undefined && others.length === 0) return first;
  throw new LairError(
    "ambiguous-recipient",
    `More than one room is called ${nameInSentence(first?.worker.view.name ?? "")}.`,
    { hint: "Switch to one of them by its id: to #, and the id that rooms shows." },
  );
}
