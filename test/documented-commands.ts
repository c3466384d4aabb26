// The tables of commands in the documents, as they are to be, from the table of commands itself.

import { ROOM_ROWS, roomPrompts } from "../src/app/rooms/room-command-table.ts";
import { COMMAND_ROWS, commandsAt, labelOf } from "../src/app/command-table.ts";

/** The rows of the tables in README.md and docs/usage.md: what can be typed at the prompt. */
export function documentedPrompt(): readonly string[] {
  return commandsAt("prompt").map((row) => {
    const where = row.prompt.atServer === undefined ? "" : "at the server: ";
    return `| \`${labelOf(row, row.prompt)}\` | ${where}${row.doc} |`;
  });
}

/** The rows of the table of docs/usage.md about rooms. */
export function documentedRooms(): readonly string[] {
  return roomPrompts("room").map((row) => `| \`${labelOf(row, row.prompt)}\` | ${row.doc} |`);
}

/** The rows of the table of docs/cli.md about rooms. */
export function documentedRoomCommands(): readonly string[] {
  return ROOM_ROWS.map((row) => {
    const { prompt, json, doc } = row;
    const at = prompt?.where === "room" ? "in a room" : "yes";
    const places = [prompt && at, json && "yes"].map((place) => place ?? "");
    return `| \`${labelOf(row, prompt ?? {})}\` | ${places.join(" | ")} | ${doc} |`;
  });
}

/** The table of docs/cli.md. */
export function documentedCommands(): string {
  const rows = COMMAND_ROWS.map((row) => {
    const { prompt, argument, json, doc } = row;
    const at = prompt?.atServer === undefined ? "yes" : "`lair-server`";
    const places = [prompt && at, argument && "yes", json && "yes"].map((place) => place ?? "");
    return `| \`${labelOf(row, argument ?? prompt ?? {})}\` | ${places.join(" | ")} | ${doc} |`;
  });
  return [
    "| command | at the prompt | as an argument | with `--json` | what it does |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}
