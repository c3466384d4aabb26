// The calls about the program itself: how things are, and any command.

import type { ProgramEvent } from "../events.ts";
import type { ApiGround, Calls } from "./api-ground.ts";
import { apiEvent } from "./api-events.ts";
import { ApiProblem } from "./api.ts";
import type { EventObject } from "./event-log.ts";
import type { StatusJson } from "./views.ts";

export function programCalls(ground: ApiGround): Calls<"status" | "command"> {
  return {
    status: async () => await status(ground),
    command: async (input) => ({ events: await commanded(ground, input) }),
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

/** Rejects with ApiProblem if the command was refused. */
async function commanded(ground: ApiGround, input: object): Promise<readonly EventObject[]> {
  const { readCommand, toJson } = ground.parts;
  const command = readCommand(JSON.stringify(input));
  if (!("type" in command)) throw new ApiProblem(command.code, command.message);
  const isAsked = command.type === "room" && command.command.type !== "join-link";
  if (!isAsked) return objects(ground.carryOut(command));
  const report = await ground.ask(command.command);
  return report === undefined ? [] : objects([{ type: "room", report }]);

  function objects(events: readonly ProgramEvent[]): readonly EventObject[] {
    return events.flatMap((event) => apiEvent(toJson, event) ?? []);
  }
}
