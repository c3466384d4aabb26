// A hub without its sockets: people who have authenticated arrive, make calls (docs/HUB.md) and hear news, until they leave or
// the hub ends them. One key has one session at a time.
//
//   a session:  arriving ── admitted ──> here ── leave, or ended by the hub ──> gone
//                   └── turned away
//   Its first call says whether others see it: any call, unless it is `visible` with no.
//
// News wait in an Outbox for each connection: a room has one `entries` there, however many came.

import { OnceAMinute } from "../app/once-a-minute.ts";
import type { Clock } from "../app/ports.ts";
import { toHex } from "../core/bytes.ts";
import { LairError } from "../core/errors.ts";
import { type CallName, type Refusal } from "../core/hub/calls.ts";
import { shortFingerprint } from "../core/identity/fingerprint.ts";
import type { CipherSuite, RandomSource } from "../core/noise/index.ts";
import { SparseMap } from "../core/sparse-map.ts";
import { Admission, type Arriving } from "./accounts.ts";
import { CallsInOrder } from "./calls-in-order.ts";
import { commitHandlers } from "./commits.ts";
import { directoryHandlers } from "./directory.ts";
import { dispatch, type Done } from "./dispatch.ts";
import type { EndedBy, HubEvent, LoggedPerson, TurnedAway } from "./events.ts";
import { type Ground, type Handlers, type LinksBring, ration } from "./handlers.ts";
import { LatestReads } from "./latest-reads.ts";
import { letterHandlers } from "./letters.ts";
import { linkHandlers } from "./links.ts";
import { count, Counts, type HubNumbers } from "./numbers.ts";
import type { HubConnection, Online } from "./online.ts";
import { Outbox } from "./outbox.ts";
import { Presence } from "./presence.ts";
import { Pruning } from "./pruning.ts";
import type { HubQuotas } from "./quotas.ts";
import { Rations } from "./rations.ts";
import { CallRefused } from "./refused.ts";
import { roomHandlers } from "./rooms.ts";
import type { HubStore } from "./store.ts";

export type { HubConnection } from "./online.ts";

export interface HubOptions {
  /** Stays the caller's: the hub does not close it. */
  readonly store: HubStore;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** For fingerprints in the log. */
  readonly suite: CipherSuite;
  readonly quotas: HubQuotas;
  /** What becomes of a second session of the same key. */
  readonly duplicate: "takeover" | "reject";
  /** Everybody who has authenticated gets an account. Without it: who has an invite. */
  readonly isOpen?: boolean;
  /** Whom links to rooms bring; "anybody" without it. */
  readonly linksBring?: LinksBring;
  /** How long entries are kept that not everybody has. */
  readonly keepMs: number;
  readonly log: (event: HubEvent) => void;
}

/** A member's session, as its connection uses it. */
export interface HubMember {
  /**
   * Does one call, after those before; resolves with the answer or a refusal. Rejects with LairError `call-malformed` or
   * `call-flood`: then the session must end.
   */
  call(bytes: Uint8Array): Promise<Uint8Array>;
  /** The connection has ended; "replaced": by another one of the same key, before that one arrived. */
  leave(by?: "replaced"): void;
}

export type Arrived =
  { readonly type: "member"; readonly member: HubMember } | { readonly type: "turned-away"; readonly why: TurnedAway };

/** What a hub does for one of its members. */
interface MemberPort {
  call(online: Online, calls: CallsInOrder, bytes: Uint8Array): Promise<Uint8Array>;
  leave(online: Online, by: "replaced" | undefined): void;
}

/** A class, since a closure for each function would be 150 bytes more for each session. */
class Member implements HubMember {
  readonly #port: MemberPort;
  readonly #online: Online;
  readonly #calls = new CallsInOrder();

  constructor(port: MemberPort, online: Online) {
    this.#port = port;
    this.#online = online;
  }

  async call(bytes: Uint8Array): Promise<Uint8Array> {
    return await this.#port.call(this.#online, this.#calls, bytes);
  }

  leave(by?: "replaced"): void {
    this.#port.leave(this.#online, by);
  }
}

/** Refusals that an operator should know of. */
const LOGGED: ReadonlySet<Refusal> = new Set(["full", "too-often"]);

