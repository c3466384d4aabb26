// What both programs do with the line of the moment: shows what it brings, carries out what the person asks, and ends in
// order. Knows neither how a line comes about (`../server.ts`, `../client.ts`) nor how anything looks.

import { CLOSE_REASON, type CloseReason, protocolName } from "../core/channel/index.ts";
import type { Command, EndReason, StatusReport } from "../core/chat/events.ts";
import { type Line, type LineEvent, viewPeer } from "../core/chat/line.ts";
import { LairError } from "../core/errors.ts";
import { fingerprint } from "../core/identity/fingerprint.ts";
import { cleanName } from "../core/identity/peer-name.ts";
import type { Peer } from "../core/identity/peer.ts";
import { safetyWords } from "../core/identity/safety-words.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { Clock, LineDriver, LineEnd } from "../node/line-driver.ts";
import { type Audience, errorEvent, type Face } from "./face.ts";

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

const END_REASONS: { readonly [Reason in CloseReason]: EndReason } = {
  [CLOSE_REASON.goodbye]: "closed",
  [CLOSE_REASON.shuttingDown]: "shutting-down",
  [CLOSE_REASON.busy]: "busy",
  [CLOSE_REASON.replaced]: "replaced",
  [CLOSE_REASON.notTrusted]: "not-trusted",
};

export class Talk {
  readonly #options: TalkOptions;
  #driver: LineDriver<Line> | undefined;
  #url = "";
  #connectedAtMs: number | undefined;
  #isOpen = false;
  #isInputPaused: boolean;
  #leaving: { readonly code: number } | undefined;
  #lost = 0;
  #finish: (code: number) => void = () => {};
  /** The program's exit code, once it may leave. */
  readonly finished: Promise<number>;

