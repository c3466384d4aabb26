// Errors on standard error, in words for a person: where there is no frontend, or where it cannot show them.

import { errorEvent } from "../app/frontend.ts";
import { sanitiseText } from "../ui/sanitise.ts";

/** Tells on standard error why the program fails. */
export function tellError(error: unknown): void {
  tellErrorEvent(errorEvent(error));
}

/** The same for an error that has become an event already. */
export function tellErrorEvent({ message, details, hint, code }: ReturnType<typeof errorEvent>): void {
  const lines = [message, ...(details ?? []).map((line) => `  ${line}`), ...(hint === undefined ? [] : [hint])];
  process.stderr.write(`${sanitiseText(lines.join("\n"))} [${code}]\n`);
}
