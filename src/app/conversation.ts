// A conversation: what a program does with its current session. Messages to send go to the outbox, events go to the
// display, requests go to the commands, and `Leaving` ends the program. Knows neither how a session is made
// (`reconnect.ts`, `../cli/server.ts`) nor how anything looks.
//
//   apart ---attach---> meeting ---opened---> open
//     ^                    |                    |
//     +-------ended--------+--------------------+        (attach also takes a session in the place of one that was refused)

import { equalInConstantTime } from "../core/bytes.ts";
import { CLOSE_REASON } from "../core/channel/index.ts";
import type { Chat, ChatEvent } from "../core/chat/chat.ts";
import type { Retention } from "../core/chat/history.ts";
import type { Session, SessionEvent } from "../core/chat/session.ts";
import type { Peer } from "../core/identity/peer.ts";
import { viewPeer } from "../core/identity/peer-view.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { ConversationCommands } from "./conversation-commands.ts";
import { Display } from "./display.ts";
import { endReason } from "./end-reason.ts";
import type { Command, EndReason } from "./events.ts";
import type { Frontend } from "./frontend.ts";
import { InputGate } from "./input-gate.ts";
import { Leaving } from "./leaving.ts";
import { Outbox } from "./outbox.ts";
import type { Persistence } from "./persistence.ts";
import type { Clock, ExportHistory } from "./ports.ts";
import type { SessionEnd, SessionRunner } from "./session-runner.ts";
import type { NextTry } from "./status-report.ts";

export interface ConversationOptions {
  readonly exportHistory: ExportHistory;
  readonly frontend: Frontend;
  readonly clock: Clock;
  readonly suite: CipherSuite;
  readonly ownKey: Uint8Array;
  readonly verbose: boolean;
  readonly persistence: Pick<Persistence, "store" | "history" | "isLasting">;
  /** Of --history. */
  readonly retention: Retention | undefined;
  readonly peers: () => readonly Peer[];
  /** Stores a changed peer. Throws LairError. */
  readonly savePeer: (peer: Peer) => void;
  /** Removes a pairing. Throws LairError. */
  readonly forgetPeer: (peer: Peer) => void;
  /** The recipient of a message while no session is open; undefined if that is not clear. */
  readonly addressee: () => Peer | undefined;
  /** Whether this side makes sessions: messages wait until one is open. */
  readonly isAwaiting: boolean;
  /** Of --queue: messages are meant to be kept, so an undelivered one is not a failure. */
  readonly isQueueing?: boolean;
  /** The user has typed something: try again at once. */
  readonly onActivity?: () => void;
}

type State =
  | { readonly name: "apart" }
  /** A session has begun, or the other side refused it before it opened. */
  | { readonly name: "meeting"; readonly runner: SessionRunner<Session> }
  /** The session can carry messages. */
  | { readonly name: "open"; readonly runner: SessionRunner<Session>; readonly sinceMs: number };

/** Whether the reason says everything that the error does. */
function wasToldByReason(reason: EndReason): boolean {
  return reason === "silent" || reason === "key-expired";
}

function isSamePeer(one: Peer, other: Peer): boolean {
  return equalInConstantTime(one.publicKey, other.publicKey);
}

