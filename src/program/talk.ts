// What both programs do with the line of the moment: shows what it brings, carries out what the person asks, and ends in
// order. Knows neither how a line comes about (`../server.ts`, `../client.ts`) nor how anything looks.

import { CLOSE_REASON, type CloseReason, protocolName } from "../core/channel/index.ts";
import type { Command, EndReason } from "../core/chat/events.ts";
import { type Line, type LineEvent, viewPeer } from "../core/chat/line.ts";
import { LairError } from "../core/errors.ts";
import type { Peer } from "../core/identity/peer.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { Clock, LineDriver, LineEnd } from "../node/line-driver.ts";
import { endReason } from "./end-reason.ts";
import { type Audience, errorEvent, type Face } from "./face.ts";
import { Losses } from "./losses.ts";
import { type PeerCommand, PeerCommands } from "./peer-commands.ts";
import { statusReport } from "./status-report.ts";

export interface TalkOptions {
  readonly face: Face;
  readonly clock: Clock;
  readonly suite: CipherSuite;
  /** Who computes the suite, such as "noble". */
  readonly cryptography: string;
  readonly ownKey: Uint8Array;
  readonly verbose: boolean;
  readonly peers: () => readonly Peer[];
  /** Stores a changed peer. Throws LairError. */
  readonly savePeer: (peer: Peer) => void;
  /** Whether a line is being made already: what is said until it is open waits for it. */
  readonly isAwaiting: boolean;
}

/** What is on the way before input that is no terminal has to wait. */
const MOST_UNDELIVERED = 1_000;
const MOST_WAITING_BYTES = 256 * 1024;
/** Said before the line was open. */
const MOST_EARLY = 1_000;
/** `quit` and Ctrl-C leave within 3 s; the end of the input waits for delivery. */
const QUIT_MS = 2_400;
const END_OF_INPUT_MS = 10_000;
/** After the wait: for CLOSE and the carrier's own goodbye. */
const GOODBYE_MS = 500;

export class Talk {
  readonly #options: TalkOptions;
  readonly #peers: PeerCommands;
  #driver: LineDriver<Line> | undefined;
  #url = "";
  #connectedAtMs: number | undefined;
  #isOpen = false;
  #audience: Audience = "nobody";
  /** What was asked for before the line was open, in order; undefined once it has been, or when none is being made. */
  #early: Extract<Command, { type: "say" | "end" }>[] | undefined;
  #leaving: { readonly code: number } | undefined;
  /** Whether standard output takes what is shown. */
  #isOutputTaken = true;
  /** The exit code of a line that is over while the prompt stays. */
  #restingCode = 0;
  readonly #losses = new Losses();
  #finish: (code: number) => void = () => {};
  /** The program's exit code, once it may leave. */
  readonly finished: Promise<number>;