  constructor(options: TalkOptions) {
    this.#options = options;
    this.#isInputPaused = !options.face.hasCommands;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** The line that is talked over, if there is one. */
  get driver(): LineDriver<Line> | undefined {
    return this.#driver;
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
    const { face } = this.#options;
    const line = this.#driver?.line;
    const undelivered = line?.conversation?.undelivered ?? 0;
    this.#lost += undelivered;
    this.#driver = undefined;
    this.#holdInput();
    if (end.type === "error") this.#showError(end.error);
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    if (wasOpen || end.type === "closed") {
      face.show({
        type: "disconnected",
        reason,
        peer: line?.peer === undefined ? undefined : viewPeer(line.peer),
        undelivered,
      });
    }
    return reason;
  }

  /** Carries out what the person asks for. Whatever concerns one program only is that program's. */
  command(command: Command): void {
    if (this.#early !== undefined && (command.type === "say" || command.type === "end")) {
      if (this.#early.length < MOST_EARLY) this.#early.push(command);
      else this.#lose(new LairError("queue-full", "Too much was said before anybody was connected; this was not sent."));
      return;
    }
    switch (command.type) {
      case "say":
        this.#say(command.text);
        break;
      case "status":
        this.#options.face.show({ type: "status", status: this.#status() });
        break;
      case "help":
        // Answered by the face, which knows what can be typed into it.
        break;
      case "verify":
        this.#attempt(() => this.#verify(command.compared));
        break;
      case "peers":
        this.#showPeers();
        break;
      case "rename":
        this.#attempt(() => this.#rename(command.name));
        break;
      case "quit":
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
    this.#holdInput();
    const driver = this.#driver;
    const { clock } = this.#options;
    if (driver === undefined) {
      this.conclude(code);
      return;
    }
    if (driver.line.conversation === undefined) driver.terminate();
    else driver.line.conversation.leave(reason, waitMs, clock.now());
    driver.wake();
    const cancel = clock.setTimer(waitMs + GOODBYE_MS, () => {
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
    this.lost(this.#early?.filter(({ type }) => type === "say").length ?? 0);
    this.#early = undefined;
    if (this.#lost > 0) {
      const count = this.#lost === 1 ? "1 message was" : `${this.#lost} messages were`;
      this.#showError(new LairError("not-connected", `${count} not delivered.`));
      this.#lost = 0;
      this.#finish(code || 1);
      return;
    }
    this.#finish(code);
  }

  /** So many messages will never be said, and nobody has been told yet. */
  lost(count: number): void {
    this.#lost += count;
  }

  #carryOutEarly(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const command of early) this.command(command);
  }

  #lose(error: unknown): void {
    this.#lost += 1;
    this.#showError(error);
  }

  #say(text: string): void {
    const { face, clock } = this.#options;
    const driver = this.#driver;
    const conversation = driver?.line.conversation;
    if (driver === undefined || conversation === undefined || !this.#isOpen) {
      this.#showError(
        new LairError("not-connected", "Nobody is connected, so this was not sent.", {
          hint: "Say it again once somebody is.",
        }),
      );
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
      // Said, and it never left: at the end of a pipe that counts as not delivered.
      this.#lose(error);
    }
    driver.wake();
    this.#regulateInput();
  }

  #status(): StatusReport {
    const { clock, suite, cryptography } = this.#options;
    const line = this.#driver?.line;
    const conversation = line?.conversation;
    const channel = conversation?.channel;
    return {
      state: line?.state ?? "nobody",
      peer: line?.peer === undefined ? undefined : viewPeer(line.peer),
      url: this.#url,
      connectedAtMs: this.#isOpen ? this.#connectedAtMs : undefined,
      sent: conversation?.sent ?? 0,
      received: conversation?.received ?? 0,
      undelivered: conversation?.undelivered ?? 0,
      rekeys: channel?.epoch ?? 0,
      epoch: channel?.epoch ?? 0,
      keyAgeMs: Math.round(channel?.keyAgeMs(clock.now()) ?? 0),
      rekeyWindowS:
        channel === undefined ? undefined : [channel.rekeyWindow.minMs / 1000, channel.rekeyWindow.maxMs / 1000],
      roundTripMs: conversation?.roundTripMs,
      bytesSent: line?.bytesSent ?? 0,
      bytesReceived: line?.bytesReceived ?? 0,
      suite: protocolName(suite),
      cryptography,
    };
  }

  #verify(compared: boolean): void {
    const { face, clock, ownKey } = this.#options;
    let peer = this.#peerInQuestion("compare words with");
    if (compared) {
      peer = { ...peer, comparedAtMs: clock.now().wallMs };
      this.#changePeer(peer);
      face.show({ type: "notice", text: `Noted: you have compared the words with ${peer.name}.` });
      return;
    }
    const words = safetyWords(ownKey, peer.publicKey);
    face.show({ type: "verify", own: fingerprint(ownKey), peer: viewPeer(peer), words });
  }

  #rename(text: string): void {
    const name = cleanName(text);
    if (name === "" || name !== text.trim()) {
      throw new LairError("usage", "A name is 1 to 64 bytes of text, without invisible characters.");
    }
    const peer = this.#peerInQuestion("rename");
    this.#changePeer({ ...peer, name });
    this.#options.face.show({ type: "renamed", was: peer.name, peer: viewPeer({ ...peer, name }) });
  }

  #showPeers(): void {
    const { face, peers } = this.#options;
    const connected = this.#driver?.line.peer;
    face.show({
      type: "peers",
      peers: peers().map((peer) => viewPeer(peer)),
      connected: connected === undefined ? undefined : fingerprint(connected.publicKey),
    });
  }

  /** Who is connected, else the only one there is. */
  #peerInQuestion(purpose: string): Peer {
    const known = this.#options.peers();
    const peer = this.#driver?.line.peer ?? (known.length === 1 ? known[0] : undefined);
    if (peer !== undefined) return peer;
    throw new LairError("not-connected", `There is nobody to ${purpose}: nobody is connected.`);
  }

  #changePeer(peer: Peer): void {
    this.#options.savePeer(peer);
    if (this.#driver?.line.peer !== undefined) this.#driver.line.peer = peer;
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

  #attempt(action: () => void): void {
    try {
      action();
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

function endReason(end: LineEnd): EndReason {
  switch (end.type) {
    case "cut":
      return "cut";
    case "closed":
      return end.by === "us" ? "left" : END_REASONS[end.reason];
    case "error":
      if (end.error.code === "peer-silent") return "silent";
      return end.error.code === "key-expired" ? "key-expired" : "protocol";
  }
}
