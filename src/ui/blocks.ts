// The longer answers: status, peers, verify, help. Rows of a label and a value, indented.
// Pure; returns logical lines, which the view paints and wraps.

import type { ConversationView, StatusReport } from "../app/events.ts";
import type { PeerView } from "../core/identity/peer-view.ts";
import { commandsAt, labelOf, type ProgramName } from "../app/command-table.ts";
import { hasRooms, NO_ROOMS, type RoomsHere } from "../app/rooms/room-command-names.ts";
import { roomPrompts } from "../app/rooms/room-command-table.ts";
import { byteCount, calendarDate, duration, ordinal, roundTrip, shortFingerprint } from "./phrases.ts";
import { columnsAtMost } from "./columns.ts";
import { exactSize, exactSpan, retentionPhrase, whenPhrase } from "./retention-phrases.ts";
import { type BlockRow, blockIndent } from "./text-rows.ts";

/** How a block writes things: its separators, and names and other text made safe. */
export interface Spelling {
  readonly dot: string;
  readonly ellipsis: string;
  line(raw: string): string;
  name(peer: PeerView): string;
  /** The name of somebody who may not be a peer any more, in a sentence. */
  other(name: string): string;
}

export function statusBlock(status: StatusReport, nowMs: number, spell: Spelling): BlockRow[] {
  const between = ` ${spell.dot} `;
  const { peer } = status;
  const link = [spell.line(status.url), status.state === "nobody" ? "nobody connected" : status.state];
  if (status.proxy !== undefined) link.push(`through ${spell.line(status.proxy)}`);
  if (status.connectedAtMs !== undefined) link.push(`for ${duration(nowMs - status.connectedAtMs)}`);
  if (status.roundTripMs !== undefined) link.push(`round trip ${roundTrip(status.roundTripMs)}`);
  // While a try is under way the state says so.
  if (status.retryInMs !== undefined && status.retryInMs > 0) link.push(`trying again ${whenPhrase(status.retryInMs)}`);
  return [
    { label: "with", value: peer === undefined ? "nobody" : peerLine(peer, spell) },
    { label: "link", value: link.join(between) },
    { label: "messages", value: `${sentPhrase(status)}${between}${status.received} received` },
    { label: "store", value: storePhrases(status).join(between) },
    { label: "keys", value: keysPhrase(status).join(between) || "none" },
    { label: "suite", value: `${status.suite} by ${spell.line(status.cryptography)}` },
    { label: "traffic", value: `${byteCount(status.bytesSent)} out${between}${byteCount(status.bytesReceived)} in` },
  ];
}

/** Waiting messages may be from before this session, so they are shown even if nothing has been sent in it. */
function sentPhrase({ sent, undelivered, queued }: StatusReport): string {
  if (undelivered === 0) return sent === 0 ? "0 sent" : `${sent} sent, all delivered`;
  // The latest messages are the ones still queued, so they do not count as sent.
  return `${Math.max(0, sent - queued)} sent, ${undelivered} waiting${queued === 0 ? "" : ` (${queued} queued)`}`;
}

function storePhrases({ store, history, historyLimitBytes, timerS }: StatusReport): string[] {
  const kept = store === "file" ? "kept on disk, encrypted" : "memory only (--no-store)";
  const timer = timerS === 0 ? [] : [`messages disappear after ${exactSpan(timerS * 1000)}`];
  const limit = historyLimitBytes === undefined ? "" : `, ${exactSize(historyLimitBytes)} at most`;
  return [kept, `${retentionPhrase(history)}${limit}`, ...timer];
}

function keysPhrase(status: StatusReport): string[] {
  const phrases: string[] = [];
  const age = duration(status.keyAgeMs);
  if (status.connectedAtMs !== undefined) {
    phrases.push(status.rekeys === 0 ? `the first ones, ${age} old` : `${ordinal(status.rekeys)} renewal ${age} ago`);
    if (status.rekeyWindowS !== undefined) {
      const [min, max] = status.rekeyWindowS;
      const leftMs = max * 1000 - status.keyAgeMs;
      const next = leftMs < 1000 ? "next at any moment" : `next within ${duration(leftMs)}`;
      phrases.push(`${next} (every ${min}-${max} s)`);
    }
  }
  return phrases;
}

/** "ada · 7ufq 3xkd m2pa 5t6h … · paired 20 Nov 2026, words not compared yet" */
function peerLine(peer: PeerView, spell: Spelling): string {
  const fingerprint = shortFingerprint(spell.line(peer.fingerprint), spell.ellipsis);
  const compared = peer.comparedAtMs === undefined ? "words not compared yet" : "words compared";
  const paired = peer.isAwaited ? "has not accepted yet" : `paired ${calendarDate(peer.pairedAtMs)}, ${compared}`;
  const introducer = peer.introducedBy === undefined ? [] : [`introduced by ${spell.other(peer.introducedBy)}`];
  return [spell.name(peer), fingerprint, paired, ...introducer].join(` ${spell.dot} `);
}

