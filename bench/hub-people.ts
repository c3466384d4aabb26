// A real lair-hub in a process of its own for a benchmark, and people who make calls to it: sessions of the library in this
// process, which seal nothing for a room. Linux (it reads /proc); loopback only.

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { Following, type LogEntry } from "../src/app/rooms/following.ts";
import { SessionRunner } from "../src/app/session-runner.ts";
import { webSocketCarrier } from "../src/app/websocket-carrier.ts";
import { CLOSE_REASON, READS_ENTRIES, ROOMS } from "../src/core/channel/index.ts";
import { Chat } from "../src/core/chat/chat.ts";
import { MemoryStore } from "../src/core/delivery/memory-store.ts";
import {
  type Answered,
  type Asked,
  type CallName,
  decodeAnswer,
  decodeNews,
  encodeCall,
  nameOfNews,
  type Outcome,
} from "../src/core/hub/calls.ts";
import { generateIdentity } from "../src/core/identity/identity.ts";
import { parseInvite } from "../src/core/identity/invite.ts";
import type { Peer } from "../src/core/identity/peer.ts";
import { clientCredentials, ClientSession } from "../src/core/pairing/client-session.ts";
import { SYSTEM_CLOCK as clock } from "../src/node/clock.ts";
import { OPENSSL_SUITE as suite } from "../src/node/openssl-suite/suite.ts";
import { pause } from "./pause.ts";
import { profiling } from "./profiling.ts";
import { BIN } from "../test/e2e/build.ts";
import { WebSocket } from "ws";

const MOST_ATTEMPTS = 200;
/** As a member's program (src/app/rooms/catching-up.ts), which tells it after a second as well. */
const MOST_UNACKNOWLEDGED = 64;

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** What a process has used. */
export interface Usage {
  /** Resident. */
  readonly mib: number;
  /** Of the processor, so far. */
  readonly cpuMs: number;
}

