// How a program ends, with all its conversations.
//
//   expecting ---input ends, nothing carries what waits---> lingering
//       | rest                                                  | a session opens, rest, or 10 s
//       v                                                       v
//    resting ---quit, Ctrl-C, end of input, failed output---> leaving (also from expecting)
//                                                               | all is delivered, or time is over
//                       conclude, from anywhere ------------> ending ---rooms stored, or 1 s; output taken, or 500 ms---> finished
//
// A second Ctrl-C while leaving finishes at once. A server rests from the start: it makes no session by itself.

import { CLOSE_REASON, type CloseReason } from "../core/channel/index.ts";
import type { Session } from "../core/chat/session.ts";
import type { Display } from "./display.ts";
import type { Frontend } from "./frontend.ts";
import type { Outbox } from "./outbox.ts";
import type { Hubs } from "./hubs.ts";
import type { Clock } from "./ports.ts";
import type { SessionRunner } from "./session-runner.ts";
import { notShown } from "./shown.ts";

interface LeavingOptions {
  readonly clock: Clock;
  readonly frontend: Frontend;
  readonly outbox: Outbox;
  readonly display: Display;
  readonly hubs: Pick<Hubs, "undelivered" | "isCarriedBy" | "whenIdle">;
  /** The sessions of the moment. */
  readonly runners: () => readonly SessionRunner<Session>[];
  /** Leaving has begun: nothing more is to be read. */
  readonly onBegin: () => void;
  /** Whether this side is making a session. */
  readonly isAwaiting: boolean;
  /** Whether waiting messages survive the program. */
  readonly isLasting: boolean;
  /** Of --queue. */
  readonly isQueueing: boolean;
}

/** `quit` and Ctrl-C leave within 3 s; the end of the input waits for delivery. */
const QUIT_MS = 2_400;
const END_OF_INPUT_MS = 10_000;
/** After the wait: for CLOSE and the closing handshake of the carrier. */
const GOODBYE_MS = 500;
/** At the end, for what was said in rooms and is not stored yet. */
const LONGEST_STORING_MS = 1_000;
/** At the end, for output that nobody reads. */
const LONGEST_OUTPUT_MS = 500;

type State =
  /** A session is being made, or will be made again. */
  | { readonly name: "expecting" }
  /** None will be made, but the user may still say something; the program's exit code then. */
  | { readonly name: "resting"; readonly code: number }
  | { readonly name: "lingering"; readonly cancel: () => void }
  | { readonly name: "leaving"; readonly code: number }
  /** `wasLeaving`: whether this side had asked for it. */
  | { readonly name: "ending"; readonly code: number; readonly wasLeaving: boolean }
  | { readonly name: "finished" };

export class Leaving {
  readonly #options: LeavingOptions;
  #state: State;
  #finish: (code: number) => void = () => {};
  /** The program's exit code, once it may leave. */
  readonly finished: Promise<number>;

