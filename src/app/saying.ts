// What is said, on its way to those whom it is for: a person, a room, or nobody. The input waits for them, too. Who a name
// means is said by `recipients.ts`; commands to all are carried out by `conversation-commands.ts`.

import { LairError } from "../core/errors.ts";
import type { Peer } from "../core/identity/peer.ts";
import { quotedName } from "../core/identity/quoted-name.ts";
import type { Conversation } from "./conversation.ts";
import type { Conversations } from "./conversations.ts";
import type { Hubs } from "./hubs.ts";
import type { Circumstances } from "./input-gate.ts";
import type { Leaving } from "./leaving.ts";
import type { Outbox, Said } from "./outbox.ts";
import type { Recipients } from "./recipients.ts";
import type { RoomCommand } from "./rooms/room-commands.ts";

interface SayingOptions {
  /** Of --to, if it names one. */
  readonly room: string | undefined;
  readonly outbox: Outbox;
  readonly recipients: Recipients;
  readonly conversations: Conversations;
  readonly hubs: Hubs;
  readonly leaving: Leaving;
  /** Whether the input is neither a terminal nor commands. */
  readonly isPipe: boolean;
  readonly showError: (error: unknown) => void;
  /** The user has read what this person has said. */
  readonly onRead: (peer: Peer) => void;
  readonly onSaid: () => void;
}

export class Saying {
  readonly #options: SayingOptions;
  /** To whom something was said last: the input waits for that conversation. */
  #addressed: Conversation | undefined;
  /** Whether the program ends, since its lines are for a room in which the user is not. */
  #isWithout = false;

  constructor(options: SayingOptions) {
    this.#options = options;
  }

  /** To the person or the room that the command names, or to whom it must be for. What cannot be said is refused. */
  to(command: Said & { readonly to?: string | undefined }): void {
    const { hubs, recipients, conversations, outbox } = this.#options;
    try {
      const room = this.#roomOf(command.to);
      if (room !== undefined) {
        const { to: _, ...said } = command;
        hubs.command({ ...said, room });
        return;
      }
      const peer = recipients.ofMessage(command.to);
      if (peer !== undefined) this.say(command, conversations.with(peer));
      else if (this.#isAmongHubs) throw nobodyIsMeant();
      else outbox.say(command, undefined);
    } catch (error) {
      outbox.refuse(error);
    }
  }

  /** To one person. */
  say(said: Said, conversation: Conversation): void {
    const { outbox, onRead, onSaid } = this.#options;
    outbox.say(said, conversation.peer);
    if (conversation.peer !== undefined) onRead(conversation.peer);
    this.#addressed = conversation;
    conversation.runner?.wake();
    outbox.wake();
    onSaid();
  }

  inRooms(command: RoomCommand): void {
    const { hubs, outbox, showError } = this.#options;
    try {
      hubs.command(command);
    } catch (error) {
      // What was said is lost if nobody can say it again.
      if (command.type === "say" || command.type === "reply") outbox.refuse(error);
      else showError(error);
    }
  }

  /** A session with a hub has opened: what was said before anybody was met may be for nobody. */
  openedHub(): void {
    if (this.#isAmongHubs) this.#options.outbox.refuseHeld(nobodyIsMeant());
  }

  /** The user has forgotten this person. */
  forget(conversation: Conversation): void {
    if (this.#addressed === conversation) this.#addressed = undefined;
  }

  /** The input waits for the conversation to which something was said last; before that, for any. */
  get hearing(): Circumstances {
    const { room, conversations, recipients, leaving, outbox } = this.#options;
    if (room !== undefined) return this.#hearingIn(room);
    const conversation = this.#addressed?.hasTalked === true ? this.#addressed : conversations.all.find(isHeard);
    const peer = conversation?.peer;
    return {
      isHeard: peer !== undefined && recipients.isClear && !leaving.isLeaving,
      isOpen: conversation?.isOpen === true,
      undelivered: peer === undefined ? 0 : outbox.with(peer).undelivered,
      waitingBytes: conversation?.runner?.session.chatSession?.channel.waitingBytes ?? 0,
    };
  }

  /** The room that is meant: "#" and its name, or an id. */
  #roomOf(to: string | undefined): string | undefined {
    if (to === undefined) return this.#options.room;
    return isRoomName(to) || this.#options.recipients.isRoomId(to) ? to : undefined;
  }

  /** Whether those whom this program talks with are hubs, and nobody else is being met. */
  get #isAmongHubs(): boolean {
    const { recipients, hubs, conversations } = this.#options;
    return recipients.all.length === 0 && hubs.isOpen && conversations.pending === undefined;
  }

  #hearingIn(room: string): Circumstances {
    const { hubs, leaving, isPipe } = this.#options;
    const { isOpen, isSettled, undelivered } = hubs;
    if (isSettled && !hubs.isHeardIn(room) && isPipe) this.#endWithout(room);
    return { isHeard: hubs.isHeardIn(room) && !leaving.isLeaving, isOpen, undelivered, waitingBytes: 0 };
  }

  /** The lines of a pipe are for a room in which the user is not: waiting would be in vain. */
  #endWithout(room: string): void {
    const { leaving, outbox } = this.#options;
    if (leaving.isLeaving || this.#isWithout) return;
    this.#isWithout = true;
    const hint = "lair-client rooms lists your rooms.";
    outbox.refuse(new LairError("peer-unknown", `You are in no room called ${quotedName(room)}.`, { hint }));
    leaving.conclude(1);
  }
}

/** Whether somebody has been there to hear. */
function isHeard({ hasTalked, isAbandoned, peer }: Conversation): boolean {
  return hasTalked && !isAbandoned && peer?.isHub !== true;
}

/** Whether a recipient is a room and nobody. */
export function isRoomName(to: string | undefined): to is string {
  return to?.startsWith("#") === true;
}

function nobodyIsMeant(): LairError {
  return new LairError("ambiguous-recipient", "This names neither a person nor a room, so it was not sent.", {
    hint: 'Say for whom it is: to #ROOM at the prompt, --to "#ROOM" for a pipe, "to" in JSON.',
  });
}
