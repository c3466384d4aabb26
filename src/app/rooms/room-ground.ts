// What everything about rooms stands on, and the smallest things that it shares.

import { erase, toHex } from "../../core/bytes.ts";
import { type Identity, signatureSeed } from "../../core/identity/identity.ts";
import type { Peer } from "../../core/identity/peer.ts";
import type { CipherSuite, RandomSource } from "../../core/noise/index.ts";
import type { GroupCrypto, GroupState, GroupView, Member, Signer } from "../../core/room/group-crypto.ts";
import { decodeRoomContext, type RoomContext } from "../../core/room/room-context.ts";
import type { Clock } from "../ports.ts";
import type { RoomReport } from "./room-reports.ts";
import type { RoomStore } from "./room-store.ts";

/** What the program gives. */
export interface RoomParts {
  readonly groups: GroupCrypto;
  readonly store: RoomStore;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly suite: CipherSuite;
  readonly identity: Identity;
  /** The people and hubs that are paired here. */
  readonly peers: () => readonly Peer[];
  readonly show: (report: RoomReport) => void;
  /** How many key packages wait at each hub. Absent: 20. */
  readonly packages?: number | undefined;
}

/** A group as this member has it now, decoded. */
export interface OpenGroup {
  readonly state: GroupState;
  readonly view: GroupView;
  readonly context: RoomContext;
  /** Of `view`, as a number: rooms have fewer epochs than 2^53. */
  readonly epoch: number;
}

export const ROOM_ID_BYTES = 16;
export const ENTRY_ID_BYTES = 16;

/** Lends the signature key for one operation. */
export async function withSigner<Result>(
  { suite, identity }: Pick<RoomParts, "suite" | "identity">,
  use: (signer: Signer) => Promise<Result>,
): Promise<Result> {
  const seed = signatureSeed(suite, identity.privateKey);
  try {
    return await use({ identity, seed });
  } finally {
    erase(seed);
  }
}

/** Decodes a state. `known` spares the work if only messages have come since. Throws as {@link GroupCrypto.view} does. */
export async function openGroup(groups: GroupCrypto, state: GroupState, known?: OpenGroup): Promise<OpenGroup> {
  if (known !== undefined && known.state.group === state.group) return { ...known, state };
  const view = await groups.view(state);
  return { state, view, context: decodeRoomContext(view.context), epoch: Number(view.epoch) };
}

/** The member with this X25519 key. */
export function memberWithKey({ view }: OpenGroup, publicKey: Uint8Array): Member | undefined {
  const wanted = toHex(publicKey);
  return view.roster.find((member) => toHex(member.publicKey) === wanted);
}

/** The member with this signature key, in hex. */
export function memberWithSignatureKey({ view }: OpenGroup, key: string): Member | undefined {
  return view.roster.find(({ signatureKey }) => toHex(signatureKey) === key);
}

/** A random whole number of milliseconds from `least` to twice as much: members who want the same do not collide for ever. */
export function randomPause(random: RandomSource, least: number): number {
  const [high = 0, low = 0] = random(2);
  return least + Math.floor((least * (high * 256 + low)) / 65_536);
}
