// What the program has to say that belongs to no conversation: what happened, and what to do. Pure.

import { ApiProblem } from "../../app/api/api.ts";
import { exactSize, memoryPhrase } from "../../ui/retention-phrases.ts";
import { type EventObject, numberOf, personOf, textOf } from "./event-reader.ts";
import { shownName, shownText } from "./names.ts";
import { warningOf } from "./notes.ts";
import { inPageWords } from "./page-words.ts";
import type { Notice } from "./view.ts";

type Told = Omit<Notice, "id">;

/** Failures of an attempt to pair, before anybody is known. */
const PAIRING: ReadonlySet<string> = new Set(["handshake-rejected", "unreachable", "not-connected"]);

/** What an event tells, whatever is open. */
export function noticesOf(event: EventObject): readonly Told[] {
  const warning = warningOf(event);
  if (warning !== undefined) return [{ tone: "problem", ...warning }];
  switch (event.event) {
    case "notice":
      return informed(inPageWords(textOf(event, "message") ?? ""));
    case "error":
      return [
        problem(textOf(event, "message") ?? "Something went wrong.", textOf(event, "hint"), textOf(event, "code")),
      ];
    case "memory":
      return [lostMemory(event)];
    case "history-limit": {
      const limit = exactSize(numberOf(event, "limitBytes") ?? 0);
      return [{ tone: "info", text: `The history with ${peerName(event)} has reached ${limit}: its oldest lines go.` }];
    }
    case "connected": {
      const peer = personOf(event, "peer");
      if (event["paired"] !== true || peer === undefined) return [];
      const text = `Connected to ${shownName(peer.name)}, paired just now.`;
      const compare = "Compare the words once, by phone or face to face.";
      return [{ tone: "info", text, hint: isHub(event) ? "Make a room, or look at the hub’s rooms." : compare }];
    }
    default:
      return [];
  }
}

/** What a call that was refused tells; nothing if the edge of the page shows it already. */
export function noticeOfFailure(error: unknown): Told | undefined {
  if (!(error instanceof ApiProblem)) {
    return { tone: "problem", text: "Something went wrong in this page.", hint: "Reload it." };
  }
  // The program does not answer, or the page is signed out.
  if (error.code === "no-answer" || error.code === "token-needed") return undefined;
  return problem(error.message, error.hint, error.code);
}

/** Why an invite leads to nobody so far. */
export function pairingFailure(event: EventObject): ApiProblem | undefined {
  const message = textOf(event, "message");
  if (event["peer"] !== undefined || message === undefined) return undefined;
  const code = textOf(event, "code") ?? "unreachable";
  if (event.event === "error" && PAIRING.has(code)) return new ApiProblem(code, message, textOf(event, "hint"));
  if (event.event !== "reconnecting") return undefined;
  const hint = "This program keeps trying. Ask whether the other program is running, or paste another invite.";
  return new ApiProblem(code, message, hint);
}

/** A store that has lost something; it is a problem if lines are missing. */
function lostMemory(event: EventObject): Told {
  const missing = numberOf(event, "missing") ?? 0;
  const whose = textOf(event, "whose") === "own" ? "own" : "peer";
  const what = textOf(event, "what") === "older" ? "older" : "new";
  const text = memoryPhrase({ whose, what, missing }, peerName(event));
  return { tone: missing > 0 ? "problem" : "info", text };
}

function peerName(event: EventObject): string {
  return shownName(personOf(event, "peer")?.name ?? "");
}

/** Whether an event is about a hub, and not a person. */
export function isHub({ peer }: EventObject): boolean {
  return typeof peer === "object" && peer !== null && "hub" in peer && peer.hub === true;
}

function informed(text: string): readonly Told[] {
  return text === "" ? [] : [{ tone: "info", text: shownText(text) }];
}

function problem(text: string, told: string | undefined, code: string | undefined): Told {
  const hint = inPageWords(told ?? "");
  return {
    tone: "problem",
    text: shownText(inPageWords(text)),
    ...(hint === "" ? {} : { hint: shownText(hint) }),
    ...(code === undefined ? {} : { code }),
  };
}
