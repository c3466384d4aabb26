// What both programs do with the line of the moment: shows what it brings, carries out what the person asks, and ends in
// order. Knows neither how a line comes about (`../cli/server.ts`, `reconnecting.ts`) nor how anything looks.

import { equalInConstantTime } from "../core/bytes.ts";
import { CLOSE_REASON, type CloseReason, protocolName } from "../core/channel/index.ts";
import type { Chat, ChatEvent } from "../core/chat/chat.ts";
import type { Command, EndReason } from "./events.ts";
import type { Retention } from "../core/chat/history.ts";
import type { Session, SessionEvent } from "../core/chat/session.ts";
import { viewPeer } from "../core/identity/peer-view.ts";
import { LairError } from "../core/errors.ts";
import type { Peer } from "../core/identity/peer.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { SessionRunner, SessionEnd } from "./session-runner.ts";
import type { Clock, ExportHistory } from "./ports.ts";

import { endReason } from "./end-reason.ts";
import { errorEvent, type Frontend } from "./frontend.ts";
import { type HistoryCommand, HistoryCommands } from "./history-commands.ts";
import { InputGate } from "./input-gate.ts";
import { Losses } from "./losses.ts";
import type { Persistence } from "./persistence.ts";
import { type PeerCommand, PeerCommands } from "./peer-commands.ts";
import { Outbox } from "./outbox.ts";
import { renumbered } from "./renumber.ts";
import { Saying } from "./saying.ts";
import { Shown, notShown } from "./shown.ts";
import { type NextTry, statusReport } from "./status-report.ts";

export interface ConversationOptions {
  readonly exportHistory: ExportHistory;
  readonly frontend: Frontend;
  readonly clock: Clock;
  readonly suite: CipherSuite;
  readonly ownKey: Uint8Array;
  readonly verbose: boolean;
  readonly persistence: Persistence;
  /** Of --history. */
  readonly retention: Retention | undefined;
  readonly peers: () => readonly Peer[];
  /** Stores a changed peer. Throws LairError. */
  readonly savePeer: (peer: Peer) => void;
  /** Removes a pairing. Throws LairError. */
  readonly forgetPeer: (peer: Peer) => void;
  /** For whom it is what is said while there is no line; undefined when nobody can tell. */
  readonly addressee: () => Peer | undefined;
  /** Whether a line is being made already: what is said until it is open waits for it. */
  readonly isAwaiting: boolean;
  /** Of --queue: what is said is to be kept, so it is no failure when it is not delivered. */
  readonly isQueueing?: boolean;
  /** The person is there: whoever waits before another try need not. */
  readonly onActivity?: () => void;
}

/** `quit` and Ctrl-C leave within 3 s; the end of the input waits for delivery. */
const QUIT_MS = 2_400;
const END_OF_INPUT_MS = 10_000;
/** After the wait: for CLOSE and the carrier's own goodbye. */
const GOODBYE_MS = 500;
/** At the end, for output that nobody reads. */
const LONGEST_OUTPUT_MS = 500;

/** Whether the reason says all that the error does. */
function wasToldByReason(reason: EndReason): boolean {
  return reason === "silent" || reason === "key-expired";
}

function isSamePeer(one: Peer, other: Peer): boolean {
  return equalInConstantTime(one.publicKey, other.publicKey);
}

