// What the operator's listener needs of a hub: the port that it stands on. The services of a hub fulfil `Admin`, the
// program puts the rest together. Rooms are named by their id in hex, members by their handle.

/** A member, as an operator sees it. */
export interface MemberView {
  readonly handle: string;
  /** Of both keys, in full. */
  readonly fingerprint: string;
  readonly role: "operator" | "member";
  readonly standing: "active" | "suspended";
  readonly joinedAtMs: number;
  readonly isConnected: boolean;
  /** In how many rooms this member is. */
  readonly rooms: number;
}

/** A room, as an operator sees it: its numbers. What is said in it is sealed. */
export interface RoomView {
  /** 32 digits of hex. */
  readonly room: string;
  readonly listedName: string | undefined;
  readonly members: number;
  readonly epoch: number;
  /** Entries that it has ever had. */
  readonly posted: number;
  /** Entries that are kept, at most. */
  readonly kept: number;
  /** Of the entries that are kept. */
  readonly bytes: number;
}

/** An invite without its secret. */
export interface InviteView {
  readonly id: string;
  /** How many more people may use it. */
  readonly uses: number;
  readonly expiresAtMs: number;
}

/** Numbers by name: of a call, or of a reason. */
export type Tally = Readonly<Record<string, number>>;

/** What a hub has counted since its start, with what its store has now. */
export interface Numbers {
  readonly connected: number;
  /** Members, connected or not. */
  readonly accounts: number;
  readonly rooms: number;
  readonly calls: Tally;
  readonly refusals: Tally;
  readonly turnedAway: Tally;
  readonly entriesAppended: number;
  /** Bytes of these. */
  readonly bytesAppended: number;
  readonly entriesPruned: number;
  readonly newsSent: number;
  readonly storeFailures: number;
}

/** A part of a list, in the order of its names. */
export interface Page {
  /** Goes on behind this name; undefined: from the first. */
  readonly after?: string;
  readonly limit: number;
}

/** What an operator may ask. Each call rejects with LairError store-* if the store fails. */
export interface Admin {
  members(page: Page): Promise<readonly MemberView[]>;
  /** Undefined: nobody has this handle. */
  member(handle: string): Promise<MemberView | undefined>;
  /** A suspended member is not let in, and its connection ends. False: nobody has this handle. */
  setStanding(handle: string, standing: MemberView["standing"]): Promise<boolean>;
  /** False: nobody has this handle. */
  setRole(handle: string, role: MemberView["role"]): Promise<boolean>;
  /** Removes the member with everything of its own. False: nobody has this handle. */
  forget(handle: string): Promise<boolean>;
  rooms(page: Page): Promise<readonly RoomView[]>;
  /** Undefined: there is no such room, or this is no id. */
  room(id: string): Promise<RoomView | undefined>;
  /** Removes a room with everything in it. False: there is no such room. */
  closeRoom(id: string): Promise<boolean>;
  invites(): Promise<readonly InviteView[]>;
  /** False: there is no such invite. */
  revokeInvite(id: string): Promise<boolean>;
  numbers(): Promise<Numbers>;
}

export interface Operator {
  readonly admin: Admin;
  readonly version: string;
  /** Whether the hub takes members: not while it shuts down. */
  isOpen(): boolean;
  /** Milliseconds since its start. */
  uptimeMs(): number;
  /** Milliseconds since 1970. */
  nowMs(): number;
  /**
   * Makes an invite that is good from now on; `text` is the secret itself, as people pass it on. It is not in `admin`,
   * because the text has the address of the hub. Rejects with LairError store-*.
   */
  makeInvite(how: {
    readonly uses: number;
    readonly expiresAtMs: number;
  }): Promise<InviteView & { readonly text: string }>;
}
