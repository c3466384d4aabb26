// The calls by which something is said, and by which lines are changed.

import { recipientOf } from "../people.ts";
import type { Command, ProgramEvent } from "../events.ts";
import { type ApiGround, type Calls, NOTHING } from "./api-ground.ts";
import { ApiProblem } from "./api.ts";
import { notHere, problemOf, requireText } from "./problems.ts";
import type { SentJson } from "./views.ts";

const ROOM_ID = /^[0-9a-f]{32}$/u;

type Said = Extract<ProgramEvent, { type: "queued" | "sent" }>;

export function messageCalls(ground: ApiGround): Calls<"say" | "edit" | "delete" | "react" | "send"> {
  /** A line of a room. Rejects with ApiProblem. */
  const line = async (
    conversation: string,
    message: string,
  ): Promise<{ readonly room: string; readonly line: string }> => {
    const place = await ground.place(conversation);
    if (place.kind === "room") return { room: place.id, line: message };
    throw notHere("What was said to a person stays as it was said.", "Lines can be changed in rooms.");
  };
  return {
    say: async ({ conversation, text, replyTo }) => {
      requireText(text);
      const place = await ground.place(conversation);
      if (place.kind === "room") return await sayInRoom(ground, place.id, text, replyTo);
      if (replyTo === undefined) return sayToPerson(ground, place.id, text);
      throw notHere("A line to a person answers no other line.", "Send it without replyTo.");
    },
    edit: async ({ conversation, message, text }) => {
      await ground.ask({ type: "edit", ...(await line(conversation, message)), text: requireText(text) });
      return NOTHING;
    },
    delete: async ({ conversation, message }) => {
      await ground.ask({ type: "delete", ...(await line(conversation, message)) });
      return NOTHING;
    },
    react: async ({ conversation, message, emoji }) => {
      await ground.ask({ type: "react", ...(await line(conversation, message)), emoji });
      return NOTHING;
    },
    send: async ({ msg, to }) => {
      requireText(msg);
      if (to !== undefined && (await isRoom(ground, to)))
        return { sent: [await sayInRoom(ground, to, msg, undefined)] };
      return { sent: to === undefined ? sayToAll(ground, msg) : [sayToPerson(ground, to, msg)] };
    },
  };
}

/** `to`: an id, a name, or the start of a fingerprint. Throws ApiProblem. */
function sayToPerson(ground: ApiGround, to: string, text: string): SentJson {
  const said = carriedOut(ground, { type: "say", text, to }, text).at(-1);
  if (said === undefined) throw new ApiProblem("not-connected", "Nobody is connected, so this was not sent.");
  return sentJson(said);
}

/** Throws ApiProblem if it can be said to nobody. */
function sayToAll(ground: ApiGround, text: string): readonly SentJson[] {
  const all = ground.parts.messenger.people.map((peer) => ground.idOf(peer));
  const events = carriedOut(ground, { type: "say-all", text, confirmed: true, to: all }, text);
  return all.flatMap((id) => {
    const said = events.findLast(({ peer }) => recipientOf(peer) === id);
    return said === undefined ? [] : sentJson(said);
  });
}

/**
 * Says a text. What was said is not refused, or it would be said again: an error beside it, such as that of one of several
 * people, is told to all. Throws ApiProblem if nothing was said.
 */
function carriedOut(ground: ApiGround, command: Command, text: string): readonly Said[] {
  const events = ground.happenings(command);
  const said = events.filter((event): event is Said => isSaid(event) && event.text === text);
  for (const event of events) {
    if (event.type !== "error") continue;
    if (said.length === 0) throw problemOf(event);
    ground.parts.frontends.show(event);
  }
  return said;
}

async function sayInRoom(
  ground: ApiGround,
  room: string,
  text: string,
  replyTo: string | undefined,
): Promise<SentJson> {
  const command =
    replyTo === undefined
      ? ({ type: "say", room, text } as const)
      : ({ type: "reply", room, text, line: replyTo } as const);
  const { id } = await ground.answer(command, "queued");
  return { id, state: "queued" };
}

/** "#" and a name, or the id of a room that is known. */
async function isRoom({ parts: { messenger } }: ApiGround, to: string): Promise<boolean> {
  if (to.startsWith("#")) return true;
  if (!ROOM_ID.test(to) || !messenger.rooms.hasHubs) return false;
  return (await messenger.rooms.engine()).look.find(to) !== undefined;
}

function isSaid(event: ProgramEvent): event is Said {
  return event.type === "queued" || event.type === "sent";
}

function sentJson({ type, seq }: Said): SentJson {
  return { id: `out-${seq}`, state: type, seq };
}