  constructor(options: LeavingOptions) {
    this.#options = options;
    this.#state = options.isAwaiting ? { name: "expecting" } : { name: "resting", code: 0 };
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** Whether this side has asked to leave. */
  get isLeaving(): boolean {
    const { name } = this.#state;
    return name === "leaving" || name === "finished" || (this.#state.name === "ending" && this.#state.wasLeaving);
  }

  /** No further session will be made, but the user may still say something; this is the program's exit code then. */
  rest(code: number): void {
    if (this.#state.name === "lingering") this.#leave(code, CLOSE_REASON.goodbye, 0);
    else if (this.#state.name === "expecting" || this.#state.name === "resting")
      this.#state = { name: "resting", code };
  }

  /** Sessions are open that can carry all waiting messages. */
  opened(): void {
    if (this.#state.name === "lingering") this.#leave(0, CLOSE_REASON.goodbye, END_OF_INPUT_MS);
  }

  /** The input has ended. `hasToWait`: messages wait, or may wait, that no session carries now. */
  inputEnded(hasToWait: boolean): void {
    if (this.#state.name === "lingering") return;
    if (this.#state.name !== "expecting" || !hasToWait) {
      this.#leave(0, CLOSE_REASON.goodbye, END_OF_INPUT_MS);
      return;
    }
    const cancel = this.#options.clock.setTimer(END_OF_INPUT_MS, () => this.#leave(0, CLOSE_REASON.goodbye, 0));
    this.#state = { name: "lingering", cancel };
  }

  /** The user wants to leave, or nothing can be shown any more. */
  quit(): void {
    this.#leave(0, CLOSE_REASON.goodbye, QUIT_MS);
  }

  /** Ctrl-C or a signal: leaves soon; the second time at once. */
  interrupt(code: number): void {
    const state = this.#state;
    if (state.name === "leaving" || (state.name === "ending" && state.wasLeaving)) {
      for (const runner of this.#options.runners()) runner.terminate();
      // Remaining messages to the user follow if there is time.
      this.#finish(state.code || code);
      return;
    }
    if (this.#options.runners().length > 0) {
      const text = "Saying goodbye. Ctrl-C again leaves at once.";
      this.#options.frontend.show({ type: "notice", text, isOfKeys: true });
    }
    this.#leave(code, code === 130 ? CLOSE_REASON.goodbye : CLOSE_REASON.shuttingDown, QUIT_MS);
  }

  /** Ends the program with this code, or with 1 and a line that says how much was not delivered. */
  conclude(code: number): void {
    const { outbox, hubs, clock } = this.#options;
    const state = this.#state;
    if (state.name === "ending" || state.name === "finished") return;
    if (state.name === "lingering") state.cancel();
    const wasLeaving = state.name === "leaving";
    const ending = { name: "ending", code, wasLeaving } as const;
    this.#state = ending;
    outbox.flush();
    outbox.giveUpHeld();
    const report = (): void => {
      cancel();
      if (this.#state === ending) this.#report(ending);
    };
    const cancel = clock.setTimer(LONGEST_STORING_MS, report);
    hubs.whenIdle(report);
  }

  #report({ code, wasLeaving }: Extract<State, { name: "ending" }>): void {
    const { outbox, display, frontend, hubs, isQueueing, isLasting } = this.#options;
    const kept = isQueueing ? "as-asked" : "the-rest";
    const { errors, notice, isComplete } = outbox.report(isLasting ? kept : "nothing", hubs.undelivered);
    for (const error of errors) display.error(error);
    if (notice !== undefined) frontend.show({ type: "notice", text: notice });
    const finalCode = isComplete ? code : code || 1;
    this.#state = { name: "ending", code: finalCode, wasLeaving };
    this.#finishOnceTaken(finalCode);
  }

  /** Ends the sessions in order, waiting this long for undelivered messages, and then ends the program. */
  #leave(code: number, reason: CloseReason, waitMs: number): void {
    const state = this.#state;
    if (state.name === "leaving" || state.name === "ending" || state.name === "finished") return;
    if (state.name === "lingering") state.cancel();
    const { outbox, runners: current, clock, onBegin } = this.#options;
    this.#state = { name: "leaving", code };
    onBegin();
    outbox.flush();
    const runners = current();
    if (runners.length === 0) {
      this.conclude(code || (state.name === "resting" ? state.code : 0));
      return;
    }
    for (const runner of runners) this.#leaveSession(runner, reason, waitMs);
    const cancel = clock.setTimer(waitMs + GOODBYE_MS, () => {
      for (const runner of runners) runner.terminate();
      this.conclude(code);
    });
    void Promise.all(runners.map(({ gone }) => gone)).then(() => {
      cancel();
      this.conclude(code);
    });
  }

  /** What waits for a hub is not in its session: the engine of the rooms says when all is sent. */
  #leaveSession(runner: SessionRunner<Session>, reason: CloseReason, waitMs: number): void {
    const { hubs, clock } = this.#options;
    if (!hubs.isCarriedBy(runner)) {
      runner.leave(reason, waitMs);
      return;
    }
    const leave = (): void => {
      cancel();
      if (!runner.hasEnded) runner.leave(reason, 0);
    };
    const cancel = clock.setTimer(waitMs, leave);
    hubs.whenIdle(leave);
  }

  /** Output that nobody reads delays the end only briefly. It counts as failed, and is shown again next time. */
  #finishOnceTaken(code: number): void {
    const { clock, display, outbox, isLasting } = this.#options;
    const finish = (): void => {
      if (this.#state.name === "finished") return;
      cancel();
      outbox.flush();
      const { unshown } = display;
      if (unshown > 0) display.error(notShown(unshown, isLasting));
      this.#state = { name: "finished" };
      this.#finish(unshown > 0 ? code || 1 : code);
    };
    const cancel = clock.setTimer(LONGEST_OUTPUT_MS, finish);
    display.whenTaken(finish);
  }
}
