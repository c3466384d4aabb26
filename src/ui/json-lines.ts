// The frontend for programs (--json): one object per line, in and out (docs/json.md). JSON escapes text and never
// changes it. Knows no prompt; an input line becomes the same command that a person types.

import type { Command, ConversationView, EndReason, ProgramEvent, StatusReport } from "../app/events.ts";
import type { Demand, Frontend, FrontendOutput, Report } from "../app/frontend.ts";
import type { HistoryEntry } from "../core/chat/history.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import { type MisreadLine, misreadPhrases } from "../app/input-text.ts";
import { isoTime } from "../app/iso-time.ts";
import { readCommand } from "./json-commands.ts";
import { MessageLines } from "./message-lines.ts";
import { roomToJson } from "./room-json.ts";

/** The source of lines, such as `line-reader.ts`. */
export interface LineSource {
  handlers: { line(text: string): void; tooLong(): void; misread(misread: MisreadLine): void; end(): void };
  resume(): void;
  pause(): void;
  close(): void;
}

/** An output that can write many lines at once. */
interface GatheringOutput extends Pick<FrontendOutput, "whenTaken"> {
  /** Writes before this turn of the event loop is over, in one piece with what else is gathered in it. */
  gather(text: string): void;
}

interface JsonFrontendOptions {
  /** Absent: there is no input, and its end means nothing. */
  readonly input: LineSource | undefined;
  readonly output: GatheringOutput;
  readonly onCommand: (command: Command) => void;
}

/** Events as lines, without any input: for a subcommand, or for an error before there is a frontend. */
export class JsonReport implements Report {
  readonly #output: Pick<FrontendOutput, "write">;

  constructor(output: Pick<FrontendOutput, "write">) {
    this.#output = output;
  }

  show(event: ProgramEvent): void {
    const value = toJson(event);
    if (value !== undefined) this.#output.write(jsonLine(value));
  }

  close(): void {}
}

/** Reads nothing before the first {@link regulateInput}, except what its input yields by itself. */
export class JsonFrontend implements Frontend {
  readonly #options: JsonFrontendOptions;
  readonly #lines = new MessageLines({ json: inLine, peer: toPeer });

  constructor(options: JsonFrontendOptions) {
    this.#options = options;
    if (options.input === undefined) return;
    options.input.handlers = {
      line: (text) => this.#onLine(text),
      tooLong: () => this.#write({ event: "error", ...TOO_LONG }),
      misread: (misread) => this.#onMisread(misread),
      end: () => options.onCommand({ type: "end" }),
    };
  }

  show(event: ProgramEvent): void {
    const line = this.#lines.of(event);
    if (line !== undefined) this.#options.output.gather(line);
    else {
      const value = toJson(event);
      if (value !== undefined) this.#write(value);
    }
  }

  /** Commands are answered even if nobody is connected; they only wait for space, behind the messages to send. */
  regulateInput(demand: Demand): void {
    if (demand === "overrun") this.#options.input?.pause();
    else this.#options.input?.resume();
  }

  whenTaken(action: (isTaken: boolean) => void): void {
    this.#options.output.whenTaken(action);
  }

  close(): void {
    this.#options.input?.close();
  }

  #onLine(text: string): void {
    if (text.trim() === "") return;
    const read = readCommand(text);
    if ("type" in read) this.#options.onCommand(read);
    else this.#write({ event: "error", ...read });
  }

  #onMisread(misread: MisreadLine): void {
    this.#write({ event: "error", code: "input-malformed", ...misreadPhrases(misread, "it changed nothing") });
    this.#options.onCommand({ type: "misread" });
  }

  #write(value: object): void {
    this.#options.output.gather(jsonLine(value));
  }
}

/** The version of this interface: it grows when a program that was written for the last one would go wrong. */
const JSON_VERSION = 2;

/** What needs no escape, and can be told faster: most lines. */
const PLAIN = /^[ -~]*$/;

const TOO_LONG = { code: "input-malformed", message: "A line of input is longer than 1 MiB; it changed nothing." };

