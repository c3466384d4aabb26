// A program without a program: people, rooms, long histories and hostile texts in memory, behind the interface of the API.
// For the tests of the page, and to try it by hand (test/web/serve.ts).

import {
  type Api,
  type ApiEvent,
  ApiProblem,
  type CallOptions,
  type InputOf,
  type OutputOf,
} from "../../src/app/api/api.ts";
import type { ApiCalls, CallName } from "../../src/app/api/calls.ts";
import type {
  UnknownKeyJson,
  ConversationJson,
  IntroductionJson,
  InviteJson,
  MemberJson,
  MessageJson,
  PeerJson,
  PersonJson,
  StatusJson,
} from "../../src/app/api/views.ts";
import { fakeFingerprint, fakeWords, HOSTILE, longLine } from "./fake-texts.ts";

export interface FakeOptions {
  readonly program?: StatusJson["program"];
  /** Without people: the first start. */
  readonly isEmpty?: boolean;
  /** How many lines the longest room has. */
  readonly lines?: number;
  readonly nowMs?: () => number;
}

interface FakeConversation {
  view: ConversationJson;
  /** Lines from `begin` on; those before are made when they are asked for. */
  readonly lines: MessageJson[];
  readonly made: number;
  members: MemberJson[];
}

type Handlers = { [Name in CallName]: (input: ApiCalls[Name]["input"]) => ApiCalls[Name]["output"] };
type EventObject = ApiEvent["event"];

const PAGE = 50;

export class FakeApi implements Api {
  readonly self: PersonJson = { name: "me", fingerprint: fakeFingerprint("me"), self: true };
  readonly calls: { readonly name: CallName; readonly input: object }[] = [];
  readonly conversations = new Map<string, FakeConversation>();
  readonly #listeners = new Set<(event: ApiEvent) => void>();
  readonly #events: ApiEvent[] = [];
  readonly #answers = new Map<string, unknown>();
  readonly #nowMs: () => number;
  readonly #program: StatusJson["program"];
  #marks = { typing: true, read: true, invisible: false };
  #invites: InviteJson[] = [];
  introductions: IntroductionJson[] = [];
  unknownKeys: readonly UnknownKeyJson[] = [];
  #count = 0;
  /** Refuses every call, if it is set. */
  refusal: ApiProblem | undefined;

  constructor({ program = "lair-client", isEmpty = false, lines = 100_000, nowMs = Date.now }: FakeOptions = {}) {
    this.#program = program;
    this.#nowMs = nowMs;
    if (!isEmpty) this.#fill(lines);
  }

