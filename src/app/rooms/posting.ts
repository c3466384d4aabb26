// A member's lines on their way into the log of one room: stored, sealed, posted, and removed here once they have come
// back in the log. An entry keeps its id at each attempt, so it is in the log once.
//
//   stored ──► sealed ──► posted ──► in the log
//     ▲           │ stale: the epoch is too old by now
//     └───────────┘

import { toHex } from "../../core/bytes.ts";
import type { Refused } from "../../core/hub/calls.ts";
import { LairError } from "../../core/errors.ts";
import { decodeLogView, markOf } from "../../core/room/log-hash.ts";
import { maySpeak } from "../../core/room/policy.ts";
import { decodeRoomMessage, encodeRoomMessage, type RoomContent } from "../../core/room/room-message.ts";
import type { Receipt } from "../receipts.ts";
import { HubRefusal, type HubCalls } from "./hub-calls.ts";
import { ENTRY_ID_BYTES, type OpenGroup, type RoomParts, withSigner } from "./room-ground.ts";
import type { Outgoing, StoredRoom } from "./room-store.ts";

interface PostingParts extends Pick<RoomParts, "groups" | "store" | "suite" | "identity" | "random"> {
  readonly hub: HubCalls;
}

/** Ours: sealed in one step of the store, before the first of them is posted. */
const MOST_SEALED = 16;
/** Ours: what somebody pipes in while the hub is away. */
const MOST_WAITING = 10_000;

/** What came of posting. */
type Posted =
  | { readonly type: "nothing" | "no-room" }
  /** The last of them as this entry. */
  | { readonly type: "posted"; readonly seq: number }
  /** The hub has given it a number that was read already. */
  | { readonly type: "behind"; readonly seq: number }
  /** So many times, without anything new in the log. */
  | { readonly type: "stale"; readonly times: number }
  | { readonly type: "wait"; readonly ms: number | undefined; readonly refused: Refused }
  /** One line is to be given up. */
  | { readonly type: "refused"; readonly id: Uint8Array; readonly error: LairError };

export class Posting {
  readonly #parts: PostingParts;
  /** By id in hex, in their order. */
  readonly #outgoing: Map<string, Outgoing>;
  /** The hub has them; the log has not brought them back yet. */
  readonly #posted = new Set<string>();
  #stale = 0;

  constructor(parts: PostingParts, outgoing: readonly Outgoing[]) {
    this.#parts = parts;
    this.#outgoing = new Map(outgoing.map((one) => [toHex(one.id), one]));
  }

  get waiting(): number {
    return this.#outgoing.size;
  }

  get byId(): ReadonlyMap<string, Outgoing> {
    return this.#outgoing;
  }

