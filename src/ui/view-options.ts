// The settings of a view: where its rows go, and how they look.

import type { ProgramName } from "../app/command-table.ts";
import type { Style } from "./style.ts";

export interface ViewOptions {
  readonly program: ProgramName;
  readonly style: Style;
  readonly unicode: boolean;
  /** The width to wrap at; Infinity leaves lines whole. */
  readonly columns: () => number;
  readonly nowMs: () => number;
  /** Whether rows may be replaced: renewals and attempts to connect are then one line that changes. */
  readonly merges: boolean;
  /** Whether a person can answer here. */
  readonly hasPrompt?: boolean;
  /** Whether a line has been begun at the prompt. */
  readonly isTyping?: () => boolean;
  /** See `conversation-rows.ts`. */
  readonly maxRows?: number;
}
