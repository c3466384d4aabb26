// What a message costs in the library alone: two sessions in one process, over stores in memory, whose frames reach each other
// without a network. User time of both sides together, which says something on a machine with other work too: the least of the
// rounds, and their median. Run: node --import ./test/tsx.js bench/message.ts [oneway|large|echo]

import { SessionRunner } from "../src/app/session-runner.ts";
import type { Carrier } from "../src/app/ports.ts";
import { Chat } from "../src/core/chat/chat.ts";
import type { SessionEvent } from "../src/core/chat/session.ts";
import { clientCredentials, ClientSession } from "../src/core/pairing/client-session.ts";
import { MemoryPairings } from "../src/core/pairing/memory-pairings.ts";
import { Server } from "../src/core/pairing/server.ts";
import { SYSTEM_CLOCK as clock } from "../src/node/clock.ts";
import { median } from "./measure.ts";
import { identityOf, newStore, partyOf, peerOf, suiteOf } from "./peers/lair-people.ts";

const ROUNDS = 15;
/** As in bench/peers/lair.ts. */
const DEPTH = 4_000;
const DEPTH_BYTES = 4 * 2 ** 20;

const suite = suiteOf("openssl");
let frames = 0;

/** What is sent arrives in the next turn of the event loop, with what else was sent by then. */
function joined(): readonly [Carrier, Carrier] {
  const handlers: Parameters<Carrier["attach"]>[0][] = [];
  let underWay: (() => void)[] = [];
  const arrive = (): void => {
    const now = underWay;
    underWay = [];
    for (const one of now) one();
  };
  const end = (own: 0 | 1): Carrier => ({
    bufferedBytes: 0,
    attach: (given) => void (handlers[own] = given),
    send(frame) {
      frames += 1;
      if (underWay.length === 0) setImmediate(arrive);
      underWay.push(() => handlers[1 - own]!.frame(frame));
    },
    close() {},
    terminate() {},
  });
  return [end(0), end(1)];
}

const onEnd = (end: unknown): never => {
  throw new Error(`a session has ended: ${JSON.stringify(end)}`);
};

const [serverEnd, clientEnd] = joined();
const [ada, bob] = [peerOf(suite, "ada", 0), peerOf(suite, "bob", 0)];
const adasChat = new Chat(newStore(), bob.publicKey);
const bobsChat = new Chat(newStore(), identityOf(suite, "ada").publicKey);

/** Ada sends back what begins with "e". */
const server = new Server({
  party: partyOf(suite, "ada", { minMs: 30_000, maxMs: 120_000 }),
  registry: new MemoryPairings(),
  admissionMemory: undefined,
  peers: [bob],
  invites: [],
  psk: undefined,
  trustFirst: false,
  chatWith: () => adasChat,
  now: clock.now(),
});
const adasRunner = new SessionRunner({
  session: server.session(clock.now()),
  carrier: serverEnd,
  clock,
  onEvent(event) {
    if (event.type !== "message") return;
    adasChat.show(event.seq + 1);
    if (event.text.startsWith("e")) adasChat.say(event.text, clock.now());
    adasRunner.wake();
  },
  onEnd,
});

let bobHears: (event: SessionEvent) => void = () => {};
const bobsRunner = new SessionRunner({
  session: new ClientSession({
    party: partyOf(suite, "bob"),
    credential: clientCredentials(ada, undefined)[0]!,
    url: "ws://127.0.0.1",
    peers: [ada],
    trustFirst: false,
    savePeer: () => {},
    chatWith: () => bobsChat,
    now: clock.now(),
  }),
  carrier: clientEnd,
  clock,
  onEvent: (event) => bobHears(event),
  onEnd,
});

function say(count: number, text: string): void {
  for (let index = 0; index < count; index++) bobsChat.say(text, clock.now());
  bobsRunner.wake();
}

async function flood(count: number, text: string): Promise<void> {
  const depth = Math.min(DEPTH, Math.floor(DEPTH_BYTES / text.length));
  let [said, delivered] = [0, 0];
  const fill = (): void => {
    const more = Math.min(count - said, depth - (said - delivered));
    said += more;
    say(more, text);
  };
  await new Promise<void>((resolve) => {
    bobHears = ({ type }) => {
      if (type !== "delivered") return;
      delivered += 1;
      if (delivered === count) resolve();
      else if (delivered % Math.ceil(depth / 8) === 0) fill();
    };
    fill();
  });
}

async function echoes(count: number, text: string): Promise<void> {
  for (let index = 0; index < count; index++) {
    await new Promise<void>((resolve) => {
      bobHears = (event) => {
        if (event.type !== "message") return;
        bobsChat.show(event.seq + 1);
        resolve();
      };
      say(1, text);
    });
  }
}

const MEASURES = {
  oneway: { what: "100 bytes one way", count: 50_000, run: (count: number) => flood(count, "o".repeat(100)) },
  large: { what: "16 KB one way", count: 1_000, run: (count: number) => flood(count, "o".repeat(16_384)) },
  echo: { what: "100 bytes and back", count: 3_000, run: (count: number) => echoes(count, "e".repeat(100)) },
};

await new Promise<void>((resolve) => {
  bobHears = ({ type }) => type === "opened" && resolve();
});
for (const [key, { what, count, run }] of Object.entries(MEASURES)) {
  if (process.argv[2] !== undefined && process.argv[2] !== key) continue;
  for (let warmUp = 0; warmUp < 2; warmUp++) await run(count);
  const times: number[] = [];
  let sent = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const [before, framesBefore] = [process.cpuUsage(), frames];
    await run(count);
    times.push(process.cpuUsage(before).user / count);
    sent = (frames - framesBefore) / count;
  }
  const [least, usual] = [Math.min(...times).toFixed(2), median(times).toFixed(2)];
  console.log(
    `${key.padEnd(8)}${what.padEnd(20)} ${least} µs, median ${usual} µs; ${sent.toFixed(4)} frames a message`,
  );
}
process.exit(0);