export class Hub {
  readonly #options: HubOptions;
  readonly #counts = new Counts();
  readonly #ground: Ground;
  readonly #admission: Admission;
  readonly #presence: Presence;
  readonly #handlers: Handlers;
  readonly #pruning: Pruning;
  readonly #unsubscribe: () => void;
  readonly #forMembers: MemberPort = {
    call: async (online, calls, bytes) =>
      await this.#whileRunning(calls.add(bytes.length, () => this.#call(online, bytes))),
    leave: (online, by) => {
      if (this.#presence.remove(online)) this.#options.log({ type: "member-left", who: online.logged, by });
    },
  };
  readonly #countNews = (): void => {
    this.#counts.newsSent += 1;
  };
  /** Calls that are being done, and arrivals. */
  readonly #running = new Set<Promise<unknown>>();
  readonly #turnedAway: OnceAMinute<{ readonly fingerprint: string; readonly why: TurnedAway }>;
  readonly #refused: OnceAMinute<{
    readonly who: LoggedPerson;
    readonly call: CallName;
    readonly refusal: Refusal;
  }>;
  readonly #failed: OnceAMinute<{ readonly code: string; readonly during: string }>;
  #state: "open" | "closing" = "open";

  constructor(options: HubOptions) {
    const { store, clock, random, quotas, log, isOpen = false, linksBring = "anybody", keepMs } = options;
    this.#options = options;
    const rations = new Rations(clock);
    const reads = new LatestReads();
    this.#ground = { store, clock, random, quotas, rations, counts: this.#counts, linksBring, log };
    this.#admission = new Admission({ store, clock, quotas, isOpen });
    this.#presence = new Presence(this.#ground, {
      end: (online, why) => this.#end(online, why),
      failed: (error, during) => this.#fail(error, during),
    });
    this.#handlers = {
      ...directoryHandlers(this.#ground),
      ...roomHandlers(this.#ground, {
        isShown: (key) => this.#presence.isShown(key),
        seatedFrom: (name, room) => this.#presence.seatedFrom(name, room),
        gave: (caller, room, next) => this.#presence.gave(caller, room, next),
        reads,
      }),
      ...commitHandlers(this.#ground),
      ...letterHandlers(this.#ground),
      ...linkHandlers(this.#ground),
      ...this.#presence.handlers(),
    };
    this.#pruning = new Pruning({
      rooms: store.rooms,
      clock,
      keepMs,
      tick: () => rations.sweep(),
      pruned: (entries) => {
        reads.clear();
        this.#counts.entriesPruned += entries;
        log({ type: "pruned", entries });
      },
      failed: (error) => this.#fail(error, "pruning"),
    });
    this.#turnedAway = new OnceAMinute(clock, (which, times) => log({ type: "turned-away", ...which, times }));
    this.#refused = new OnceAMinute(clock, (which, times) => log({ type: "refused", ...which, times }));
    this.#failed = new OnceAMinute(clock, (which, times) => log({ type: "store-failed", ...which, times }));
    this.#unsubscribe = store.subscribe((news) => {
      if ("room" in news) reads.forget(news.room);
      if (news.type === "room-closed") log({ type: "room-closed", room: toHex(news.room) });
      this.#presence.hear(news);
    });
  }

  get numbers(): HubNumbers {
    return this.#counts.with(this.#presence.count);
  }

  isConnected(key: Uint8Array): boolean {
    return this.#presence.find(key) !== undefined;
  }

  /**
   * Somebody has authenticated. `via` is the id of the invite by which it came, if it came by one. Rejects with LairError
   * store-*; then it has not arrived.
   */
  async arrive(who: Arriving, via: string | undefined, connection: HubConnection): Promise<Arrived> {
    return await this.#whileRunning(this.#arrive(who, via, connection));
  }

  /** Somebody was turned away who had authenticated, before it could arrive. */
  turnedAway(who: Pick<Arriving, "key" | "signatureKey">, why: "duplicate" | "busy"): void {
    this.#turnAway(who, why);
  }

  /** Takes no more, ends every connection, and waits for what is being done. */
  async close(): Promise<void> {
    this.#state = "closing";
    this.#unsubscribe();
    for (const online of this.#presence.all()) this.#end(online, "shutting-down");
    await Promise.all([this.#pruning.end(), ...this.#running]);
  }

  async #arrive(who: Arriving, via: string | undefined, connection: HubConnection): Promise<Arrived> {
    if (this.#state === "closing") return this.#turnAway(who, "closing");
    const admitted = await this.#admission.admit(who, via);
    if (admitted.type === "turned-away") return this.#turnAway(who, admitted.why);
    const { account, isNew } = admitted;
    const older = this.#presence.find(who.key);
    if (this.#isClosing()) return this.#turnAway(who, "closing");
    if (older !== undefined && this.#options.duplicate === "reject") return this.#turnAway(who, "duplicate");
    const online = this.#online(who, account.handle, connection);
    this.#presence.add(online);
    if (older !== undefined) this.#left(older, "replaced");
    this.#options.log({ type: "member-arrived", who: online.logged, isNew });
    try {
      await this.#presence.begin(online);
    } catch (error) {
      if (this.#presence.remove(online)) this.#options.log({ type: "member-left", who: online.logged, by: undefined });
      throw error;
    }
    return { type: "member", member: new Member(this.#forMembers, online) };
  }

  #online({ key, signatureKey }: Arriving, handle: string, connection: HubConnection): Online {
    const fingerprint = shortFingerprint(this.#options.suite, { publicKey: key, signatureKey });
    return {
      key,
      name: toHex(key),
      logged: { handle, fingerprint },
      connection,
      outbox: new Outbox(connection, this.#countNews),
      rooms: new Set(),
      given: new SparseMap(),
      shown: "untold",
      visibility: "unsaid",
    };
  }

  async #call(online: Online, bytes: Uint8Array): Promise<Uint8Array> {
    let done: Done;
    try {
      done = await dispatch(this.#handlers, online, bytes, (name) => this.#before(online, name));
    } catch (error) {
      if (error instanceof LairError) this.#options.log({ type: "call-malformed", who: online.logged });
      throw error;
    }
    const { answer, name, refused, cause } = done;
    if (name !== undefined) count(this.#counts.calls, name);
    if (refused !== undefined) count(this.#counts.refusals, refused.refusal);
    if (cause !== undefined) this.#fail(cause, name ?? "call");
    if (name !== undefined && refused !== undefined && LOGGED.has(refused.refusal)) {
      this.#refused.note({ who: online.logged, call: name, refusal: refused.refusal });
    }
    return answer;
  }

  /** Throws CallRefused. */
  #before(online: Online, name: CallName | undefined): void {
    if (this.#presence.find(online.key) !== online) {
      throw new CallRefused("suspended", { sentence: "This session is over. Connect again." });
    }
    ration(this.#ground, online, "calls");
    if (online.visibility === "unsaid" && name !== "visible") this.#presence.setVisible(online, true);
  }

  #end(online: Online, why: EndedBy): void {
    if (this.#presence.remove(online)) this.#left(online, why);
  }

  #left(online: Online, by: EndedBy): void {
    this.#options.log({ type: "member-left", who: online.logged, by });
    try {
      online.connection.end(by);
    } catch (error) {
      this.#fail(error, "ending");
    }
  }

  #turnAway({ key, signatureKey }: Pick<Arriving, "key" | "signatureKey">, why: TurnedAway): Arrived {
    count(this.#counts.turnedAway, why);
    const fingerprint = shortFingerprint(this.#options.suite, { publicKey: key, signatureKey });
    this.#turnedAway.note({ fingerprint, why });
    return { type: "turned-away", why };
  }

  #fail(error: unknown, during: string): void {
    this.#counts.storeFailures += 1;
    this.#failed.note({ code: error instanceof LairError ? error.code : "internal", during });
  }

  #isClosing(): boolean {
    return this.#state === "closing";
  }

  async #whileRunning<Result>(work: Promise<Result>): Promise<Result> {
    const settled = work.catch(() => undefined);
    this.#running.add(settled);
    try {
      return await work;
    } finally {
      this.#running.delete(settled);
    }
  }
}
