// A stored room and its decoded group, which all parts of a room's worker read and change. It always equals what is in
// the store.

import { equalInConstantTime, toHex } from "../../core/bytes.ts";
import { ENTRY_ID_BYTES, type OpenGroup, openGroup } from "./room-ground.ts";
import type { KnownRoom, RoomReport, RoomView } from "./room-reports.ts";
import type { RoomStep, StoredNotice, StoredRoom } from "./room-store.ts";
import type { WorkerParts } from "./turns.ts";

type Parts = Pick<
  WorkerParts,
  "store" | "groups" | "names" | "identity" | "onChange" | "isHere" | "random" | "showing"
>;

export class LiveRoom {
  readonly #parts: Parts;
  #room: StoredRoom;
  #group: OpenGroup | undefined;
  #view: RoomView;

  private constructor(parts: Parts, room: StoredRoom) {
    this.#parts = parts;
    this.#room = room;
    this.#view = { id: toHex(room.id), name: room.name };
  }

  /** Rejects with LairError `store-damaged` for a state that cannot be decoded. */
  static async open(parts: Parts, room: StoredRoom): Promise<LiveRoom> {
    const live = new LiveRoom(parts, room);
    if (room.state !== undefined) await live.see(await openGroup(parts.groups, room.state));
    return live;
  }

  get room(): StoredRoom {
    return this.#room;
  }

  get group(): OpenGroup | undefined {
    return this.#group;
  }

  get view(): RoomView {
    return this.#view;
  }

  get isOver(): boolean {
    return this.#room.standing === "over";
  }

  /** Stores a change, and tells what it means. Rejects with LairError store-*; then nothing has changed. */
  async change(change: Partial<StoredRoom>, ...reports: readonly RoomReport[]): Promise<void> {
    const room = { ...this.#room, ...change };
    await this.tell({ room }, ...reports);
    this.#room = room;
  }

  /** Stores a step, with what is to be told of it, and tells that. Rejects with LairError store-*. */
  async tell(step: RoomStep, ...reports: readonly RoomReport[]): Promise<void> {
    const notices = reports.map((report) => this.notice(report));
    await this.#parts.store.change({ ...step, notices });
    for (const notice of notices) this.#parts.showing.notice(notice);
  }

  /** Something to be told. `seq`: of the entry that it comes with; absent: the last that was read. */
  notice(report: RoomReport, seq = this.#room.next - 1): StoredNotice {
    return { room: this.#room.id, id: this.#parts.random(ENTRY_ID_BYTES), seq, report };
  }

  /** A larger step has stored this. */
  took(room: StoredRoom): void {
    this.#room = room;
  }

  /** A step has stored this group's state: only message keys and the like have changed. */
  usedKeys(group: OpenGroup): void {
    this.#group = group;
    this.#room = { ...this.#room, state: group.state };
  }

  /** The group is this one now; undefined: the member is not in it any more. */
  async see(group: OpenGroup | undefined): Promise<void> {
    const isNew = group !== undefined && group.view !== this.#group?.view;
    const view = await this.viewWith(group);
    this.#group = group;
    if (!isNew) return;
    this.#view = view;
    this.#parts.onChange();
  }

  /** The view of the room, if this were its group. */
  async viewWith(group: OpenGroup | undefined): Promise<RoomView> {
    if (group === undefined || group.view === this.#group?.view) return this.#view;
    return await viewOf(this.#parts, this.#room, group, this.#view.name);
  }

  /** As the frontend must know it. */
  async known(): Promise<KnownRoom> {
    return await knownRoom(this.#parts, this.#room, this.#group, this.#view, !this.#parts.isHere());
  }
}

/** The view of a room with this group. `name`: of a room of two whose other one is not known. */
export async function viewOf(
  { names, identity }: Pick<Parts, "names" | "identity">,
  { id, madeFor }: StoredRoom,
  { context, view }: OpenGroup,
  name: string,
): Promise<RoomView> {
  if (context.kind !== "direct") return { id: toHex(id), name: context.name };
  const other = view.roster.find(({ publicKey }) => !equalInConstantTime(publicKey, identity.publicKey)) ?? madeFor;
  return { id: toHex(id), name: other === undefined ? name : (await names.view(other)).name, isDirect: true };
}

/** A room as the frontend must know it. */
export async function knownRoom(
  { names }: Pick<Parts, "names">,
  { standing }: StoredRoom,
  group: OpenGroup | undefined,
  view: RoomView,
  isAway: boolean,
): Promise<KnownRoom> {
  const people = await Promise.all((group?.view.roster ?? []).map(async (who) => await names.view(who)));
  const shown = standing === "joined" || standing === "invited" || standing === "over" ? standing : "waiting";
  return { ...view, standing: shown, ...(isAway ? { isAway: true as const } : {}), people };
}