  async call<Name extends CallName>(name: Name, input: InputOf<Name>, options?: CallOptions): Promise<OutputOf<Name>> {
    // As the one over HTTP: the answer never comes at once.
    await Promise.resolve();
    this.calls.push({ name, input });
    if (this.refusal !== undefined) throw this.refusal;
    const key = options?.idempotencyKey;
    if (key !== undefined && this.#answers.has(key)) return this.#answers.get(key) as OutputOf<Name>;
    const answer = this.#handlers[name](input) as OutputOf<Name>;
    if (key !== undefined) this.#answers.set(key, answer);
    return structuredClone(answer);
  }

  listen(listener: (event: ApiEvent) => void, since?: string): () => void {
    if (since !== undefined) {
      for (const event of this.#events) if (Number(event.id) > Number(since)) listener(event);
    }
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(event: EventObject): void {
    const whole = { id: String(++this.#count), event };
    this.#events.push(whole);
    if (this.#events.length > 1_000) this.#events.shift();
    for (const listener of this.#listeners) listener(whole);
  }

  /** Somebody says something. */
  hear(conversation: string, from: PersonJson, text: string, more: Partial<MessageJson> = {}): MessageJson {
    const one = this.#of(conversation);
    const seq = one.made + one.lines.length;
    const isPerson = one.view.kind === "person";
    const id = isPerson ? `in-${seq}` : seq.toString(16).padStart(32, "0");
    const line: MessageJson = { id, from, at: this.#at(), text, ...more };
    one.lines.push(line);
    one.view = { ...one.view, last: line, unread: one.view.unread + 1 };
    const where = isPerson ? { peer: one.view.peer } : { room: conversation, name: one.view.name, id };
    const { from: _, id: __, ...rest } = line;
    this.emit({ event: "message", ...where, ...(isPerson ? {} : { from }), seq, ...rest });
    this.emit({ event: "unread", conversation, unread: one.view.unread });
    return line;
  }

  setState(conversation: string, state: ConversationJson["state"]): void {
    const one = this.#of(conversation);
    one.view = { ...one.view, state, ...(one.view.peer === undefined ? {} : { peer: { ...one.view.peer, state } }) };
    this.emit({ event: state === "connected" ? "connected" : "disconnected", peer: one.view.peer, paired: false });
  }

  idOf(name: string): string {
    return this.#named(name).view.id;
  }

  person(name: string): PersonJson {
    return { name, fingerprint: fakeFingerprint(name) };
  }

  /** Pairs with somebody new. */
  pair(name: string): void {
    const one = this.#addPerson(name, {});
    this.emit({ event: "connected", peer: one.view.peer, paired: true });
    this.emit({ event: "people" });
  }

  #fill(lines: number): void {
    const ada = this.#addPerson("Ada Lovelace", { verified: "2026-11-01T10:00:00.000Z" });
    this.#talk(ada, ada.view.peer!);
    const bob = this.#addPerson("bob", { state: "away", introducedBy: "Ada Lovelace" });
    this.#line(bob, bob.view.peer!, "See you at the harbour at nine.", 26 * 3_600);
    this.#line(bob, this.self, "I will bring the maps.", 25.9 * 3_600, { state: "waiting" });
    bob.view = { ...bob.view, waiting: 1 };
    const hostile = this.#addPerson(HOSTILE.name, {});
    for (const text of HOSTILE.texts) this.#line(hostile, hostile.view.peer!, text, 3_000);
    const noa = this.#addPerson("נועה כהן", { muted: true });
    this.#line(noa, noa.view.peer!, "שלום! הכול בסדר? See you (at 9).", 50 * 3_600);
    this.#addPerson("Boris", { awaited: true, state: "away", introducedBy: "bob" });
    this.#addPerson("hub.example", { hub: true });
    this.#roomOf("ops", lines);
    this.#others();
  }

  #talk(one: FakeConversation, ada: PersonJson): void {
    const said: readonly [PersonJson, string, number][] = [
      [ada, "Good morning. Did the parcel arrive?", 30 * 3_600],
      [this.self, "It did, yesterday evening. Thank you!", 29.9 * 3_600],
      [this.self, "The book on looms is wonderful.", 29.89 * 3_600],
      [ada, "I thought you would like it. Page 73 is the one I meant: the punched cards.", 3 * 3_600],
      [
        ada,
        "There is more at https://en.wikipedia.org/wiki/Jacquard_machine (and the links at the end).",
        2.99 * 3_600,
      ],
      [
        this.self,
        "Reading it tonight.\n\nShall we talk on Thursday? I have until four, and then again from six.",
        2.5 * 3_600,
      ],
      [ada, "Thursday at six. 👍🏽", 0.4 * 3_600],
      [ada, "I will call.", 0.39 * 3_600],
    ];
    for (const [from, text, ago] of said) this.#line(one, from, text, ago, from.self ? { state: "delivered" } : {});
    one.view = { ...one.view, unread: 2 };
  }

  #roomOf(name: string, lines: number): void {
    const people = ["Ada Lovelace", "bob", "Grace Hopper", "Linus"].map((one) => this.person(one));
    const members = [
      { ...this.self, role: "admin" as const, online: true },
      { ...people[0]!, role: "moderator" as const, online: true },
      ...people.slice(1).map((one, at) => ({ ...one, role: "member" as const, online: at === 0 })),
    ];
    const one = this.#addRoom(name, { topic: "What runs, and what does not", role: "admin" }, members, lines);
    const first = this.#line(one, people[2]!, "The build on the new machine is green.", 900);
    this.#line(one, people[3]!, "All of it, the slow tests too?", 800, { replyTo: first.id });
    this.#line(one, people[2]!, "Every one. 4,211 of them.", 780, {
      reactions: [
        { emoji: "🎉", by: [people[0]!, this.self] },
        { emoji: "👍", by: [people[1]!] },
      ],
    });
    this.#line(one, this.self, "Then I will tag it in an hour.", 600, { state: "sent", edited: true });
    this.#line(one, people[1]!, "", 500, { deleted: true });
    this.#line(one, people[0]!, "Wait for the documents, please: two links are dead.", 300);
    this.#line(one, people[0]!, "This goes in an hour.", 200, {
      expires: new Date(this.#nowMs() + 3_600_000).toISOString(),
    });
    one.view = { ...one.view, unread: 1 };
  }

  #others(): void {
    const by = this.person("Grace Hopper");
    this.#addRoom("sailing", { standing: "invited", by }, []);
    this.#addRoom("old plans", { standing: "over" }, []);
    const news = this.#addRoom("news", { role: "member", isAnnouncement: true, topic: "" }, []);
    this.#line(news, by, "The hub moves to a new machine on Sunday.", 80 * 3_600);
    const direct = this.#addRoom("Grace Hopper", { role: "admin" }, [], 0, "direct");
    this.#line(direct, by, "Can you look at the cards?", 5 * 3_600);
    this.introductions = [{ id: "intro-1", who: this.person("Carol"), by: this.person("bob") }];
  }

  #addPerson(name: string, peer: Partial<PeerJson>): FakeConversation {
    const fingerprint = fakeFingerprint(name);
    const id = fingerprint.replaceAll(" ", "");
    const whole: PeerJson = { id, name, fingerprint, paired: "2026-10-20T09:00:00.000Z", state: "connected", ...peer };
    return this.#add({ id, kind: "person", name, state: whole.state, peer: whole });
  }

