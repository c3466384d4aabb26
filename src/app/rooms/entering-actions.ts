// The commands by which rooms are made, found, joined and left.

import { equalInConstantTime, toHex } from "../../core/bytes.ts";
import { LairError } from "../../core/errors.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import { encodeLogView, WHOLE_LOG } from "../../core/room/log-hash.ts";
import { encodeRoomContext, type RoomContext } from "../../core/room/room-context.ts";
import { parseRoomLink } from "../../core/room/room-link.ts";
import { isSameIdentity } from "../../core/room/roster.ts";
import { ask, isAway } from "./hub-calls.ts";
import type { HubMembership } from "./hub-membership.ts";
import { isLastAdmin, onlyAdmin } from "./role-checks.ts";
import { ROOM_ID_BYTES, withSigner } from "./room-ground.ts";
import type { Place } from "./room-places.ts";
import type { RoomReport } from "./room-reports.ts";
import type { StoredRoom } from "./room-store.ts";
import { type ActionParts, checkedName, type CommandOf, type ReportOf, requireHere } from "./action-parts.ts";
import type { MemberActions } from "./member-actions.ts";

const PAGE = 500;

export class EnteringActions {
  readonly #parts: ActionParts;
  readonly #members: MemberActions;

  constructor(parts: ActionParts, members: MemberActions) {
    this.#parts = parts;
    this.#members = members;
  }

