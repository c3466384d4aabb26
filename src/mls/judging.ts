// Judges a commit: its shape, then the room's rules.

import { LairError } from "../core/errors.ts";
import { shapeProblem } from "../core/room/commit-shape.ts";
import type { CommitToJudge, GroupRules } from "../core/room/group-crypto.ts";
import { notAllowed } from "./refusals.ts";

/** Throws LairError with this code: `group-not-allowed` for one's own commit, `group-refused` for another's. */
export function judge(commit: CommitToJudge, rules: GroupRules, code: "group-refused" | "group-not-allowed"): void {
  const problem = shapeProblem(commit) ?? rules.judge(commit);
  if (problem === undefined) return;
  if (code === "group-not-allowed") throw notAllowed(problem);
  throw new LairError("group-refused", `A change of the room was refused: ${problem}.`, {
    hint: "The room stays as it was. The program that made this change does not follow the room's rules.",
  });
}
