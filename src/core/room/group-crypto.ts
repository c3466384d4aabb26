// GroupCrypto: the port to MLS (RFC 9420), the cryptography of a room. Everything above it speaks of groups, members and
// commits in the words of the RFC, and knows no library. Asynchronous, because its library is: a room's work is a queue.
//
// What an implementation promises:
// - A call changes nothing that it was given. It answers with the next state or throws, and then the old state is as it
//   was. States are bytes, so that a store can put state, cursor and what is shown into one transaction.
// - Proposals come by value only, inside the commit that applies them.
// - The rules (GroupRules) judge each commit before it is sent and before it is applied, on every path: own, others',
//   external. They are handed in once, when the implementation is made, so that no call can leave them out.
// - A commit exchanges nobody's identity: each leaf that stays has the keys that it had.
//
//   commit ─► pending ─► applyOwn   the log has brought the commit back
//                │
//                └─► dropped        another commit came first: take it, and make one's own anew

import type { PublicIdentity } from "../identity/identity.ts";

/** Ours: the name, the roles and the bans of a full room fit. Bytes. */
export const MAX_CONTEXT_BYTES = 65_535;
/** Ours: a key package that is lost or stolen is of no use after a year. Seconds, with an hour for clocks that differ. */
export const MAX_LIFETIME_S = 366 * 86_400 + 3_600;

/**
 * The cipher suite of a group. `hybrid` is MLS_256_XWING_AES256GCM_SHA512_Ed25519 (X25519 and ML-KEM-768 together, code
 * point 83, which is private); `classic` is MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 (code point 1).
 */
export type GroupSuite = "hybrid" | "classic";

/** Who signs: an identity, and the 32-byte seed of its signature key. The caller erases the seed; no state has it. */
export interface Signer {
  readonly identity: PublicIdentity;
  readonly seed: Uint8Array;
}

/**
 * A member: its leaf and its keys. The leaf is signed with the signature key; the X25519 key is what its owner says.
 * Code that pins keys compares both.
 */
export interface Member extends PublicIdentity {
  readonly leafIndex: number;
}

/** A group as one member has it, to be stored. Opaque; it holds secrets. */
export interface GroupState {
  /** Changes with each commit only: tree, key schedule. The same array as before if nothing in it has changed. */
  readonly group: Uint8Array;
  /** Changes with each message too: the keys of messages that are still to come. */
  readonly ratchets: Uint8Array;
}

/** What a state says about its group. */
export interface GroupView {
  readonly suite: GroupSuite;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  /** The data of the room's GroupContext extension. */
  readonly context: Uint8Array;
  /** By leaf index. */
  readonly roster: readonly Member[];
  readonly ownLeaf: number;
  /** The same for all members of an epoch, and for nobody else (RFC 9420, §8.7). 32 or 64 bytes. */
  readonly epochAuthenticator: Uint8Array;
}

