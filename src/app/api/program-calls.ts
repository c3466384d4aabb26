// The calls about the program itself: how things are, and any command.

import type { Command, ProgramEvent } from "../events.ts";
import type { RoomCommand, RoomSaying } from "../rooms/room-commands.ts";
import { type ApiGround, type Calls, type Keyed, receiptOf } from "./api-ground.ts";
import { apiEvent } from "./api-events.ts";
import { ApiProblem } from "./api.ts";
import type { EventObject } from "./event-log.ts";
import { isRoom, notTold } from "./message-calls.ts";
import type { StatusJson } from "./views.ts";

export function programCalls(ground: ApiGround): Calls<"status" | "command"> {
  return {
    status: async () => await status(ground),
    command: async (input, keyed) => ({ events: await commanded(ground, input, keyed) }),
  };
}

async function status(ground: ApiGround): Promise<StatusJson> {
  const { program, messenger, suite, isLasting } = ground.parts;
  const { rooms, people, hubs, unread } = messenger;
  const look = rooms.hasHubs ? (await rooms.engine()).look : undefined;
  const listening = program.listening();
  const waiting = people.reduce((sum, peer) => sum + messenger.chatWith(peer).undelivered, 0);
  return {
    program: program.name,
    version: program.version,
    fingerprint: ground.self.fingerprint,
    name: program.ownName,
    ...(listening === undefined ? {} : { listening }),
    store: isLasting ? "file" : "memory",
    cryptography: suite.provider,
    conversations: people.length + (look?.all.length ?? 0),
    connected: people.filter((peer) => messenger.with(peer).isOpen).length,
    unread: unread.total,
    waiting: waiting + rooms.undelivered,
    hubs: hubs.map((hub) => ({ name: hub.name, state: ground.stateOf(hub) })),
    makesInvites: program.invites !== undefined,
    ...(look === undefined ? {} : { marks: look.marks }),
  };
}

/** Rejects with ApiProblem if the command was refused. What an earlier run of the program has said has no events. */
async function commanded(ground: ApiGround, input: object, keyed: Keyed | undefined): Promise<readonly EventObject[]> {
  const { readCommand, toJson } = ground.parts;
  const command = readCommand(JSON.stringify(input));
  if (!("type" in command)) throw new ApiProblem(command.code, command.message);
  const before = keyed?.kept ?? [];
  if (command.type === "say-all" && before.length > 0) {
    const to = notTold(ground, keyed);
    return to.length === 0 ? [] : objects(ground.carryOut({ ...command, to }, keyed));
  }
  if (before.length > 0) return [];
  const ofRoom = await roomCommand(ground, command);
  if (ofRoom === undefined) return objects(ground.carryOut(command, keyed));
  const report = await ground.ask(saysSomething(ofRoom) ? { ...ofRoom, ...receiptOf(keyed) } : ofRoom);
  return report === undefined ? [] : objects([{ type: "room", report }]);

  function objects(events: readonly ProgramEvent[]): readonly EventObject[] {
    return events.flatMap((event) => apiEvent(toJson, event) ?? []);
  }
}

/** A command about rooms that has an answer; undefined: it is none. */
async function roomCommand(ground: ApiGround, command: Command): Promise<RoomCommand | undefined> {
  if (command.type === "room") return command.command.type === "join-link" ? undefined : command.command;
  if ((command.type !== "say" && command.type !== "timer") || command.to === undefined) return undefined;
  if (!(await isRoom(ground, command.to))) return undefined;
  const { to: room, ...said } = command;
  return { ...said, room };
}

const SAYING: ReadonlySet<string> = new Set<RoomSaying["type"]>(["say", "edit", "delete", "reply", "react", "timer"]);

function saysSomething(command: RoomCommand): command is RoomSaying {
  return SAYING.has(command.type);
}
