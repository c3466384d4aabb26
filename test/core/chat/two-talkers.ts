// Two conversations over two channels, and a line between them that the test moves by hand.

import { Conversation, type ConversationEvent } from "../../../src/core/chat/conversation.ts";
import { Correspondence } from "../../../src/core/chat/correspondence.ts";
import { directPair } from "../channel/direct-pair.ts";
import { opposite, type Side, SIDES } from "../channel/pair.ts";
import { LastingStore } from "../delivery/lasting-store.ts";

const PEER = new Uint8Array(32).fill(1);

/** A correspondence whose store outlives its links. */
export function correspondenceOf(store: number): Correspondence {
  return new Correspondence(new LastingStore(new Uint8Array(16).fill(store)), PEER);
}

/** Two conversations that have measured their first round trip, and what is between them. */
export function talk() {
  const { driver, other, clock } = directPair({ rekey: { minMs: 30_000, maxMs: 30_000 }, resumed: false });
  const sides = { driver: new Conversation(driver), other: new Conversation(other) };
  const correspondences = { driver: correspondenceOf(2), other: correspondenceOf(3) };
  for (const side of SIDES) sides[side].begin(correspondences[side]);
  const underWay: Record<Side, Uint8Array[]> = { driver: [], other: [] };
  const events: Record<Side, ConversationEvent[]> = { driver: [], other: [] };
  /** What each knows before anything arrives: that it was sent. */
  const sent: Record<Side, ConversationEvent[]> = { driver: [], other: [] };
  const take = (side: Side): number => {
    for (const event of sides[side].advance(clock.now)) {
      (event.type === "sent" ? sent : events)[side].push(event);
    }
    for (let count = 0; ; count++) {
      const frame = sides[side].nextFrame(clock.now);
      if (frame === undefined) return count;
      underWay[side].push(frame);
    }
  };
  const deliver = (sender: Side): boolean => {
    const frame = underWay[sender].shift();
    const receiver = sides[opposite(sender)];
    if (frame === undefined) return false;
    if (receiver.channel.state !== "closed") events[opposite(sender)].push(...receiver.receive(frame, clock.now));
    return true;
  };
  const run = (): void => {
    for (let moved = true; moved;) {
      moved = false;
      for (const side of SIDES) moved = take(side) > 0 || deliver(side) || moved;
    }
  };
  const say = (side: Side, text: string): number => correspondences[side].say(text, clock.now);
  const texts = (side: Side): string[] =>
    events[side].flatMap((event) => (event.type === "message" ? [event.text] : []));
  run();
  return { ...sides, correspondences, clock, underWay, events, sent, take, deliver, run, say, texts };
}