/** Since and until when a key package may be used: seconds since 1970. */
export interface Lifetime {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A key package for others, and the secret that opens the welcome made with it. */
export interface NewKeyPackage {
  readonly keyPackage: Uint8Array;
  /** Opaque, without the signature key. Erase it when the welcome has come, unless it is the last resort. */
  readonly secret: Uint8Array;
  /** Its KeyPackageRef (§5.2): welcomes name it. 32 or 64 bytes. */
  readonly ref: Uint8Array;
}

export interface KeyPackageView {
  readonly suite: GroupSuite;
  readonly who: PublicIdentity;
  readonly lifetime: Lifetime;
  readonly isLastResort: boolean;
  readonly ref: Uint8Array;
}

/** One proposal of a commit, by value. */
export type GroupProposal =
  | { readonly kind: "add"; readonly who: PublicIdentity }
  | { readonly kind: "remove"; readonly who: Member }
  | { readonly kind: "context"; readonly context: Uint8Array }
  /** Of an external commit only: it proves that its sender knows the secret with this id. */
  | { readonly kind: "psk"; readonly id: Uint8Array };

/** A newcomer's is an external commit: somebody joins, or rejoins (and removes her own old leaf). */
export type CommitSender = ({ readonly kind: "member" } & Member) | ({ readonly kind: "newcomer" } & PublicIdentity);

/** A commit, with the group as it was before. Without proposals it only renews the sender's keys. */
export interface CommitToJudge {
  readonly context: Uint8Array;
  readonly roster: readonly Member[];
  readonly sender: CommitSender;
  readonly proposals: readonly GroupProposal[];
}

/** The rules of a group. Pure: all members judge by the same facts and must come to the same result. */
export interface GroupRules {
  /** Why the commit is not allowed, for a person to read; undefined if it is. */
  judge(commit: CommitToJudge): string | undefined;
  /** The secret with this id that an external commit may prove; undefined if there is none (any more). */
  psk(context: Uint8Array, id: Uint8Array): Uint8Array | undefined;
}

/** What a member wants to change. `context` and `remove` are never in one commit. Nothing at all renews the own keys. */
export interface Changes {
  /** Key packages. */
  readonly add?: readonly Uint8Array[];
  /** Leaf indices. */
  readonly remove?: readonly number[];
  readonly context?: Uint8Array;
}

/** A commit that was made and is not yet in the log. */
export interface PendingCommit {
  /** For the log. */
  readonly commit: Uint8Array;
  /** For those who are added. */
  readonly welcome: Uint8Array | undefined;
  /** Opaque: the state after the commit, for {@link GroupCrypto.applyOwn}. Store it before the commit is sent. */
  readonly pending: Uint8Array;
  /** The state before it, in which the key of the commit is used up. Undefined for an external commit. */
  readonly state: GroupState | undefined;
}

export interface TakenMessage {
  readonly kind: "message";
  readonly state: GroupState;
  readonly epoch: bigint;
  /** As the roster of that epoch had it. */
  readonly sender: Member;
  readonly plaintext: Uint8Array;
  /** Readable by the hub, but unchangeable. */
  readonly authenticatedData: Uint8Array;
}

export interface TakenCommit {
  readonly kind: "commit";
  readonly state: GroupState;
  readonly sender: CommitSender;
  readonly proposals: readonly GroupProposal[];
  readonly authenticatedData: Uint8Array;
  readonly before: GroupView;
  readonly after: GroupView;
}

/** A commit removed this member. It has no next state. */
export interface TakenRemoval {
  readonly kind: "removed";
  readonly sender: CommitSender;
  readonly proposals: readonly GroupProposal[];
  readonly authenticatedData: Uint8Array;
  readonly before: GroupView;
}

export type Taken = TakenMessage | TakenCommit | TakenRemoval;

/** What a GroupInfo tells somebody who considers an external commit. It is signed by a member; believe it as far as her. */
export interface GroupInfoView {
  readonly suite: GroupSuite;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly context: Uint8Array;
  readonly roster: readonly Member[];
  readonly signer: Member;
}

/**
 * The operations. Each throws LairError: `group-malformed` for bytes that are no such thing, are damaged or do not
 * verify; `group-epoch` for an epoch whose keys are not here; `group-refused` for what the rules forbid to others and
 * `group-not-allowed` to oneself; `group-identity` for a commit that exchanges an identity; `key-package-unusable`;
 * `store-damaged` for a state or a secret that is not what was once given out.
 */
export interface GroupCrypto {
  /** A key package of the signer. Throws RangeError unless the lifetime is in order and at most MAX_LIFETIME_S. */
  newKeyPackage(
    suite: GroupSuite,
    signer: Signer,
    lifetime: Lifetime,
    options?: { readonly isLastResort?: boolean },
  ): Promise<NewKeyPackage>;
  /** Checks the signatures of a key package and says whose it is. Looks at no clock: {@link commit} does. */
  readKeyPackage(keyPackage: Uint8Array): Promise<KeyPackageView>;

  /** A group with one member. Throws RangeError unless the id has 16 bytes, and for too large a context. */
  create(suite: GroupSuite, signer: Signer, groupId: Uint8Array, context: Uint8Array): Promise<GroupState>;
  /** What a state says about its group. */
  view(state: GroupState): Promise<GroupView>;
  /** Makes a commit. `nowMs`, the wall clock, is for the lifetimes of key packages. */
  commit(
    state: GroupState,
    signer: Signer,
    changes: Changes,
    options: { readonly nowMs: number; readonly authenticatedData?: Uint8Array },
  ): Promise<PendingCommit>;
  /**
   * Applies one's own commit, which has come back in the log. `state` is the current one, or undefined after an external
   * commit. Throws `group-malformed` if it is another commit than the pending one, `group-epoch` if the group has moved on.
   */
  applyOwn(state: GroupState | undefined, pending: Uint8Array, commit: Uint8Array): Promise<TakenCommit>;
  /** Takes what another member has put into the log. */
  take(state: GroupState, message: Uint8Array): Promise<Taken>;
  /** Seals a message. Store the new state before it is sent. */
  seal(
    state: GroupState,
    signer: Signer,
    plaintext: Uint8Array,
    authenticatedData?: Uint8Array,
  ): Promise<{ readonly state: GroupState; readonly message: Uint8Array }>;
  /** The exporter of the epoch (RFC 9420, §8.5): `length` bytes, the same for all members. */
  exportSecret(state: GroupState, label: string, context: Uint8Array, length: number): Promise<Uint8Array>;

  /** The KeyPackageRefs that a welcome is for. */
  welcomeRefs(welcome: Uint8Array): Promise<readonly Uint8Array[]>;
  /** Opens a welcome with the secret of the key package that it names. `by` is the member who added. */
  join(
    welcome: Uint8Array,
    secret: Uint8Array,
    signer: Signer,
  ): Promise<{ readonly state: GroupState; readonly view: GroupView; readonly by: Member }>;

  /** The GroupInfo with the tree, for external commits. It is not secret to MLS, but it has the context and the roster. */
  groupInfo(state: GroupState, signer: Signer): Promise<Uint8Array>;
  readGroupInfo(groupInfo: Uint8Array): Promise<GroupInfoView>;
  /**
   * Makes an external commit: joins with the proof of a psk, or rejoins if the signer's leaf is in the tree. Apply it with
   * {@link applyOwn} when the log has brought it.
   */
  joinExternally(
    groupInfo: Uint8Array,
    signer: Signer,
    options?: {
      readonly psk?: { readonly id: Uint8Array; readonly secret: Uint8Array };
      readonly authenticatedData?: Uint8Array;
    },
  ): Promise<PendingCommit>;
}
