// What a frontend can read about rooms without a call: which there are, how the user stands in them, and their lines.

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
  /** Oldest first; behind the newest line what waits to be sent, beyond the limit. */
  readonly lines: readonly LookedLine[];
  /** What names the page before; undefined: there is none. */
  readonly before: number | undefined;
  /** What names the page behind; undefined: there is none. */
  readonly after: number | undefined;
}

/** Which lines: before or after what an earlier page has named, around the line with this id in hex, or the newest. */
export type LinePlace =
  | { readonly before: number }
  | { readonly after: number }
  | { readonly around: string }
  | Readonly<Record<string, never>>;

const NO_PAGE: LinePage = { lines: [], before: undefined, after: undefined };

/** Calls reject with LairError store-*. Ids are those of rooms, in hex; of one that is not known there is nothing. */
export interface RoomsLook {
  /** All rooms whose hub is paired here, also those that are over. */
  readonly all: readonly LookedRoom[];
  find(id: string): LookedRoom | undefined;
  /** At most `count` lines, but for what waits. Around a line that is not there: none. */
  page(id: string, place: LinePlace, count: number): Promise<LinePage>;
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

  async page(id: string, place: LinePlace, count: number): Promise<LinePage> {
    const room = fromHex(id);
    if (room === undefined) return NO_PAGE;
    if ("around" in place) return await this.#around(room, place.around, count);
    return "after" in place
      ? await this.#after(room, place.after, count)
      : await this.#before(room, "before" in place ? place.before : undefined, count);
  }

  async #before(room: Uint8Array, before: number | undefined, count: number): Promise<LinePage> {
    // First: what comes into the log meanwhile is there twice, and not missing.
    const outgoing = before === undefined ? await this.#waitingIn(room) : [];
    const kept = await this.#parts.store.lines(room, before ?? Number.MAX_SAFE_INTEGER, count + 1);
    const shown = kept.slice(-count);
    return {
      lines: withWaiting(await this.#viewed(shown), outgoing),
      before: kept.length > count ? shown[0]?.seq : undefined,
      after: before === undefined ? undefined : (shown.at(-1)?.seq ?? before - 1),
    };
  }

  async #after(room: Uint8Array, after: number, count: number): Promise<LinePage> {
    const outgoing = await this.#waitingIn(room);
    const kept = await this.#parts.store.linesAfter(room, after, count + 1);
    const shown = kept.slice(0, count);
    const isEnd = kept.length === shown.length;
    return {
      lines: withWaiting(await this.#viewed(shown), isEnd ? outgoing : []),
      before: shown[0]?.seq ?? after + 1,
      after: isEnd ? undefined : shown.at(-1)?.seq,
    };
  }

  /** Half of the lines end with this one; the others follow it. */
  async #around(room: Uint8Array, id: string, count: number): Promise<LinePage> {
    const line = await this.#parts.store.line(room, fromHex(id) ?? new Uint8Array());
    if (line?.kind !== "line") return NO_PAGE;
    const older = await this.#before(room, line.seq + 1, Math.ceil(count / 2));
    if (count === 1) return older;
    const newer = await this.#after(room, line.seq, Math.floor(count / 2));
    return { lines: [...older.lines, ...newer.lines], before: older.before, after: newer.after };
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

/** What has come into the log meanwhile does not wait any more. */
function withWaiting(lines: readonly LookedLine[], waiting: readonly LookedLine[]): readonly LookedLine[] {
  const ids = new Set(lines.map((line) => line.id));
  return [...lines, ...waiting.filter((line) => !ids.has(line.id))];
}
