// How lair-client connects again by itself: after which ends, after how long, and when not (docs/delivery.md, "When the
// client comes back"). Knows no WebSocket and no screen; one connection is the business of `connecting.ts`.
//
//   new ---> trying ---the end of a session, or none came about: worth another try---> pausing
//              ^  |                                                                       |
//              |  +---nothing more to try, or the person leaves---> over <----------------+  the person leaves
//              +-----------------its time, or hurry---------------------------------------+
//
// A program without a person ends by itself, so that its parent can start it again. It ends as a whole: what
// would end its only conversation makes one of several wait, with further attempts, as long as another goes on.
//
//   | one of several                                    | is                                                   |
//   | ------------------------------------------------- | ---------------------------------------------------- |
//   | its first attempt, a session, another try anyway  | going on                                             |
//   | nobody answers at the start; the other has left   | waiting: tried again until no other goes on or is    |
//   |                                                   | just being tried; then it ends as it would alone     |
//   | refused, muted, forgotten, our own fault          | over, and the others go on                           |

import type { EndReason } from "./events.ts";
import { LairError } from "../core/errors.ts";
import { isAwaited, type Peer } from "../core/identity/peer.ts";
import { type PeerView, viewPeer } from "../core/identity/peer-view.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { Clock } from "./ports.ts";
import {
  adviceAfter,
  comesBack,
  exitCodeAfter,
  exitCodeOfSession,
  isWorthAnotherTry,
  keptOut,
} from "./after-session.ts";
import { type Backoff, STABLE_MS } from "./backoff.ts";
import type { Connecting, SessionOver } from "./connecting.ts";
import { errorEvent, exitCodeOf, type Frontend } from "./frontend.ts";
import type { ConnectTarget } from "./connect-target.ts";
import type { Conversation } from "./conversation.ts";

interface ReconnectingOptions {
  readonly connecting: Connecting;
  readonly conversation: Conversation;
  readonly frontend: Frontend;
  readonly suite: CipherSuite;
  readonly clock: Clock;
  readonly backoff: Backoff;
  /** Of --once: one connection, however it ends. */
  readonly isOnce: boolean;
  /** Whether a person uses the program, who may wait for a server that is not running yet. */
  readonly isPatient: boolean;
  /** Of --queue: messages are kept, so an unreachable server is not a failure. */
  readonly isQueueing: boolean;
  /** Whether the other side may connect to this one as well: then only one of the two sessions stays. */
  readonly isMutual?: boolean;
  /** It is {@link isWaiting} now: {@link giveUp} ends it. Absent: it is alone, and ends at once. */
  readonly onWaiting?: () => void;
  /** The target for reconnecting to a peer. */
  readonly targetFor: (peer: Peer, target: ConnectTarget) => ConnectTarget;
}

/**
 * Ours: a server that hangs up without an answer does not know us, or the network cuts the connection that early. If it
 * has known us, we believe it after this many in a row.
 */
const MOST_HANG_UPS = 10;
/** The minimum between two attempts, however impatient the user. */
const LEAST_PAUSE_MS = 250;

/** Ends after which a program that goes on anyway tries again. */
const MUTUAL: Partial<Record<EndReason, string>> = {
  replaced: "The other side has connected as well.",
  busy: "The other side is busy.",
};

type State =
  | { readonly name: "new" | "trying" | "over" }
  /** `cut` makes the rest of the pause as short as allowed, only the first time; `stop` ends it now. */
  | { readonly name: "pausing"; readonly cut: () => void; readonly stop: () => void };

/** What the other conversations do for this one. */
type Company =
  | "not-needed"
  /** The last verdict was to end, and only the others keep it going. */
  | "keeps-it-going"
  /** No other goes on any more: the last verdict holds. */
  | "gone";

/** Why not now. */
interface Again {
  readonly type: "again";
  readonly message: string;
  readonly code: string;
}

/** The program's exit code. `inCompany`: what holds instead while other conversations go on. */
interface End {
  readonly type: "end";
  readonly code: number;
  readonly error?: unknown;
  readonly inCompany?: Again | undefined;
}

type Verdict = Again | End;

export class Reconnecting {
  readonly #options: ReconnectingOptions;
  #state: State = { name: "new" };
  /** In a row. */
  #hangUps = 0;
  /** In a row, and no session of the other side in the place of ours. */
  #replacements = 0;
  /** Whether the user has asked for a peer by name that was muted. */
  #wasMuted = false;
  #company: Company = "not-needed";
  /** The address that the user has given since. */
  #moved: string | undefined;
  /** What the user has given since to pair by, for the next attempt. */
  #aimed: ConnectTarget | undefined;

  constructor(options: ReconnectingOptions) {
    this.#options = options;
  }

