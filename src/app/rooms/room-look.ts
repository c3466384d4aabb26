// What a frontend may look at in rooms without asking anybody: which there are, how the user stands in them, and their lines.

import { equalInConstantTime, fromHex, toHex } from "../../core/bytes.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import type { Peer } from "../../core/identity/peer.ts";
import { decodeRoomMessage } from "../../core/room/room-message.ts";
import { roleOf } from "../../core/room/policy.ts";
import type { HubMembership } from "./hub-membership.ts";
import { lineView } from "./line-views.ts";
import type { RoomNames } from "./room-names.ts";
import type { RoomPlaces } from "./room-places.ts";
import type { KnownRoom, MemberView, PersonView, RoomLineView, RoomView } from "./room-reports.ts";
import type { Outgoing, RoomLine, RoomStore } from "./room-store.ts";
import type { RoomWorker } from "./room-worker.ts";

export interface LookedRoom {
  readonly room: RoomView;
  readonly standing: KnownRoom["standing"];
  /** One's own; undefined while the user is not in it. */
  readonly role: MemberView["role"] | undefined;
  /** Empty while the user is not in it. */
  readonly topic: string;
  readonly isAnnouncement: boolean;
  /** How many people are in it. */
  readonly members: number;
  readonly hub: Peer;
  /** How many lines of the user are in no log yet. */
  readonly waiting: number;
  readonly timerS: number;
  /** Who invited, while `invited`. */
  readonly by: () => Promise<PersonView | undefined>;
}

export interface LookedLine extends RoomLineView {
  /** When it disappears. */
  readonly expiresAtMs?: number;
  /** It is in no log yet; its number is of no meaning. */
  readonly isWaiting?: true;
}

interface LinePage {
  /** Oldest first; at the end of the newest page what waits to be sent, beyond the limit. */
  readonly lines: readonly LookedLine[];
  /** What names the page before; undefined: there is none. */
  readonly before: number | undefined;
}

/** Calls reject with LairError store-*. Ids are those of rooms, in hex; of one that is not known there is nothing. */
export interface RoomsLook {
  /** All rooms whose hub is paired here, also those that are over. */
  readonly all: readonly LookedRoom[];
  find(id: string): LookedRoom | undefined;
  /** The last `count` lines before `before`, which an earlier page has named. */
  page(id: string, before: number | undefined, count: number): Promise<LinePage>;
  /** The newest lines with all these words, oldest first, and how many there are. */
  search(
    id: string,
    words: string,
    limit: number,
  ): Promise<{ readonly lines: readonly LookedLine[]; readonly total: number }>;
  /** What others are told of this user; of several hubs, what the first one knows. */
  readonly marks: { readonly typing: boolean; readonly read: boolean; readonly invisible: boolean };
}

interface LookParts {
  readonly places: RoomPlaces;
  readonly names: RoomNames;
  readonly store: RoomStore;
  readonly identity: PublicIdentity;
  readonly peers: () => readonly Peer[];
}

export class RoomLook implements RoomsLook {
  readonly #parts: LookParts;

  constructor(parts: LookParts) {
    this.#parts = parts;
  }

  get all(): readonly LookedRoom[] {
    return this.#parts.places.everywhere.flatMap(({ hub, worker }) => this.#looked(hub, worker) ?? []);
  }

  find(id: string): LookedRoom | undefined {
    const place = this.#parts.places.everywhere.find(({ worker }) => worker.view.id === id);
    return place === undefined ? undefined : this.#looked(place.hub, place.worker);
  }

  async page(id: string, before: number | undefined, count: number): Promise<LinePage> {
    const room = fromHex(id);
    if (room === undefined) return { lines: [], before: undefined };
    const { store } = this.#parts;
    // First: what comes into the log meanwhile is there twice, and not missing.
    const outgoing = before === undefined ? await this.#waitingIn(room) : [];
    const kept = await store.lines(room, before ?? Number.MAX_SAFE_INTEGER, count + 1);
    const shown = kept.slice(-count);
    const lines = await this.#viewed(shown);
    const ids = new Set(lines.map((line) => line.id));
    const waiting = outgoing.filter((line) => !ids.has(line.id));
    return { lines: [...lines, ...waiting], before: kept.length > count ? shown[0]?.seq : undefined };
  }

  async search(
    id: string,
    words: string,
    limit: number,
  ): Promise<{ readonly lines: readonly LookedLine[]; readonly total: number }> {
    const room = fromHex(id);
    if (room === undefined) return { lines: [], total: 0 };
    const { lines, total } = await this.#parts.store.search(room, words, limit);
    return { lines: await this.#viewed(lines), total };
  }

  get marks(): RoomsLook["marks"] {
    const settings = this.#parts.places.hubs[0]?.settings;
    return {
      typing: settings?.tellsTyping === true,
      read: settings?.tellsRead === true,
      invisible: settings?.isInvisible === true,
    };
  }

  #looked({ hubKey }: HubMembership, { room, group, view, waiting }: RoomWorker): LookedRoom | undefined {
    const { names, identity, peers } = this.#parts;
    const hub = peers().find(({ publicKey }) => equalInConstantTime(publicKey, hubKey));
    if (hub === undefined) return undefined;
    const { standing, timerS, by } = room;
    const isShown = standing === "joined" || standing === "invited" || standing === "over";
    return {
      room: view,
      standing: isShown ? standing : "waiting",
      role: group === undefined || standing !== "joined" ? undefined : roleOf(group.context, identity),
      topic: group?.context.topic ?? "",
      isAnnouncement: group?.context.kind === "announcement",
      members: group?.view.roster.length ?? 0,
      hub,
      waiting,
      timerS,
      by: async () => (by === undefined ? undefined : await names.view(by)),
    };
  }

  async #viewed(lines: readonly RoomLine[]): Promise<readonly LookedLine[]> {
    return await Promise.all(
      lines.map(async (line) => {
        const { expiresAtMs } = line;
        return { ...(await lineView(this.#parts, line)), ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
      }),
    );
  }

  /** What the user has said and no log has yet; edits, reactions and the like are about other lines. */
  async #waitingIn(room: Uint8Array): Promise<readonly LookedLine[]> {
    const outgoing = await this.#parts.store.outgoing(room);
    const lines = await Promise.all(outgoing.map(async (one) => await this.#waitingLine(one)));
    return lines.flatMap((line) => line ?? []);
  }

  async #waitingLine({ id, content: bytes }: Outgoing): Promise<LookedLine | undefined> {
    const { names, identity } = this.#parts;
    const { content } = decodeRoomMessage(bytes);
    if (content.kind !== "text" && content.kind !== "reply") return undefined;
    return {
      id: toHex(id),
      seq: 0,
      from: await names.view(identity),
      atMs: content.atMs,
      text: content.text,
      ...(content.kind === "reply" ? { replyTo: content.to } : {}),
      isWaiting: true,
    };
  }
}