/** A text that JSON has as it is: most texts. */
const AS_IT_IS = /^[ !#-[\]-~]*$/;

/** An object as one line, with its end. */
export function jsonLine(value: object): string {
  return `${inLine(value)}\n`;
}

/** A value as JSON without a line end in it. */
function inLine(value: object | string): string {
  return typeof value === "string" && AS_IT_IS.test(value) ? `"${value}"` : escapeLine(JSON.stringify(value));
}

/**
 * Valid JSON either way. But some of these characters end a line for some readers, and the others (DEL, C1, invisible
 * or reordering characters) would affect the terminal of somebody who views the lines.
 */
function escapeLine(json: string): string {
  if (PLAIN.test(json)) return json;
  return json.replaceAll(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, (character) =>
    Array.from({ length: character.length }, (_, index) => codeUnit(character, index)).join(""),
  );
}

function codeUnit(character: string, index: number): string {
  return `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
}

/** A program knows what it has asked for. */
const BY_THIS_SIDE: ReadonlySet<EndReason> = new Set(["left", "muted", "forgotten"]);

/** The object of an event; undefined for events that only a person needs. */
export function toJson(event: ProgramEvent): object | undefined {
  switch (event.type) {
    case "started": {
      const { program, version, fingerprint } = event;
      return { event: "hello", json: JSON_VERSION, program, version, fingerprint };
    }
    case "connecting":
      return { event: "connecting", url: event.url, ...toPeerIfKnown(event.peer) };
    case "reconnecting": {
      const { url, attempt, inMs, code, message } = event;
      return { event: "reconnecting", url, attempt, inMs, code, message, ...toPeerIfKnown(event.peer) };
    }
    case "listening": {
      const { url, fingerprint, admin } = event;
      const operator = admin === undefined ? {} : { admin: admin.url, tokenFile: admin.tokenFile };
      return { event: "listening", url, fingerprint, ...operator };
    }
    case "invite": {
      const { invite, expiresAtMs, uses, whose } = event;
      // A standing invite has no end.
      const expires = whose === "anybody" ? {} : { expires: isoTime(expiresAtMs) };
      return {
        event: "invite",
        invite,
        ...expires,
        ...(uses === undefined ? {} : { uses }),
        ...(whose === undefined ? {} : { for: whose }),
      };
    }
    case "http":
      return { event: "http", url: event.url };
    case "connected":
      return { event: "connected", peer: toPeer(event.peer), paired: event.pairedNow };
    case "backlog":
      return { event: "backlog", peer: toPeer(event.peer), waiting: event.seqs.length, seqs: event.seqs };
    case "memory": {
      const { whose, what, peer, missing } = event;
      return { event: "memory", whose, what, peer: toPeer(peer), missing };
    }
    case "message": {
      const { seq, atMs, text, again } = event;
      const peer = toPeer(event.peer);
      return { event: "message", peer, seq, at: isoTime(atMs), text, ...(again === true ? { again } : {}) };
    }
    case "unknown-message":
      return { event: "unknown-message", peer: toPeer(event.peer), seq: event.seq, kind: event.kind };
    case "unreadable-message":
      return { event: "unreadable-message", peer: toPeer(event.peer), seq: event.seq };
    case "queued":
      return { event: "queued", peer: toPeer(event.peer), seq: event.seq };
    case "released":
      return {
        event: "sent",
        peer: toPeer(event.peer),
        seq: event.seq,
        ...(event.was === event.seq ? {} : { was: event.was }),
      };
    case "sent":
      return { event: "sent", peer: toPeer(event.peer), seq: event.seq };
    case "delivered":
      return { event: "delivered", peer: toPeer(event.peer), seq: event.seq };
    case "rekeyed":
      return { event: "rekeyed", peer: toPeer(event.peer), epoch: event.epoch };
    case "renamed":
      return { event: "renamed", peer: toPeer(event.peer) };
    case "history": {
      const { occasion, peer, entries } = event;
      return { event: "history", occasion, peer: toPeer(peer), entries: entries.map((entry) => toEntry(entry)) };
    }
    case "found": {
      const { peer, words, total, entries } = event;
      return { event: "found", ...toPeerIfKnown(peer), words, total, entries: entries.map((entry) => toEntry(entry)) };
    }
    case "history-limit":
      return { event: "history-limit", peer: toPeer(event.peer), limitBytes: event.limitBytes };
    case "exported":
      return { event: "exported", peer: toPeer(event.peer), file: event.file, count: event.count };
    case "forget-asked":
      return { event: "forget-asked", peer: toPeer(event.peer), count: event.count };
    case "forgotten":
      return { event: "forgotten", peer: toPeer(event.peer), count: event.count };
    case "forget-peer-asked":
      return { event: "forget-peer-asked", peer: toPeer(event.peer), history: event.history, count: event.count };
    case "peer-forgotten":
      return { event: "peer-forgotten", peer: toPeer(event.peer), history: event.history };
    case "timer":
      return { event: "timer", peer: toPeer(event.peer), seconds: event.seconds, by: event.by };
    case "status":
      return { event: "status", ...toStatus(event.status) };
    case "peers":
      return { event: "peers", peers: event.peers.map((peer) => toPeer(peer)) };
    case "who":
      return { event: "who", conversations: event.conversations.map((one) => toConversation(one)) };
    case "people":
    case "selected":
    case "unread":
      return undefined;
    case "say-all-asked":
      return { event: "say-all-asked", peers: event.peers.map((peer) => toPeer(peer)), text: event.text };
    case "muted":
      return { event: "muted", peer: toPeer(event.peer), muted: event.isMuted };
    case "address":
      return { event: "address", peer: toPeer(event.peer), url: event.url };
    case "introduction": {
      const { id, peer, url, by } = event;
      return { event: "introduction", id, peer: toIntroduced(peer, url), by: toPeer(by) };
    }
    case "introduction-answered": {
      const { id, isAccepted, peer, by } = event;
      return { event: "introduction-answered", id, accepted: isAccepted, peer: toIntroduced(peer), by: toPeer(by) };
    }
    case "introduced":
      return { event: "introduced", id: event.id, who: event.who.map((peer) => toPeer(peer)) };
    case "verify":
      return { event: "verify", fingerprint: event.own, peer: toPeer(event.peer), words: event.words };
    case "disconnected":
      return {
        event: "disconnected",
        ...toPeerIfKnown(event.peer),
        reason: BY_THIS_SIDE.has(event.reason) ? "closed" : event.reason,
        undelivered: event.undelivered,
      };
    case "room":
      return roomToJson(event.report);
    case "notice":
      return { event: "notice", message: event.text, ...toPeerIfKnown(event.peer) };
    case "error": {
      const { code, message, details, hint, peer } = event;
      const more = { ...(details?.length ? { details } : {}), ...(hint ? { hint } : {}), ...toPeerIfKnown(peer) };
      return { event: "error", code, message, ...more };
    }
  }
}

function toPeer({ name, fingerprint, pairedAtMs, introducedBy, isAwaited, isHub }: PeerView): object {
  const introduced = introducedBy === undefined ? {} : { introducedBy };
  const more = { ...introduced, ...(isAwaited ? { awaited: true } : {}), ...(isHub ? { hub: true } : {}) };
  return { name, fingerprint, paired: isoTime(pairedAtMs), ...more };
}

/** Somebody who is not a peer yet, or has only just become one. */
function toIntroduced({ name, fingerprint }: PeerView, url?: string): object {
  return { name, fingerprint, ...(url === undefined ? {} : { url }) };
}

function toPeerIfKnown(peer: PeerView | undefined): object {
  return peer === undefined ? {} : { peer: toPeer(peer) };
}

function toConversation({ peer, state, waiting, unread, isMuted, lastSeenMs }: ConversationView): object {
  const seen = lastSeenMs === undefined ? {} : { lastSeen: isoTime(lastSeenMs) };
  return { peer: toPeer(peer), state, waiting, unread, muted: isMuted, ...seen };
}

/** A line of the history, as in `history` and `found`, and as written by `export`. */
export function toEntry(entry: HistoryEntry): object {
  const { from, seq, atMs, text, isDelivered, expiresAtMs } = entry;
  const expires = expiresAtMs === undefined ? {} : { expires: isoTime(expiresAtMs) };
  return { from, seq, at: isoTime(atMs), text, delivered: isDelivered, ...expires };
}

function toStatus(status: StatusReport): object {
  const { peer, others, connectedAtMs, rekeyWindowS, timerS, retryInMs, historyLimitBytes, ...rest } = status;
  return {
    ...rest,
    roundTripMs: status.roundTripMs === undefined ? null : Math.round(status.roundTripMs * 1000) / 1000,
    ...toPeerIfKnown(peer),
    others: others.map((one) => toConversation(one)),
    ...(connectedAtMs === undefined ? {} : { connected: isoTime(connectedAtMs) }),
    ...(rekeyWindowS === undefined ? {} : { rekeyWindow: rekeyWindowS }),
    ...(historyLimitBytes === undefined ? {} : { historyLimitBytes }),
    timerSeconds: timerS,
    ...(retryInMs === undefined ? {} : { retryInMs }),
  };
}
