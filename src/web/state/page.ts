// The page without its looks: what the person does becomes calls, and what the program tells becomes what is shown.
// Knows the interface of the API and no DOM; the browser's things come in as ports.

import type { Api, ApiEvent, InputOf, OutputOf } from "../../app/api/api.ts";
import type { CallName } from "../../app/api/calls.ts";
import type { MessageJson, RoomJson } from "../../app/api/views.ts";
import { ordered, unreadCount, withConversation } from "./conversations.ts";
import { conversationOf, type EventObject } from "./event-reader.ts";
import { withoutExpired } from "./expiry.ts";
import { type Ask, learned } from "./learn.ts";
import { LineChanges } from "./line-changes.ts";
import { conversationName, personName, shownRow } from "./names.ts";
import { NoticeBoard } from "./notice-board.ts";
import { isHub, noticesOf, pairingFailure } from "./notices.ts";
import { OpenLines } from "./open-lines.ts";
import { nextChangeMs, passed } from "./passing.ts";
import type { PagePorts } from "./ports.ts";
import { Saying } from "./saying.ts";
import { Searching } from "./searching.ts";
import { Store } from "./store.ts";
import { showsEnd } from "./timeline.ts";
import { type Composing, conversationWithId, type Dialog, firstView, type Notice, type PageView } from "./view.ts";

/** Changes that come together are asked for once. */
const GATHER_MS = 60;
const MOST_FOUND = 50;
/** Others are told so often that the person still types. */
const TYPING_MS = 4_000;
/** A timer of a browser takes no longer delay. */
const LONGEST_MS = 2_000_000_000;

/** What a page is and does. More than twenty members: one for each thing that a person can do in it. */
export class Page {
  readonly api: Api;
  readonly ports: PagePorts;
  readonly store: Store<PageView>;
  readonly #lines: OpenLines;
  readonly #saying: Saying;
  readonly #board: NoticeBoard;
  readonly #changes: LineChanges;
  readonly #searching: Searching;
  readonly #asks = new Set<Ask>();
  #isGathering = false;
  #stopTick: (() => void) | undefined;
  #stopListening: (() => void) | undefined;
  #lastId: string | undefined;
  #typedAtMs = Number.NEGATIVE_INFINITY;
  #first: string | undefined;
  /** A hub was to be added, and the link may lead on to a room. */
  #awaitsRoom = false;

  constructor(api: Api, ports: PagePorts) {
    this.api = api;
    this.ports = ports;
    this.store = new Store(firstView(ports.link.state, ports.clock.nowMs()));
    this.#board = new NoticeBoard(this.store, ports.clock);
    const failed = (error: unknown): void => this.failed(error);
    this.#lines = new OpenLines({ api, store: this.store, failed, stale: () => this.#ask(["newest"]) });
    this.#changes = new LineChanges(this.store, async (name, input) => await this.attempt(name, input));
    const find = (q: string) => this.attempt("search", { q, limit: MOST_FOUND });
    this.#searching = new Searching({ store: this.store, clock: ports.clock, find });
    this.#saying = new Saying({ api, store: this.store, ports, failed, missed: () => this.#ask(["newest"]) });
  }

  get view(): PageView {
    return this.store.state;
  }

  /** Begins to follow the program. */
  start(): void {
    this.ports.link.follow(() => this.#linkChanged());
    this.#linkChanged();
  }

  #linkChanged(): void {
    const { state } = this.ports.link;
    this.store.set({ link: state });
    if (state.name === "signed-out") {
      this.#stopListening?.();
      this.#stopListening = undefined;
      this.show(undefined);
    } else if (this.#stopListening === undefined) {
      this.#stopListening = this.api.listen((event) => this.#learn(event), this.#lastId);
      this.#ask(["everything"]);
    } else if (state.name === "open") {
      this.#ask(["lists", "status", "newest"]);
      this.searchAgain();
    }
  }

