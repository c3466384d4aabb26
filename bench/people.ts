// Paired people at one lair-server: a home in which all of them are stored, and each as a session of the library in this process.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { WebSocket } from "ws";
import { SessionRunner } from "../src/app/session-runner.ts";
import { webSocketCarrier } from "../src/app/websocket-carrier.ts";
import { openPersistence } from "../src/cli/persistence.ts";
import { CLOSE_REASON } from "../src/core/channel/index.ts";
import { Chat } from "../src/core/chat/chat.ts";
import { MemoryStore } from "../src/core/delivery/memory-store.ts";
import { generateIdentity, type Identity } from "../src/core/identity/identity.ts";
import type { Peer } from "../src/core/identity/peer.ts";
import { clientCredentials, ClientSession } from "../src/core/pairing/client-session.ts";
import { SYSTEM_CLOCK as clock } from "../src/node/clock.ts";
import { openHome } from "../test/node/home/open-home.ts";
import { OPENSSL_SUITE as suite } from "../src/node/openssl-suite/suite.ts";

/** How many connect at the same time. */
const AT_ONCE = 20;
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

export interface Person {
  readonly identity: Identity;
  readonly psk: Uint8Array;
  readonly name: string;
}

export interface Prepared {
  readonly people: readonly Person[];
  readonly server: Peer;
}

export class Talker {
  readonly runner: SessionRunner<ClientSession>;
  readonly #delivered = new Map<number, () => void>();
  rekeys = 0;
  /** Between two rekeys of this session, the first from its opening, in ms. */
  longestGapMs = 0;
  shortestGapMs = Infinity;
  #rekeyedAtMs = 0;

  constructor(person: Person, server: Peer, socket: WebSocket, url: string, onOpened: () => void) {
    const chat = new Chat(new MemoryStore(random(8)), server.publicKey);
    this.runner = new SessionRunner({
      session: new ClientSession({
        party: {
          suite,
          random,
          staticKey: person.identity,
          hello: { name: person.name, agent: "bench/1", capabilities: [] },
        },
        credential: clientCredentials({ ...server, psk: person.psk }, undefined)[0]!,
        url,
        peers: [{ ...server, psk: person.psk }],
        trustFirst: false,
        savePeer: () => {},
        chatWith: () => chat,
        now: clock.now(),
      }),
      carrier: webSocketCarrier(socket, clock),
      clock,
      onEvent: (event) => {
        if (event.type === "opened") {
          this.#rekeyedAtMs = performance.now();
          onOpened();
        }
        if (event.type === "rekeyed") this.#countRekey(performance.now());
        if (event.type === "delivered") this.#delivered.get(event.seq)?.();
      },
      onEnd: (end) => {
        if (end.type === "error") throw end.error;
      },
    });
  }

  #countRekey(nowMs: number): void {
    const gapMs = nowMs - this.#rekeyedAtMs;
    this.#rekeyedAtMs = nowMs;
    this.rekeys += 1;
    this.longestGapMs = Math.max(this.longestGapMs, gapMs);
    this.shortestGapMs = Math.min(this.shortestGapMs, gapMs);
  }

  /** From saying a line to its acknowledgement, in ms. */
  async echo(): Promise<number> {
    const start = performance.now();
    const said = this.runner.session.chatSession!.chat!.say("still there?", clock.now());
    const delivered = new Promise<void>((resolve) => this.#delivered.set(said, resolve));
    this.runner.wake();
    await delivered;
    this.#delivered.delete(said);
    return performance.now() - start;
  }
}

/** Makes the home of a lair-server with so many people in it. */
export async function prepare(home: string, sessions: number): Promise<Prepared> {
  const serverHome = openHome(home, "server", { suite });
  const own = serverHome.identity(() => generateIdentity(suite, random));
  const persistence = await openPersistence(serverHome, own, suite, { noStore: false });
  const about = { pairedAtMs: Date.now(), comparedAtMs: undefined, url: undefined, invitePsk: undefined };
  const people = Array.from({ length: sessions }, (_, index) => {
    const person = { identity: generateIdentity(suite, random), psk: random(32), name: `person-${index}` };
    const { publicKey, signatureKey } = person.identity;
    persistence.pairings.savePeer({ ...about, publicKey, signatureKey, psk: person.psk, name: person.name });
    return person;
  });
  persistence.close();
  const { publicKey, signatureKey } = own;
  return { people, server: { ...about, publicKey, signatureKey, psk: undefined, name: "server" } };
}

/** Connects all of them, some at a time; resolves when all sessions are open. */
export async function connectAll({ people, server }: Prepared, url: string): Promise<readonly Talker[]> {
  const talkers: Talker[] = [];
  for (let first = 0; first < people.length; first += AT_ONCE) {
    const opened = people.slice(first, first + AT_ONCE).map(async (person) => {
      const socket = new WebSocket(url, "lair.1", { perMessageDeflate: false });
      await once(socket, "open");
      await new Promise<void>((resolve) => {
        talkers.push(new Talker(person, server, socket, url, resolve));
      });
    });
    await Promise.all(opened);
  }
  return talkers;
}

/** Each says goodbye; resolves when all have gone. */
export async function leaveAll(talkers: readonly Talker[]): Promise<void> {
  for (const { runner } of talkers) runner.leave(CLOSE_REASON.goodbye, 1_000);
  await Promise.all(talkers.map(({ runner }) => runner.gone));
}

/** Resident memory in MiB, and the processor's time so far in s, of a process. */
export function usage(pid: number): { readonly mib: number; readonly cpuS: number } {
  const rssKib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]);
  const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8").split(" ").slice(13, 15).map(Number);
  return { mib: rssKib / 1_024, cpuS: (user! + system!) / 100 };
}
