// One lair-server with 1,000 paired people, all connected: the memory for each idle session, the processor's time for the
// rekeys of all of them at 30 to 120 s, and the time from a line of one to its acknowledgement meanwhile. The people are
// sessions of the library in this process. Linux only (it reads /proc); loopback only; bounded in count and time.
// Run: node --import ./test/tsx.js bench/sessions.ts [SESSIONS] [SECONDS]

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
import { openHome } from "../src/node/home/home.ts";
import { OPENSSL_SUITE as suite } from "../src/node/openssl-suite/suite.ts";
import { Program } from "./programs.ts";

const [sessions = 1_000, seconds = 120] = process.argv.slice(2).map(Number);
const GAP_MS = 50;
/** How many connect at the same time. */
const AT_ONCE = 20;
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Person {
  readonly identity: Identity;
  readonly psk: Uint8Array;
  readonly name: string;
}

class Talker {
  readonly runner: SessionRunner<ClientSession>;
  readonly #delivered = new Map<number, () => void>();
  rekeys = 0;

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
        if (event.type === "opened") onOpened();
        if (event.type === "rekeyed") this.rekeys += 1;
        if (event.type === "delivered") this.#delivered.get(event.seq)?.();
      },
      onEnd: (end) => {
        if (end.type === "error") throw end.error;
      },
    });
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

async function prepare(home: string): Promise<{ readonly people: readonly Person[]; readonly server: Peer }> {
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

/** Resident memory in MiB, and the processor's time so far in s, of a process. */
function usage(pid: number): { readonly mib: number; readonly cpuS: number } {
  const rssKib = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]);
  const [user, system] = readFileSync(`/proc/${pid}/stat`, "utf8").split(" ").slice(13, 15).map(Number);
  return { mib: rssKib / 1_024, cpuS: (user! + system!) / 100 };
}

const home = mkdtempSync(join(tmpdir(), "lair-bench-"));
try {
  const { people, server } = await prepare(home);
  const args = ["--home", home, "--listen", "127.0.0.1:0", "--max-peers", String(sessions)];
  const program = new Program("lair-server", args);
  const { url } = await program.until(({ event }) => event === "listening");
  const pid = program.process.pid!;
  await pause(1_000);
  const empty = usage(pid);
  const talkers: Talker[] = [];
  const start = performance.now();
  for (let first = 0; first < people.length; first += AT_ONCE) {
    const opened = people.slice(first, first + AT_ONCE).map(async (person) => {
      const socket = new WebSocket(url!, "lair.1", { perMessageDeflate: false });
      await once(socket, "open");
      await new Promise<void>((resolve) => {
        talkers.push(new Talker(person, server, socket, url!, resolve));
      });
    });
    await Promise.all(opened);
  }
  const connectedMs = performance.now() - start;
  await pause(5_000);
  const full = usage(pid);
  console.log(`${sessions} paired people at one lair-server, rekeys every 30 to 120 s`);
  console.log(
    `  all connected after ${(connectedMs / 1_000).toFixed(1)} s, ${(((full.cpuS - empty.cpuS) * 1_000) / sessions).toFixed(1)} ms of the server's processor for each`,
  );
  console.log(
    `  memory: ${empty.mib.toFixed(0)} MiB before, ${full.mib.toFixed(0)} MiB after: ${(((full.mib - empty.mib) * 1_024) / sessions).toFixed(0)} KiB for each`,
  );
  const rekeys = (): number => talkers.reduce((sum, talker) => sum + talker.rekeys, 0);
  const rekeysBefore = rekeys();
  const before = usage(pid);
  await pause(seconds * 1_000);
  const cpuS = usage(pid).cpuS - before.cpuS;
  const renewed = rekeys() - rekeysBefore;
  console.log(
    `  ${seconds} s in which nobody says anything: ${renewed} rekeys, ${((cpuS / seconds) * 100).toFixed(1)} % of one core`,
  );
  const times: number[] = [];
  const since = performance.now();
  while (performance.now() - since < seconds * 1_000) {
    times.push(await talkers[0]!.echo());
    await pause(GAP_MS);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const quantile = (share: number): string => sorted[Math.floor((sorted.length - 1) * share)]!.toFixed(1);
  console.log(
    `  echo of one of them, ${sorted.length} lines: p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, worst ${quantile(1)} ms`,
  );
  for (const { runner } of talkers) runner.leave(CLOSE_REASON.goodbye, 1_000);
  await Promise.all(talkers.map(({ runner }) => runner.gone));
  await program.quit();
} finally {
  rmSync(home, { recursive: true, force: true });
}
