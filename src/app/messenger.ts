// The messenger: all conversations of a program, the outbox that carries what is said, and the person or the program at
// this end. It says for whom a command is meant; a conversation (`conversation.ts`) has the session with one person. Those
// with hubs belong to `hubs.ts`: nothing is said in them.
// Knows neither how sessions are made nor how anything looks.

import { toHex } from "../core/bytes.ts";
import type { Chat, ChatEvent } from "../core/chat/chat.ts";
import type { Session, SessionEvent } from "../core/chat/session.ts";
import type { PublicIdentity } from "../core/identity/identity.ts";
import type { Peer } from "../core/identity/peer.ts";
import { type PeerView, viewPeer } from "../core/identity/peer-view.ts";
import type { CipherSuite, RandomSource } from "../core/noise/index.ts";
import type { ConnectTarget } from "./connect-target.ts";
import type { Conversation, ConversationOwner } from "./conversation.ts";
import { ConversationCommands } from "./conversation-commands.ts";
import { Conversations } from "./conversations.ts";
import { Display } from "./display.ts";
import type { Command, EndReason } from "./events.ts";
import { fingerprintNotice } from "./fingerprint-notice.ts";
import type { Frontend } from "./frontend.ts";
import type { Keeping } from "./history-commands.ts";
import { dropSaid, Hubs, type LoadRooms } from "./hubs.ts";
import { InputGate } from "./input-gate.ts";
import { Introductions } from "./introductions.ts";
import { Leaving } from "./leaving.ts";
import { Outbox } from "./outbox.ts";
import type { Persistence } from "./persistence.ts";
import type { Clock, ExportHistory } from "./ports.ts";
import { Recipients } from "./recipients.ts";
import { isRoomName, Saying } from "./saying.ts";
import { recipientOf } from "./people.ts";
import type { SessionEnd, SessionRunner } from "./session-runner.ts";
import { Unread } from "./unread.ts";

interface MessengerOptions extends Keeping {
  readonly exportHistory: ExportHistory;
  readonly frontend: Frontend;
  readonly clock: Clock;
  readonly suite: CipherSuite;
  readonly self: PublicIdentity;
  readonly verbose: boolean;
  readonly persistence: Pick<Persistence, "store" | "history" | "isLasting">;
  readonly peers: () => readonly Peer[];
  /** Stores a changed peer. Throws LairError. */
  readonly savePeer: (peer: Peer) => void;
  /** An introduced peer has been accepted: this program talks with it from now on. */
  readonly onIntroduced?: (peer: Peer) => void;
  /** Of --accept-introductions-from. */
  readonly acceptFrom?: readonly string[];
  readonly random: RandomSource;
  /** Makes the engine of the rooms. Absent: this program has none. */
  readonly loadRooms?: LoadRooms | undefined;
  /** Connects to this target from now on. Absent: this program connects to nobody. */
  readonly dial?: ((target: ConnectTarget) => void) | undefined;
  /** Removes a pairing. Throws LairError. */
  readonly forgetPeer: (peer: Peer) => void;
  /** A command has changed this peer. */
  readonly onChanged?: (peer: Peer) => void;
  /** Whether this program talks with this peer: a client may be for one of several. Absent: with all. */
  readonly talksWith?: (peer: Peer) => boolean;
  /** Of --to: who gets what is said without a recipient, a name or the start of a fingerprint; or "#" and a room's name. */
  readonly to?: string | undefined;
  /** Whether this side makes sessions: messages wait until one is open. */
  readonly isAwaiting: boolean;
  /** Of --queue: messages are meant to be kept, so an undelivered one is not a failure. */
  readonly isQueueing?: boolean;
  /** Whether the input is neither a terminal nor commands: with the room of --to it has nobody else to speak to. */
  readonly isPipe?: boolean;
  /** The user has typed something: try again at once. */
  readonly onActivity?: () => void;
}

/** Whether the reason says everything that the error does. */
function wasToldByReason(reason: EndReason): boolean {
  return reason === "silent" || reason === "key-expired";
}

/**
 * All conversations of a program.
 *
 * @example
 * const messenger = new Messenger({ frontend, clock, suite, persistence, peers, savePeer, forgetPeer, ... });
 * messenger.command({ type: "say", text: "Can you see this?", to: "bob" });
 */
