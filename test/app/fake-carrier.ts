// A carrier that the test moves by hand, and two drivers over two of them.

import { ClientSession } from "../../src/core/pairing/client-session.ts";
import type { ServerSession } from "../../src/core/pairing/server-session.ts";
import type { Session, SessionEvent } from "../../src/core/chat/session.ts";
import { SessionRunner, type SessionEnd } from "../../src/app/session-runner.ts";
import type { FairTurns } from "../../src/app/fair-turns.ts";
import type { Carrier } from "../../src/app/ports.ts";
import { ClientPerson, ServerPerson } from "../core/pairing/fixture.ts";
import type { LastingStore } from "../core/delivery/lasting-store.ts";
import { ManualClock } from "../node/manual-clock.ts";

type Handlers = Parameters<Carrier["attach"]>[0];

export class FakeCarrier implements Carrier {
  bufferedBytes = 0;
  /** Whether what is sent stays in the buffer until the test empties it. */
  isStuck = false;
  /** Whether nothing is to be read; the test obeys if it likes. */
  isPaused = false;
  readonly sent: Uint8Array[] = [];
  /** Everything but frames that was asked of it. */
  readonly calls: string[] = [];
  handlers: Handlers | undefined;
  /** How many of `sent` the other side has got. */
  delivered = 0;

  attach(handlers: Handlers): void {
    this.handlers = handlers;
  }

  authenticated(): void {
    this.calls.push("authenticated");
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  send(frame: Uint8Array): void {
    this.sent.push(frame);
    if (this.isStuck) this.bufferedBytes += frame.length;
  }

  close(code: 1000 | 1001 | 1011): void {
    this.calls.push(`close ${code}`);
  }

  terminate(): void {
    this.calls.push("terminate");
  }

  /** The buffer is empty again. */
  drain(): void {
    this.bufferedBytes = 0;
    this.handlers!.drained();
  }
}

export interface Driven<L extends Session> {
  readonly runner: SessionRunner<L>;
  readonly carrier: FakeCarrier;
  readonly events: SessionEvent[];
  readonly ends: SessionEnd[];
  /** Runs at each event, before it is noted. */
  onEvent: (event: SessionEvent) => void;
  /** Runs at the end, before it is noted. */
  onEnd: (end: SessionEnd) => void;
}

/** `turns`: those of other sessions as well. */
export function drive<L extends Session>(session: L, clock: ManualClock, turns?: FairTurns): Driven<L> {
  const carrier = new FakeCarrier();
  const events: SessionEvent[] = [];
  const ends: SessionEnd[] = [];
  const driven: Driven<L> = {
    runner: new SessionRunner({
      session,
      carrier,
      clock,
      ...(turns === undefined ? {} : { turns }),
      onEvent: (event) => {
        driven.onEvent(event);
        events.push(event);
      },
      onEnd: (end) => {
        driven.onEnd(end);
        ends.push(end);
      },
    }),
    carrier,
    events,
    ends,
    onEvent: () => {},
    onEnd: () => {},
  };
  return driven;
}

/** The microtasks that are due have run. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** The oldest frame that is under way arrives, and the turn after it is over; false when there is none. */
export async function deliver(from: Driven<Session>, to: Driven<Session>): Promise<boolean> {
  const frame = from.carrier.sent[from.carrier.delivered];
  if (frame === undefined) return false;
  from.carrier.delivered += 1;
  to.carrier.handlers!.frame(frame);
  await turn();
  return true;
}

/** Everything that was sent arrives, and the answers to it, until nothing moves. */
export async function exchange(one: Driven<Session>, other: Driven<Session>): Promise<void> {
  for (let moved = true; moved;) {
    moved = false;
    while (await deliver(one, other)) moved = true;
    while (await deliver(other, one)) moved = true;
  }
}

/** A client and a server with an invite, each on a carrier; not a byte has moved. */
export function twoSides(serverStore?: LastingStore, clock = new ManualClock(), turns?: FairTurns) {
  const serverPerson = new ServerPerson({ name: "anna", seed: 1, clock: clock.time });
  if (serverStore !== undefined) serverPerson.store = serverStore;
  const clientPerson = new ClientPerson({ name: "bert", seed: 2, clock: clock.time });
  const { psk, serverKey } = serverPerson.makeInvite();
  const server: Driven<ServerSession> = drive(serverPerson.machine.session(clock.now()), clock, turns);
  const client: Driven<ClientSession> = drive(
    clientPerson.session({ type: "invite", psk, serverKey, peer: undefined }),
    clock,
  );
  return { clock, serverPerson, clientPerson, server, client };
}

/** The same, connected. */
export async function connected(serverStore?: LastingStore, clock?: ManualClock, turns?: FairTurns) {
  const sides = twoSides(serverStore, clock, turns);
  await turn();
  await exchange(sides.client, sides.server);
  return sides;
}

export const types = ({ events }: Driven<Session>): string[] => events.map(({ type }) => type);
export const say = (side: Driven<Session>, clock: ManualClock, text: string): number =>
  side.runner.session.chatSession!.chat!.say(text, clock.now());
