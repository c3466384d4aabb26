// The face for programs (--json): one object a line each way (README, "For programs"). Text is escaped by JSON, never
// changed. Knows no prompt; what a line asks for becomes the same commands that a person types.

import type { Command, ProgramEvent, StatusReport } from "../core/chat/events.ts";

/** Where lines come from; `line-reader.ts` is one. */
export interface LineSource {
  handlers: { line(text: string): void; tooLong(): void; end(): void };
  resume(): void;
  pause(): void;
  close(): void;
}

export interface JsonFaceOptions {
  readonly input: LineSource;
  readonly output: { write(text: string): unknown };
  readonly onCommand: (command: Command) => void;
}

export interface JsonFace {
  show(event: ProgramEvent): void;
  resumeInput(): void;
  pauseInput(): void;
  close(): void;
}

export function createJsonFace({ input, output, onCommand }: JsonFaceOptions): JsonFace {
  const write = (value: object): void => void output.write(`${escapeLine(JSON.stringify(value))}\n`);
  input.handlers = {
    line(text) {
      if (text.trim() === "") return;
      const command = readCommand(text);
      if (command === undefined) write({ event: "error", ...MALFORMED });
      else onCommand(command);
    },
    tooLong: () => write({ event: "error", ...TOO_LONG }),
    end: () => onCommand({ type: "end" }),
  };
  return {
    show(event) {
      const value = toJson(event);
      if (value !== undefined) write(value);
    },
    resumeInput: () => input.resume(),
    pauseInput: () => input.pause(),
    close: () => input.close(),
  };
}

const MALFORMED = {
  code: "input-malformed",
  message: 'A line of input is neither {"send":"text"} nor {"command":"status"|"quit"|...}; it changed nothing.',
};

const TOO_LONG = { code: "input-malformed", message: "A line of input is longer than 1 MiB; it changed nothing." };

/**
 * Valid JSON either way; but some of these end a line for some readers, and the others (DEL, C1, what is invisible or
 * reorders text) would act on the terminal of somebody who looks at the lines.
 */
function escapeLine(json: string): string {
  return json.replaceAll(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => codeUnit(character, index)).join(""),
  );
}

function codeUnit(character: string, index: number): string {
  return `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
}

function readCommand(line: string): Command | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { send, command, name, who }: { [member: string]: unknown } = { ...value };
  if (typeof send === "string" && command === undefined) return { type: "say", text: send };
  if (typeof command !== "string" || send !== undefined) return undefined;
  switch (command) {
    case "status":
    case "quit":
    case "peers":
    case "invite":
      return { type: command };
    case "verify":
      return { type: "verify", compared: false };
    case "compared":
      return { type: "verify", compared: true };
    case "rename":
      return typeof name === "string" ? { type: "rename", name } : undefined;
    case "trust":
      return typeof who === "string" ? { type: "trust", who: who.replaceAll(" ", "").toLowerCase() } : undefined;
    default:
      return undefined;
  }
}

/** The object of an event; undefined for what only a person needs. */
function toJson(event: ProgramEvent): object | undefined {
  switch (event.type) {
    case "started":
      return undefined;
    case "connecting":
      return { event: "connecting", url: event.url };
    case "listening":
      return { event: "listening", url: event.url, fingerprint: event.fingerprint };
    case "invite":
      return { event: "invite", invite: event.invite, expires: isoTime(event.expiresAtMs) };
    case "connected":
      return { event: "connected", peer: toPeer(event.peer), paired: event.pairedNow };
    case "message":
      return { event: "message", seq: event.seq, at: isoTime(event.atMs), text: event.text };
    case "unknown-message":
      return { event: "unknown-message", seq: event.seq, kind: event.kind };
    case "sent":
      return { event: "sent", seq: event.seq };
    case "delivered":
      return { event: "delivered", seq: event.seq };
    case "rekeyed":
      return { event: "rekeyed", epoch: event.epoch };
    case "renamed":
      return { event: "renamed", peer: toPeer(event.peer) };
    case "status":
      return { event: "status", ...toStatus(event.status) };
    case "peers":
      return { event: "peers", peers: event.peers.map((peer) => toPeer(peer)) };
    case "verify":
      return { event: "verify", fingerprint: event.own, peer: toPeer(event.peer), words: event.words };
    case "disconnected":
      return {
        event: "disconnected",
        reason: event.reason === "left" ? "closed" : event.reason,
        undelivered: event.undelivered,
      };
    case "notice":
      return { event: "notice", message: event.text };
    case "error": {
      const { code, message, details, hint } = event;
      return { event: "error", code, message, ...(details?.length ? { details } : {}), ...(hint ? { hint } : {}) };
    }
  }
}

/** 9999-12-31T23:59:59.999Z: the last that every reader of ISO 8601 takes. */
const LAST_TIME_MS = 253_402_300_799_999;

/** A time that a peer chose can lie beyond it, or beyond what a Date holds. */
function isoTime(ms: number): string {
  const date = new Date(ms);
  return date.getTime() <= LAST_TIME_MS ? date.toISOString() : new Date(LAST_TIME_MS).toISOString();
}

function toPeer(peer: { readonly name: string; readonly fingerprint: string; readonly pairedAtMs: number }): object {
  return { name: peer.name, fingerprint: peer.fingerprint, paired: isoTime(peer.pairedAtMs) };
}

function toStatus(status: StatusReport): object {
  const { peer, connectedAtMs, rekeyWindowS, ...rest } = status;
  return {
    ...rest,
    roundTripMs: status.roundTripMs === undefined ? null : Math.round(status.roundTripMs * 1000) / 1000,
    ...(peer === undefined ? {} : { peer: toPeer(peer) }),
    ...(connectedAtMs === undefined ? {} : { connected: isoTime(connectedAtMs) }),
    ...(rekeyWindowS === undefined ? {} : { rekeyWindow: rekeyWindowS }),
  };
}
