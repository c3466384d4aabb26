// What all calls of the API stand on: the program's parts, who is meant by the id of a conversation, and how a command is
// carried out in the name of the caller.

import type { History } from "../../core/chat/history.ts";
import { fingerprint } from "../../core/identity/fingerprint.ts";
import type { PublicIdentity } from "../../core/identity/identity.ts";
import { type PeerView, viewPeer } from "../../core/identity/peer-view.ts";
import { peopleAmong, type Peer } from "../../core/identity/peer.ts";
import type { CipherSuite } from "../../core/noise/index.ts";
import type { Command, ProgramEvent } from "../events.ts";
import type { Frontends } from "../frontends.ts";
import type { Messenger } from "../messenger.ts";
import type { Clock } from "../ports.ts";
import type { KeptReceipt, Receipt, Receipts } from "../receipts.ts";
import type { RoomCommand, RoomSaying } from "../rooms/room-commands.ts";
import type { RoomReport } from "../rooms/room-reports.ts";
import type { LookedRoom } from "../rooms/room-look.ts";
import type { ApiMemory } from "./api-memory.ts";
import type { ApiProgram } from "./api-program.ts";
import { ApiProblem, type InputOf, type OutputOf } from "./api.ts";
import type { ToJson } from "./api-events.ts";
import type { CallName } from "./calls.ts";
import type { ConnectionJson, PersonJson } from "./views.ts";
import { problemOf } from "./problems.ts";

export interface ApiParts {
  readonly program: ApiProgram;
  readonly messenger: Messenger;
  /** Those that the messenger has, with `memory` among the onlookers. */
  readonly frontends: Frontends;
  readonly memory: ApiMemory;
  /** Undefined with --no-store. */
  readonly history: History | undefined;
  /** Undefined with --no-store: what was said with a key is known as long as the program runs. */
  readonly receipts?: Receipts | undefined;
  /** Whether messages survive the program. */
  readonly isLasting: boolean;
  readonly self: PublicIdentity;
  readonly suite: CipherSuite;
  readonly clock: Pick<Clock, "now">;
  /** That of --json. */
  readonly toJson: ToJson;
  /** Reads a command of docs/json.md, as text; or says what is wrong with it. */
  readonly readCommand: (text: string) => Command | { readonly code: string; readonly message: string };
}

/** A call with a key of its caller: its receipt, and those that an earlier run of the program has kept of it. */
export interface Keyed {
  readonly receipt: Receipt;
  readonly kept: readonly KeptReceipt[];
}

/** What each of these calls does. What it throws or rejects with becomes an ApiProblem. */
export type Calls<Names extends CallName> = {
  readonly [Name in Names]: (input: InputOf<Name>, keyed?: Keyed) => OutputOf<Name> | Promise<OutputOf<Name>>;
};

/** As a member of a command about a room that says something. */
export function receiptOf(keyed: Keyed | undefined): { readonly receipt?: Receipt } {
  return keyed === undefined ? {} : { receipt: keyed.receipt };
}

/** Of a call that answers with nothing. */
export const NOTHING = {};

export type Place =
  | { readonly kind: "person"; readonly id: string; readonly peer: Peer }
  | { readonly kind: "room"; readonly id: string; readonly room: LookedRoom };

export class ApiGround {
  readonly parts: ApiParts;

  constructor(parts: ApiParts) {
    this.parts = parts;
  }

  get nowMs(): number {
    return this.parts.clock.now().wallMs;
  }

  get self(): PersonJson {
    const { suite, self, program } = this.parts;
    return { name: program.ownName, fingerprint: fingerprint(suite, self), self: true };
  }

  view(peer: Peer): PeerView {
    return viewPeer(this.parts.suite, peer);
  }

  idOf(peer: Peer): string {
    return fingerprint(this.parts.suite, peer).replaceAll(" ", "");
  }

  /** Somebody who is paired here, or a hub, by the id. Throws ApiProblem. */
  peer(id: string): Peer {
    const peer = this.parts.messenger.known.find((one) => this.idOf(one) === id);
    if (peer !== undefined) return peer;
    throw new ApiProblem("peer-unknown", "Nobody with this id is paired here.", "peers lists who is.");
  }

  /** The person or the room with this id. Rejects with ApiProblem. */
  async place(id: string): Promise<Place> {
    const peer = peopleAmong(this.parts.messenger.known).find((one) => this.idOf(one) === id);
    if (peer !== undefined) return { kind: "person", id, peer };
    const { rooms } = this.parts.messenger;
    const room = rooms.hasHubs ? (await rooms.engine()).look.find(id) : undefined;
    if (room !== undefined) return { kind: "room", id, room };
    throw new ApiProblem("peer-unknown", "There is no conversation with this id.", "conversations lists them.");
  }

  /** A room, by its id. Rejects with ApiProblem. */
  async room(id: string): Promise<LookedRoom> {
    const place = await this.place(id);
    if (place.kind === "room") return place.room;
    throw new ApiProblem("usage", "This conversation is with a person, not a room; nothing was done.");
  }

  /** How it stands with this peer. */
  stateOf(peer: Peer): ConnectionJson {
    const { isOpen, nextTry } = this.parts.messenger.with(peer);
    return isOpen ? "connected" : nextTry === undefined ? "away" : "connecting";
  }

  /** Carries out a command; returns all that came of it at once. What it says is stored with the receipt of the call. */
  happenings(command: Command, keyed?: Keyed): readonly ProgramEvent[] {
    const { frontends, program, messenger, receipts } = this.parts;
    const events: ProgramEvent[] = [];
    const carryOut = (): void => {
      program.command(command);
      // What was said is stored now: its number is the answer.
      messenger.flush();
    };
    if (keyed !== undefined) messenger.flush();
    frontends.asking({ show: (event) => void events.push(event) }, () => {
      if (keyed === undefined || receipts === undefined) carryOut();
      else receipts.under(keyed.receipt, carryOut);
    });
    return events;
  }

  /** The same. Throws ApiProblem if the command was refused. */
  carryOut(command: Command, keyed?: Keyed): readonly ProgramEvent[] {
    const events = this.happenings(command, keyed);
    const error = events.find((event) => event.type === "error");
    if (error !== undefined) throw problemOf(error);
    return events;
  }

  /** Says something in a room that was not said before a restart. Rejects with LairError. */
  async askOnce(command: RoomSaying, keyed: Keyed | undefined): Promise<void> {
    if (keyed?.kept[0] === undefined) await this.ask({ ...command, ...receiptOf(keyed) });
  }

  /** Carries out a command about rooms; returns its answer. Rejects with LairError. */
  async ask(command: RoomCommand): Promise<RoomReport | undefined> {
    return await this.parts.messenger.rooms.ask(command);
  }

  /** The same, of a command whose answer has one of these types. Rejects with LairError. */
  async answer<Type extends RoomReport["type"]>(
    command: RoomCommand,
    ...types: readonly Type[]
  ): Promise<RoomReport & { readonly type: Type }> {
    const report = await this.ask(command);
    const isMeant = (one: RoomReport): one is RoomReport & { readonly type: Type } =>
      types.some((type) => type === one.type);
    if (report !== undefined && isMeant(report)) return report;
    throw new ApiProblem("internal", "This is a bug in Lair: a command about rooms has no answer.");
  }
}
