// Two conversations over two channels, and a line between them that the test moves by hand.

import { ChatSession, type ChatSessionEvent } from "../../../src/core/chat/chat-session.ts";
import { Chat } from "../../../src/core/chat/chat.ts";
import { directPair } from "../channel/direct-pair.ts";
import { opposite, type Side, SIDES } from "../channel/pair.ts";
import { LastingStore } from "../delivery/lasting-store.ts";

const PEER = new Uint8Array(32).fill(1);

/** A chat whose store outlives its sessions. */
export function chatOf(store: number): Chat {
  return new Chat(new LastingStore(new Uint8Array(16).fill(store)), PEER);
}

/** Two conversations that have measured their first round trip, and what is between them. */
export function conversation() {
  const { driver, other, clock } = directPair({ rekey: { minMs: 30_000, maxMs: 30_000 }, resumed: false });
  const sides = { driver: new ChatSession(driver), other: new ChatSession(other) };
  const chats = { driver: chatOf(2), other: chatOf(3) };
  for (const side of SIDES) sides[side].begin(chats[side]);
  const underWay: Record<Side, Uint8Array[]> = { driver: [], other: [] };
  const events: Record<Side, ChatSessionEvent[]> = { driver: [], other: [] };
  /** What each knows before anything arrives: that it was sent. */
  const sent: Record<Side, ChatSessionEvent[]> = { driver: [], other: [] };
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
  const say = (side: Side, text: string): number => chats[side].say(text, clock.now);
  const texts = (side: Side): string[] =>
    events[side].flatMap((event) => (event.type === "message" ? [event.text] : []));
  run();
  return { ...sides, chats, clock, underWay, events, sent, take, deliver, run, say, texts };
}