export class Messenger {
  readonly #options: MessengerOptions;
  readonly #outbox: Outbox;
  readonly #display: Display;
  readonly #commands: ConversationCommands;
  readonly #introductions: Introductions;
  readonly #leaving: Leaving;
  readonly #gate: InputGate;
  readonly #recipients: Recipients;
  readonly #conversations: Conversations;
  readonly #hubs: Hubs;
  readonly #saying: Saying;
  /** How much of each conversation nobody has read. */
  readonly unread: Unread;
  /** The people and the hubs that the frontend was told of last. */
  #told: readonly Peer[] | undefined;
  #isOutputTaken = true;
  #hasTalked = false;

  constructor(options: MessengerOptions) {
    this.#options = options;
    const { frontend, clock, persistence, isAwaiting, isQueueing = false } = options;
    this.unread = new Unread((conversation, unread) => frontend.show({ type: "unread", conversation, unread }));
    this.#display = new Display({
      frontend,
      suite: options.suite,
      verbose: options.verbose,
      chatWith: (peer) => this.#outbox.with(peer),
      onTaken: (peer, next) => {
        this.#attempt(peer, () => this.#outbox.with(peer).show(next));
        this.#wake(peer);
      },
    });
    this.#outbox = new Outbox({
      store: persistence.store,
      clock,
      isOpen: (peer) => this.with(peer).isOpen,
      isAwaiting,
      onEvents: (peer, events) => {
        const conversation = this.with(peer);
        conversation.runner?.tellAll();
        for (const event of events) this.#tell(conversation, event);
        this.#regulateInput();
      },
      showError: (error, peer) => this.#display.error(error, peer),
    });
    this.#hubs = new Hubs({
      clock,
      frontend,
      unread: this.unread,
      loadRooms: options.loadRooms,
      known: () => this.known,
      dial: options.dial,
      isOutputTaken: () => this.#isOutputTaken,
      showError: (error, peer) => this.#display.error(error, peer),
      onChange: () => this.#regulateInput(),
    });
    this.#recipients = new Recipients({
      suite: options.suite,
      known: () => this.known,
      talksWith: options.talksWith ?? (() => true),
      to: isRoomName(options.to) ? undefined : options.to,
    });
    this.#introductions = new Introductions({
      ...options,
      acceptFrom: options.acceptFrom ?? [],
      known: () => this.known,
      recipients: this.#recipients,
      conversation: (peer) => this.with(peer),
      chatWith: (peer) => this.#outbox.with(peer),
      added: (peer) => this.#added(peer),
      wake: (peer) => this.#wake(peer),
    });
    this.#commands = new ConversationCommands({
      ...options,
      introductions: this.#introductions,
      unread: this.unread,
      display: this.#display,
      outbox: this.#outbox,
      recipients: this.#recipients,
      conversation: (peer) => this.with(peer),
      pending: () => this.#conversations.pending,
      savePeer: (peer) => this.#savePeer(peer),
      forgetPeer: (peer, history) => this.#forgetPeer(peer, history),
      say: (said, peer) => this.#saying.say(said, this.with(peer)),
    });
    this.#gate = new InputGate(clock, (demand) => frontend.regulateInput(demand));
    this.#leaving = new Leaving({
      clock,
      frontend,
      outbox: this.#outbox,
      display: this.#display,
      hubs: this.#hubs,
      runners: () => this.#conversations.runners,
      onBegin: () => this.#gate.close(),
      isAwaiting,
      isQueueing,
      isLasting: persistence.isLasting,
    });
    this.#conversations = new Conversations(this.#ownConversations());
    this.#saying = new Saying({
      room: isRoomName(options.to) ? options.to : undefined,
      outbox: this.#outbox,
      recipients: this.#recipients,
      conversations: this.#conversations,
      hubs: this.#hubs,
      leaving: this.#leaving,
      isPipe: options.isPipe === true,
      showError: (error) => this.#display.error(error),
      onRead: (peer) => this.unread.clear(this.#idOf(peer)),
      onSaid: () => this.#regulateInput(),
    });
  }

  /** Whether any session has been open, with whomever: also with somebody who was forgotten. */
  get hasTalked(): boolean {
    return this.#hasTalked;
  }

  get isLeaving(): boolean {
    return this.#leaving.isLeaving;
  }

  /** The program's exit code, once it may leave. */
  get finished(): Promise<number> {
    return this.#leaving.finished;
  }

  /** The conversation with this peer; a new one if there is none. */
  with(peer: Peer): Conversation {
    return this.#conversations.with(peer);
  }

  /**
   * The conversation with somebody who is not known yet: it is {@link with} that peer once its first session is open. `key`:
   * of whom it is, if that is known from an invite.
   */
  withSomebody(key?: Uint8Array): Conversation {
    return this.#conversations.withSomebody(key);
  }

  /** The conversation whose current session this runner runs. */
  carriedBy(runner: SessionRunner<Session>): Conversation | undefined {
    return this.#conversations.carriedBy(runner);
  }

  /** The chat with this peer. Throws LairError store-*. */
  chatWith(peer: Peer): Chat {
    return this.#outbox.with(peer);
  }

  /**
   * At the start: tells whom this program talks with, what waits for each of them, and which messages may not have been
   * shown; of the only one also the last lines of the history.
   */
  recall(): void {
    const { frontend, suite } = this.#options;
    this.tellPeople();
    const { only } = this.#recipients;
    if (only !== undefined) frontend.show({ type: "selected", peer: viewPeer(suite, only), by: "start" });
    const onlyKey = only === undefined ? undefined : toHex(only.publicKey);
    for (const peer of this.#recipients.all) this.#recall(peer, toHex(peer.publicKey) === onlyKey);
    const { talksWith = () => true } = this.#options;
    if (this.#recipients.hubs.some((hub) => talksWith(hub))) this.#hubs.recall();
  }

  /** A link to a room is used once the hub with this key is there. */
  expectHub(key: Uint8Array, roomLink: string | undefined): void {
    this.#hubs.expect(key, roomLink);
  }

  /** Lines of rooms whose time is over by now disappear. */
  expireRooms(nowMs: number): void {
    this.#hubs.expire(nowMs);
  }

  /** After {@link finished}, before the store is closed: what was begun in rooms is stored. */
  async close(): Promise<void> {
    await this.#hubs.close();
  }

  #recall(peer: Peer, isOnly: boolean): void {
    const chat = this.#outbox.with(peer);
    this.#commands.keep(peer, this.#options);
    if (isOnly || chat.undelivered > 0) this.#display.backlog(peer);
    if (isOnly) this.#commands.remind(peer);
    for (const unseen of chat.takeUnseen()) this.#tell(this.with(peer), unseen);
    this.#attempt(peer, () => this.#introductions.recall(peer));
  }

  /** The machine has woken up: every session looks at the time. */
  wake(): void {
    for (const runner of this.#conversations.runners) runner.wake();
  }

  // --- the person ---------------------------------------------------------------------------------------------------

  /** Executes a command of the user. The program executes commands that exist only in one program. */
  command(command: Command): void {
    switch (command.type) {
      case "say":
      case "timer":
        this.#saying.to(command);
        break;
      case "room":
        this.#saying.inRooms(command.command);
        break;
      case "quit":
        this.#outbox.forgetRefused();
        this.#leaving.quit();
        break;
      case "misread":
        this.#outbox.misread();
        break;
      case "end":
        this.#leaving.inputEnded(this.#hasToWait);
        break;
      case "interrupt":
        this.interrupt(130);
        break;
      default:
        this.#commands.carryOut(command);
    }
    this.#options.onActivity?.();
  }

  /** Ctrl-C or a signal: leaves soon; the second time at once. */
  interrupt(code: number): void {
    this.#leaving.interrupt(code);
  }

  /** Whether the output accepts what is shown; if not, nothing more is read that would have to be shown. */
  regulateOutput(isTaken: boolean): void {
    this.#isOutputTaken = isTaken;
    for (const runner of this.#conversations.runners) runner.regulateReceiving(isTaken);
  }

  /** Nothing can be shown any more, so the program leaves as after `quit`. */
  outputFailed(): void {
    // Without a store, a message that arrives and is not shown would count as delivered and be lost.
    this.regulateOutput(this.#options.persistence.isLasting);
    this.#leaving.quit();
  }

  // --- what an API looks at -----------------------------------------------------------------------------------------

  /** The peers that are not forgotten, as stored now. */
  get known(): readonly Peer[] {
    return this.#options.peers().filter((peer) => !this.#outbox.isForgotten(peer));
  }

  /** The people that this program talks with, and the hubs that it knows. */
  get people(): readonly Peer[] {
    return this.#recipients.all;
  }

  get hubs(): readonly Peer[] {
    return this.#recipients.hubs;
  }

  /** The introductions that nobody has answered, the oldest first. */
  get introductions(): Introductions["open"] {
    return this.#introductions.open;
  }

  get rooms(): Pick<Hubs, "ask" | "engine" | "hasHubs" | "undelivered"> {
    return this.#hubs;
  }

  /** Stores what was said, now instead of at the end of this turn of the event loop; what comes of it is shown. */
  flush(): void {
    this.#outbox.flush();
  }

  // --- the end ------------------------------------------------------------------------------------------------------

  /** No further session will be made, but the user may still say something; this is the program's exit code then. */
  rest(code: number): void {
    this.#outbox.giveUpHeld();
    this.#leaving.rest(code);
  }

  /** This many messages will never be sent, and the user has not been told yet. */
  lost(count: number): void {
    this.#outbox.lost(count);
  }

  /** Ends the program with this code, or with 1 and a line that says how much was not delivered. */
  conclude(code: number): void {
    this.#leaving.conclude(code);
  }

  // --- helpers ------------------------------------------------------------------------------------------------------

  /** Whether messages wait, or may wait, that no session carries now. */
  get #hasToWait(): boolean {
    if (!this.hasTalked || this.#hubs.hasToWait) return true;
    return this.#conversations.all.some(
      (conversation) => !conversation.isOpen && this.#undeliveredTo(conversation) > 0,
    );
  }

  /** How many messages said since the program began wait in this conversation. */
  #undeliveredTo({ peer }: Conversation): number {
    if (peer === undefined || this.#outbox.isForgotten(peer)) return 0;
    const { undelivered, sent } = this.#outbox.with(peer);
    return Math.min(undelivered, sent);
  }

  #savePeer(peer: Peer): void {
    this.#options.savePeer(peer);
    const conversation = this.with(peer);
    conversation.peer = peer;
    const session = conversation.runner?.session;
    if (session?.peer !== undefined) session.peer = peer;
    this.tellPeople();
    this.#options.onChanged?.(peer);
  }

  /** Somebody who was introduced has been stored. */
  #added(peer: Peer): void {
    this.#outbox.remember(peer);
    this.#options.onIntroduced?.(peer);
    this.with(peer).peer = peer;
    this.tellPeople();
    this.#options.onChanged?.(peer);
  }

  /** Tells the frontend whom a line may name; at the start, and when a peer has been added by other means. */
  tellPeople(): void {
    const { frontend, suite } = this.#options;
    const { all, hubs } = this.#recipients;
    const told = [...all, ...hubs];
    // A server with a thousand people would make a thousand views for each that comes.
    if (told.length === this.#told?.length && told.every((peer, index) => peer === this.#told![index])) return;
    this.#told = told;
    const view = (peer: Peer): PeerView => viewPeer(suite, peer);
    const more = hubs.length === 0 ? {} : { hubs: hubs.map(view) };
    frontend.show({ type: "people", peers: all.map(view), ...more });
  }

  /** Ends the session first: a message in it during the removal of the pairing would be stored again. */
  #forgetPeer(peer: Peer, history: boolean): void {
    const conversation = this.with(peer);
    conversation.abandon();
    this.#outbox.forget(peer, history);
    this.#options.forgetPeer(peer);
    if (peer.isHub === true) this.#hubs.forgotten(conversation, peer, history);
    this.#conversations.remove(peer);
    this.unread.clear(this.#idOf(peer));
    this.#saying.forget(conversation);
    this.tellPeople();
    this.#regulateInput();
  }

  /** What the messenger does when something happens in a conversation. */
  #ownConversations(): ConversationOwner {
    const isLeaving = (): boolean => this.isLeaving;
    const isOutputTaken = (): boolean => this.#isOutputTaken;
    return {
      get isLeaving() {
        return isLeaving();
      },
      get isOutputTaken() {
        return isOutputTaken();
      },
      now: () => this.#options.clock.now(),
      opened: (conversation, event) => this.#opened(conversation, event),
      rekeyed: ({ peer }, epoch) => {
        if (peer !== undefined) {
          this.#options.frontend.show({ type: "rekeyed", epoch, peer: viewPeer(this.#options.suite, peer) });
        }
      },
      chat: (conversation, event) => this.#tell(conversation, event),
      transfer: (conversation, transfer) => {
        this.#letIn(conversation);
        this.#hubs.receive(conversation, transfer);
      },
      ending: (conversation) => this.#ending(conversation),
      ended: (conversation, how) => this.#ended(conversation, how),
    };
  }

  #opened(
    conversation: Conversation,
    { peer, pairedNow, formerFingerprint }: Extract<SessionEvent, { type: "opened" }>,
  ): void {
    const { frontend, suite } = this.#options;
    this.#hasTalked = true;
    this.#conversations.opened(conversation, peer);
    this.#outbox.remember(peer);
    this.tellPeople();
    const former = formerFingerprint === undefined ? {} : { formerFingerprint };
    if (conversation.admission !== "kept-out") {
      frontend.show({ type: "connected", peer: viewPeer(suite, peer), pairedNow, ...former });
    }
    if (formerFingerprint !== undefined) frontend.show(fingerprintNotice(viewPeer(suite, peer), formerFingerprint));
    if (peer.isHub === true) this.#openedHub(conversation);
    else this.#openedPerson(conversation, peer);
    if (!this.#hasToWait) this.#leaving.opened();
  }

  /** Whom a hub does not let in gets nothing from it. */
  #letIn(conversation: Conversation): void {
    const { peer, admission } = conversation;
    if (admission === "let-in" || peer === undefined) return;
    conversation.admission = "let-in";
    if (admission === "unsaid") return;
    const { frontend, suite } = this.#options;
    frontend.show({ type: "connected", peer: viewPeer(suite, peer), pairedNow: false });
  }

  #openedHub(conversation: Conversation): void {
    this.#hubs.opened(conversation);
    this.#saying.openedHub();
  }

  #openedPerson(conversation: Conversation, peer: Peer): void {
    this.#hubs.refuseLink(peer);
    const chat = this.#outbox.with(peer);
    this.#attempt(peer, () => this.#commands.keep(peer, this.#options));
    for (const unseen of chat.takeUnseen()) this.#tell(conversation, unseen);
    if (this.#recipients.isClear) this.#outbox.sayHeld(peer);
    conversation.runner?.wake();
    this.#outbox.wake();
    this.#regulateInput();
  }

  /** Messages that arrived just before the end are stored and shown first. */
  #ending(conversation: Conversation): void {
    conversation.runner?.tellAll();
    this.#outbox.flush();
    this.#outbox.refuseStaged();
  }

  #ended(
    conversation: Conversation,
    { end, reason, wasOpen }: { readonly end: SessionEnd; readonly reason: EndReason; readonly wasOpen: boolean },
  ): void {
    const { peer } = conversation;
    this.#conversations.ended(conversation);
    this.#hubs.ended(conversation);
    if (end.type === "error" && !(wasOpen && wasToldByReason(reason))) this.#display.error(end.error, peer);
    this.#regulateInput();
    const { frontend, suite } = this.#options;
    // "replaced" speaks of another session, and this one was never told of.
    if (!wasOpen && (end.type !== "closed" || reason === "replaced")) return;
    // It was not told of either.
    if (conversation.admission === "kept-out") return;
    const isKept = peer !== undefined && !this.#outbox.isForgotten(peer);
    frontend.show({
      type: "disconnected",
      reason,
      peer: peer === undefined ? undefined : viewPeer(suite, peer),
      undelivered: isKept ? this.#outbox.with(peer).undelivered : 0,
    });
  }

  /**
   * Stores what is staged for this peer, through its current session or the outbox. No other session does anything: there
   * may be a thousand, and this comes with each line that is shown.
   */
  #wake(peer: Peer): void {
    this.#conversations.find(peer)?.runner?.wake();
    this.#outbox.wake();
  }

  #tell(conversation: Conversation, event: ChatEvent): void {
    const { peer } = conversation;
    if (peer === undefined) return;
    if (peer.isHub === true) {
      dropSaid(this.#outbox.with(peer), event);
      this.#wake(peer);
      return;
    }
    if (event.type !== "introduction") this.#display.chat(peer, event);
    else if (event.again !== true) this.#attempt(peer, () => this.#introductions.arrived(peer, event.introduction));
    if (event.type === "introduction") this.#display.noted(peer, event);
    this.#outbox.note(event);
    if (event.type === "message") this.#noteUnread(peer);
    if (event.type === "delivered") this.#regulateInput();
  }

  /** A line has come that counts as read where the prompt is. */
  #noteUnread(peer: Peer): void {
    const { frontend, suite } = this.#options;
    const view = viewPeer(suite, peer);
    if (frontend.isAt?.(view) !== true) this.unread.add(recipientOf(view));
  }

  #idOf(peer: Peer): string {
    return recipientOf(viewPeer(this.#options.suite, peer));
  }

  #regulateInput(): void {
    this.#gate.adjust(() => this.#saying.hearing);
  }

  /** An action whose failure is reported to the user and ends nothing. */
  #attempt(peer: Peer, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#outbox.refuse(error, peer);
    }
  }
}
