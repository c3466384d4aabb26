// The commands about the lines of a room, one row each: those of `room-command-table.ts` that change, answer, find or keep
// what was said. Pure.

import {
  HISTORY_LINES,
  isSpan,
  isWho,
  isWhole,
  MOST_HISTORY_LINES,
  readCount,
  readSearch,
  readSpan,
} from "../command-words.ts";
import { isLine, isText, LINE_NUMBER, lineOf, readLine, type RoomRow } from "./room-command-row.ts";

/** In the order of `help`. */
export const LINE_ROWS: readonly RoomRow[] = [
  {
    name: "edit",
    make({ room, id, text }) {
      return isWho(room) && isLine(id, true) && isText(text) ? { type: "edit", room, ...lineOf(id), text } : undefined;
    },
    prompt: {
      where: "room",
      takes: "[N] TEXT",
      takesWords: true,
      read: ({ text }) => readLine(text, false),
      usage: "Write after edit the new text of your last line, or the number of a line in front of it.",
      isNearly: (text) => LINE_NUMBER.test(text),
      help: "change your last line, or line N",
    },
    json: { takes: ["room", "id", "text"] },
    doc: "changes your last line, or line N as `history` numbers them",
  },
  {
    name: "delete",
    make: ({ room, id }) => (isWho(room) && isLine(id, true) ? { type: "delete", room, ...lineOf(id) } : undefined),
    prompt: {
      where: "room",
      takes: "[N]",
      read: ({ text }) => (text === "" ? {} : LINE_NUMBER.test(text) ? { id: Number(text) } : undefined),
      usage: "Write delete for your last line, or delete and the number of a line.",
      help: "delete your last line, or line N",
    },
    json: { takes: ["room", "id"] },
    doc: "deletes your last line, or line N",
  },
  {
    name: "reply",
    make({ room, id, text }) {
      if (!isWho(room) || !isLine(id, false) || !isText(text)) return undefined;
      return { type: "reply", room, line: id, text };
    },
    prompt: {
      where: "room",
      takes: "N TEXT",
      takesWords: true,
      read: ({ text }) => readLine(text, true),
      usage: "Write after reply the number of a line, which history shows, and a text.",
      isNearly: (text) => LINE_NUMBER.test(text),
      help: "answer line N",
    },
    json: { takes: ["room", "id", "text"] },
    doc: "answers line N",
  },
  {
    name: "react",
    make({ room, id, emoji }) {
      if (!isWho(room) || !isLine(id, false) || typeof emoji !== "string") return undefined;
      return { type: "react", room, line: id, emoji };
    },
    prompt: {
      where: "room",
      takes: "N EMOJI",
      takesWords: true,
      read({ words: [line = "", emoji = "", ...more] }) {
        if (!LINE_NUMBER.test(line) || emoji === "" || more.length > 0) return undefined;
        return { id: Number(line), emoji: emoji === "off" ? "" : emoji };
      },
      usage: "Write after react the number of a line, which history shows, and an emoji, or off.",
      isNearly: (text) => /^\d{1,9}(?:\s|$)/u.test(text),
      help: "react to line N; react N off takes it back",
    },
    json: { takes: ["room", "id", "emoji"] },
    doc: "reacts to line N; `react N off` takes it back",
  },
  {
    name: "history",
    make({ room, count = HISTORY_LINES }) {
      return isWho(room) && isWhole(count, 1, MOST_HISTORY_LINES) ? { type: "history", room, count } : undefined;
    },
    prompt: {
      where: "room",
      takes: "[N]",
      takesRoom: true,
      read: readCount,
      usage: `Type history, or history and a number from 1 to ${MOST_HISTORY_LINES}.`,
      isNearly: (text) => /^\d+$/u.test(text),
      help: `the last N lines of the room with their numbers (default ${HISTORY_LINES})`,
    },
    json: { takes: ["room", "count"], apart: "room" },
    doc: `shows the last N lines of the room with their numbers (default ${HISTORY_LINES}, at most ${MOST_HISTORY_LINES})`,
  },
  {
    name: "search",
    make: ({ room, words }) => (isWho(room) && isText(words) ? { type: "search", room, words } : undefined),
    prompt: {
      where: "room",
      takes: "WORDS",
      takesWords: true,
      read: readSearch,
      usage: "Write after search what to look for.",
      help: "the lines of the room that contain all these words",
    },
    json: { takes: ["room", "words"], apart: "room" },
    doc: "shows the lines of the room that contain all these words",
  },
  {
    name: "export",
    make: ({ room, file }) => (isWho(room) && isText(file) ? { type: "export", room, file } : undefined),
    prompt: {
      where: "room",
      takes: "FILE",
      read: ({ text }) => (text === "" ? undefined : { file: text }),
      usage: "Write after export the name of a file that does not exist yet.",
      help: "write the room's lines as JSON to a new file",
    },
    json: { takes: ["room", "file"], apart: "room" },
    doc: "writes every line of the room as a JSON object to a new file (mode 0600)",
  },
  {
    name: "timer",
    make({ room, seconds }) {
      return isWho(room) && isSpan(seconds) ? { type: "timer", room, seconds } : undefined;
    },
    prompt: {
      where: "room",
      takes: "10m",
      takesRoom: true,
      read: readSpan,
      usage: "Write after timer how long lines stay, such as 30s, 10m, 12h or 7d, or off.",
      isNearly: (text) => /^\d+[a-z]?$/iu.test(text),
      help: "lines disappear after 10 min, for everybody; or timer off",
    },
    json: { takes: ["room", "seconds"], apart: "room" },
    doc: "makes the room's lines disappear for everybody after a time such as 30s, 10m, 12h or 7d; `timer off` stops that",
  },
];
