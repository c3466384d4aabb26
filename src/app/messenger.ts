// The messenger: all conversations of a program, the outbox that carries what is said, and the person or the program at
// this end. A conversation (`conversation.ts`) has the session with one person. What happens in one is the business of
// `meetings.ts`, and for whom something is said that of `saying.ts`. Those with hubs belong to `hubs.ts`.
// Knows neither how sessions are made nor how anything looks.

import { toHex } from "../core/bytes.ts";
import type { Chat } from "../core/chat/chat.ts";
import type { Session } from "../core/chat/session.ts";
import type { PublicIdentity } from "../core/identity/identity.ts";
import type { Peer } from "../core/identity/peer.ts";
import { type PeerView, viewPeer } from "../core/identity/peer-view.ts";
import type { CipherSuite, RandomSource } from "../core/noise/index.ts";
import type { ConnectTarget } from "./connect-target.ts";
import type { Conversation } from "./conversation.ts";
import { ConversationCommands } from "./conversation-commands.ts";
import { Conversations } from "./conversations.ts";
import { Display } from "./display.ts";
import type { Command } from "./events.ts";
import type { Frontend } from "./frontend.ts";
import type { Keeping } from "./history-commands.ts";
import { Hubs, type LoadRooms } from "./hubs.ts";
import { InputGate } from "./input-gate.ts";
import { Introductions } from "./introductions.ts";
import { Leaving } from "./leaving.ts";
import { Meetings } from "./meetings.ts";
import { Outbox } from "./outbox.ts";
import type { Persistence } from "./persistence.ts";
import type { Clock, ExportHistory } from "./ports.ts";
import { Recipients } from "./recipients.ts";
import { isRoomName, Saying } from "./saying.ts";
import { PeerViews } from "./peer-views.ts";
import type { SessionRunner } from "./session-runner.ts";
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

/**
 * All conversations of a program. More than twenty members: it is the one thing that programs and frontends hold, and
 * most members pass on to the part that does it.
 *
 * @example
 * const messenger = new Messenger({ frontend, clock, suite, persistence, peers, savePeer, forgetPeer, ... });
 * messenger.command({ type: "say", text: "Can you see this?", to: "bob" });
 */
export class Messenger {
  readonly #options: MessengerOptions;
  readonly #views: PeerViews;
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
  readonly #meetings: Meetings;
  /** How much of each conversation nobody has read. */
  readonly unread: Unread;
  /** The people and the hubs that the frontend was told of last. */
  #told: readonly Peer[] | undefined;

  constructor(options: MessengerOptions) {
    this.#options = options;
    this.#views = new PeerViews(options.suite);
    const { frontend, clock, persistence, isAwaiting, isQueueing = false } = options;
    this.unread = new Unread((conversation, unread) => frontend.show({ type: "unread", conversation, unread }));
    this.#display = new Display({
      frontend,
      views: this.#views,
      verbose: options.verbose,
      chatWith: (peer) => this.#outbox.with(peer),
      onTaken: (peer, next) => {
        this.#meetings.attempt(peer, () => this.#outbox.with(peer).show(next));
        this.#meetings.wake(peer);
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
        for (const event of events) this.#meetings.tell(conversation, event);
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
      isOutputTaken: () => this.#meetings.isOutputTaken,
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
      wake: (peer) => this.#meetings.wake(peer),
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
    this.#meetings = new Meetings({
      frontend,
      clock,
      views: this.#views,
      outbox: this.#outbox,
      display: this.#display,
      hubs: this.#hubs,
      recipients: this.#recipients,
      introductions: this.#introductions,
      leaving: this.#leaving,
      unread: this.unread,
      conversations: () => this.#conversations,
      saying: () => this.#saying,
      keep: (peer) => this.#commands.keep(peer, options),
      tellPeople: () => this.tellPeople(),
      regulateInput: () => this.#regulateInput(),
    });
    this.#conversations = new Conversations(this.#meetings);
    this.#saying = new Saying({
      room: isRoomName(options.to) ? options.to : undefined,
      outbox: this.#outbox,
      recipients: this.#recipients,
      conversations: this.#conversations,
      hubs: this.#hubs,
      leaving: this.#leaving,
      isPipe: options.isPipe === true,
      showError: (error) => this.#display.error(error),
      onRead: (peer) => this.unread.clear(this.#views.idOf(peer)),
      onSaid: () => this.#regulateInput(),
    });
  }

  /** Whether any session has been open, with whomever: also with somebody who was forgotten. */
  get hasTalked(): boolean {
    return this.#meetings.hasTalked;
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
    for (const unseen of chat.takeUnseen()) this.#meetings.tell(this.with(peer), unseen);
    this.#meetings.attempt(peer, () => this.#introductions.recall(peer));
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
        this.#leaving.inputEnded(this.#meetings.hasToWait);
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
    this.#meetings.isOutputTaken = isTaken;
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
    const peers = this.#options.peers();
    return this.#outbox.hasForgotten ? peers.filter((peer) => !this.#outbox.isForgotten(peer)) : peers;
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
    this.unread.clear(this.#views.idOf(peer));
    this.#saying.forget(conversation);
    this.tellPeople();
    this.#regulateInput();
  }

  #regulateInput(): void {
    this.#gate.adjust(() => this.#saying.hearing);
  }
}
