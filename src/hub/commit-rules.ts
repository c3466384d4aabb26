// What a hub can check of a commit, which it cannot open: that what the poster says of seats, listing and welcomes is what the
// poster's role allows (core/room/policy.ts, as far as the hub is told). Members check the commit itself. Pure.
//
//   what is said                         admin   moderator   member   by a link
//   take an own seat, as a member                                        yes
//   give others a seat, as members        yes       yes        yes        -
//   give and take roles                   yes        -          -         -
//   give up one's own role, or one's seat yes       yes        yes        -
//   take a member's seat                  yes       yes         -         -
//   take a moderator's or admin's seat     after the role was taken       -
//   list the room by a name, or not       yes       yes         -         -
//   welcome those who get a seat          yes       yes        yes        -
//
// Not known to a hub: announcement and direct rooms, who is banned, and who is noted as leaving. So a member who leaves
// names itself in `removed` of that commit; the one who then removes it from the group has no seat to take.

import { toHex } from "../core/bytes.ts";
import type { Asked } from "../core/hub/calls.ts";
import { MAX_MEMBERS } from "../core/room/limits.ts";
import type { Room, RoomRole } from "./store.ts";

/** What a commit is said to change. */
export type SaidChange = Pick<Asked<"commit">, "seats" | "removed" | "listing" | "welcome" | "link">;

/** What it changes, if it is allowed. */
type Judged =
  | {
      readonly type: "allowed";
      /** Who gets a seat, has another role, or loses the seat: the rest of what was said changes nothing. */
      readonly seats: readonly { readonly key: Uint8Array; readonly role: RoomRole; readonly isNew: boolean }[];
      readonly removed: readonly Uint8Array[];
    }
  | { readonly type: "no-seat" }
  | { readonly type: "too-many" }
  /** `why` is a sentence for the person. */
  | { readonly type: "not-allowed"; readonly why: string };

export function judge(room: Pick<Room, "seats">, poster: Uint8Array, said: SaidChange): Judged {
  const roles = new Map(room.seats.map(({ key, role }) => [toHex(key), role]));
  const own = toHex(poster);
  const seats = said.seats
    .filter(({ key, role }) => roles.get(toHex(key)) !== role)
    .map(({ key, role }) => ({ key, role, isNew: !roles.has(toHex(key)) }));
  const removed = said.removed.filter((key) => roles.has(toHex(key)));
  const seated = new Set(said.seats.map(({ key }) => toHex(key)));
  if (seated.size < said.seats.length) return refused("A commit names somebody's seat twice.");
  if (said.removed.some((key) => seated.has(toHex(key)))) return refused("A commit gives and takes the same seat.");
  const role = roles.get(own);
  const problem =
    role === undefined ? problemOfNewcomer(own, said) : problemOfMember({ role, own, roles }, said, seats, removed);
  if (role === undefined && said.link === undefined) return { type: "no-seat" };
  if (problem !== undefined) return refused(problem);
  if (roles.size + seats.filter(({ isNew }) => isNew).length - removed.length > MAX_MEMBERS)
    return { type: "too-many" };
  return { type: "allowed", seats, removed };
}

function refused(why: string): Judged {
  return { type: "not-allowed", why };
}

function problemOfNewcomer(own: string, { seats, removed, listing, welcome }: SaidChange): string | undefined {
  const [seat] = seats;
  const isOwn = seats.length === 1 && seat !== undefined && toHex(seat.key) === own && seat.role === "member";
  if (isOwn && removed.length === 0 && listing === undefined && welcome === undefined) return undefined;
  return "Somebody who joins by a link takes a member's seat, and changes nothing else.";
}

interface Poster {
  readonly role: RoomRole;
  readonly own: string;
  /** Of all who sit there. */
  readonly roles: ReadonlyMap<string, RoomRole>;
}

function problemOfMember(
  { role, own, roles }: Poster,
  { seats: named, listing, welcome }: SaidChange,
  seats: readonly { readonly key: Uint8Array; readonly role: RoomRole; readonly isNew: boolean }[],
  removed: readonly Uint8Array[],
): string | undefined {
  for (const seat of seats) {
    const isGivenUp = toHex(seat.key) === own && seat.role === "member";
    if (role !== "admin" && !isGivenUp && !(seat.isNew && seat.role === "member")) {
      return "Only admins give and take roles. Ask an admin of the room.";
    }
  }
  for (const key of removed) {
    if (toHex(key) === own) continue;
    if (role === "member") return "Only admins and moderators remove people. Ask one of them.";
    if (roles.get(toHex(key)) !== "member") return "Nobody with a role is removed. Take the role first.";
  }
  if (listing !== undefined && role === "member") {
    return "Only admins and moderators list a room. Ask one of them.";
  }
  const welcomed = new Set(named.map(({ key }) => toHex(key)));
  if (welcome?.to.some((key) => !welcomed.has(toHex(key)) || toHex(key) === own)) {
    return "A welcome is for those who get a seat.";
  }
  return undefined;
}
