// The conversation of two people over any number of sessions: texts, the timer that both have agreed on, and introductions
// of others (docs/PROTOCOL.md §7.3, §7.4). It outlives its sessions: what is said while there is none waits. Knows no end of a channel
// and no screen. `chat-session.ts` is one session of it.

import { toUtf8 } from "../bytes.ts";
import type { Channel, ChannelEvent, Instant } from "../channel/index.ts";
import { CHAT_KIND } from "../delivery/data.ts";
import { Delivery, type Kinds } from "../delivery/delivery.ts";
import type { DeliveryEvent } from "../delivery/delivery-event.ts";
import type { DeliverySession } from "../delivery/delivery-session.ts";
import type { MessageContent, NewMessage, Store } from "../delivery/store.ts";
import { parseJsonObject } from "../json-object.ts";
import { SparseMap } from "../sparse-map.ts";
import {
  decodeIntroduction,
  encodeIntroduction,
  type Introduction,
  INTRODUCTION_ROUTE,
  introductionsFromPlain,
  introductionsToPlain,
  keptOrNot,
  type NotKept,
  withIntroduction,
} from "./introduction.ts";
import { readMessage, shortenMessage, writeText, writeTimer } from "./message.ts";

/** `ttlS`: it disappears so many seconds after it has arrived; absent: it does not. */
interface SaidEvent {
  readonly seq: number;
  readonly atMs: number;
  readonly text: string;
  readonly ttlS?: number;
}

/** What has happened to a message or to the chat. It is stored before it is told; `seq` counts in each direction from 0. */
export type ChatEvent =
  | ({ readonly type: "queued" } & SaidEvent)
  | ({ readonly type: "sent" } & SaidEvent)
  | ({ readonly type: "message"; readonly again?: boolean } & SaidEvent)
  | { readonly type: "unknown-message"; readonly seq: number; readonly kind: string }
  | { readonly type: "unreadable-message"; readonly seq: number }
  /**
   * The peer introduces somebody; it is among {@link Chat.introductions} until it is settled, or it is not, and why.
   * `again`: it arrived before this program started.
   */
  | {
      readonly type: "introduction";
      readonly seq: number;
      readonly introduction: Introduction | NotKept;
      readonly again?: boolean;
    }
  | { readonly type: "timer"; readonly seq: number; readonly seconds: number; readonly by: "you" | "peer" }
  /** The peer has set a timer, but ours is later and applies. */
  | { readonly type: "timer-held"; readonly seq: number; readonly seconds: number }
  | Extract<DeliveryEvent, { type: "released" | "delivered" | "memory" }>;

/** Ours: no clock is a hundred years fast. */
const FARTHEST_MS = 36_525 * 86_400_000;

/** The layers above the delivery, by kind: another one is added here, and reads its messages in `#translate`. */
const KINDS: Kinds = new Map([
  [CHAT_KIND, { decode: readMessage, shorten: shortenMessage }],
  [INTRODUCTION_ROUTE.kind, {}],
]);

/** What is kept about the peer, beside the messages. */
interface Setting {
  readonly timer: Timer;
  /** Those that are not settled, the oldest first. */
  readonly introductions: readonly Introduction[];
}

/** The current timer, and when it was set, by the clock of the side that set it. */
interface Timer {
  readonly atMs: number;
  readonly seconds: number;
}

/** Of every chat whose users have set nothing: one for all. */
const NOTHING_SET: Setting = { timer: { atMs: 0, seconds: 0 }, introductions: [] };

/**
 * A chat with one peer, over any number of sessions. Make one for each peer, and keep it as long as the program runs. More
 * than twenty members: a chat is also what its delivery is to sessions, and what `status` shows of it.
 *
 * @example
 * const chat = new Chat(store, peer.publicKey);
 * chat.say("Can you see this?", clock.now());
 * runner.wake(); // the session that carries it stores and sends it
 */