  constructor(options: TalkOptions) {
    this.#options = options;
    this.#peers = new PeerCommands({ ...options, line: () => this.#driver?.line });
    if (options.isAwaiting) this.#early = [];
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** The line that is talked over, if there is one. */
  get driver(): LineDriver<Line> | undefined {
    return this.#driver;
  }

  /** Whether there has been a conversation at all. */
  get hasTalked(): boolean {
    return this.#connectedAtMs !== undefined;
  }

  /** Whether the line of the moment carries what is said. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isLeaving(): boolean {
    return this.#leaving !== undefined;
  }

  /** The address for `status`. */
  set url(url: string) {
    this.#url = url;
  }

  /** Talks over this line from now on. Its events and its end are to be passed to {@link event} and {@link ended}. */
  attach(driver: LineDriver<Line>): void {
    this.#driver = driver;
    this.#isOpen = false;
    if (!this.#isOutputTaken) driver.regulateReceiving(false);
  }

  /** Whether what is shown is taken; if not, nothing more is read that would have to be. */
  regulateOutput(isTaken: boolean): void {
    this.#isOutputTaken = isTaken;
    this.#driver?.regulateReceiving(isTaken);
  }

  /** For what is not worth waiting for. */
  get isOutputTaken(): boolean {
    return this.#isOutputTaken;
  }

  /** The line is over, but the person stays at the prompt; this is the program's exit code then. */
  rest(code: number): void {
    this.#restingCode = code;
  }

  event(event: LineEvent): void {
    const { face, clock } = this.#options;
    switch (event.type) {
      case "opened":
        this.#isOpen = true;
        this.#connectedAtMs = clock.now().wallMs;
        face.show({ type: "connected", peer: viewPeer(event.peer), pairedNow: event.pairedNow });
        this.#carryOutEarly();
        this.#regulateInput();
        break;
      case "delivered":
        face.show(event);
        this.#regulateInput();
        break;
      case "message":
      case "unknown-message":
      case "rekeyed":
        face.show(event);
        break;
      case "closed":
      case "refused":
        // The end of the line tells the first; the second never concerns the line that is talked over.
        break;
    }
  }

  /** The line has ended, or a newer one of the same peer takes its place. Returns why. */
  ended(end: LineEnd, reason: EndReason = endReason(end)): EndReason {
    const line = this.#driver?.line;
    const undelivered = line?.conversation?.undelivered ?? 0;
    this.#driver = undefined;
    this.#setAudience("nobody");
    if (end.type === "error") this.#showError(end.error);
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    const isTold = wasOpen || end.type === "closed";
    this.#losses.atEnd(undelivered, isTold);
    if (isTold) {
      const peer = line?.peer === undefined ? undefined : viewPeer(line.peer);
      this.#options.face.show({ type: "disconnected", reason, peer, undelivered });
    }
    return reason;
  }

  /** Carries out what the person asks for. Whatever concerns one program only is that program's. */
  command(command: Command): void {
    if (this.#early !== undefined && (command.type === "say" || command.type === "end")) {
      if (this.#early.length < MOST_EARLY) this.#early.push(command);
      else
        this.#refuse(new LairError("queue-full", "Too much was said before anybody was connected; this was not sent."));
      return;
    }
    switch (command.type) {
      case "say":
        this.#say(command.text);
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
        this.#aboutPeers(command);
        break;
      case "quit":
        this.#losses.forgetRefused();
        this.leave(0, CLOSE_REASON.goodbye, QUIT_MS);
        break;
      case "end":
        this.leave(0, CLOSE_REASON.goodbye, END_OF_INPUT_MS);
        break;
      case "interrupt":
        this.interrupt(130);
        break;
      case "invite":
      case "trust":
        this.#showError(new LairError("usage", "Only lair-server can do that."));
        break;
    }
  }

  /** Ctrl-C or a signal: leaves soon; the second time at once. */
  interrupt(code: number): void {
    if (this.#leaving !== undefined) {
      this.#driver?.terminate();
      this.#finish(this.#leaving.code || code);
      return;
    }
    if (this.#driver !== undefined) {
      this.#options.face.show({ type: "notice", text: "Saying goodbye. Ctrl-C again leaves at once." });
    }
    this.leave(code, code === 130 ? CLOSE_REASON.goodbye : CLOSE_REASON.shuttingDown, QUIT_MS);
  }

  /** Ends the line in order, waiting so long for what is not delivered yet, and then the program. */
  leave(code: number, reason: CloseReason, waitMs: number): void {
    if (this.#leaving !== undefined) return;
    this.#leaving = { code };
    this.#setAudience("nobody");
    const driver = this.#driver;
    if (driver === undefined) {
      this.conclude(code || this.#restingCode);
      return;
    }
    driver.leave(reason, waitMs);
    const cancel = this.#options.clock.setTimer(waitMs + GOODBYE_MS, () => {
      driver.terminate();
      this.conclude(code);
    });
    void driver.gone.then(() => {
      cancel();
      this.conclude(code);
    });
  }

  /** Ends the program with this code, or with 1 and a line that says how much was not delivered. */
  conclude(code: number): void {
    this.#losses.unsaid(this.#early?.filter(({ type }) => type === "say").length ?? 0);
    this.#early = undefined;
    const { count, isTold } = this.#losses.settle();
    if (!isTold) {
      const what = count === 1 ? "1 message was" : `${count} messages were`;
      this.#showError(new LairError("not-delivered", `${what} not delivered.`));
    }
    this.#finish(count > 0 ? code || 1 : code);
  }

  /** So many messages will never be said, and nobody has been told yet. */
  lost(count: number): void {
    this.#losses.unsaid(count);
  }

  #refuse(error: unknown): void {
    this.#losses.refused();
    this.#showError(error);
  }

  #carryOutEarly(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const command of early) this.command(command);
  }

  #say(text: string): void {
    const { face, clock } = this.#options;
    const driver = this.#driver;
    const conversation = driver?.line.conversation;
    if (driver === undefined || conversation === undefined || !this.#isOpen) {
      const hint = "Say it again once somebody is.";
      this.#showError(new LairError("not-connected", "Nobody is connected, so this was not sent.", { hint }));
      return;
    }
    if (conversation.isLeaving) {
      this.#showError(new LairError("not-connected", "The conversation is ending, so this was not sent."));
      return;
    }
    try {
      const now = clock.now();
      face.show({ type: "sent", seq: conversation.say(text, now), atMs: now.wallMs, text });
    } catch (error) {
      this.#refuse(error);
    }
    driver.wake();
    this.#regulateInput();
  }

  #showStatus(): void {
    const { face, clock, suite, cryptography } = this.#options;
    const connectedAtMs = this.#isOpen ? this.#connectedAtMs : undefined;
    const circumstances = { url: this.#url, connectedAtMs, suite: protocolName(suite), cryptography };
    face.show({ type: "status", status: statusReport(this.#driver?.line, circumstances, clock.now()) });
  }

  #regulateInput(): void {
    const conversation = this.#driver?.line.conversation;
    if (conversation === undefined || !this.#isOpen || this.isLeaving) return;
    const isFull =
      conversation.undelivered >= MOST_UNDELIVERED || conversation.channel.waitingBytes >= MOST_WAITING_BYTES;
    this.#setAudience(isFull ? "overrun" : "listening");
  }

  #setAudience(audience: Audience): void {
    if (audience === this.#audience) return;
    this.#audience = audience;
    this.#options.face.regulateInput(audience);
  }

  #aboutPeers(command: PeerCommand): void {
    try {
      this.#peers.carryOut(command);
    } catch (error) {
      this.#showError(error);
    }
  }

  #showError(error: unknown): void {
    this.#options.face.show(errorEvent(error));
    if (this.#options.verbose && error instanceof Error && error.cause instanceof Error) {
      this.#options.face.show({ type: "notice", text: error.cause.stack ?? error.cause.message, detail: true });
    }
  }
}
