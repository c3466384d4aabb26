// The answer to a call, for a dialog: asked for when it opens, and again when it is wanted.

import { useEffect, useState } from "preact/hooks";
import type { InputOf, OutputOf } from "../../app/api/api.ts";
import type { CallName } from "../../app/api/calls.ts";
import { usePage } from "./use-page.ts";

/** Undefined until it is there, or if it was refused. */
export function useAnswer<Name extends CallName>(
  name: Name,
  input: InputOf<Name>,
): readonly [OutputOf<Name> | undefined, () => Promise<void>] {
  const { page } = usePage();
  const [answer, setAnswer] = useState<OutputOf<Name> | undefined>(undefined);
  const ask = async (): Promise<void> => {
    const next = await page.attempt(name, input);
    if (next !== undefined) setAnswer(() => next);
  };
  useEffect(() => void ask(), []);
  return [answer, ask];
}
