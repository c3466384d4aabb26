// A hub for the operator's listener to ask: lists in memory, and a switch for each way to fail.

import type {
  Admin,
  InviteView,
  MemberView,
  Numbers,
  Operator,
  Page,
  RoomView,
} from "../../../src/node/hub-api/operator.ts";

export const NOW_MS = Date.UTC(2026, 10, 27, 12);
export const INVITE_TEXT = "lair://secret-of-an-invite";

export const NUMBERS: Numbers = {
  connected: 3,
  accounts: 5,
  rooms: 2,
  calls: { post: 7, fetch: 11 },
  refusals: { full: 1 },
  turnedAway: { suspended: 2 },
  entriesAppended: 13,
  bytesAppended: 1_700,
  entriesPruned: 4,
  newsSent: 19,
  storeFailures: 0,
};

export interface FakeHub {
  readonly operator: Operator;
  readonly members: Map<string, MemberView>;
  readonly rooms: Map<string, RoomView>;
  readonly invites: Map<string, InviteView>;
  /** Each call of it rejects with this. */
  failure: Error | undefined;
  isOpen: boolean;
}

export function member(handle: string): MemberView {
  const fingerprint = `fingerprint of ${handle}`;
  return { handle, fingerprint, role: "member", standing: "active", joinedAtMs: NOW_MS, isConnected: false, rooms: 1 };
}

export function room(id: string, listedName?: string): RoomView {
  return { room: id, listedName, members: 2, epoch: 3, posted: 9, kept: 5, bytes: 800 };
}

function listed<Thing>(things: ReadonlyMap<string, Thing>, { after = "", limit }: Page): readonly Thing[] {
  return [...things].flatMap(([name, thing]) => (name > after ? [thing] : [])).slice(0, limit);
}

/** Five members, three rooms, one invite. */
export function fakeHub(): FakeHub {
  const members = new Map(["ada", "bob", "cy", "dot", "eve"].map((handle) => [handle, member(handle)]));
  const rooms = new Map(["aa", "bb", "cc"].map((pair) => [pair.repeat(16), room(pair.repeat(16))]));
  const invites = new Map([["17", { id: "17", uses: 4, expiresAtMs: Infinity }]]);
  const change = (handle: string, changes: Partial<MemberView>): boolean => {
    const found = members.get(handle);
    if (found !== undefined) members.set(handle, { ...found, ...changes });
    return found !== undefined;
  };
  const admin: Admin = {
    members: async (page) => listed(members, page),
    member: async (handle) => members.get(handle),
    setStanding: async (handle, standing) => change(handle, { standing }),
    setRole: async (handle, role) => change(handle, { role }),
    forget: async (handle) => members.delete(handle),
    rooms: async (page) => listed(rooms, page),
    room: async (id) => rooms.get(id),
    closeRoom: async (id) => rooms.delete(id),
    invites: async () => [...invites.values()],
    revokeInvite: async (id) => invites.delete(id),
    numbers: async () => NUMBERS,
  };
  const failing = new Proxy(admin, {
    get(target, name: keyof Admin) {
      if (hub.failure === undefined) return target[name];
      return async () => await Promise.reject(hub.failure);
    },
  });
  const operator: Operator = {
    admin: failing,
    version: "1.2.3",
    isOpen: () => hub.isOpen,
    uptimeMs: () => 61_999,
    nowMs: () => NOW_MS,
    async makeInvite(how) {
      const invite = { id: String(18 + invites.size), ...how };
      invites.set(invite.id, invite);
      return { ...invite, text: INVITE_TEXT };
    },
  };
  const hub: FakeHub = { operator, members, rooms, invites, failure: undefined, isOpen: true };
  return hub;
}
