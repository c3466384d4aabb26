// What the page knows, and what it shows.

import type {
  ConversationJson,
  FoundJson,
  IntroductionJson,
  MessageJson,
  PeerJson,
  PersonJson,
  StatusJson,
} from "../../app/api/views.ts";
import type { LinkState } from "./ports.ts";
import type { Note } from "./rows.ts";
import type { Timeline } from "./timeline.ts";
import type { Typing } from "./typing.ts";

/** What the next line is. */
export type Composing =
  | { readonly kind: "new" }
  | { readonly kind: "reply"; readonly line: MessageJson }
  | { readonly kind: "edit"; readonly line: MessageJson };

/** The conversation that is open. */
export interface OpenView {
  readonly id: string;
  /** Absent while it is asked for. */
  readonly timeline?: Timeline;
  /** The first line that was not seen when the person came here. */
  readonly firstNew?: string;
  readonly notes: readonly Note[];
  /** How many lines have come behind those that are held. */
  readonly arrived: number;
  /** How far others have read, by fingerprint. */
  readonly readers: Readonly<Record<string, { readonly who: PersonJson; readonly line: string }>>;
  readonly composing: Composing;
  /** A line to show: it goes up with each. */
  readonly jump?: { readonly id: string; readonly count: number };
}

export type Dialog =
  | { readonly kind: "pair"; readonly link?: string }
  | { readonly kind: "verify"; readonly who: string }
  | { readonly kind: "person"; readonly id: string }
  | { readonly kind: "introduce"; readonly id: string }
  | { readonly kind: "room"; readonly id: string }
  | { readonly kind: "new-room" }
  | { readonly kind: "listed" }
  | { readonly kind: "direct" }
  | { readonly kind: "everybody" }
  | { readonly kind: "settings" }
  | { readonly kind: "status" }
  | { readonly kind: "help" };

/** A sentence at the edge of the page, with what to do. */
export interface Notice {
  readonly id: number;
  readonly tone: "info" | "problem";
  readonly text: string;
  readonly hint?: string;
  readonly code?: string;
}

export interface SearchView {
  readonly words: string;
  readonly state: "asking" | "found" | "failed";
  /** While it is asked for: what was found for the words before. */
  readonly found?: FoundJson;
}

export interface PageView {
  readonly link: LinkState;
  /** Absent until the program has answered. */
  readonly status?: StatusJson;
  readonly conversations: readonly ConversationJson[];
  readonly peers: readonly PeerJson[];
  readonly introductions: readonly IntroductionJson[];
  readonly open?: OpenView;
  readonly search?: SearchView;
  readonly dialog?: Dialog;
  readonly notices: readonly Notice[];
  readonly typing: Typing;
  /** For screen readers: what was said last in the open conversation. */
  readonly spoken: string;
  /** Goes on when something on the page changes by the time alone. */
  readonly nowMs: number;
}

export function firstView(link: LinkState, nowMs: number): PageView {
  return {
    link,
    conversations: [],
    peers: [],
    introductions: [],
    notices: [],
    typing: {},
    spoken: "",
    nowMs,
  };
}

export function conversationWithId(view: PageView, id: string | undefined): ConversationJson | undefined {
  return view.conversations.find((one) => one.id === id);
}
