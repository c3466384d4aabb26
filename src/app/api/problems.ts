// Refusals of the API, and the checks of what its callers hand in. The listener has checked the shapes before.

import type { ProgramEvent } from "../events.ts";
import { errorEvent } from "../frontend.ts";
import { ApiProblem } from "./api.ts";
import type { Where } from "./views.ts";

type Told = Pick<Extract<ProgramEvent, { type: "error" }>, "code" | "message" | "details" | "hint">;

/** An error that was shown, or would be. */
export function problemOf({ code, message, details = [], hint }: Told): ApiProblem {
  return new ApiProblem(code, [message, ...details].join(" "), hint);
}

/** Any error as a refusal: one that is not ours is a bug, and says nothing of itself. */
export function asProblem(error: unknown): ApiProblem {
  return error instanceof ApiProblem ? error : problemOf(errorEvent(error));
}

/** What was handed in cannot be meant. */
export function malformed(message: string, hint?: string): ApiProblem {
  return new ApiProblem("input-malformed", message, hint);
}

/** What was asked for does not exist in this place. */
export function notHere(message: string, hint?: string): ApiProblem {
  return new ApiProblem("usage", message, hint);
}

/** Ours: no input is deeper. */
const MOST_DEEP = 16;

/** Half a surrogate pair is not a character, and would be sent as another one. Throws ApiProblem. */
export function requireCharacters(value: unknown, depth = 0): void {
  if (typeof value === "string" && /\p{Surrogate}/u.test(value)) {
    throw malformed("A text contains half a character.", "Send text in UTF-8.");
  }
  if (typeof value !== "object" || value === null) return;
  if (depth > MOST_DEEP) throw malformed("The request is nested too deeply.");
  for (const member of Object.values(value)) requireCharacters(member, depth + 1);
}

/** Throws ApiProblem for a text that says nothing. */
export function requireText(text: string): string {
  if (text.trim() === "") throw malformed("The text is empty, so nothing was done.");
  return text;
}

/** Ours. */
const MOST_LINES = 500;
const FIRST_LINES = 50;

/** How many lines are asked for. Throws ApiProblem. */
export function requireLimit(limit: number | undefined): number {
  if (limit === undefined) return FIRST_LINES;
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_LINES) return limit;
  throw malformed(`limit is a whole number from 1 to ${MOST_LINES}.`);
}

/** The number in a cursor, behind a letter. Throws ApiProblem. */
export function requireCursor(cursor: string, letter: string): number {
  const [, digits] = new RegExp(`^${letter}(\\d{1,15})$`, "u").exec(cursor) ?? [];
  if (digits !== undefined) return Number(digits);
  throw malformed(
    "before, after and around are texts that an earlier answer has given.",
    "Ask without them for the newest lines.",
  );
}

/** One of them, or none. Throws ApiProblem. */
export function requireOne({ before, after, around }: Where): void {
  const given = [before, after, around].filter((one) => one !== undefined);
  if (given.length > 1) throw malformed("Of before, after and around only one can be given.");
}