export class Conversation {
  readonly #options: ConversationOptions;
  readonly #outbox: Outbox;
  readonly #display: Display;
  readonly #commands: ConversationCommands;
  readonly #leaving: Leaving;
  readonly #gate: InputGate;
  #state: State = { name: "apart" };
  #hasTalked = false;
  /** A peer as changed by a command, because no session can be told while there is none. */
  #changed: Peer | undefined;
  #isAbandoned = false;
  /** Whether the output accepts what is shown. */
  #isOutputTaken = true;
  /** For `status`: the address, and the proxy that a client connects through. */
  readonly address: { url: string; proxy: string | undefined } = { url: "", proxy: undefined };
  /** For `status`, until a session is open; undefined once none is being made. */
  nextTry: NextTry | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
    const { frontend, clock, persistence, isAwaiting, isQueueing = false } = options;
    const recipient = (): Peer | undefined => this.#recipient;
    this.#display = new Display({
      frontend,
      suite: options.suite,
      verbose: options.verbose,
      recipient,
      chatWith: (peer) => this.#outbox.with(peer),
      onTaken: (chat, next) => {
        this.#attempt(() => chat.show(next));
        this.#wake();
      },
    });
    this.#outbox = new Outbox({
      store: persistence.store,
      clock,
      recipient,
      isOpen: () => this.isOpen,
      isAwaiting,
      onEvents: (events) => {
        this.runner?.tellAll();
        for (const event of events) this.#tell(event);
        this.#regulateInput();
      },
      showError: (error) => this.#display.error(error),
    });
    this.#commands = new ConversationCommands({
      ...options,
      display: this.#display,
      outbox: this.#outbox,
      recipient,
      session: () => this.runner?.session,
      savePeer: (peer) => {
        options.savePeer(peer);
        this.#changed = peer;
      },
      forgetPeer: (peer, history) => this.#forgetPeer(peer, history),
      connection: () => ({
        ...this.address,
        nextTry: this.nextTry,
        connectedAtMs: this.#state.name === "open" ? this.#state.sinceMs : undefined,
      }),
    });
    this.#gate = new InputGate(clock, (demand) => frontend.regulateInput(demand));
    this.#leaving = new Leaving({
      clock,
      frontend,
      outbox: this.#outbox,
      display: this.#display,
      runner: () => this.runner,
      onBegin: () => this.#gate.close(),
      isAwaiting,
      isQueueing,
      isLasting: persistence.isLasting,
    });
  }

  /** The current session, if there is one. */
  get runner(): SessionRunner<Session> | undefined {
    return this.#state.name === "apart" ? undefined : this.#state.runner;
  }

  /** Whether any session has been open. */
  get hasTalked(): boolean {
    return this.#hasTalked;
  }

  /** Whether the current session can carry messages. */
  get isOpen(): boolean {
    return this.#state.name === "open";
  }

  /** Whether the user has forgotten the peer of the current or next session: then no further attempt is made. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  get isLeaving(): boolean {
    return this.#leaving.isLeaving;
  }

  /** The program's exit code, once it may leave. */
  get finished(): Promise<number> {
    return this.#leaving.finished;
  }

  /** The chat with this peer. Throws LairError store-*. */
  chatWith(peer: Peer): Chat {
    return this.#outbox.with(peer);
  }

  // --- its sessions -------------------------------------------------------------------------------------------------

  /**
   * At the start: shows what waits for this peer, which messages may not have been shown, and the last lines of its
   * history.
   */
  recall(peer: Peer): void {
    const { retention } = this.#options;
    const chat = this.#outbox.with(peer);
    if (retention !== undefined) this.#commands.keep(peer, retention);
    this.#display.backlog(peer);
    this.#commands.remind(peer);
    for (const unseen of chat.takeUnseen()) this.#tell(unseen);
  }

  /** This becomes the current session. Its events and its end must be passed to {@link event} and {@link ended}. */
  attach(runner: SessionRunner<Session>): void {
    this.#state = { name: "meeting", runner };
    if (!this.#isOutputTaken) runner.regulateReceiving(false);
  }

  event(event: SessionEvent): void {
    switch (event.type) {
      case "opened":
        this.#opened(event);
        break;
      case "rekeyed":
        this.#options.frontend.show(event);
        break;
      case "closed":
      case "refused":
        // The first is told by the end of the session; the second never concerns the current session.
        break;
      default:
        this.#tell(event);
    }
  }

  /** The session has ended, or a newer one of the same peer replaces it. Returns the reason. */
  ended(end: SessionEnd, why: EndReason = endReason(end)): EndReason {
    const { runner, isOpen: wasOpen } = this;
    const session = runner?.session;
    const isForgotten = session?.peer !== undefined && this.#outbox.isForgotten(session.peer);
    const reason = why === "left" && isForgotten ? "forgotten" : why;
    // Messages that arrived just before the end are stored and shown first.
    runner?.tellAll();
    this.#outbox.flush();
    this.#outbox.refuseStaged();
    const undelivered = session?.peer === undefined ? 0 : this.#undeliveredTo(session.peer);
    if (end.type === "error" && !(wasOpen && wasToldByReason(reason))) this.#display.error(end.error);
    this.#state = { name: "apart" };
    this.#regulateInput();
    if (wasOpen || end.type === "closed") {
      const { frontend, suite } = this.#options;
      const peer = session?.peer === undefined ? undefined : viewPeer(suite, session.peer);
      frontend.show({ type: "disconnected", reason, peer, undelivered });
    }
    return reason;
  }

  #opened({ peer, pairedNow }: Extract<SessionEvent, { type: "opened" }>): void {
    const { runner } = this;
    if (runner === undefined) return;
    const { frontend, clock, suite, retention } = this.#options;
    this.#state = { name: "open", runner, sinceMs: clock.now().wallMs };
    this.#hasTalked = true;
    this.nextTry = undefined;
    this.#changed = undefined;
    this.#outbox.remember(peer);
    frontend.show({ type: "connected", peer: viewPeer(suite, peer), pairedNow });
    const chat = this.#outbox.with(peer);
    if (retention !== undefined) this.#attempt(() => this.#commands.keep(peer, retention));
    for (const unseen of chat.takeUnseen()) this.#tell(unseen);
    this.#outbox.sayHeld();
    this.#wake();
    this.#regulateInput();
    this.#leaving.opened();
  }

  // --- its person ---------------------------------------------------------------------------------------------------

  /** Executes a command of the user. The program executes commands that exist only in one program. */
  command(command: Command): void {
    switch (command.type) {
      case "say":
      case "timer":
        this.#outbox.say(command);
        this.#wake();
        this.#regulateInput();
        break;
      case "quit":
        this.#outbox.forgetRefused();
        this.#leaving.quit();
        break;
      case "misread":
        this.#outbox.misread();
        break;
      case "end":
        this.#leaving.inputEnded(!this.isOpen && (!this.#hasTalked || this.#outbox.undelivered > 0));
        break;
      case "interrupt":
        this.interrupt(130);
        break;
      default:
        this.#commands.carryOut(command);
    }
    this.#options.onActivity?.();
  }

  /** Ctrl-C or a signal: leaves soon; the second time at once. */
  interrupt(code: number): void {
    this.#leaving.interrupt(code);
  }

  /** Whether the output accepts what is shown; if not, nothing more is read that would have to be shown. */
  regulateOutput(isTaken: boolean): void {
    this.#isOutputTaken = isTaken;
    this.runner?.regulateReceiving(isTaken);
  }

  /** Nothing can be shown any more, so the program leaves as after `quit`. */
  outputFailed(): void {
    // Without a store, a message that arrives and is not shown would count as delivered and be lost.
    this.regulateOutput(this.#options.persistence.isLasting);
    this.#leaving.quit();
  }

  // --- its end ------------------------------------------------------------------------------------------------------

  /** No further session will be made, but the user may still say something; this is the program's exit code then. */
  rest(code: number): void {
    this.#outbox.giveUpHeld();
    this.#leaving.rest(code);
  }

  /** This many messages will never be sent, and the user has not been told yet. */
  lost(count: number): void {
    this.#outbox.lost(count);
  }

  /** Ends the program with this code, or with 1 and a line that says how much was not delivered. */
  conclude(code: number): void {
    this.#leaving.conclude(code);
  }

  // --- helpers ------------------------------------------------------------------------------------------------------

  /** The peer that a message would go to, now or when there is a session again. */
  get #recipient(): Peer | undefined {
    const connected = this.#state.name === "open" ? this.#state.runner.session.peer : undefined;
    if (connected !== undefined) return this.#outbox.isForgotten(connected) ? undefined : connected;
    const away = this.#options.addressee();
    if (away === undefined || this.#outbox.isForgotten(away)) return undefined;
    const changed = this.#changed;
    return changed !== undefined && isSamePeer(away, changed) ? changed : away;
  }

  /** Ends the session first: a message in it during the removal of the pairing would be stored again. */
  #forgetPeer(peer: Peer, history: boolean): void {
    this.#endWith(peer);
    this.#outbox.forget(peer, history);
    this.#options.forgetPeer(peer);
    if (this.#changed !== undefined && isSamePeer(this.#changed, peer)) this.#changed = undefined;
    this.#regulateInput();
  }

  #endWith(peer: Peer): void {
    const { runner } = this;
    // Once a session has authenticated, its peer is certain; before that, it is the peer for whom it is being made.
    const other = runner?.session.peer ?? this.#options.addressee();
    if (other === undefined || !isSamePeer(other, peer)) return;
    this.#isAbandoned = true;
    runner?.leave(CLOSE_REASON.goodbye, 0);
  }

  /** How many messages are kept for this peer, to be sent when there is a session with it again. */
  #undeliveredTo(peer: Peer): number {
    return this.#outbox.isForgotten(peer) ? 0 : this.#outbox.with(peer).undelivered;
  }

  /** Stores what is staged, through the current session or the outbox. */
  #wake(): void {
    this.runner?.wake();
    this.#outbox.wake();
  }

  #tell(event: ChatEvent): void {
    this.#display.chat(event);
    this.#outbox.note(event);
    if (event.type === "delivered") this.#regulateInput();
  }

  #regulateInput(): void {
    this.#gate.adjust(() => {
      const peer = this.#recipient;
      return {
        isHeard: peer !== undefined && this.#hasTalked && !this.isLeaving,
        isOpen: this.isOpen,
        undelivered: peer === undefined ? 0 : this.#outbox.with(peer).undelivered,
        waitingBytes: this.runner?.session.chatSession?.channel.waitingBytes ?? 0,
      };
    });
  }

  /** An action whose failure is reported to the user and ends nothing. */
  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#outbox.refuse(error);
    }
  }
}
