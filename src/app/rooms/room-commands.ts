// The commands about rooms: plain data, from the prompt or from --json. `room` is a room's id in hex, or "#" and its name;
// `who` is a name or the start of a fingerprint. Texts are raw.

import type { Receipt } from "../receipts.ts";

/**
 * A line of a room: the number that `history` shows, which is the same for everybody and never changes; or the id of its
 * entry, 32 letters of hex.
 */
export type RoomLine = number | string;

interface InRoom {
  readonly room: string;
}

/** Says something: it is stored with the receipt of the call, if a call asks for it. */
interface Saying extends InRoom {
  readonly receipt?: Receipt;
}

interface AboutSomebody extends InRoom {
  readonly who: string;
}

export type RoomCommand =
  | { readonly type: "rooms" }
  | {
      readonly type: "create";
      readonly name: string;
      /** The name is public on the hub. */
      readonly isListed: boolean;
      /** Only admins and moderators speak. */
      readonly isAnnouncement: boolean;
      /** Without the cryptography that withstands a quantum computer. */
      readonly isClassic: boolean;
      /** How many of the last lines a newcomer gets. */
      readonly sharedLines: number;
      /** The name of the hub; absent: the only one. */
      readonly hub?: string;
    }
  /** A listed room, by its name. */
  | { readonly type: "join"; readonly name: string; readonly hub?: string }
  | { readonly type: "join-link"; readonly link: string }
  /** Of a room that is over, what is kept goes too; with `keeps`, nothing is done. */
  | ({ readonly type: "leave"; readonly keeps?: true } & InRoom)
  | ({ readonly type: "members" } & InRoom)
  | ({ readonly type: "status" } & InRoom)
  | ({ readonly type: "invite" } & AboutSomebody)
  | ({ readonly type: "remove" | "ban" | "unban" } & AboutSomebody)
  /** A link to the room. Absent: as the program sees fit. */
  | ({ readonly type: "link"; readonly uses?: number; readonly expiresInS?: number } & InRoom)
  /** All of them. */
  | ({ readonly type: "revoke-links" } & InRoom)
  | ({ readonly type: "answer"; readonly isAccepted: boolean } & InRoom)
  | ({ readonly type: "role"; readonly role: "admin" | "moderator" | "member" } & AboutSomebody)
  | ({ readonly type: "topic"; readonly topic: string } & InRoom)
  | ({ readonly type: "rename"; readonly name: string } & InRoom)
  /** 0: lines no longer disappear. */
  | ({ readonly type: "timer"; readonly seconds: number } & Saying)
  | ({ readonly type: "history"; readonly count: number } & InRoom)
  | ({ readonly type: "search"; readonly words: string } & InRoom)
  | ({ readonly type: "export"; readonly file: string } & InRoom)
  /**
   * The user types, or has read everything up to a line, without one everything that was shown; told to the others if the
   * user wants it.
   */
  | ({ readonly type: "noted"; readonly what: "typing" | "read"; readonly line?: RoomLine } & InRoom)
  /** Somebody who is not paired here. */
  | { readonly type: "verify"; readonly who: string }
  /** A room of two, without a name. */
  | { readonly type: "direct"; readonly who: string }
  | ({ readonly type: "say"; readonly text: string } & Saying)
  /** Without `line`: one's own last one. */
  | ({ readonly type: "edit"; readonly line?: RoomLine; readonly text: string } & Saying)
  | ({ readonly type: "delete"; readonly line?: RoomLine } & Saying)
  | ({ readonly type: "reply"; readonly line: RoomLine; readonly text: string } & Saying)
  /** An empty `emoji` takes one's own back. */
  | ({ readonly type: "react"; readonly line: RoomLine; readonly emoji: string } & Saying)
  /** Without `isOn`: the other way than now. */
  | { readonly type: "follow"; readonly who: string; readonly isOn?: boolean }
  /** One's own announcement room, which lets in everybody who asks. */
  | { readonly type: "feed" }
  /** Whether others are told that one types, or what one has read. */
  | { readonly type: "marks"; readonly what: "typing" | "read"; readonly isOn: boolean }
  | { readonly type: "invisible"; readonly isOn: boolean };

/** Those that say something. */
export type RoomSaying = Extract<
  RoomCommand,
  { readonly type: "say" | "edit" | "delete" | "reply" | "react" | "timer" }
>;