  #addRoom(
    name: string,
    room: Partial<NonNullable<ConversationJson["room"]>>,
    members: MemberJson[],
    made = 0,
    kind: "room" | "direct" = "room",
  ): FakeConversation {
    const id = Buffer.from(`${kind} ${name}`).toString("hex").padEnd(32, "0").slice(0, 32);
    const count = Math.max(members.length, 2);
    const whole = { standing: "joined" as const, topic: "", isAnnouncement: false, members: count, hub: "hub.example" };
    return this.#add({ id, kind, name, state: "connected", room: { ...whole, ...room } }, made, members);
  }

  #add(
    view: Pick<ConversationJson, "id" | "kind" | "name" | "state"> & Partial<ConversationJson>,
    made = 0,
    members: MemberJson[] = [],
  ): FakeConversation {
    const one = { view: { unread: 0, waiting: 0, timerSeconds: 0, ...view }, lines: [], made, members };
    this.conversations.set(view.id, one);
    return one;
  }

  #line(one: FakeConversation, from: PersonJson, text: string, secondsAgo: number, more: Partial<MessageJson> = {}) {
    const seq = one.made + one.lines.length;
    const side = from.self === true ? "out" : "in";
    const id = one.view.kind === "person" ? `${side}-${seq}` : seq.toString(16).padStart(32, "0");
    const line: MessageJson = { id, from: nameOnly(from), at: this.#at(secondsAgo), text, ...more };
    one.lines.push(line);
    one.view = { ...one.view, last: line };
    return line;
  }

  #at(secondsAgo = 0): string {
    return new Date(this.#nowMs() - secondsAgo * 1000).toISOString();
  }

  #of(id: string): FakeConversation {
    const one = this.conversations.get(id);
    if (one === undefined) throw new ApiProblem("unknown-conversation", "There is no such conversation.", "Reload.");
    return one;
  }

  #named(name: string): FakeConversation {
    const one = [...this.conversations.values()].find(({ view }) => view.name === name);
    if (one === undefined) throw new Error(`nobody is called ${name}`);
    return one;
  }

  #lineAt(one: FakeConversation, index: number): MessageJson {
    if (index >= one.made) return one.lines[index - one.made]!;
    const people = one.members.length > 0 ? one.members.map((member) => nameOnly(member)) : [this.self];
    return longLine(index, one.made, people, this.#nowMs());
  }

  #page({ conversation, before, after, around, limit = PAGE }: InputOf<"messages">): OutputOf<"messages"> {
    const one = this.#of(conversation);
    const end = one.made + one.lines.length;
    const half = Math.ceil(limit / 2);
    const at = around === undefined ? -1 : this.#indexOf(one, around);
    if (around !== undefined && at === -1) return { messages: [] };
    const to = Math.min(
      end,
      around !== undefined ? at + half : after !== undefined ? Number(after) + limit : Number(before ?? end),
    );
    const from = Math.max(0, around !== undefined ? at - half : after !== undefined ? Number(after) : to - limit);
    return {
      messages: Array.from({ length: to - from }, (_, place) => this.#lineAt(one, from + place)),
      ...(from === 0 ? {} : { before: String(from) }),
      ...(to === end ? {} : { after: String(to) }),
    };
  }

  /** Of a line, or of a place that the search has named. */
  #indexOf(one: FakeConversation, around: string): number {
    if (around.startsWith("at-")) return Number(around.slice(3));
    const index = one.lines.findIndex(({ id }) => id === around);
    if (index !== -1) return one.made + index;
    const made = Number.parseInt(around, 16);
    return /^[0-9a-f]{32}$/.test(around) && made < one.made ? made : -1;
  }

  #say({ conversation, text, replyTo }: InputOf<"say">): OutputOf<"say"> {
    const one = this.#of(conversation);
    if (one.view.room?.standing === "over") throw new ApiProblem("not-a-member", "You are not in this room.");
    const isConnected = one.view.state === "connected";
    const isPerson = one.view.kind === "person";
    const state = isConnected ? "sent" : "waiting";
    const reply = replyTo === undefined ? {} : { replyTo };
    const line = this.#line(one, this.self, text, 0, { state, ...reply });
    const seq = one.made + one.lines.length - 1;
    if (!isConnected) one.view = { ...one.view, waiting: one.view.waiting + 1 };
    const where = isPerson ? { peer: one.view.peer } : { room: conversation, name: one.view.name, id: line.id };
    this.emit({ event: isConnected ? "sent" : "queued", ...where, seq, at: line.at, text, ...reply });
    if (isConnected && isPerson) {
      one.lines[one.lines.length - 1] = { ...line, state: "delivered" };
      this.emit({ event: "delivered", peer: one.view.peer, seq });
    }
    return { id: line.id, state: isConnected ? "sent" : "queued", ...(isPerson ? { seq } : {}) };
  }

  #change(conversation: string, id: string, change: (line: MessageJson) => MessageJson): void {
    const one = this.#of(conversation);
    const index = one.lines.findIndex((line) => line.id === id);
    if (index !== -1) one.lines[index] = change(one.lines[index]!);
    one.view = { ...one.view, ...(one.lines.length > 0 ? { last: one.lines.at(-1)! } : {}) };
  }

  #about(conversation: string, id: string) {
    return { room: conversation, name: this.#of(conversation).view.name, id, seq: 1, by: this.self };
  }

  #search({ q, conversation, limit = PAGE }: InputOf<"search">): OutputOf<"search"> {
    const words = q.toLowerCase().split(/\s+/).filter(Boolean);
    const all = [...this.conversations.values()].filter(
      ({ view }) => conversation === undefined || view.id === conversation,
    );
    const found = all.flatMap((one) => {
      const first = Math.max(0, one.made - 2_000);
      const lines = Array.from({ length: one.made + one.lines.length - first }, (_, at) => ({
        conversation: one.view.id,
        message: this.#lineAt(one, first + at),
        around: `at-${first + at}`,
      }));
      return lines.filter(({ message: { text } }) => words.every((word) => text.toLowerCase().includes(word)));
    });
    const newest = found.toSorted((one, other) => Date.parse(other.message.at) - Date.parse(one.message.at));
    return { total: found.length, found: newest.slice(0, limit) };
  }

  #setRoom(id: string, change: Partial<NonNullable<ConversationJson["room"]>>, event?: EventObject): void {
    const one = this.#of(id);
    one.view = { ...one.view, room: { ...one.view.room!, ...change } };
    if (event !== undefined) this.emit({ room: id, name: one.view.name, ...event });
    this.emit({ event: "rooms-changed" });
  }

  #setPeer(id: string, change: Partial<PeerJson>): PeerJson {
    const one = this.#of(id);
    const peer = { ...one.view.peer!, ...change };
    one.view = { ...one.view, name: peer.name, peer };
    this.emit({ event: "people" });
    return peer;
  }

  #setMember(id: string, who: string, change: (member: MemberJson) => MemberJson | undefined): void {
    const one = this.#of(id);
    const isMeant = ({ name, fingerprint }: MemberJson) =>
      name === who || fingerprint.replaceAll(" ", "").startsWith(who.replaceAll(" ", ""));
    one.members = one.members.flatMap((member) => (isMeant(member) ? (change(member) ?? []) : member));
    this.#setRoom(id, { members: one.members.length });
  }

  #create(name: string, kind: "room" | "direct"): { conversation: string } {
    const members = [{ ...this.self, role: "admin" as const, online: true }];
    const { view } = this.#addRoom(name, { role: "admin", members: 1 }, members, 0, kind);
    this.emit({ event: "room-created", room: view.id, name });
    return { conversation: view.id };
  }

  readonly #handlers: Handlers = {
    status: () => this.#status(),
    conversations: () => ({
      conversations: [...this.conversations.values()].map(({ view }) => view).filter(({ peer }) => peer?.hub !== true),
    }),
    conversationStatus: ({ conversation }) => ({
      event: "status",
      state: this.#of(conversation).view.state === "connected" ? "open" : "connecting",
      sent: 12,
      received: 31,
      undelivered: this.#of(conversation).view.waiting,
      rekeys: 3,
      epoch: 3,
      keyAgeMs: 421_000,
      roundTripMs: 12.3,
      bytesSent: 18_204,
      bytesReceived: 2_400_000,
      suite: "Noise_IKpsk2_25519_ChaChaPoly_SHA256",
      history: "forever",
      timerSeconds: this.#of(conversation).view.timerSeconds,
    }),
    messages: (input) => this.#page(input),
    say: (input) => this.#say(input),
    edit: ({ conversation, message, text }) => {
      this.#change(conversation, message, (line) => ({ ...line, text, edited: true }));
      this.emit({ event: "edited", ...this.#about(conversation, message), text });
      return {};
    },
    delete: ({ conversation, message }) => {
      this.#change(conversation, message, (line) => ({ ...line, text: "", deleted: true }));
      this.emit({ event: "deleted", ...this.#about(conversation, message) });
      return {};
    },
    react: ({ conversation, message, emoji }) => {
      this.emit({ event: "reacted", ...this.#about(conversation, message), emoji });
      return {};
    },
    read: ({ conversation }) => {
      const one = this.#of(conversation);
      one.view = { ...one.view, unread: 0 };
      this.emit({ event: "unread", conversation, unread: 0 });
      return {};
    },
    typing: () => ({}),
    setTimer: ({ conversation, seconds }) => {
      const one = this.#of(conversation);
      one.view = { ...one.view, timerSeconds: seconds };
      const { name, kind, peer } = one.view;
      this.emit({
        event: "timer",
        seconds,
        ...(kind === "person" ? { peer, by: "you" } : { room: conversation, name, by: this.self }),
      });
      return {};
    },
    forgetHistory: ({ conversation }) => {
      const one = this.#of(conversation);
      const count = one.lines.splice(0).length;
      if (one.view.room?.standing === "over") {
        this.conversations.delete(conversation);
        this.emit({ event: "rooms-changed" });
        return { count };
      }
      this.emit({ event: "forgotten", peer: one.view.peer, count });
      return { count };
    },
    export: ({ conversation }) => {
      const { messages } = this.#page({ conversation, limit: 1_000 });
      return { name: this.#of(conversation).view.name, messages };
    },
    send: () => ({ sent: [] }),
    search: (input) => this.#search(input),
    peers: () => ({ peers: [...this.conversations.values()].flatMap(({ view }) => view.peer ?? []) }),
    changePeer: ({ peer, ...change }) => {
      const { muted, name } = change;
      const { muted: _, ...before } = this.#of(peer).view.peer!;
      this.#of(peer).view = { ...this.#of(peer).view, peer: muted === false ? before : this.#of(peer).view.peer! };
      return this.#setPeer(peer, { ...(name === undefined ? {} : { name }), ...(muted === true ? { muted } : {}) });
    },
    forgetPeer: ({ peer }) => {
      const { view } = this.#of(peer);
      this.conversations.delete(peer);
      this.emit({ event: "peer-forgotten", peer: view.peer, history: false });
      return {};
    },
    words: ({ peer }) => {
      const known = [...this.conversations.values()].find(({ view }) => view.id === peer)?.view.peer;
      const who = known ?? this.person(peer);
      const verified = known?.verified === undefined ? {} : { verified: known.verified };
      return { who, own: this.self.fingerprint, words: fakeWords, ...verified };
    },
    verified: ({ peer }) => this.#setPeer(peer, { verified: this.#at() }),
    invites: () => ({ invites: this.#invites.map(({ id, expires }) => ({ id, expires })) }),
    makeInvite: () => {
      const id = `invite-${this.#invites.length + 1}`;
      const invite = `lair://192.168.1.20:8080/${"a3f7kq2mzt".repeat(8)}-${this.#invites.length + 1}`;
      const made = { id, expires: this.#at(-86_400), invite };
      this.#invites = [...this.#invites, made];
      return made;
    },
    revokeInvite: ({ invite }) => {
      this.#invites = this.#invites.filter(({ id }) => id !== invite);
      return {};
    },
    join: ({ link }) => {
      if (!link.includes("lair://")) {
        throw new ApiProblem("invite-unreadable", "This is not an invite.", "Copy all of it, from lair:// to the end.");
      }
      setTimeout(() => this.pair("Ada Lovelace"), 50);
      return {};
    },
    unknownKeys: () => ({ keys: this.unknownKeys }),
    trustKey: ({ key }) => {
      this.unknownKeys = this.unknownKeys.filter(({ id }) => id !== key);
      this.emit({ event: "people" });
      return [...this.conversations.values()].flatMap(({ view }) => view.peer ?? [])[0]!;
    },
    introduce: () => ({}),
    introductions: () => ({ introductions: this.introductions }),
    answerIntroduction: ({ introduction }) => {
      this.introductions = this.introductions.filter(({ id }) => id !== introduction);
      this.emit({ event: "introduction-answered", id: introduction });
      return {};
    },
    createRoom: ({ name }) => this.#create(name, "room"),
    listedRooms: () => ({ listed: ["gardening", "chess", "local news"] }),
    askToJoin: ({ name }) => {
      this.#addRoom(name, { standing: "waiting" }, []);
      this.emit({ event: "rooms-changed" });
      return {};
    },
    direct: ({ who }) => this.#create(who, "direct"),
    feed: () => this.#create("me", "room"),
    members: ({ conversation }) => ({
      topic: this.#of(conversation).view.room?.topic ?? "",
      members: this.#of(conversation).members,
    }),
    answerInvitation: ({ conversation, accept }) => {
      if (accept) this.#setRoom(conversation, { standing: "joined", role: "member" }, { event: "joined" });
      else {
        this.conversations.delete(conversation);
        this.emit({ event: "rooms-changed" });
      }
      return {};
    },
    leave: ({ conversation }) => {
      this.#setRoom(conversation, { standing: "over" }, { event: "left" });
      this.emit({ event: "rooms-changed" });
      return {};
    },
    inviteMember: ({ conversation, who }) => {
      const one = this.#of(conversation);
      one.members = [...one.members, { ...this.person(who), role: "member", online: false }];
      const event = { event: "joined", who: this.person(who), by: this.self };
      this.#setRoom(conversation, { members: one.members.length }, event);
      return {};
    },
    setRole: ({ conversation, who, role }) => {
      this.#setMember(conversation, who, (member) => ({ ...member, role }));
      return {};
    },
    removeMember: ({ conversation, who }) => {
      this.#setMember(conversation, who, () => undefined);
      return {};
    },
    unban: () => ({}),
    describeRoom: ({ conversation, name, topic }) => {
      const one = this.#of(conversation);
      if (name !== undefined) one.view = { ...one.view, name };
      const event = topic === undefined ? { event: "room-renamed" } : { event: "topic-changed", topic, by: this.self };
      this.#setRoom(conversation, topic === undefined ? {} : { topic }, event);
      return {};
    },
    makeLink: ({ uses = 20 }) => ({ link: `lair://room/${"k2m9x4".repeat(12)}`, uses, expires: this.#at(-7 * 86_400) }),
    revokeLinks: () => ({}),
    follow: ({ who, on = true }) => {
      for (const one of this.conversations.values()) {
        one.members = one.members.map((member) => {
          if (member.fingerprint.replaceAll(" ", "") !== who) return member;
          const { followed: _, ...before } = member;
          return on ? { ...before, followed: true } : before;
        });
      }
      return { followed: on };
    },
    setMarks: (marks) => {
      this.#marks = { ...this.#marks, ...marks };
      this.emit({ event: "marks" });
      return {};
    },
    command: () => ({ events: [] }),
  };

  #status(): StatusJson {
    const views = [...this.conversations.values()].map(({ view }) => view);
    const isServer = this.#program === "lair-server";
    const hubs = views.some(({ peer }) => peer?.hub) ? [{ name: "hub.example", state: "connected" as const }] : [];
    return {
      program: this.#program,
      version: "0.1.0",
      fingerprint: this.self.fingerprint,
      name: "me",
      ...(isServer ? { listening: "ws://192.168.1.20:8080" } : {}),
      store: "file",
      cryptography: "OpenSSL 3.5",
      conversations: views.length,
      connected: views.filter(({ state }) => state === "connected").length,
      unread: views.reduce((sum, { unread }) => sum + unread, 0),
      waiting: views.reduce((sum, { waiting }) => sum + waiting, 0),
      hubs,
      makesInvites: isServer,
      marks: this.#marks,
    };
  }
}

function nameOnly({ name, fingerprint, self }: PersonJson): PersonJson {
  return { name, fingerprint, ...(self === true ? { self } : {}) };
}
