// Two people with a chat each, who meet in sessions in which everything arrives.

import { ChatSession } from "../../../src/core/chat/chat-session.ts";
import { Chat, type ChatEvent } from "../../../src/core/chat/chat.ts";
import { directPair } from "../channel/direct-pair.ts";
import { FakeClock } from "../channel/fake-clock.ts";
import { type Side, SIDES } from "../channel/pair.ts";
import { LastingStore } from "../delivery/lasting-store.ts";
import { idOf, PEER } from "../delivery/rogue-session.ts";

/** Two people who outlive their links and their programs. */
export class Two {
  readonly clock = new FakeClock();
  readonly stores: Record<Side, LastingStore> = {
    driver: new LastingStore(idOf(1)),
    other: new LastingStore(idOf(2)),
  };
  readonly people: Record<Side, Chat> = {
    driver: new Chat(this.stores.driver, PEER),
    other: new Chat(this.stores.other, PEER),
  };
  readonly events: Record<Side, ChatEvent[]> = { driver: [], other: [] };

  restart(side: Side): void {
    this.people[side] = new Chat(this.stores[side].reopen(), PEER);
  }

  /** A session in which everything arrives, and which is cut then. */
  meet(): void {
    const { clock } = this;
    const pair = directPair({ clock, resumed: false, rekey: { minMs: 600_000, maxMs: 600_000 } });
    const sides = { driver: new ChatSession(pair.driver), other: new ChatSession(pair.other) };
    for (const side of SIDES) sides[side].begin(this.people[side]);
    for (let moved = true; moved;) {
      moved = false;
      for (const [side, peer] of [
        ["driver", "other"],
        ["other", "driver"],
      ] as const) {
        this.note(side, sides[side].advance(clock.now));
        for (;;) {
          const frame = sides[side].nextFrame(clock.now);
          if (frame === undefined) break;
          this.note(peer, sides[peer].receive(frame, clock.now));
          moved = true;
        }
      }
    }
    for (const side of SIDES) sides[side].end();
  }

  note(side: Side, events: readonly { readonly type: string }[]): void {
    this.events[side].push(...(events as readonly ChatEvent[]));
  }

  commit(side: Side): void {
    this.note(side, this.people[side].commit());
  }

  get timers(): readonly number[] {
    return SIDES.map((side) => this.people[side].timerS);
  }
}