  #learn({ id, event }: ApiEvent): void {
    this.#lastId = id;
    const nowMs = this.ports.clock.nowMs();
    if (conversationOf(event) === this.view.open?.id) this.#lines.happened();
    const { view, asks, said } = learned(this.view, event, nowMs);
    this.store.set(view);
    this.#ask(asks);
    this.#tell(event);
    if (said !== undefined) this.#said(said.conversation, said.line);
    if (event.event === "unread") this.seen();
    this.#tick();
  }

  /** What an event says to the person, whatever is open. */
  #tell(event: EventObject): void {
    const failure = pairingFailure(event);
    if (failure !== undefined) {
      this.#board.refused("join", failure);
      return;
    }
    for (const notice of noticesOf(event)) this.notice(notice);
    const isPaired = event.event === "connected" && event["paired"] === true;
    const hasJoined = isPaired || (event.event === "joined" && event["who"] === undefined);
    if (!hasJoined) return;
    this.#board.answered("join");
    const { dialog, conversations } = this.view;
    const isAsked = dialog?.kind === "pair" || dialog?.kind === "listed";
    const isWaitedFor = isAsked || (!isPaired && this.#awaitsRoom);
    this.#awaitsRoom = isWaitedFor && isHub(event);
    if (isAsked) this.show(undefined);
    if (isWaitedFor || conversations.length === 0) this.#first = conversationOf(event);
  }

  /** Somebody has said something. */
  #said(id: string, line: MessageJson): void {
    const { open } = this.view;
    const conversation = conversationWithId(this.view, id);
    const isLookedAt = this.ports.isLookedAt();
    const text = shownRow(line.text);
    if (open?.id === id) {
      this.store.set({ spoken: `${personName(line.from)}: ${text}` });
      if (!isLookedAt && open.firstNew === undefined) this.store.set({ open: { ...open, firstNew: line.id } });
      this.seen();
    }
    if (isLookedAt || conversation?.peer?.muted === true) return;
    const name = conversation === undefined ? personName(line.from) : conversationName(conversation);
    const isRoom = conversation?.kind === "room";
    this.ports.notify({ conversation: id, title: name, text: isRoom ? `${personName(line.from)}: ${text}` : text });
  }

  // What is asked for again

  #ask(asks: readonly Ask[]): void {
    if (asks.length === 0) return;
    for (const one of asks) this.#asks.add(one);
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.ports.clock.later(GATHER_MS, () => {
      this.#isGathering = false;
      const gathered = new Set(this.#asks);
      this.#asks.clear();
      void this.#answer(gathered);
    });
  }

  async #answer(asks: ReadonlySet<Ask>): Promise<void> {
    const all = asks.has("everything");
    if (asks.has("newest") || all) {
      if (this.#saying.isBusy) this.#saying.askAfterwards();
      else void this.#lines.newest().then(() => this.#tick());
    }
    if (asks.has("lists") || all) await this.#loadLists();
    if (asks.has("status") || all) await this.#loadStatus();
  }

  async #loadLists(): Promise<void> {
    const [conversations, peers, introductions] = await Promise.all([
      this.attempt("conversations", {}),
      this.attempt("peers", {}),
      this.attempt("introductions", {}),
    ]);
    if (conversations !== undefined) {
      const view = { ...this.view, conversations: ordered(conversations.conversations) };
      // The program may delete a line a little later than this clock says: that is not asked for again and again.
      this.store.set(withoutExpired(view, this.ports.clock.nowMs()));
    }
    if (peers !== undefined) this.store.set({ peers: peers.peers });
    if (introductions !== undefined) this.store.set({ introductions: introductions.introductions });
    const { open } = this.view;
    if (open !== undefined && conversations !== undefined && conversationWithId(this.view, open.id) === undefined) {
      this.close();
    }
    const { dialog } = this.view;
    const isAbout = dialog?.kind === "person" || dialog?.kind === "room";
    if (isAbout && conversations !== undefined && !isKnown(this.view, dialog.id)) this.show(undefined);
    const first = this.#first;
    if (first !== undefined && conversations !== undefined) {
      this.#first = undefined;
      if (conversationWithId(this.view, first) !== undefined) void this.open(first);
    }
    this.seen();
    this.#tick();
  }

  async #loadStatus(): Promise<void> {
    const status = await this.attempt("status", {});
    if (status !== undefined) this.store.set({ status });
  }

  /** Shows the lists as they are now. */
  async refresh(): Promise<void> {
    await this.#loadLists();
    await this.#loadStatus();
  }

  // Conversations and their lines

  readonly openConversation = (id: string): void => void this.open(id);

  async open(id: string): Promise<void> {
    this.#awaitsRoom = false;
    if (this.view.open?.id === id) return;
    await this.#lines.open(id, this.#saying.composed(id));
    this.seen();
    this.#tick();
  }

  /** Opens what was open before the page was loaded, once it is known what is unread there. */
  openFirst(id: string): void {
    this.#first = id;
  }

  close(): void {
    this.store.set({ open: undefined });
  }

  older(): void {
    const start = this.view.open?.timeline?.start;
    void this.#lines.older().then(() => {
      if (this.view.open?.timeline?.start !== start) this.#tick();
    });
  }

  newer(): void {
    void this.#lines.newer().then(() => this.seen());
  }

  async toEnd(): Promise<void> {
    await this.#lines.toEnd();
    this.seen();
  }

  /** Opens the conversation and shows the line; `around`: where it is, as the search says. In a room its id is enough. */
  async jump(conversation: string, line: string, around = line): Promise<void> {
    await this.open(conversation);
    const result = await this.#lines.jump(line, around);
    if (result === "gone") this.notice({ tone: "info", text: "That line is not kept any more." });
    this.#tick();
  }

  /** The person looks at the page: what is shown at the end has been seen. */
  seen(): void {
    const { open } = this.view;
    const conversation = conversationWithId(this.view, open?.id);
    if (open?.timeline === undefined || conversation === undefined || conversation.unread === 0) return;
    if (!this.ports.isLookedAt() || !showsEnd(open.timeline)) return;
    const { id } = conversation;
    this.store.set({ conversations: withConversation(this.view.conversations, id, (one) => ({ ...one, unread: 0 })) });
    void this.attempt("read", { conversation: id });
  }

  compose(composing: Composing): void {
    const { open } = this.view;
    if (open === undefined) return;
    const next = composing.kind === "new" ? (this.#saying.recover(open.id) ?? composing) : composing;
    this.store.set({ open: { ...open, composing: next } });
  }

  /** Says a text, or changes a line. Returns whether it was taken. */
  async say(text: string): Promise<boolean> {
    const { open } = this.view;
    if (open === undefined) return false;
    const { composing } = open;
    if (composing.kind === "edit") {
      this.compose({ kind: "new" });
      const isDone = await this.#changes.edit(open.id, composing.line, text);
      const now = this.view.open;
      const isFree = now?.id === open.id && now.composing.kind === "new";
      if (!isDone && isFree) this.compose({ kind: "edit", line: { ...composing.line, text } });
      return isDone;
    }
    const said = this.#saying.begin(open.id, text, composing.kind === "reply" ? composing.line : undefined);
    const { firstNew: _, ...rest } = open;
    this.store.set({ open: { ...rest, composing: { kind: "new" } } });
    this.#typedAtMs = Number.NEGATIVE_INFINITY;
    const isTaken = await this.#saying.say(open.id, said, this.#lines.toEnd());
    this.#composeAgain(open.id);
    this.#tick();
    return isTaken;
  }

  /** What was refused is written again, unless something else is. */
  #composeAgain(conversation: string): void {
    const { open } = this.view;
    if (open?.id !== conversation || open.composing.kind !== "new") return;
    const composing = this.#saying.recover(conversation);
    if (composing !== undefined) this.store.set({ open: { ...open, composing } });
  }

  delete(conversation: string, line: MessageJson): void {
    void this.#changes.delete(conversation, line);
  }

  /** Lines disappear after so many seconds; 0: no longer. */
  async setTimer(conversation: string, seconds: number): Promise<void> {
    await this.attempt("setTimer", { conversation, seconds });
    await this.#loadLists();
  }

  /** Reacts; with one's own emoji again, takes it back. */
  async react(conversation: string, line: MessageJson, emoji: string): Promise<void> {
    await this.#changes.react(conversation, line, emoji);
  }

  /** The person types: a draft, or a change of a line. Others are told in rooms, and only so often. */
  typed(draft: string | undefined): void {
    if (this.view.open !== undefined && draft !== undefined) this.#saying.draft(this.view.open.id, draft);
    const conversation = conversationWithId(this.view, this.view.open?.id);
    const nowMs = this.ports.clock.nowMs();
    const isTold = conversation !== undefined && conversation.kind !== "person" && isIn(conversation.room);
    if (!isTold || this.view.status?.marks?.typing === false || nowMs - this.#typedAtMs < TYPING_MS) return;
    this.#typedAtMs = nowMs;
    this.api.call("typing", { conversation: conversation.id }).catch(() => undefined);
  }

  // Search

  search(words: string): void {
    this.#searching.write(words);
  }

  searchAgain(): void {
    this.#searching.retry();
  }

  // Dialogs, notices, calls

  show(dialog: Dialog | undefined): void {
    this.store.set({ dialog });
  }

  /** A call whose refusal is told to the person; undefined if it was refused. */
  async attempt<Name extends CallName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name> | undefined> {
    try {
      const answer = await this.api.call(name, input);
      this.#board.answered(name);
      return answer;
    } catch (error) {
      this.#board.refused(name, error);
      return undefined;
    }
  }

  failed(error: unknown): void {
    this.#board.failed(error);
  }

  notice(notice: Omit<Notice, "id">): void {
    this.#board.show(notice);
  }

  dismiss(id: number): void {
    this.#board.dismiss(id);
  }

  /** The title of the page. */
  get title(): string {
    const count = unreadCount(this.view.conversations);
    const conversation = conversationWithId(this.view, this.view.open?.id);
    const name = conversation === undefined ? "Lair" : `${conversationName(conversation)} · Lair`;
    return count === 0 ? name : `(${count}) ${name}`;
  }

  // What changes by the time alone

  #tick(): void {
    this.#stopTick?.();
    this.#stopTick = undefined;
    const nowMs = this.ports.clock.nowMs();
    const { view, isLastGone } = passed(this.view, nowMs);
    this.store.set(view);
    if (isLastGone) this.#ask(["lists"]);
    const nextMs = nextChangeMs(view, nowMs);
    if (nextMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.min(Math.max(nextMs - nowMs, 1), LONGEST_MS);
    this.#stopTick = this.ports.clock.later(delayMs, () => this.#tick());
  }
}

function isIn(room: RoomJson | undefined): boolean {
  return room?.standing === "joined";
}

function isKnown(view: PageView, id: string): boolean {
  return conversationWithId(view, id) !== undefined || view.peers.some((one) => one.id === id);
}
