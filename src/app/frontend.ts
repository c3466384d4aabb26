// The interface of every frontend, for a person or a program. Each frontend implements it itself.

import type { PeerView } from "../core/identity/peer-view.ts";
import type { ProgramEvent } from "./events.ts";
import type { RoomView } from "./rooms/room-reports.ts";
import { LairError } from "../core/errors.ts";
import { detailsOf, hintOf } from "./error-words.ts";

/** What happens to a message: nobody receives it, somebody does, or too many are already on their way. */
export type Demand = "nobody" | "listening" | "overrun";

/** Presents events, and asks for nothing. */
export interface Report {
  show(event: ProgramEvent): void;
  /** Restores the terminal to its original state. May be called again. */
  close(): void;
}

export interface Frontend extends Report {
  /** Whether the prompt is at this peer, so that its lines count as read. Absent: there is no prompt. */
  isAt?(peer: PeerView): boolean;
  /** The same of a room. */
  isAtRoom?(room: RoomView): boolean;
  /**
   * Shows the answer to a command that is done later, such as one about rooms: to the one that asks now, else to the main
   * one. Absent: there is one frontend, which gets all.
   */
  answer?(event: ProgramEvent): void;
  /**
   * Input that is not a terminal waits in its pipe while nobody receives it. Input with commands waits only for space.
   */
  regulateInput(demand: Demand): void;
  /** Calls back once the system has confirmed every write so far, or one of them has failed. */
  whenTaken(action: (isTaken: boolean) => void): void;
}

/** Where a frontend writes. It never throws; its owner is told of its errors. */
export interface FrontendOutput {
  write(text: string): unknown;
  /** Calls back once the system has accepted every write so far, or one of them has failed. */
  whenTaken(action: (isTaken: boolean) => void): void;
}

/** An error as an event. An error that is not a LairError is a bug of ours, and is reported as one. */
export function errorEvent(error: unknown): Extract<ProgramEvent, { type: "error" }> {
  if (error instanceof LairError) {
    const { code, message } = error;
    return { type: "error", code, message, details: detailsOf(error), hint: hintOf(error) };
  }
  return {
    type: "error",
    code: "internal",
    message: "This is a bug in Lair.",
    hint: "Please report it, with the output of --verbose.",
  };
}

/** The exit code for an error (docs/cli.md, "Exit codes"). */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof LairError)) return 1;
  switch (error.code) {
    case "usage":
    case "passphrase-needed":
      return 2;
    case "unreachable":
      return 3;
    case "peer-key-changed":
    case "handshake-rejected":
    case "not-trusted":
    case "passphrase-wrong":
      return 4;
    default:
      return 1;
  }
}
