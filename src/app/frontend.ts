// What every frontend of a program can do, whether a person or a program looks at it. The frontends implement it themselves.

import type { ProgramEvent } from "./events.ts";
import { LairError } from "../core/errors.ts";
import { detailsOf, hintOf } from "./error-words.ts";

/** What becomes of what is said: nobody hears it, somebody does, or too much of it is on the way already. */
export type Demand = "nobody" | "listening" | "overrun";

/** Tells what happens, and asks for nothing. */
export interface Report {
  show(event: ProgramEvent): void;
  /** Leaves the terminal as it was found. May be called again. */
  close(): void;
}

export interface Frontend extends Report {
  /** Input that is no terminal waits in its pipe while nobody hears it; where commands come with it, for room only. */
  regulateInput(demand: Demand): void;
  /** Calls back once the system has confirmed every write of what was shown so far, or when one of them has failed. */
  whenTaken(action: (isTaken: boolean) => void): void;
}

/** Where a frontend writes. It never throws; its owner hears of its errors. */
export interface FrontendOutput {
  write(text: string): unknown;
  /** Calls back once the system has taken every write so far, or when one of them has failed. */
  whenTaken(action: (isTaken: boolean) => void): void;
}

/** An error as an event. What is no LairError is a mistake of ours, and said so. */
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

/** The exit code that an error stands for (docs/cli.md, "Exit codes"). */
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
