// A terminal's input as raw bytes: its events and its raw mode. Knows no keys.

import type { ProcessHooks } from "./terminal-host.ts";

/** The part of a terminal's input that is used. */
export interface RawInput {
  setRawMode(on: boolean): unknown;
  on(event: "data", listener: (chunk: Uint8Array | string) => void): unknown;
  on(event: "end" | "error", listener: () => void): unknown;
  off(event: "data" | "end" | "error", listener: (chunk: Uint8Array) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

interface InputListener {
  data(chunk: Uint8Array | string): void;
  /** No more input comes, or the terminal is gone. */
  end(): void;
  /** The program ends, and the terminal must be restored. */
  exit(): void;
  /** The program continues after a stop. */
  continued(): void;
}

/**
 * Turns raw mode on or off. A terminal that is gone (EIO) has no mode to restore; the end of the input reports that.
 */
export function setRawMode(input: Pick<RawInput, "setRawMode">, on: boolean): void {
  try {
    input.setRawMode(on);
  } catch {
    // Said above.
  }
}

/** Listens to a terminal from now on; returns how to stop. */
export function listenToInput(
  input: Pick<RawInput, "on" | "off">,
  hooks: ProcessHooks,
  listener: InputListener,
): () => void {
  const onData = (chunk: Uint8Array | string): void => listener.data(chunk);
  const onEnd = (): void => listener.end();
  input.on("data", onData);
  input.on("end", onEnd);
  // This listener stays: a terminal that is gone may report an error late.
  input.on("error", onEnd);
  const stopHooks = [hooks.onExit(() => listener.exit()), hooks.onContinue(() => listener.continued())];
  return () => {
    input.off("data", onData);
    input.off("end", onEnd);
    for (const stop of stopHooks) stop();
  };
}
