// What the end of a session means for a client: whether it comes back, its exit code, and what to tell the user. Pure;
// `reconnect.ts` decides by it.

import type { EndReason, ProgramEvent } from "./events.ts";
import { LairError } from "../core/errors.ts";
import type { Peer } from "../core/identity/peer.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import { exitCodeOf } from "./frontend.ts";
import type { ConnectTarget } from "./connect-target.ts";

/** A goodbye is intended: only a person who stays at the prompt waits for the other to return. */
export function comesBack(
  reason: EndReason,
  { isPatient, hasTalked }: { readonly isPatient: boolean; readonly hasTalked: boolean },
): boolean {
  switch (reason) {
    case "cut":
    case "silent":
    case "key-expired":
    case "protocol":
    case "shutting-down":
      return true;
    case "closed":
      return isPatient;
    case "unable":
      // A disk that failed during a conversation may recover; if it could store no pairing, the user must look at it.
      return hasTalked;
    case "left":
    case "muted":
    case "forgotten":
    case "busy":
    case "replaced":
    case "not-trusted":
    case "failed":
      return false;
  }
}

/** An error on this side that would happen again: another key, our own disk, our own bug. */
export function isWorthAnotherTry({ kind }: LairError): boolean {
  return kind !== "store" && kind !== "trust" && kind !== "internal";
}

export function exitCodeAfter(reason: EndReason): number {
  switch (reason) {
    case "closed":
    case "left":
    case "muted":
    case "forgotten":
    case "shutting-down":
      return 0;
    case "not-trusted":
      return 4;
    default:
      return 1;
  }
}

/** Silence does not identify the other side. */
export function exitCodeOfSession(error: LairError): number {
  return exitCodeOf(error.code === "handshake-rejected" ? new LairError("unreachable", "") : error);
}

/** What to do next, if the end itself does not say it. */
export function adviceAfter(
  reason: EndReason,
  { how, credentials }: ConnectTarget,
  peer: Peer | undefined,
): Extract<ProgramEvent, { type: "error" | "notice" }> | undefined {
  switch (reason) {
    case "not-trusted":
      if (peer?.isHub === true) return notLetIn(peer);
      return {
        type: "error",
        code: "not-trusted",
        message: "The other side has not accepted your key yet.",
        hint: "It shows your fingerprint. When it has been compared and accepted there, start lair-client again.",
      };
    case "replaced":
      return {
        type: "error",
        code: "replaced",
        message: "Another program with your identity has taken the place of this one, which therefore stops trying.",
        hint: "End the other program and start this one again, or give one of them an identity of its own: --home, and a new invite.",
      };
    case "busy":
      if (peer?.isHub === true) return isFull(peer);
      // docs/PROTOCOL.md §9: the pair is stored on both sides before the server says that it is busy.
      if (how === "known" || how === "psk-file" || credentials.some(({ peer }) => peer !== undefined))
        return { type: "notice", text: "Start lair-client again later." };
      return {
        type: "notice",
        text: "You are paired now, and the invite is used up. Start lair-client again later; it needs no invite.",
      };
    case "unable":
      return { type: "notice", text: "Its screen says why. Then start lair-client again." };
    case "cut":
    case "silent":
    case "key-expired":
      return { type: "notice", text: "Start lair-client again to come back." };
    default:
      return undefined;
  }
}

/** A hub does not say which it is; docs/HUB.md has the cases. */
function notLetIn({ name }: Peer): Extract<ProgramEvent, { type: "error" }> {
  return {
    type: "error",
    code: "not-trusted",
    message: `The hub ${nameInSentence(name)} does not let you in.`,
    hint: "The invite or the link may be used up or too old, or its operator has suspended or forgotten you. Ask for a new one, or ask its operator.",
  };
}

/** It has known the user: its operator may lift it. */
export function keptOut({ name }: Peer): Extract<ProgramEvent, { type: "error" }> {
  return {
    type: "error",
    code: "not-trusted",
    message: `The hub ${nameInSentence(name)} does not let you in any more.`,
    hint: "Its operator has suspended or forgotten you: ask the operator. This program keeps trying.",
  };
}

/** It takes no more members, or no more of them at a time. Who is new is not paired there. */
function isFull({ name }: Peer): Extract<ProgramEvent, { type: "error" }> {
  return {
    type: "error",
    code: "busy",
    message: `The hub ${nameInSentence(name)} is full, and accepts nobody else at the moment.`,
    hint: "Try again later, with the same invite if you are new there. If this continues, ask its operator.",
  };
}
