// A program for the page's listener to ask: each call has one answer, and the events are those that a test tells.

import type { Api, ApiEvent, CallOptions, InputOf, OutputOf } from "../../../src/app/api/api.ts";
import type { CallName } from "../../../src/app/api/calls.ts";
import type { MessageJson, PeerJson, PersonJson } from "../../../src/app/api/views.ts";

const ADA: PersonJson = { name: "ada", fingerprint: "abcd efgh" };
const AT = "2026-11-27T12:00:00.000Z";
const MESSAGE: MessageJson = {
  id: "out-3",
  from: { ...ADA, self: true },
  at: AT,
  text: "<b>no HTML</b>",
  state: "delivered",
  edited: true,
  replyTo: "in-2",
  reactions: [{ emoji: "+", by: [ADA] }],
  sharedBy: ADA,
  expires: AT,
};
const PEER: PeerJson = { ...ADA, id: "abcdefgh", paired: AT, verified: AT, state: "connected", muted: true };
const SENT = { id: "out-4", state: "sent", seq: 4 } as const;

/** An input of each call, with all its members, and its answer. */
export const SAMPLES: { readonly [Name in CallName]: readonly [InputOf<Name>, OutputOf<Name>] } = {
  status: [
    {},
    {
      program: "lair-server",
      version: "1.2.3",
      fingerprint: ADA.fingerprint,
      name: "ada",
      listening: "ws://127.0.0.1:8080",
      store: "file",
      cryptography: "openssl",
      conversations: 2,
      connected: 1,
      unread: 3,
      waiting: 0,
      hubs: [{ name: "hub", state: "away" }],
      makesInvites: true,
      marks: { typing: true, read: false, invisible: false },
    },
  ],
  conversations: [
    {},
    {
      conversations: [
        {
          id: PEER.id,
          kind: "person",
          name: "ada",
          state: "connected",
          unread: 1,
          waiting: 2,
          timerSeconds: 0,
          last: MESSAGE,
          peer: PEER,
        },
        {
          id: "00".repeat(16),
          kind: "room",
          name: "ops",
          state: "connecting",
          unread: 0,
          waiting: 0,
          timerSeconds: 60,
          room: {
            standing: "invited",
            role: "member",
            topic: "",
            isAnnouncement: false,
            members: 2,
            hub: "hub",
            by: ADA,
          },
        },
      ],
    },
  ],
  conversationStatus: [{ conversation: PEER.id }, { event: "status", state: "open" }],
  messages: [
    { conversation: PEER.id, before: "17", limit: 20 },
    { messages: [MESSAGE], before: "3", after: "17" },
  ],
  say: [{ conversation: PEER.id, text: "hello", replyTo: "in-2" }, SENT],
  edit: [{ conversation: PEER.id, message: "out-3", text: "hullo" }, {}],
  delete: [{ conversation: PEER.id, message: "out-3" }, {}],
  react: [{ conversation: PEER.id, message: "out-3", emoji: "+" }, {}],
  read: [{ conversation: PEER.id }, {}],
  typing: [{ conversation: PEER.id }, {}],
  setTimer: [{ conversation: PEER.id, seconds: 60 }, {}],
  forgetHistory: [{ conversation: PEER.id }, { count: 4 }],
  export: [{ conversation: PEER.id }, { name: "ada", messages: [MESSAGE] }],
  send: [{ msg: "hello", to: "ada" }, { sent: [SENT] }],
  search: [
    { q: "two words", conversation: PEER.id, limit: 5 },
    { total: 1, found: [{ conversation: PEER.id, message: MESSAGE, around: "k7" }] },
  ],
  peers: [{}, { peers: [PEER] }],
  changePeer: [{ peer: "ada", name: "Ada", muted: false }, PEER],
  forgetPeer: [{ peer: "ada", history: true }, {}],
  words: [{ peer: "ada" }, { who: ADA, own: "ijkl", words: ["zoo", "zone"], verified: AT }],
  verified: [{ peer: "ada" }, PEER],
  invites: [{}, { invites: [{ id: "17", expires: AT }] }],
  makeInvite: [{}, { id: "17", expires: AT, invite: "lair://secret" }],
  revokeInvite: [{ invite: "17" }, {}],
  join: [{ link: "lair://secret" }, {}],
  unknownKeys: [{}, { keys: [{ id: "aaaa", name: "", fingerprint: "aaaa", words: ["one", "two"] }] }],
  trustKey: [{ key: "aaaa" }, PEER],
  introduce: [{ who: ["ada", "bob"] }, {}],
  introductions: [{}, { introductions: [{ id: "1", who: ADA, by: ADA }] }],
  answerIntroduction: [{ introduction: "1", accept: true }, {}],
  createRoom: [
    { name: "ops", listed: true, announce: false, classic: false, shareHistory: 10, hub: "hub" },
    { conversation: "00" },
  ],
  listedRooms: [{}, { listed: ["ops"] }],
  askToJoin: [{ name: "ops", hub: "hub" }, {}],
  direct: [{ who: "ada" }, { conversation: "00" }],
  feed: [{}, { conversation: "00" }],
  members: [{ conversation: "00" }, { topic: "x", members: [{ ...ADA, role: "admin", online: true }] }],
  answerInvitation: [{ conversation: "00", accept: false }, {}],
  leave: [{ conversation: "00" }, {}],
  inviteMember: [{ conversation: "00", who: "ada" }, {}],
  setRole: [{ conversation: "00", who: "a/d?a ü", role: "moderator" }, {}],
  removeMember: [{ conversation: "00", who: "ada", ban: true }, {}],
  unban: [{ conversation: "00", who: "ada" }, {}],
  describeRoom: [{ conversation: "00", name: "ops", topic: "x" }, {}],
  makeLink: [
    { conversation: "00", uses: 3, expiresInSeconds: 60 },
    { link: "lair://x", uses: 3, expires: AT },
  ],
  revokeLinks: [{ conversation: "00" }, {}],
  follow: [{ who: "ada", on: true }, { followed: true }],
  setMarks: [{ typing: true, read: true, invisible: true }, {}],
  command: [{ command: "say", text: "x" }, { events: [{ event: "sent", seq: 4 }] }],
};