export class Conversation {
  readonly #options: ConversationOptions;
  readonly #outbox: Outbox;
  readonly #peers: PeerCommands;
  readonly #history: HistoryCommands;
  readonly #saying: Saying;
  readonly #gate: InputGate;
  readonly #shown: Shown;
  #runner: SessionRunner<Session> | undefined;
  #url = "";
  /** By way of which a client connects, to be shown. */
  proxy: string | undefined;
  #connectedAtMs: number | undefined;
  /** A peer as a command has left it, since no line knows of that while there is none. */
  #changed: Peer | undefined;
  #isOpen = false;
  #isAbandoned = false;
  /** Whether somebody goes on trying to make a line. */
  #isAwaiting: boolean;
  #nextTry: NextTry | undefined;
  /** The input has ended while there was no line: what waits has until then. */
  #cancelWait: (() => void) | undefined;
  #leaving: { readonly code: number } | undefined;
  #isFinished = false;
  /** Whether standard output takes what is shown. */
  #isOutputTaken = true;
  /** The exit code of a line that is over while the prompt stays. */
  #restingCode = 0;
  readonly #losses = new Losses();
  #finish: (code: number) => void = () => {};
  /** The program's exit code, once it may leave. */
  readonly finished: Promise<number>;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#outbox = new Outbox({
      store: options.persistence.store,
      onEvents: (events) => {
        this.#runner?.tellAll();
        this.#showAll(events);
      },
      onError: (error) => {
        this.#saying.refuseUnstored();
        this.#showError(error);
      },
    });
    this.#peers = new PeerCommands({
      ...options,
      savePeer: (peer) => {
        options.savePeer(peer);
        this.#changed = peer;
      },
      forgetPeer: (peer, history) => this.#forgetPeer(peer, history),
      countLines: (peer) => this.#history.countIfKept(peer),
      session: () => this.#runner?.session,
    });
    this.#history = new HistoryCommands({
      show: (event) => options.frontend.show(event),
      nowMs: () => options.clock.now().wallMs,
      exportHistory: options.exportHistory,
      history: options.persistence.history,
    });
    this.#gate = new InputGate(options.clock, (demand) => options.frontend.regulateInput(demand));
    this.#shown = new Shown(
      (action) => options.frontend.whenTaken(action),
      (chat, next) => {
        this.#attempt(() => chat.show(next));
        this.#wake();
      },
    );
    this.#isAwaiting = options.isAwaiting;
    this.#saying = new Saying({
      ...options,
      outbox: this.#outbox,
      losses: this.#losses,
      recipient: () => this.#recipient,
      isOpen: () => this.#isOpen,
      showError: (error) => this.#showError(error),
    });
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** The line that is talked over, if there is one. */
  get runner(): SessionRunner<Session> | undefined {
    return this.#runner;
  }

  /** Whether there has been a conversation at all. */
  get hasTalked(): boolean {
    return this.#connectedAtMs !== undefined;
  }

  /** Whether the line of the moment carries what is said. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether the person has forgotten the peer that is connected, or is connected to: nobody is to be tried any more. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  get isLeaving(): boolean {
    return this.#leaving !== undefined;
  }

  /** Of all that is said with this peer. Throws LairError store-*. */
  chatWith(peer: Peer): Chat {
    return this.#outbox.with(peer);
  }

  /** The address for `status`. */
  set url(url: string) {
    this.#url = url;
  }

  /** For `status`, until a line is open; undefined when none is being made any more. */
  set nextTry(nextTry: NextTry | undefined) {
    this.#nextTry = nextTry;
  }

  /** At the start: what waits for this peer, what came and may not have been shown, and the last lines of its history. */
  recall(peer: Peer): void {
    const { retention } = this.#options;
    const chat = this.#outbox.with(peer);
    if (retention !== undefined) this.#history.keep(peer, retention);
    // Even when nothing waits: it says for whom it is what is said now.
    this.#showBacklog(peer, chat);
    this.#history.remind(peer);
    for (const unseen of chat.takeUnseen()) this.#showSaid(unseen);
  }

  /** Talks over this line from now on. Its events and its end are to be passed to {@link event} and {@link ended}. */
  attach(runner: SessionRunner<Session>): void {
    this.#runner = runner;
    this.#isOpen = false;
    if (!this.#isOutputTaken) runner.regulateReceiving(false);
  }

  /** Whether what is shown is taken; if not, nothing more is read that would have to be. */
  regulateOutput(isTaken: boolean): void {
    this.#isOutputTaken = isTaken;
    this.#runner?.regulateReceiving(isTaken);
  }

  /** Nothing can be shown any more: there is nobody left to talk for, and the program leaves as after `quit`. */
  outputFailed(): void {
    // Without a store, what comes and is not shown would be called delivered and be gone.
    this.regulateOutput(this.#options.persistence.isLasting);
    this.leave(0, CLOSE_REASON.goodbye, QUIT_MS);
  }

  /** No line is made any more, but something may still be said; this is the program's exit code then. */
  rest(code: number): void {
    this.#restingCode = code;
    this.#isAwaiting = false;
    this.#saying.giveUpEarly();
    if (this.#cancelWait !== undefined) this.leave(code, CLOSE_REASON.goodbye, 0);
  }

  event(event: SessionEvent): void {
    const { frontend, clock, retention } = this.#options;
    switch (event.type) {
      case "opened": {
        const { peer, pairedNow } = event;
        this.#isOpen = true;
        this.#nextTry = undefined;
        this.#changed = undefined;
        this.#connectedAtMs = clock.now().wallMs;
        this.#outbox.remember(peer);
        frontend.show({ type: "connected", peer: viewPeer(peer), pairedNow });
        const chat = this.#outbox.with(peer);
        if (retention !== undefined) this.#attempt(() => this.#history.keep(peer, retention));
        for (const unseen of chat.takeUnseen()) this.#showSaid(unseen);
        this.#saying.sayEarly();
        this.#wake();
        this.#regulateInput();
        if (this.#cancelWait !== undefined) this.leave(0, CLOSE_REASON.goodbye, END_OF_INPUT_MS);
        break;
      }
      case "rekeyed":
        frontend.show(event);
        break;
      case "closed":
      case "refused":
        // The end of the line tells the first; the second never concerns the line that is talked over.
        break;
      default:
        this.#showSaid(event);
    }
  }

  /** The line has ended, or a newer one of the same peer takes its place. Returns why. */
  ended(end: SessionEnd, reason: EndReason = endReason(end)): EndReason {
    const session = this.#runner?.session;
    // What came in its last moments is stored and shown before its end.
    this.#runner?.tellAll();
    this.#outbox.flush();
    this.#saying.refuseUnstored();
    const undelivered = session?.peer === undefined ? 0 : this.#undeliveredTo(session.peer);
    this.#runner = undefined;
    const isSaid = wasToldByReason(reason) && this.#isOpen;
    if (end.type === "error" && !isSaid) this.#showError(end.error);
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    this.#regulateInput();
    if (wasOpen || end.type === "closed") {
      const peer = session?.peer === undefined ? undefined : viewPeer(session.peer);
      this.#options.frontend.show({ type: "disconnected", reason, peer, undelivered });
    }
    return reason;
  }

  /** Carries out what the person asks for. Whatever concerns one program only is that program's. */
  command(command: Command): void {
    switch (command.type) {
      case "say":
      case "timer":
        this.#saying.say(command);
        this.#wake();
        this.#regulateInput();
        break;
      case "status":
        this.#showStatus();
        break;
      case "help":
        // Answered by the face, which knows what can be typed into it.
        break;
      case "verify":
      case "peers":
      case "rename":
      case "forget-peer":
        this.#aboutPeers(command);
        break;
      case "history":
      case "search":
      case "export":
      case "forget":
        this.#aboutHistory(command);
        break;
      case "renumber":
        this.#renumber();
        break;
      case "quit":
        this.#losses.forgetRefused();
        this.leave(0, CLOSE_REASON.goodbye, QUIT_MS);
        break;
      case "misread":
        this.#losses.misread();
        break;
      case "end":
        this.#onEndOfInput();
        break;
      case "interrupt":
        this.interrupt(130);
        break;
      case "invite":
      case "trust":
        this.#showError(new LairError("usage", "Only lair-server can do that."));
        break;
    }
    this.#options.onActivity?.();
  }

  /** Ctrl-C or a signal: leaves soon; the second time at once. */
  interrupt(code: number): void {
    if (this.#leaving !== undefined) {
      this.#runner?.terminate();
      this.#finish(this.#leaving.code || code);
      return;
    }
    if (this.#runner !== undefined) {
      this.#options.frontend.show({ type: "notice", text: "Saying goodbye. Ctrl-C again leaves at once." });
    }
    this.leave(code, code === 130 ? CLOSE_REASON.goodbye : CLOSE_REASON.shuttingDown, QUIT_MS);
  }

  /** Ends the line in order, waiting so long for what is not delivered yet, and then the program. */
  leave(code: number, reason: CloseReason, waitMs: number): void {
    if (this.#leaving !== undefined) return;
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.#leaving = { code };
    this.#gate.close();
    this.#outbox.flush();
    const runner = this.#runner;
    if (runner === undefined) {
      this.conclude(code || this.#restingCode);
      return;
    }
    runner.leave(reason, waitMs);
    const cancel = this.#options.clock.setTimer(waitMs + GOODBYE_MS, () => {
      runner.terminate();
      this.conclude(code);
    });
    void runner.gone.then(() => {
      cancel();
      this.conclude(code);
    });
  }

  /** Ends the program with this code, or with 1 and a line that says how much was not delivered. */
  conclude(code: number): void {
    this.#cancelWait?.();
    this.#outbox.flush();
    this.#losses.unsaid(this.#saying.giveUpEarly());
    const { isQueueing = false, persistence, frontend } = this.#options;
    const waits = isQueueing ? this.#outbox.waiting : this.#outbox.undelivered;
    const kept = isQueueing ? "as-asked" : "the-rest";
    const { errors, notice, isComplete } = this.#losses.settle(waits, persistence.isLasting ? kept : "nothing");
    for (const error of errors) this.#showError(error);
    if (notice !== undefined) frontend.show({ type: "notice", text: notice });
    this.#finishOnceTaken(isComplete ? code : code || 1);
  }

  /** What nobody reads any more holds the end up for a moment only, and is shown again next time: it has failed then. */
  #finishOnceTaken(code: number): void {
    this.#shown.settle();
    const finish = (): void => {
      if (this.#isFinished) return;
      this.#isFinished = true;
      cancel();
      this.#outbox.flush();
      const { unshown } = this.#shown;
      if (unshown > 0) this.#showError(notShown(unshown, this.#options.persistence.isLasting));
      this.#finish(unshown > 0 ? code || 1 : code);
    };
    const cancel = this.#options.clock.setTimer(LONGEST_OUTPUT_MS, finish);
    this.#options.frontend.whenTaken(finish);
  }

  /** So many messages will never be said, and nobody has been told yet. */
  lost(count: number): void {
    this.#losses.unsaid(count);
  }

  /** Who hears what is said now, or when there is a line again. */
  get #recipient(): Peer | undefined {
    const connected = this.#isOpen ? this.#runner?.session.peer : undefined;
    if (connected !== undefined) return this.#outbox.isForgotten(connected) ? undefined : connected;
    const away = this.#options.addressee();
    if (away !== undefined && this.#outbox.isForgotten(away)) return undefined;
    const changed = this.#changed;
    const isChanged =
      away !== undefined && changed !== undefined && equalInConstantTime(away.publicKey, changed.publicKey);
    return isChanged ? changed : away;
  }

  /** What is staged is stored: by the line at work, or by the post. */
  #wake(): void {
    this.#runner?.wake();
    this.#outbox.wake();
  }

  #onEndOfInput(): void {
    const isWaited =
      !this.#isOpen && this.#isAwaiting && (!this.hasTalked || this.#outbox.undelivered > 0) && !this.isLeaving;
    if (!isWaited) {
      this.leave(0, CLOSE_REASON.goodbye, END_OF_INPUT_MS);
      return;
    }
    this.#cancelWait ??= this.#options.clock.setTimer(END_OF_INPUT_MS, () => this.leave(0, CLOSE_REASON.goodbye, 0));
  }

  // --- showing ------------------------------------------------------------------------------------------------------

  #showAll(events: readonly ChatEvent[]): void {
    for (const event of events) this.#showSaid(event);
    this.#regulateInput();
  }

  #showSaid(event: ChatEvent): void {
    const { frontend } = this.#options;
    const peer = this.#recipient;
    if (event.type === "memory") {
      if (peer !== undefined) frontend.show({ ...event, peer: viewPeer(peer) });
      return;
    }
    frontend.show(event.type === "timer-held" ? { type: "timer", seconds: event.seconds, by: "you" } : event);
    if (event.type === "queued" || event.type === "sent" || (event.type === "timer" && event.by === "you")) {
      this.#saying.stored();
    }
    if (event.type === "delivered") this.#regulateInput();
    else if (peer !== undefined) this.#shown.note(this.#outbox.with(peer), event);
  }

  #showBacklog(peer: Peer, chat: Chat): void {
    this.#options.frontend.show({ type: "backlog", peer: viewPeer(peer), seqs: chat.waiting });
  }

  #showStatus(): void {
    const { frontend, clock, suite, persistence } = this.#options;
    const now = clock.now();
    const peer = this.#recipient;
    const status = statusReport(
      this.#runner?.session,
      {
        url: this.#url,
        proxy: this.proxy,
        connectedAtMs: this.#isOpen ? this.#connectedAtMs : undefined,
        suite: protocolName(suite),
        cryptography: suite.provider,
        store: persistence.isLasting ? "file" : "memory",
        history: this.#history.retention(peer),
        nextTry: this.#nextTry,
        peer,
        chat: peer === undefined ? undefined : this.#outbox.with(peer),
      },
      now,
    );
    frontend.show({ type: "status", status });
  }

  #showError(error: unknown): void {
    this.#options.frontend.show(errorEvent(error));
    if (this.#options.verbose && error instanceof Error && error.cause instanceof Error) {
      this.#options.frontend.show({ type: "notice", text: error.cause.stack ?? error.cause.message, detail: true });
    }
  }

  // --- helpers ------------------------------------------------------------------------------------------------------

  #regulateInput(): void {
    this.#gate.adjust(() => {
      const peer = this.#recipient;
      return {
        isHeard: peer !== undefined && this.hasTalked && !this.isLeaving,
        isOpen: this.#isOpen,
        undelivered: peer === undefined ? 0 : this.#outbox.with(peer).undelivered,
        waitingBytes: this.#runner?.session.chatSession?.channel.waitingBytes ?? 0,
      };
    });
  }

  #aboutPeers(command: PeerCommand): void {
    try {
      this.#peers.carryOut(command);
    } catch (error) {
      this.#showError(error);
    }
  }

  /** Ends the session first: what is said in it while the pairing goes would be stored anew. */
  #forgetPeer(peer: Peer, history: boolean): void {
    this.#endWith(peer);
    this.#outbox.forget(peer, history);
    this.#options.forgetPeer(peer);
    if (this.#changed !== undefined && isSamePeer(this.#changed, peer)) this.#changed = undefined;
    this.#regulateInput();
  }

  #endWith(peer: Peer): void {
    const runner = this.#runner;
    // Whose session it is stands fast once it has authenticated; before that it is for whom it is being made.
    const other = runner?.session.peer ?? this.#options.addressee();
    if (other === undefined || !isSamePeer(other, peer)) return;
    this.#isAbandoned = true;
    runner?.leave(CLOSE_REASON.goodbye, 0);
  }

  /** What is kept for this peer, to be sent when there is a session with it again. */
  #undeliveredTo(peer: Peer): number {
    return this.#outbox.isForgotten(peer) ? 0 : this.#outbox.with(peer).undelivered;
  }

  #renumber(): void {
    const peer = this.#recipient;
    if (peer === undefined) {
      this.#showError(new LairError("not-connected", "It is not clear whose numbers: nobody is connected."));
      return;
    }
    try {
      const chat = this.#outbox.with(peer);
      this.#outbox.flush();
      chat.beginAnew();
      for (const event of chat.commit()) this.#showSaid(event);
      this.#options.frontend.show(renumbered(peer));
      this.#showBacklog(peer, chat);
    } catch (error) {
      this.#showError(error);
    }
  }

  #aboutHistory(command: HistoryCommand): void {
    try {
      const peer = this.#recipient;
      if (peer === undefined)
        throw new LairError("not-connected", "It is not clear whose history: nobody is connected.");
      this.#history.carryOut(command, peer);
    } catch (error) {
      this.#showError(error);
    }
  }

  /** Something of which the person is told if it fails, and which does not end anything. */
  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#saying.refuse(error);
    }
  }
}