  async rooms(): Promise<ReportOf<"rooms">> {
    const listed: string[] = [];
    for (const hub of this.#parts.places.hubs.filter(({ isHere }) => isHere))
      for (const { name } of await listedAt(hub)) listed.push(name);
    const rooms = await Promise.all(this.#parts.places.all.map(({ worker }) => worker.known()));
    return { type: "rooms", rooms, listed };
  }

  async create(command: CommandOf<"create">): Promise<RoomReport> {
    const name = checkedName(command.name);
    const { places } = this.#parts;
    const hub = places.hub(command.hub);
    const isTaken = places.all.some(({ worker }) => worker.view.name.toLowerCase() === name.toLowerCase());
    if (isTaken)
      throw new LairError("usage", `There is a room of that name here already.`, { hint: "Choose another name." });
    const kind = command.isAnnouncement ? "announcement" : "room";
    const context = { ...EMPTY, kind, name, sharedLines: command.sharedLines } as const;
    const { worker } = await this.make(hub, context, command.isClassic, command.isListed ? { listedName: name } : {});
    return { type: "room-created", room: worker.view };
  }

  /** Makes a room of which the user is the only member. `more.name`: as it is shown; of a room of two, whose it is to be. */
  async make(hub: HubMembership, start: RoomContext, isClassic: boolean, more: Made = {}): Promise<Place> {
    requireHere(hub);
    const { groups, random, identity, clock } = this.#parts;
    const id = random(ROOM_ID_BYTES);
    const own = toHex(identity.signatureKey);
    const roles = start.kind === "direct" ? new Map() : new Map([[own, "admin" as const]]);
    const context = encodeRoomContext({ ...start, roles });
    const suite = isClassic ? "classic" : "hybrid";
    const state = await withSigner(this.#parts, (signer) => groups.create(suite, signer, id, context));
    const room: StoredRoom = {
      ...blank(id, hub.hubKey),
      standing: "creating",
      name: start.name,
      state,
      renewedAtMs: clock.now().wallMs,
      ...more,
    };
    const worker = await hub.add(room);
    await this.#entered({ hub, worker });
    return { hub, worker };
  }

  /** Asks to be let into a listed room. */
  async knock({ name, hub: of }: CommandOf<"join">): Promise<RoomReport> {
    const hub = this.#parts.places.hub(of);
    requireHere(hub);
    const wanted = name.trim().replace(/^#/u, "").toLowerCase();
    const found = (await listedAt(hub)).find((one) => one.name.toLowerCase() === wanted);
    if (found === undefined) {
      throw new LairError("peer-unknown", "No room of that name is listed at the hub.", {
        hint: "Type rooms to see the listed ones; the others need an invitation or a link.",
      });
    }
    await ask(hub, "knock", { room: found.room, bytes: new Uint8Array(0) });
    return this.#told({ type: "asked", room: { id: toHex(found.room), name: found.name } });
  }

  async joinByLink({ link: text }: CommandOf<"join-link">): Promise<RoomReport> {
    const { invite, room: id, id: linkId, secret } = parseRoomLink(text);
    const hub = this.#parts.places.hubs.find(({ hubKey }) => equalInConstantTime(hubKey, invite.serverKey));
    if (hub === undefined) {
      throw new LairError("peer-unknown", "The hub of this link is not known here.", {
        hint: "Type join and the link at the prompt, or start the program with --invite-file and a file with the link.",
      });
    }
    requireHere(hub);
    const known = hub.rooms.find(({ room }) => equalInConstantTime(room.id, id));
    switch (known?.room.standing) {
      case "joined":
      case "invited":
        return await this.#enter({ hub, worker: known });
      case "joining":
        return await this.#entered({ hub, worker: known });
      case "creating":
      case "leaving":
        throw beingChanged();
      case "over":
      case undefined: {
        const link = { id: linkId, secret };
        const name = known?.room.name ?? "";
        const worker = await hub.add({ ...blank(id, hub.hubKey), standing: "joining", name, link });
        return await this.#entered({ hub, worker });
      }
    }
  }

  /**
   * Resolves once a room is made or joined. It is forgotten if that is refused, unless lines of an earlier time are in it. If
   * the program ends before, the next one goes on with it.
   */
  async #entered({ hub, worker }: Place): Promise<RoomReport> {
    try {
      await worker.enter();
      return { type: "joined", room: worker.view };
    } catch (error) {
      const [line] = await this.#parts.store.lines(worker.room.id, Number.MAX_SAFE_INTEGER, 1);
      if (line === undefined && !isAway(error)) await hub.forget(worker.view.id);
      throw error;
    }
  }

  async leave({ room, keeps }: CommandOf<"leave">): Promise<void> {
    const { hub, worker } = this.#parts.places.room(room);
    switch (worker.room.standing) {
      case "joined":
        if (worker.group !== undefined && isLastAdmin(worker.group, this.#parts.identity)) throw onlyAdmin();
        return await worker.stand("leaving");
      case "invited":
        return await worker.stand("leaving");
      case "over":
        if (keeps === true) return;
        // Once more: what is kept of it goes, too.
        await hub.forget(worker.view.id);
        return this.#parts.showing.tell({ type: "room-forgotten", room: worker.view });
      case "creating":
      case "joining":
      case "leaving":
        throw beingChanged();
    }
  }

  async answer({ room, isAccepted }: CommandOf<"answer">): Promise<RoomReport> {
    const { places } = this.#parts;
    const place = places.invitation(room);
    if (isAccepted) return await this.#enter(place);
    await place.worker.stand("leaving");
    return this.#told({ type: "declined", room: place.worker.view });
  }

  /** A room of two, without a name: the one that is there, the one to which this person has invited the user, or a new one. */
  async direct({ who }: CommandOf<"direct">): Promise<RoomReport> {
    const { places, identity } = this.#parts;
    const person = await places.anybody(undefined, who);
    if (isSameIdentity(person, identity))
      throw new LairError("usage", "A room of two is for you and somebody else.", {
        hint: "Write another name after dm.",
      });
    const known = places.direct(person);
    if (known !== undefined) return await this.#enter(known);
    const hub = await places.hubOf(person);
    requireHere(hub);
    // Before the room is made: an empty one is of no use.
    const keyPackage = await this.#members.keyPackage(hub, person, "hybrid");
    const { name } = await this.#parts.names.view(person);
    const place = await this.make(hub, { ...EMPTY, kind: "direct" }, false, { madeFor: person, name });
    await this.#bring(place, person, keyPackage);
    return { type: "room-created", room: place.worker.view };
  }

  /** Goes on with rooms of two that the program could not finish before it ended. */
  async finish(hub: HubMembership): Promise<void> {
    for (const worker of hub.rooms) {
      const { madeFor, standing } = worker.room;
      if (madeFor === undefined || (standing !== "creating" && standing !== "joined")) continue;
      try {
        if (standing === "creating") await this.#entered({ hub, worker });
        await this.#bring({ hub, worker }, madeFor);
      } catch (error) {
        if (!isAway(error)) this.#parts.showing.error(error, worker.view);
      }
    }
  }

  /** Adds the other one to a room of two, which is left if she cannot be added: alone in it nobody has a use for it. */
  async #bring({ hub, worker }: Place, person: PublicIdentity, keyPackage?: Uint8Array): Promise<void> {
    try {
      const isThere = worker.group?.view.roster.some((one) => isSameIdentity(one, person)) === true;
      if (isThere) return;
      await this.#members.addWith(
        worker,
        person,
        keyPackage ?? (await this.#members.keyPackage(hub, person, "hybrid")),
      );
    } catch (error) {
      if (!isAway(error)) await worker.stand("leaving");
      throw error;
    }
  }

  /** Into a room in which the user is, or to which she is invited. */
  async #enter({ worker }: Place): Promise<RoomReport> {
    const { names } = this.#parts;
    const { standing, by } = worker.room;
    if (standing === "invited") await worker.stand("joined");
    const adder = standing === "invited" && by !== undefined ? { by: await names.view(by) } : {};
    return this.#told({ type: "joined", room: worker.view, ...adder });
  }

  #told(report: RoomReport): RoomReport {
    this.#parts.showing.tell(report);
    return report;
  }

  /** The user's own announcement room, which lets in everybody who asks. */
  async feed(): Promise<RoomReport> {
    const { places, identity } = this.#parts;
    const hub = places.hub(undefined);
    requireHere(hub);
    const known = hub.rooms.find(
      ({ view, room }) => room.standing === "joined" && hub.settings.feeds.includes(view.id),
    );
    if (known !== undefined) return this.#told({ type: "joined", room: known.view });
    const { account } = await ask(hub, "find", { key: identity.publicKey, handle: undefined });
    const name = checkedName(account?.handle ?? "");
    const { worker } = await this.make(hub, { ...EMPTY, kind: "announcement", name }, false, { listedName: name });
    await hub.set({ ...hub.settings, feeds: [...hub.settings.feeds, worker.view.id] });
    return { type: "room-created", room: worker.view };
  }
}

/** What is stored of a room that is being made, beside what every room has. */
type Made = Partial<Pick<StoredRoom, "listedName" | "madeFor" | "name">>;

const EMPTY: RoomContext = {
  kind: "room",
  name: "",
  topic: "",
  sharedLines: 0,
  roles: new Map(),
  leaving: new Set(),
  banned: new Set(),
  links: new Map(),
};

/** Of which nothing is known yet. */
function blank(id: Uint8Array, hub: Uint8Array): StoredRoom {
  return {
    id,
    hub,
    standing: "creating",
    name: "",
    state: undefined,
    since: 0,
    first: 0,
    next: 0,
    commits: 0,
    log: encodeLogView(WHOLE_LOG),
    pending: undefined,
    timerS: 0,
    renewedAtMs: 0,
    lost: undefined,
    disagreeing: [],
    link: undefined,
    by: undefined,
  };
}

function beingChanged(): LairError {
  return new LairError("usage", "This room is being made, joined or left just now.", {
    hint: "Try again in a moment.",
  });
}

async function listedAt(hub: HubMembership): Promise<readonly { readonly room: Uint8Array; readonly name: string }[]> {
  const all: { readonly room: Uint8Array; readonly name: string }[] = [];
  for (let after: string | undefined; ; after = all.at(-1)!.name) {
    const { rooms } = await ask(hub, "listed", { after });
    all.push(...rooms);
    if (rooms.length < PAGE) return all;
  }
}
