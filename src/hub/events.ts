// What an operator may want to know of a hub, as it happens: for its log. No text, no invite, no key: people are named by
// their handle and by the short form of their fingerprint.

import type { CallName, Refusal } from "../core/hub/calls.ts";

/** Somebody, as a log names her. */
export interface LoggedPerson {
  readonly handle: string;
  readonly fingerprint: string;
}

/** Why somebody who has authenticated is not let in. */
export type TurnedAway =
  | "suspended"
  /** The invite has no uses left. */
  | "spent"
  | "expired"
  /** No account, and no invite that this hub knows. */
  | "unknown"
  /** The same key is connected already. */
  | "duplicate"
  /** The account has another signature key. */
  | "key-changed"
  /** The hub has as many accounts as it may. */
  | "full"
  /** As many members are connected as may be. */
  | "busy"
  /** The hub is shutting down. */
  | "closing";

/** Why a hub ends a connection. */
export type EndedBy = "replaced" | "suspended" | "forgotten" | "shutting-down";

export type HubEvent =
  | { readonly type: "member-arrived"; readonly who: LoggedPerson; readonly isNew: boolean }
  /** `by`: what the hub ended the connection for; undefined: it ended by itself. */
  | { readonly type: "member-left"; readonly who: LoggedPerson; readonly by: EndedBy | undefined }
  /** Once a minute at most; `times`: since the last one. */
  | {
      readonly type: "turned-away";
      readonly fingerprint: string;
      readonly why: TurnedAway;
      readonly times: number;
    }
  /** Ids of rooms are random, in hex. */
  | { readonly type: "room-created"; readonly who: LoggedPerson; readonly room: string }
  | { readonly type: "room-closed"; readonly room: string }
  /** Over a quota or too often. Once a minute at most. */
  | {
      readonly type: "refused";
      readonly who: LoggedPerson;
      readonly call: CallName;
      readonly refusal: Refusal;
      readonly times: number;
    }
  | { readonly type: "call-malformed"; readonly who: LoggedPerson }
  /** `code`: of a LairError, or "internal". Once a minute at most. */
  | { readonly type: "store-failed"; readonly code: string; readonly during: string; readonly times: number }
  | { readonly type: "pruned"; readonly entries: number };