export class Chat {
  readonly #delivery: Delivery;
  #setting: Setting;
  /** Timers of the peer that did not apply when they arrived, by number, and the one that did. */
  readonly #outdone = new SparseMap<number, number>();
  /** Introductions that have arrived and are not told yet, as they were decoded, by number. */
  readonly #arrived = new SparseMap<number, Introduction | undefined>();

  /** `peer` is its public key, 32 bytes, which is not copied. Throws LairError store-*. */
  constructor(store: Store, peer: Uint8Array) {
    this.#delivery = new Delivery(store, peer, KINDS);
    this.#setting = decodeSetting(this.#delivery.setting);
  }

  /** Messages since the program began. */
  get sent(): number {
    return this.#delivery.sent;
  }

  get received(): number {
    return this.#delivery.received;
  }

  /** The number of our unacknowledged messages, and how many of them no session carries yet. */
  get undelivered(): number {
    return this.#delivery.undelivered;
  }

  get queued(): number {
    return this.#delivery.queued;
  }

  /** The numbers of the unacknowledged texts and timers, in order. */
  get waiting(): readonly number[] {
    return this.#delivery.waiting;
  }

  get roundTripMs(): number | undefined {
    return this.#delivery.roundTripMs;
  }

  /** After how many seconds messages disappear; 0: never. */
  get timerS(): number {
    return this.#timer.seconds;
  }

