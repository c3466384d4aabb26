// The calls by which something is said, and by which lines are changed.

import { equalInConstantTime, toHex } from "../../core/bytes.ts";
import type { Peer } from "../../core/identity/peer.ts";
import { recipientOf } from "../people.ts";
import type { KeptReceipt } from "../receipts.ts";
import type { Command, ProgramEvent } from "../events.ts";
import { type ApiGround, type Calls, type Keyed, NOTHING, receiptOf } from "./api-ground.ts";
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
    throw notHere("A line to a person cannot be changed.", "Only lines in rooms can be changed.");
  };
  return {
    say: async ({ conversation, text, replyTo }, keyed) => {
      requireText(text);
      const before = keyed?.kept[0];
      if (before !== undefined) return sentBefore(ground, before);
      const place = await ground.place(conversation);
      if (place.kind === "room") return await sayInRoom(ground, { room: place.id, text, replyTo }, keyed);
      if (replyTo === undefined) return sayToPerson(ground, place.id, text, keyed);
      throw notHere("Replies to a line exist only in rooms.", "Send it without replyTo.");
    },
    edit: async ({ conversation, message, text }, keyed) => {
      requireText(text);
      await ground.askOnce({ type: "edit", ...(await line(conversation, message)), text }, keyed);
      return NOTHING;
    },
    delete: async ({ conversation, message }, keyed) => {
      await ground.askOnce({ type: "delete", ...(await line(conversation, message)) }, keyed);
      return NOTHING;
    },
    react: async ({ conversation, message, emoji }, keyed) => {
      await ground.askOnce({ type: "react", ...(await line(conversation, message)), emoji }, keyed);
      return NOTHING;
    },
    send: async ({ msg, to }, keyed) => {
      requireText(msg);
      if (to === undefined) return { sent: sayToAll(ground, msg, keyed) };
      const before = keyed?.kept[0];
      if (before !== undefined) return { sent: [sentBefore(ground, before)] };
      if (await isRoom(ground, to))
        return { sent: [await sayInRoom(ground, { room: to, text: msg, replyTo: undefined }, keyed)] };
      return { sent: [sayToPerson(ground, to, msg, keyed)] };
    },
  };
}

/** To whom a call to everybody has said nothing yet: ids. Who has come since it was made is not meant. */
export function notTold(ground: ApiGround, keyed: Keyed | undefined): readonly string[] {
  const kept = keyed?.kept ?? [];
  const atMs = kept[0]?.atMs ?? Number.POSITIVE_INFINITY;
  const isTold = ({ publicKey }: Peer): boolean => kept.some(({ place }) => equalInConstantTime(place, publicKey));
  const left = ground.parts.messenger.people.filter((peer) => !isTold(peer) && peer.pairedAtMs <= atMs);
  return left.map((peer) => ground.idOf(peer));
}

/** `to`: an id, a name, or the start of a fingerprint. Throws ApiProblem. */
function sayToPerson(ground: ApiGround, to: string, text: string, keyed: Keyed | undefined): SentJson {
  const said = carriedOut(ground, { type: "say", text, to }, text, keyed).at(-1);
  if (said === undefined) throw new ApiProblem("not-connected", "Nobody is connected, so this was not sent.");
  return sentJson(said);
}

/** To whom it was said before a restart is not told again. Throws ApiProblem if it can be said to nobody. */
function sayToAll(ground: ApiGround, text: string, keyed: Keyed | undefined): readonly SentJson[] {
  const before = (keyed?.kept ?? []).map((kept) => sentBefore(ground, kept));
  const to = notTold(ground, keyed);
  if (before.length > 0 && to.length === 0) return before;
  const events = carriedOut(ground, { type: "say-all", text, confirmed: true, to }, text, keyed);
  const now = to.flatMap((id) => {
    const said = events.findLast(({ peer }) => recipientOf(peer) === id);
    return said === undefined ? [] : sentJson(said);
  });
  return [...before, ...now];
}

/**
 * Says a text. What was said is not refused, or it would be said again: an error beside it, such as that of one of several
 * people, is told to all. Throws ApiProblem if nothing was said.
 */
function carriedOut(ground: ApiGround, command: Command, text: string, keyed: Keyed | undefined): readonly Said[] {
  const events = ground.happenings(command, keyed);
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
  { room, text, replyTo }: { readonly room: string; readonly text: string; readonly replyTo: string | undefined },
  keyed: Keyed | undefined,
): Promise<SentJson> {
  const receipt = receiptOf(keyed);
  const command =
    replyTo === undefined
      ? ({ type: "say", room, text, ...receipt } as const)
      : ({ type: "reply", room, text, line: replyTo, ...receipt } as const);
  const { id } = await ground.answer(command, "queued");
  return { id, state: "queued" };
}

/** "#" and a name, or the id of a room that is known. */
export async function isRoom({ parts: { messenger } }: ApiGround, to: string): Promise<boolean> {
  if (to.startsWith("#")) return true;
  if (!ROOM_ID.test(to) || !messenger.rooms.hasHubs) return false;
  return (await messenger.rooms.engine()).look.find(to) !== undefined;
}

function isSaid(event: ProgramEvent): event is Said {
  return event.type === "queued" || event.type === "sent";
}

function sentJson({ type, seq }: Pick<Said, "type" | "seq">): SentJson {
  return { id: `out-${seq}`, state: type, seq };
}

/** What an earlier run of the program has said. If it was numbered anew since, this number is an older one. */
function sentBefore(ground: ApiGround, { place, line }: KeptReceipt): SentJson {
  if (typeof line !== "number") return { id: toHex(line), state: "queued" };
  const { messenger } = ground.parts;
  const peer = messenger.people.find(({ publicKey }) => equalInConstantTime(publicKey, place));
  const isGone =
    peer !== undefined && (messenger.with(peer).isOpen || !messenger.chatWith(peer).waiting.includes(line));
  return sentJson({ type: isGone ? "sent" : "queued", seq: line });
}