  /** The user is active, or the machine has woken up: try again now. */
  hurry(): void {
    if (this.#state.name === "pausing") this.#state.cut();
  }

  /** The other side is found at this address from now on. */
  moved(url: string): void {
    this.#moved = url;
    this.hurry();
  }

  /** There is another invite of the same server, with whom nobody has paired yet: it is used from now on. */
  aimed(target: ConnectTarget): void {
    if (this.#options.conversation.peer !== undefined) return;
    this.#aimed = target;
    this.hurry();
  }

  /** Whether only other conversations keep it going, and it is not being tried at this moment. */
  get isWaiting(): boolean {
    const isPausing = this.#state.name === "pausing";
    return this.#company === "keeps-it-going" && isPausing && !this.#options.conversation.isOpen;
  }

  /** No other conversation goes on: if it {@link isWaiting}, it ends. */
  giveUp(): void {
    if (!this.isWaiting) return;
    this.#company = "gone";
    if (this.#state.name === "pausing") this.#state.stop();
  }

  /** Talks until there is nothing more to try. Returns the exit code; the reason has been reported. */
  async converse(first: ConnectTarget): Promise<number> {
    const code = await this.#tryAll(first);
    this.#state = { name: "over" };
    return code;
  }

  async #tryAll(first: ConnectTarget): Promise<number> {
    const { conversation, targetFor } = this.#options;
    this.#wasMuted = conversation.peer?.isMuted === true;
    let target = first;
    for (;;) {
      // Another may have opened by the time that this one is over.
      while (conversation.isOpen) await conversation.whenApart();
      if (this.#isUnwanted) return 0;
      const { verdict, over } = await this.#once(target);
      const again = this.#orInCompany(verdict);
      if (again.type === "end") return await this.#end(again, over);
      // A client that reconnects waits in the meantime.
      if (conversation.isLeaving) await over?.gone;
      if (this.#isUnwanted) return 0;
      // An awaited peer may have been introduced again, with a newer secret.
      const met = over?.peer ?? this.#awaited;
      if (met !== undefined) target = targetFor(met, target);
      if (!conversation.isOpen) await Promise.all([this.#pause(target.url, again), over?.gone]);
      if (this.#isUnwanted) return 0;
      if (this.#isGivenUp && verdict.type === "end") return await this.#end(verdict, over);
      if (this.#moved !== undefined) target = { ...target, url: this.#moved };
      if (this.#aimed !== undefined && conversation.peer === undefined) target = this.#aimed;
      this.#aimed = undefined;
      conversation.address.url = target.url;
    }
  }

  /** What holds after this verdict, as long as other conversations go on. */
  #orInCompany(verdict: Verdict): Verdict {
    const { onWaiting } = this.#options;
    const inCompany = verdict.type === "end" && onWaiting !== undefined ? verdict.inCompany : undefined;
    this.#company = inCompany === undefined ? "not-needed" : "keeps-it-going";
    if (inCompany === undefined || this.#isUnwanted) return verdict;
    this.#state = { name: "pausing", cut() {}, stop() {} };
    onWaiting?.();
    return this.#isGivenUp ? verdict : inCompany;
  }

  get #isGivenUp(): boolean {
    return this.#company === "gone";
  }

  /** Returns the exit code; the reason has been reported. */
  async #end({ code, error }: End, over: SessionOver | undefined): Promise<number> {
    this.#options.conversation.nextTry = undefined;
    await over?.gone;
    if (this.#isUnwanted) return 0;
    if (error !== undefined) this.#options.frontend.show({ ...errorEvent(error), peer: this.#peer });
    return code;
  }

  /** Whether the user has said that no more is to be tried. */
  get #isUnwanted(): boolean {
    const { isLeaving, isAbandoned, peer } = this.#options.conversation;
    return isLeaving || isAbandoned || (peer?.isMuted === true && !this.#wasMuted);
  }

  /** The peer, if it was introduced and has not been met yet. */
  get #awaited(): Peer | undefined {
    const { peer } = this.#options.conversation;
    return peer !== undefined && isAwaited(peer) ? peer : undefined;
  }

  get #peer(): PeerView | undefined {
    const { conversation, suite } = this.#options;
    return conversation.peer === undefined ? undefined : viewPeer(suite, conversation.peer);
  }

  /**
   * One attempt, and one session if it succeeds. After it, `status` shows when the next attempt is, if there is one.
   */
  async #once(target: ConnectTarget): Promise<{ readonly verdict: Verdict; readonly over: SessionOver | undefined }> {
    const { connecting, conversation, clock, backoff } = this.#options;
    const startedAtMs = clock.now().monotonicMs;
    this.#state = { name: "trying" };
    conversation.nextTry = "under-way";
    try {
      const over = await connecting.converse(target, conversation);
      const stoodMs = clock.now().monotonicMs - startedAtMs;
      backoff.stood(stoodMs);
      if (stoodMs >= STABLE_MS) this.#replacements = 0;
      this.#hangUps = 0;
      return { verdict: this.#afterSession(over, target), over };
    } catch (error) {
      return { verdict: this.#afterFailure(error), over: undefined };
    }
  }

  /** There was a session. */
  #afterSession({ reason, error, peer }: SessionOver, target: ConnectTarget): Verdict {
    const { isOnce, isPatient, isQueueing, frontend, conversation, isMutual } = this.#options;
    const hub = reason === "not-trusted" ? this.#hubThatMayLetIn(target, peer) : undefined;
    if (hub !== undefined) return this.#keptOut(hub);
    // Two programs with one identity replace each other without an end.
    this.#replacements = reason === "replaced" && !conversation.isOpen ? this.#replacements + 1 : 0;
    if (isMutual === true && reason in MUTUAL && this.#replacements <= MOST_HANG_UPS) {
      return { type: "again", message: MUTUAL[reason]!, code: reason };
    }
    // Muted and not muted any more, before the session that this had ended was over.
    if (reason === "left" && this.#moved !== undefined && !isOnce) {
      return { type: "again", message: "The connection was ended on this side.", code: "cut" };
    }
    if (error !== undefined && !isWorthAnotherTry(error)) return { type: "end", code: exitCodeOf(error) };
    // A server that has never answered, or that answered nonsense, is not a lost peer.
    const isPeer = error === undefined || conversation.hasTalked || (isPatient && error.code === "handshake-rejected");
    const down: Again = { type: "again", message: "The connection is down.", code: error?.code ?? reason };
    if (!isOnce && isPeer && comesBack(reason, { isPatient, hasTalked: conversation.hasTalked })) {
      return down;
    }
    const advice = adviceAfter(reason, target, conversation.peer ?? peer);
    const isKept = isQueueing && (advice?.type === "notice" || reason === "replaced");
    if (advice !== undefined && !isKept) {
      frontend.show({ ...advice, peer: this.#peer });
    }
    const code = error === undefined ? exitCodeAfter(reason) : exitCodeOfSession(error);
    const inCompany = !isOnce && isPeer && reason === "closed" ? down : undefined;
    return { type: "end", code: isQueueing && code !== 4 ? 0 : code, inCompany };
  }

  /** A hub that knew the user, and may let her in again; undefined: it is none, or nobody waits for that. */
  #hubThatMayLetIn({ how }: ConnectTarget, peer: Peer | undefined): Peer | undefined {
    const { isOnce, isPatient, conversation } = this.#options;
    const hub = conversation.peer ?? peer;
    const isAwaited = conversation.admission !== "unsaid" || (isPatient && how === "known");
    return hub?.isHub === true && isAwaited && !isOnce ? hub : undefined;
  }

  /** Told once, until it lets the user in. */
  #keptOut(hub: Peer): Verdict {
    const { conversation, frontend } = this.#options;
    if (conversation.admission !== "kept-out") frontend.show({ ...keptOut(hub), peer: this.#peer });
    conversation.admission = "kept-out";
    return { type: "again", message: "The hub does not let you in.", code: "not-trusted" };
  }

  /** There was no session. */
  #afterFailure(error: unknown): Verdict {
    const { isOnce, isPatient, isQueueing, isMutual, conversation } = this.#options;
    const isUnreachable = error instanceof LairError && error.code === "unreachable";
    if (isUnreachable && isOnce && isQueueing) return { type: "end", code: 0 };
    if (!(error instanceof LairError) || isOnce) return { type: "end", code: exitCodeOf(error), error };
    const awaited = this.#awaited;
    if (isUnreachable && (isPatient || isQueueing || conversation.hasTalked || awaited !== undefined)) {
      this.#hangUps = 0;
      return { type: "again", message: error.message, code: error.systemCode ?? error.code };
    }
    if (isUnreachable) {
      const inCompany: Again = { type: "again", message: error.message, code: error.systemCode ?? error.code };
      return { type: "end", code: exitCodeOf(error), error, inCompany };
    }
    const isHangUp = error.code === "handshake-rejected" || error.code === "not-connected";
    if (isHangUp && awaited !== undefined) {
      const message = "The introduction has not been accepted there yet, or the other side is busy.";
      return { type: "again", message, code: error.code };
    }
    // One that goes on anyway does not believe the first: the other program may just have ended.
    if (isHangUp && (conversation.hasTalked || isMutual === true) && this.#hangUps < MOST_HANG_UPS) {
      this.#hangUps += 1;
      return { type: "again", message: "The server hung up before it answered.", code: error.code };
    }
    return { type: "end", code: exitCodeOf(error), error };
  }

  async #pause(url: string, { message, code }: Again): Promise<void> {
    const { frontend, conversation, clock, backoff } = this.#options;
    const { attempt } = backoff;
    const waitMs = backoff.nextMs();
    const now = clock.now().monotonicMs;
    // It was told before.
    if (code !== "not-trusted") {
      frontend.show({ type: "reconnecting", peer: this.#peer, url, attempt, inMs: Math.round(waitMs), message, code });
    }
    conversation.nextTry = { atMs: now + waitMs };
    await new Promise<void>((resolve) => {
      let cancel = clock.setTimer(waitMs, resolve);
      const stop = (): void => {
        cancel();
        resolve();
      };
      const cut = (): void => {
        this.#state = { name: "pausing", cut() {}, stop };
        cancel();
        const passedMs = clock.now().monotonicMs - now;
        cancel = clock.setTimer(Math.max(0, Math.min(waitMs, LEAST_PAUSE_MS) - passedMs), resolve);
      };
      this.#state = { name: "pausing", cut, stop };
    });
  }
}