  get #timer(): Timer {
    return this.#setting.timer;
  }

  /** The peer's introductions that are not settled, the oldest first, including what is staged. */
  get introductions(): readonly Introduction[] {
    return this.#setting.introductions;
  }

  /** What the peer of the current session can do besides the chat; undefined while there is no session. */
  get capabilities(): ReadonlySet<string> | undefined {
    return this.#delivery.capabilities;
  }

  /** Where the peer of the current session says that it waits for others. */
  get peerUrl(): string | undefined {
    return this.#delivery.peerUrl;
  }

  /** See {@link Store.mostAtOnce}. */
  get mostAtOnce(): number | undefined {
    return this.#delivery.mostAtOnce;
  }

  /** Whether something waits for {@link commit}. */
  get hasStaged(): boolean {
    return this.#delivery.hasStaged;
  }

  /**
   * Stages a text; {@link commit} reports it. Returns its number. Throws LairError `message-too-long`, `queue-full` or
   * store-*.
   */
  say(text: string, now: Instant): number {
    const { bytes, content } = writeText(text, now.wallMs, this.#timer.seconds);
    return this.#delivery.send(bytes, now, content);
  }

  /**
   * Stages an introduction for the peer, whose capabilities must name {@link READS_INTRODUCTIONS}. Returns its number. Throws
   * LairError `stream-full` or store-*, and RangeError as {@link encodeIntroduction} does.
   */
  introduce(introduction: Introduction, now: Instant): number {
    return this.#delivery.send(encodeIntroduction(introduction), now, undefined, INTRODUCTION_ROUTE);
  }

  /** Stages that the introduction with this id has been answered, in whatever way. */
  settle(id: string): void {
    this.#keep({ introductions: this.introductions.filter((introduction) => introduction.id !== id) });
  }

  /** Stages a restart of all numbers. Throws like {@link Delivery.beginAnew}. */
  beginAnew(): void {
    this.#delivery.beginAnew();
  }

  /** Removes everything that is kept of the conversation, including the history. See {@link Delivery.forget}. */
  forget(): void {
    this.#outdone.clear();
    this.#arrived.clear();
    this.#orTakeBack(() => this.#delivery.forget());
    this.#setting = decodeSetting(this.#delivery.setting);
  }

  /** Stages a new timer, for both sides. Throws like {@link say}. */
  setTimer(seconds: number, now: Instant): number {
    // Later than the current one, whatever the clocks say.
    const atMs = Math.max(now.wallMs, this.#timer.atMs + 1);
    const { bytes, content } = writeTimer(seconds, atMs);
    const seq = this.#delivery.send(bytes, now, content);
    this.#hold({ atMs, seconds });
    return seq;
  }

  /** Messages that arrived before this program started and may not have been shown; once. */
  takeUnseen(): ChatEvent[] {
    return this.#delivery.takeUnseen().map((stored): ChatEvent => {
      const { seq, atMs } = stored;
      if (isIntroduction(stored)) {
        const introduced = this.#introduced(stored);
        return introduced.type === "introduction" ? { ...introduced, again: true } : introduced;
      }
      const unseen = contentOf(stored);
      const event = toEvent(seq, unseen);
      if (unseen.kind === "timer" && !isSame(bounded(unseen, atMs), this.#timer))
        return { type: "timer-held", seq, seconds: this.#timer.seconds };
      return event.type === "message" ? { ...event, again: true } : event;
    });
  }

  /** See {@link Delivery.isInboxFull}. A `SessionRunner` reads nothing meanwhile. */
  get isInboxFull(): boolean {
    return this.#delivery.isInboxFull;
  }

  /** Stages that the user has seen all of the peer's messages below `next`. */
  show(next: number): void {
    this.#delivery.show(next);
  }

  /** See {@link Delivery.attach}. */
  attach(channel: Channel): void {
    this.#orTakeBack(() => this.#delivery.attach(channel));
  }

  /** See {@link Delivery.sessionOn}. */
  sessionOn(channel: Channel): DeliverySession | undefined {
    return this.#delivery.sessionOn(channel);
  }

  /** See {@link Delivery.requireIntact}. */
  requireIntact(channel: Channel): void {
    this.#delivery.requireIntact(channel);
  }

  /** See {@link Delivery.detach}. */
  detach(channel: Channel): void {
    this.#delivery.detach(channel);
  }

  /** See {@link Delivery.receive}. */
  receive(channel: Channel, event: Extract<ChannelEvent, { type: "record" }>, now: Instant): void {
    const arrived = this.#delivery.receive(channel, event, now);
    if (arrived === undefined) return;
    if (isIntroduction(arrived)) {
      const introduction = decodeIntroduction(arrived.message);
      this.#arrived.set(arrived.seq, introduction);
      const open = introduction === undefined ? [] : withIntroduction(this.introductions, introduction);
      if (introduction !== undefined && typeof open !== "string") this.#keep({ introductions: open });
      return;
    }
    const message = contentOf(arrived);
    if (message.kind !== "timer") return;
    const timer = bounded(message, now.wallMs);
    // Set again if it arrives again after a failure of the store.
    this.#outdone.delete(arrived.seq);
    if (isLater(timer, this.#timer)) this.#hold(timer);
    else this.#outdone.set(arrived.seq, this.#timer.seconds);
  }

  /** Stores what is staged and returns the resulting events. Throws LairError store-*: nothing has happened then. */
  commit(): ChatEvent[] {
    const events: ChatEvent[] = [];
    for (const event of this.#orTakeBack(() => this.#delivery.commit())) {
      const translated = this.#translate(event);
      if (translated !== undefined) events.push(translated);
    }
    return events;
  }

  /** If it throws, the timer is the stored one again. */
  #orTakeBack<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      this.#setting = decodeSetting(this.#delivery.setting);
      throw error;
    }
  }

  /** Undefined: it is not told. */
  #translate(event: DeliveryEvent): ChatEvent | undefined {
    switch (event.type) {
      case "arrived": {
        const { seq } = event;
        if (isIntroduction(event)) return this.#introduced(event);
        const held = this.#outdone.get(seq);
        if (held !== undefined) this.#outdone.delete(seq);
        return held === undefined ? toEvent(seq, contentOf(event)) : { type: "timer-held", seq, seconds: held };
      }
      case "queued":
      case "sent": {
        const { seq, route } = event;
        if (route !== undefined) return undefined;
        const message = contentOf(event);
        if (message.kind === "text") return textEvent(event.type, seq, message);
        return { type: "timer", seq, seconds: message.kind === "timer" ? message.seconds : 0, by: "you" };
      }
      case "released":
      case "delivered":
        // What is no chat message has not been reported before.
        return event.stream === undefined ? event : undefined;
      case "memory":
        return event;
      case "room":
        // The chat has no other stream than 0.
        return undefined;
    }
  }

  #hold(timer: Timer): void {
    this.#keep({ timer: { atMs: timer.atMs, seconds: timer.seconds } });
  }

  #keep(changed: Partial<Setting>): void {
    this.#setting = { ...this.#setting, ...changed };
    this.#delivery.keepSetting(encodeSetting(this.#setting));
  }

  #introduced({ seq, message }: NewMessage): Extract<ChatEvent, { type: "introduction" | "unreadable-message" }> {
    // What the store kept from an earlier program is decoded now.
    const introduction = this.#arrived.has(seq) ? this.#arrived.get(seq) : decodeIntroduction(message);
    this.#arrived.delete(seq);
    if (introduction === undefined) return { type: "unreadable-message", seq };
    return { type: "introduction", seq, introduction: keptOrNot(this.introductions, introduction) };
  }
}