export function usageOf(pid: number): Usage {
  const rssKib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]);
  // In ns for each thread: the ticks of `stat` are 10 ms, which is as much as 30 lines take.
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`);
  const cpuNs = threads.reduce((sum, file) => sum + Number(readFileSync(file, "utf8").split(" ")[0]), 0);
  return { mib: rssKib / 1_024, cpuMs: cpuNs / 1_000_000 };
}

export class HubProcess {
  readonly pid: number;
  readonly url: string;
  /** Good for everybody, any number of times. */
  readonly invite: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string, invite: string) {
    this.#child = child;
    this.pid = child.pid!;
    this.url = url;
    this.invite = invite;
  }

  /** `port` 0 takes a free one. */
  static async start(home: string, port: number, maxMembers: number): Promise<HubProcess> {
    const bin = join(BIN, "lair-hub.js");
    const args = ["--json", "--home", home, "--listen", `127.0.0.1:${port}`, "--admin-listen", "off", "--open"];
    const child = spawn(
      process.execPath,
      [...profiling("lair-hub"), bin, ...args, "--max-members", String(maxMembers)],
      {
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    // Whatever ends the bench.
    process.once("exit", () => child.kill("SIGKILL"));
    let url = "";
    for await (const line of createInterface({ input: child.stdout })) {
      const event = JSON.parse(line) as { event: string; url?: string; invite?: string; for?: string };
      if (event.event === "listening") url = event.url!;
      if (event.event === "invite" && event.for === "anybody") {
        child.stdout.resume();
        return new HubProcess(child, url, event.invite!);
      }
    }
    throw new Error("lair-hub has ended");
  }

  async end(): Promise<void> {
    const exit = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exit;
  }
}

/** Somebody with an identity, at most once connected at a time. */
export class Person {
  readonly #identity = generateIdentity(suite, random);
  readonly #store = new MemoryStore(random(8));
  readonly #waiting = new Map<number, (outcome: Uint8Array | undefined) => void>();
  #hub: Peer | undefined;
  #runner: SessionRunner<ClientSession> | undefined;
  #number = 0;
  /** Called with the room and the number of its next entry. */
  onEntries: (room: Uint8Array, next: number) => void = () => {};
  /** Called with the room and an entry that the hub tells as it is. */
  onEntry: (room: Uint8Array, entry: LogEntry) => void = () => {};
  /** How often a call had to wait, because there were too many. */
  waits = 0;

  get key(): Uint8Array {
    return this.#identity.publicKey;
  }

  /** Connects, and tries again within a second if there is no place. Returns how often it tried. */
  async enter(hub: HubProcess): Promise<number> {
    for (let attempts = 1; ; attempts++) {
      try {
        await this.#connect(hub);
        return attempts;
      } catch (error) {
        if (attempts === MOST_ATTEMPTS) throw error;
        await pause(100 + Math.random() * 900);
      }
    }
  }

  /** Resolves once it may make calls. Rejects if the hub takes no connection, or ends it. */
  async #connect(hub: HubProcess): Promise<void> {
    const { url, ...rest } = parseInvite(hub.invite);
    const socket = new WebSocket(url, "lair.1", { perMessageDeflate: false });
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    await new Promise<void>((resolve, reject) => {
      this.#runner = new SessionRunner({
        session: new ClientSession({
          party: {
            suite,
            random,
            staticKey: this.#identity,
            hello: { name: "bench", agent: "bench/1", capabilities: [ROOMS, READS_ENTRIES] },
          },
          credential: clientCredentials(this.#hub, this.#hub === undefined ? { url, ...rest } : undefined)[0]!,
          url,
          peers: [],
          trustFirst: false,
          savePeer: (peer) => {
            this.#hub = { ...peer, psk: peer.psk?.slice(), invitePsk: peer.invitePsk?.slice() };
          },
          chatWith: (peer) => new Chat(this.#store, peer.publicKey),
          now: clock.now(),
        }),
        carrier: webSocketCarrier(socket, clock),
        clock,
        onEvent: (event) => {
          if (event.type === "opened") resolve();
          if (event.type === "transfer") this.#take(event.transfer);
        },
        onEnd: () => {
          reject(new Error("the session has ended"));
          for (const answer of this.#waiting.values()) answer(undefined);
        },
      });
    });
    await this.answer("rooms", {});
  }

  /** The answer; a call that came too often is made again. Rejects for every other refusal. */
  async answer<Name extends CallName>(name: Name, ask: Asked<Name>): Promise<Answered<Name>> {
    for (;;) {
      const outcome = await this.call(name, ask);
      if (outcome.type === "answered") return outcome.answer;
      if (outcome.refusal !== "too-often") throw new Error(`${name}: ${outcome.refusal}`);
      this.waits += 1;
      await pause(outcome.retryAfterMs ?? 1);
    }
  }

  async call<Name extends CallName>(name: Name, ask: Asked<Name>): Promise<Outcome<Name>> {
    const transfers = this.#runner?.session.chatSession?.transfers;
    if (transfers === undefined) throw new Error("not connected");
    const number = this.#number;
    this.#number += 1;
    const answer = await new Promise<Uint8Array | undefined>((resolve) => {
      this.#waiting.set(number, resolve);
      transfers.send({ kind: "call", number, bytes: encodeCall(name, ask) });
      this.#runner?.wake();
    });
    this.#waiting.delete(number);
    if (answer === undefined) throw new Error("the session has ended");
    return decodeAnswer(name, answer);
  }

  async leave(): Promise<void> {
    this.#runner?.leave(CLOSE_REASON.goodbye, 1_000);
    await this.#runner?.gone;
  }

  #take({ kind, number, bytes }: { readonly kind: string; readonly number: number; readonly bytes: Uint8Array }): void {
    if (kind === "answer") this.#waiting.get(number)?.(bytes);
    if (kind !== "news") return;
    const name = nameOfNews(bytes);
    if (name === "entries") {
      const { room, next } = decodeNews("entries", bytes);
      this.onEntries(room, next);
    }
    if (name === "entry") {
      const { room, entry } = decodeNews("entry", bytes);
      this.onEntry(room, entry);
    }
  }
}

/** Somebody who reads a room: what it has, and when it has so much. It follows the log as a member's program does. */
export class Reader {
  readonly person: Person;
  readonly #room: Uint8Array;
  readonly #following: Following;
  #has = 0;
  #acknowledged = 0;
  #state: "resting" | "working" | "stirred" = "resting";
  #until: { readonly next: number; readonly resolve: () => void } | undefined;

  constructor(person: Person, room: Uint8Array) {
    this.person = person;
    this.#room = room;
    this.#following = new Following({
      call: async (name, ask) => ({ type: "answered", answer: await person.answer(name, ask) }),
    });
    person.onEntries = (_, next) => {
      this.#following.expect(next);
      void this.#follow();
    };
    person.onEntry = (_, entry) => {
      this.#following.hear(entry);
      void this.#follow();
    };
  }

  /** Resolves once it has everything before entry `next`. */
  async has(next: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#until = { next, resolve };
      this.#tell();
    });
  }

  async #follow(): Promise<void> {
    const isWorking = this.#state !== "resting";
    this.#state = "stirred";
    if (isWorking) return;
    while (this.#isStirred) {
      this.#state = "working";
      const entries = await this.#following.next({ id: this.#room, next: this.#has });
      if (entries === "no-room") throw new Error("the reader has no seat");
      const last = entries.at(-1);
      if (last === undefined) continue;
      this.#has = last.seq + 1;
      this.#state = "stirred";
      this.#tell();
    }
    this.#state = "resting";
    if (this.#has - this.#acknowledged < MOST_UNACKNOWLEDGED) return;
    this.#acknowledged = this.#has;
    await this.person.answer("acknowledge", { room: this.#room, next: this.#has });
  }

  get #isStirred(): boolean {
    return this.#state === "stirred";
  }

  #tell(): void {
    if (this.#until !== undefined && this.#has >= this.#until.next) this.#until.resolve();
  }
}