interface Called {
  readonly name: CallName;
  readonly input: unknown;
  readonly options: CallOptions | undefined;
}

/** The last so many events are kept for those who come back. */
const KEPT = 100;

export class FakeApi implements Api {
  readonly calls: Called[] = [];
  /** Each call rejects with this. */
  failure: Error | undefined;
  readonly #listeners = new Set<(event: ApiEvent) => void>();
  readonly #told: ApiEvent[] = [];
  #deserted = (): void => {};

  async call<Name extends CallName>(name: Name, input: InputOf<Name>, options?: CallOptions): Promise<OutputOf<Name>> {
    this.calls.push({ name, input, options });
    if (this.failure !== undefined) throw this.failure;
    return SAMPLES[name][1];
  }

  listen(listener: (event: ApiEvent) => void, since?: string): () => void {
    if (since !== undefined) for (const event of this.#behind(since)) listener(event);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#deserted();
    };
  }

  /** Resolves once nobody follows the events. */
  async deserted(): Promise<void> {
    if (this.#listeners.size > 0) await new Promise<void>((resolve) => (this.#deserted = resolve));
  }

  /** How many follow the events. */
  get listeners(): number {
    return this.#listeners.size;
  }

  tell(event: ApiEvent["event"]): void {
    const told = { id: `run-${this.#told.length + 1}`, event };
    this.#told.push(told);
    for (const listener of this.#listeners) listener(told);
  }

  #behind(since: string): readonly ApiEvent[] {
    const index = this.#told.findIndex(({ id }) => id === since);
    if (index === -1 || this.#told.length - index > KEPT) return [{ id: "run-0", event: { event: "gap" } }];
    return this.#told.slice(index + 1);
  }
}
