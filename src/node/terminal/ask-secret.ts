// Asks for a secret in a terminal without showing any of it: raw mode from the question to the answer. However this
// ends, as far as the program can notice, the terminal modes are restored and the typed bytes are overwritten. Knows no
// passphrase.

import { type RawInput, setRawMode } from "./raw-input.ts";
import { type SecretAnswer, SecretKeys } from "./secret-keys.ts";
import type { Clock } from "../../app/ports.ts";
import { SCREEN_CLOCK } from "../clock.ts";
import { type ProcessHooks, systemHooks } from "./terminal-host.ts";

/** As at the prompt: an Esc that nothing follows for this long was a key by itself. */
const ESCAPE_MS = 1_000;

export type { SecretAnswer } from "./secret-keys.ts";

interface SecretTerminal {
  readonly input: RawInput;
  readonly output: { write(text: string): unknown };
  readonly hooks?: ProcessHooks;
  readonly clock?: Clock;
}

/** Resolves with what was typed, up to `maxBytes`. None of it is on the screen; the cursor is on a new row. */
export function askSecret(question: string, maxBytes: number, terminal: SecretTerminal): Promise<SecretAnswer> {
  const { input, output, hooks = systemHooks, clock = SCREEN_CLOCK } = terminal;
  const keys = new SecretKeys(maxBytes);
  let stopEscapeTimer: (() => void) | undefined;
  return new Promise((resolve) => {
    const end = (answer: SecretAnswer): void => {
      for (const detach of detachments) detach();
      input.pause();
      setRawMode(input, false);
      keys.clear();
      output.write("\n");
      resolve(answer);
    };
    const onData = (chunk: Uint8Array | string): void => {
      // Bytes, unless somebody has set an encoding: then a string can no longer be avoided.
      const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
      const answer = keys.press(bytes);
      bytes.fill(0);
      stopEscapeTimer?.();
      if (keys.isHolding) stopEscapeTimer = clock.setTimer(ESCAPE_MS, () => keys.rest());
      if (answer !== undefined) end(answer);
    };
    const onEnd = (): void => end({ type: "ended" });
    input.on("data", onData);
    input.on("end", onEnd);
    input.on("error", onEnd);
    const detachments = [
      () => stopEscapeTimer?.(),
      () => input.off("data", onData),
      () => input.off("end", onEnd),
      () => input.off("error", onEnd),
      hooks.onExit(() => setRawMode(input, false)),
      // The shell has had the terminal in the meantime, with echo on; a mode that Node considers on would not be set
      // again.
      hooks.onContinue(() => {
        setRawMode(input, false);
        setRawMode(input, true);
        output.write(question);
      }),
    ];
    setRawMode(input, true);
    output.write(question);
    input.resume();
  });
}
