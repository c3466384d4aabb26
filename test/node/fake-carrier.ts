// A carrier that the test moves by hand, and two drivers over two of them.

import { GuestLine } from "../../src/core/chat/guest.ts";
import type { HostLine } from "../../src/core/chat/host.ts";
import type { Line, LineEvent } from "../../src/core/chat/line.ts";
import { type Carrier, LineDriver, type LineEnd } from "../../src/node/line-driver.ts";
import { GuestPerson, HostPerson } from "../core/chat/household.ts";
import type { LastingStore } from "../core/delivery/lasting-store.ts";
import { ManualClock } from "./manual-clock.ts";

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

export interface Driven<L extends Line> {
  readonly driver: LineDriver<L>;
  readonly carrier: FakeCarrier;
  readonly events: LineEvent[];
  readonly ends: LineEnd[];
  /** Runs at each event, before it is noted. */
  onEvent: (event: LineEvent) => void;
  /** Runs at the end, before it is noted. */
  onEnd: (end: LineEnd) => void;
}

export function drive<L extends Line>(line: L, clock: ManualClock): Driven<L> {
  const carrier = new FakeCarrier();
  const events: LineEvent[] = [];
  const ends: LineEnd[] = [];
  const driven: Driven<L> = {
    driver: new LineDriver({
      line,
      carrier,
      clock,
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
export async function deliver(from: Driven<Line>, to: Driven<Line>): Promise<boolean> {
  const frame = from.carrier.sent[from.carrier.delivered];
  if (frame === undefined) return false;
  from.carrier.delivered += 1;
  to.carrier.handlers!.frame(frame);
  await turn();
  return true;
}

/** Everything that was sent arrives, and the answers to it, until nothing moves. */
export async function exchange(one: Driven<Line>, other: Driven<Line>): Promise<void> {
  for (let moved = true; moved;) {
    moved = false;
    while (await deliver(one, other)) moved = true;
    while (await deliver(other, one)) moved = true;
  }
}

/** A guest and a host with an invite, each on a carrier; not a byte has moved. */
export function twoSides(hostStore?: LastingStore) {
  const clock = new ManualClock();
  const host = new HostPerson({ name: "anna", seed: 1, clock: clock.time });
  if (hostStore !== undefined) host.store = hostStore;
  const guest = new GuestPerson({ name: "bert", seed: 2, clock: clock.time });
  const { psk, serverKey } = host.makeInvite();
  const server: Driven<HostLine> = drive(host.host.line(clock.now()), clock);
  const client: Driven<GuestLine> = drive(guest.line({ type: "invite", psk, serverKey, peer: undefined }), clock);
  return { clock, host, guest, server, client };
}

/** The same, connected. */
export async function connected(hostStore?: LastingStore) {
  const sides = twoSides(hostStore);
  await turn();
  await exchange(sides.client, sides.server);
  return sides;
}

export const types = ({ events }: Driven<Line>): string[] => events.map(({ type }) => type);
export const say = (side: Driven<Line>, clock: ManualClock, text: string): number =>
  side.driver.line.conversation!.correspondence!.say(text, clock.now());
