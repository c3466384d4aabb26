// The handlers of the calls, one for each name, and what all of them need.

import type { Clock } from "../app/ports.ts";
import { toHex } from "../core/bytes.ts";
import type { Answered, Asked, CallName } from "../core/hub/calls.ts";
import type { RandomSource } from "../core/noise/index.ts";
import type { HubEvent, LoggedPerson } from "./events.ts";
import type { Counts } from "./numbers.ts";
import type { HubQuotas, Ration } from "./quotas.ts";
import type { Rations } from "./rations.ts";
import { CallRefused } from "./refused.ts";
import type { HubStore, Room, Seat } from "./store.ts";

/** Somebody who is connected, as a handler sees it. */
export interface Caller {
  readonly key: Uint8Array;
  /** The key in hex. */
  readonly name: string;
  readonly logged: LoggedPerson;
}

/** Does one call. Throws CallRefused, or LairError store-*. */
export type Handler<Name extends CallName> = (
  caller: Caller,
  ask: Asked<Name>,
) => Answered<Name> | Promise<Answered<Name>>;
export type HandlersOf<Names extends CallName> = { readonly [Name in Names]: Handler<Name> };
/** One for each call that there is. */
export type Handlers = HandlersOf<CallName>;

/** Whom a link to a room can bring into it: people who are new to the hub as well, or its members only. */
export type LinksBring = "anybody" | "members";

/** What the handlers stand on. */
export interface Ground {
  readonly store: HubStore;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly quotas: HubQuotas;
  readonly rations: Rations;
  readonly counts: Counts;
  readonly linksBring: LinksBring;
  readonly log: (event: HubEvent) => void;
}

type RationName = { [Name in keyof HubQuotas]: HubQuotas[Name] extends Ration ? Name : never }[keyof HubQuotas];

/** Takes one of the caller's ration; with `about`, of the one that is about this. Throws CallRefused "too-often". */
export function ration({ rations, quotas }: Ground, { name }: Caller, of: RationName, about?: string): void {
  rations.take(of, about === undefined ? name : `${name} ${about}`, quotas[of]);
}

/** The caller's seat. Throws CallRefused "no-room": which of both is missing is not told. */
export async function seatOf({ store }: Ground, { key }: Caller, room: Uint8Array): Promise<Seat> {
  return required(await store.rooms.seat(room, key));
}

/** The caller's seat, if it may do what admins and moderators do. Throws CallRefused. */
export async function seatAbove(ground: Ground, caller: Caller, room: Uint8Array): Promise<Seat> {
  const seat = await seatOf(ground, caller, room);
  if (seat.role === "member") throw new CallRefused("not-allowed");
  return seat;
}

/** The room, if the caller sits in it. Throws CallRefused "no-room". */
export async function roomOf({ store }: Ground, { name }: Caller, id: Uint8Array): Promise<Room> {
  const room = required(await store.rooms.room(id));
  required(room.seats.find(({ key }) => toHex(key) === name));
  return room;
}

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new CallRefused("no-room");
  return value;
}