  /** What was said last and the log does not have yet, but for what is to be deleted: its id and its content. */
  get lastSaid(): Pick<Outgoing, "id" | "content"> | undefined {
    const waiting = [...this.#outgoing.values()].map((one) => ({ one, said: decodeRoomMessage(one.content).content }));
    const deleted = new Set(waiting.flatMap(({ said }) => (said.kind === "delete" ? [said.to] : [])));
    const found = waiting.findLast(
      ({ one, said }) => (said.kind === "text" || said.kind === "reply") && !deleted.has(toHex(one.id)),
    );
    return found?.one;
  }

  /** Stores a message with the receipt of the call, and returns the id of its entry. Rejects with LairError `queue-full`, `group-not-allowed`, store-*. */
  async add(
    { id: room }: StoredRoom,
    { context }: OpenGroup,
    content: RoomContent,
    receipt?: Receipt,
  ): Promise<Uint8Array> {
    const { store, identity, random } = this.#parts;
    if (!maySpeak(context, identity)) throw notAllowed();
    if (this.waiting >= MOST_WAITING) {
      throw new LairError("queue-full", `${MOST_WAITING} lines already wait for this room; this one was not kept.`, {
        hint: "Wait until the hub has some of them.",
      });
    }
    const line = { room, id: random(ENTRY_ID_BYTES), content: encodeRoomMessage(content), sealed: undefined };
    const receipts = receipt === undefined ? {} : { receipts: [{ ...receipt, place: room, line: line.id }] };
    await store.change({ addOutgoing: [line], ...receipts });
    this.#outgoing.set(toHex(line.id), line);
    return line.id;
  }

  /** The log has brought these back. */
  sent(ids: readonly Uint8Array[]): void {
    for (const id of ids) {
      this.#outgoing.delete(toHex(id));
      this.#posted.delete(toHex(id));
    }
  }

  /** The log has brought something new. */
  progressed(): void {
    this.#stale = 0;
  }

  /** The hub may have lost what it had: everything that the log has not brought back is posted again, under the same ids. */
  again(): void {
    this.#posted.clear();
  }

  /** What waits, but for these: ids. */
  without(ids: readonly Uint8Array[]): readonly Uint8Array[] {
    const gone = new Set(ids.map(toHex));
    return [...this.#outgoing.values()].flatMap(({ id }) => (gone.has(toHex(id)) ? [] : [id]));
  }

  /**
   * Posts the next lines, in their order. `onSealed` gets the group once it is stored, before anything leaves: the keys that
   * were used up are never used again, whatever comes of posting. Rejects with LairError `hub-away`, store-*.
   */
  async post(room: StoredRoom, group: OpenGroup, onSealed: (group: OpenGroup) => void): Promise<Posted> {
    const next = [...this.#outgoing.values()].filter(({ id }) => !this.#posted.has(toHex(id))).slice(0, MOST_SEALED);
    const [first] = next;
    if (first === undefined) return { type: "nothing" };
    if (!maySpeak(group.context, this.#parts.identity)) return { type: "refused", id: first.id, error: notAllowed() };
    const sealed = await this.#seal(next, room, group);
    onSealed(sealed.group);
    let last = 0;
    for (const line of sealed.lines) {
      const { epoch, bytes } = line.sealed!;
      const call = { room: room.id, type: "message", id: line.id, epoch, bytes } as const;
      const outcome = await this.#parts.hub.call("post", call);
      if (outcome.type === "answered") {
        this.#posted.add(toHex(line.id));
        last = outcome.answer.seq;
        if (last < room.next) return { type: "behind", seq: last };
        continue;
      }
      switch (outcome.refusal) {
        case "stale":
          this.#unseal();
          this.#stale += 1;
          return { type: "stale", times: this.#stale };
        case "no-room":
          return { type: "no-room" };
        case "too-often":
        case "unable":
          return { type: "wait", ms: outcome.retryAfterMs, refused: outcome };
        default:
          if (outcome.retryAfterMs !== undefined) return { type: "wait", ms: outcome.retryAfterMs, refused: outcome };
          return { type: "refused", id: line.id, error: new HubRefusal(outcome) };
      }
    }
    return { type: "posted", seq: last };
  }

  /** Seals what is not sealed yet, and stores it with the group whose keys were used: before any of it leaves. */
  async #seal(
    lines: readonly Outgoing[],
    room: StoredRoom,
    group: OpenGroup,
  ): Promise<{ readonly lines: readonly Outgoing[]; readonly group: OpenGroup }> {
    if (lines.every(({ sealed }) => sealed !== undefined)) return { lines, group };
    const { groups, store } = this.#parts;
    const mark = markOf(decodeLogView(room.log));
    let { state } = group;
    const done: Outgoing[] = [];
    await withSigner(this.#parts, async (signer) => {
      for (const line of lines) {
        if (line.sealed !== undefined) {
          done.push(line);
          continue;
        }
        const { content } = decodeRoomMessage(line.content);
        const plaintext = content.kind === "unknown" ? line.content : encodeRoomMessage(content, mark);
        const { state: after, message } = await groups.seal(state, signer, plaintext, line.id);
        state = after;
        done.push({ ...line, sealed: { epoch: group.epoch, bytes: message } });
      }
    });
    await store.change({ room: { ...room, state }, sealed: done });
    for (const line of done) this.#outgoing.set(toHex(line.id), line);
    return { lines: done, group: { ...group, state } };
  }

  /** What was not taken is sealed anew, in the epoch that the log has led to. */
  #unseal(): void {
    for (const [key, line] of this.#outgoing) {
      if (!this.#posted.has(key)) this.#outgoing.set(key, { ...line, sealed: undefined });
    }
  }
}

function notAllowed(): LairError {
  return new LairError("group-not-allowed", "Only admins and moderators speak in this room; this was not sent.", {
    hint: "Ask an admin to make you a moderator. Type members to see who is one.",
  });
}