/** A line for each conversation. */
export function conversationsBlock(views: readonly ConversationView[], nowMs: number, spell: Spelling): BlockRow[] {
  return views.map(({ peer, state, waiting, unread, isMuted, lastSeenMs }) => {
    const parts: string[] = [state];
    if (state !== "connected" && lastSeenMs !== undefined) parts.push(`last seen ${duration(nowMs - lastSeenMs)} ago`);
    if (isMuted) parts.push("muted");
    if (waiting > 0) parts.push(`${waiting} waiting`);
    if (unread > 0) parts.push(`${unread} unread`);
    return { label: spell.name(peer), value: parts.join(` ${spell.dot} `) };
  });
}

/** `connected` are the fingerprints of the connected peers. */
export function peersBlock(peers: readonly PeerView[], connected: readonly string[], spell: Spelling): BlockRow[] {
  if (peers.length === 0) return [{ label: "", value: "Nobody is paired with this account yet." }];
  return peers.map((peer) => ({
    label: "",
    value: peerLine(peer, spell) + (connected.includes(peer.fingerprint) ? ` ${spell.dot} connected` : ""),
  }));
}

export function verifyBlock(
  own: string,
  peer: PeerView,
  words: readonly string[],
  spell: Spelling,
  columns: number,
): BlockRow[] {
  const keys = [
    { label: "you", value: spell.line(own) },
    { label: spell.name(peer), value: spell.line(peer.fingerprint) },
  ];
  return wordsBlock(keys, words, (raw) => spell.line(raw), columns);
}

/** Words to compare, numbered, under the rows that say whose keys they are of. `line` makes a text safe. */
export function wordsBlock(
  keys: readonly BlockRow[],
  words: readonly string[],
  line: (raw: string) => string,
  columns: number,
): BlockRow[] {
  const numbered = words.map((word, index) => `${String(index + 1).padStart(2)} ${line(word)}`);
  const width = Math.max(0, ...numbered.map((word) => columnsAtMost(word))) + 2;
  // A number must stay with its word where the row wraps.
  const room = columns - blockIndent(["words", ...keys.map(({ label }) => label)]);
  const inRow = Math.max(1, Math.min(3, Math.floor((room + 2) / width)));
  const rows = [...keys];
  for (let i = 0; i < numbered.length; i += inRow) {
    const row = numbered.slice(i, i + inRow).map((word) => word + " ".repeat(width - columnsAtMost(word)));
    rows.push({ label: i === 0 ? "words" : "", value: row.join("").trimEnd() });
  }
  return rows;
}

/** The last line under {@link verifyBlock}. `done` is the command that records it. */
export function verifyAdvice(peer: PeerView, spell: Spelling, done: string): string {
  if (peer.comparedAtMs !== undefined) {
    return `You compared them with ${spell.name(peer)} on ${calendarDate(peer.comparedAtMs)}.`;
  }
  return `Read the words to ${spell.name(peer)} through another channel. If they match, type ${done}.`;
}

/**
 * `isLive`: whether a line can be edited as a whole, and contain several lines. At the prompt of a room, what is about the
 * room comes first, in place of the commands of the same names about people.
 */
export function helpBlock(program: ProgramName, isLive: boolean, rooms: RoomsHere = NO_ROOMS): BlockRow[] {
  const ofPeople = commandsAt("prompt").flatMap((row): HelpRow[] => {
    const { help, atServer } = row.prompt;
    if (help === undefined || (atServer !== undefined && program !== "lair-server")) return [];
    return [{ name: row.name, label: labelOf(row, row.prompt), value: help }];
  });
  const isAtRoom = rooms.at !== undefined;
  const ofRooms = !hasRooms(rooms)
    ? []
    : roomPrompts(isAtRoom ? "room" : "hub").flatMap((row): HelpRow[] => {
        const { help } = row.prompt;
        return help === undefined ? [] : [{ name: row.name, label: labelOf(row, row.prompt), value: help }];
      });
  const taken = new Set(ofRooms.map(({ name }) => name));
  const others = isAtRoom ? ofPeople.filter(({ name }) => !taken.has(name)) : ofPeople;
  const rows: BlockRow[] = isAtRoom ? [...ofRooms, ...others] : [...others, ...ofRooms];
  if (hasRooms(rooms))
    rows.push({ label: "to #ROOM", value: "switch the prompt to a room; @#ROOM TEXT says one line there" });
  rows.push({ label: "/say TEXT", value: "send TEXT, even if it is a command" });
  const newLine = isLive ? " Ctrl-J: a new line. Tab completes." : "";
  rows.push({ label: "", value: `Everything else is ${isAtRoom ? "said in the room" : "sent"}.${newLine}` });
  return rows;
}

interface HelpRow extends BlockRow {
  readonly name: string;
}