function isIntroduction({ route }: NewMessage): boolean {
  return route?.kind === INTRODUCTION_ROUTE.kind;
}

/** A peer that claims the end of time must not set the last timer for ever. */
function bounded({ atMs, seconds }: Timer, arrivedAtMs: number): Timer {
  return { atMs: Math.min(atMs, arrivedAtMs + FARTHEST_MS), seconds };
}

function isSame(timer: Timer, other: Timer): boolean {
  return timer.atMs === other.atMs && timer.seconds === other.seconds;
}

/** The later one applies; of two at the same time the shorter one, so that both sides choose the same. */
function isLater(timer: Timer, than: Timer): boolean {
  return timer.atMs > than.atMs || (timer.atMs === than.atMs && timer.seconds < than.seconds);
}

function encodeSetting({ timer, introductions }: Setting): Uint8Array {
  const open = introductions.length === 0 ? {} : { introductions: introductionsToPlain(introductions) };
  return toUtf8(JSON.stringify({ timer, ...open }));
}

function decodeSetting(setting: Uint8Array | undefined): Setting {
  if (setting === undefined) return NOTHING_SET;
  const value = parseJsonObject(setting);
  const members = typeof value === "object" ? value : {};
  return { timer: toTimer(members["timer"]), introductions: introductionsFromPlain(members["introductions"]) };
}

function toTimer(timer: unknown): Timer {
  if (typeof timer !== "object" || timer === null) return NOTHING_SET.timer;
  const { atMs, seconds }: { atMs?: unknown; seconds?: unknown } = timer;
  return typeof atMs === "number" && typeof seconds === "number" ? { atMs, seconds } : NOTHING_SET.timer;
}

/**
 * Messages that were just written or received are decoded already; those that the store kept from an earlier program
 * are decoded now.
 */
function contentOf({ content, message, route }: NewMessage): MessageContent {
  // Of a kind that an earlier program knew.
  if (route !== undefined) return { kind: "unknown", name: String(route.kind) };
  return content ?? readMessage(message);
}

type TextEvent = Extract<ChatEvent, { type: "queued" | "sent" | "message" }>;

function textEvent(
  type: TextEvent["type"],
  seq: number,
  { atMs, text, ttlS }: Extract<MessageContent, { kind: "text" }>,
): TextEvent {
  return ttlS === undefined ? { type, seq, atMs, text } : { type, seq, atMs, text, ttlS };
}

function toEvent(seq: number, message: MessageContent): ChatEvent {
  switch (message.kind) {
    case "text":
      return textEvent("message", seq, message);
    case "timer":
      return { type: "timer", seq, seconds: message.seconds, by: "peer" };
    case "unknown":
      return { type: "unknown-message", seq, kind: message.name };
    case "unreadable":
      return { type: "unreadable-message", seq };
  }
}
