// Two conversations over two channels, and a line between them that the test moves by hand.

import { Conversation, type ConversationEvent } from "../../../src/core/chat/conversation.ts";
import { directPair } from "../channel/direct-pair.ts";
import { opposite, type Side, SIDES } from "../channel/pair.ts";

/** Two conversations that have measured their first round trip, and what is between them. */
export function talk() {
  const { driver, other, clock } = directPair({ rekey: { minMs: 30_000, maxMs: 30_000 } });
  const sides = { driver: new Conversation(driver), other: new Conversation(other) };
  const underWay: Record<Side, Uint8Array[]> = { driver: [], other: [] };
  const events: Record<Side, ConversationEvent[]> = { driver: [], other: [] };
  const take = (side: Side): number => {
    sides[side].advance(clock.now);
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
  const say = (side: Side, text: string): number => sides[side].say(text, clock.now);
  const texts = (side: Side): string[] =>
    events[side].flatMap((event) => (event.type === "message" ? [event.text] : []));
  run();
  return { ...sides, clock, underWay, events, take, deliver, run, say, texts };
}
