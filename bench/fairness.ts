// What one peer costs the others: the time from saying a line to its acknowledgement, and that of a stranger's plain HTTP
// request, alone and while another peer of the same lair-server does its worst. Three processes on this machine, loopback only;
// every part ends by itself. Run: node --import ./test/tsx.js bench/fairness.ts [PART...]

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  closeSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { get } from "node:http";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { SessionRunner } from "../src/app/session-runner.ts";
import { webSocketCarrier } from "../src/app/websocket-carrier.ts";
import { Chat } from "../src/core/chat/chat.ts";
import type { SessionEvent } from "../src/core/chat/session.ts";
import { MemoryStore } from "../src/core/delivery/memory-store.ts";
import { generateIdentity } from "../src/core/identity/identity.ts";
import { formatInvite, parseInvite } from "../src/core/identity/invite.ts";
import { clientCredentials, ClientSession } from "../src/core/pairing/client-session.ts";
import { MemoryPairings } from "../src/core/pairing/memory-pairings.ts";
import { Server } from "../src/core/pairing/server.ts";
import { SYSTEM_CLOCK as clock } from "../src/node/clock.ts";
import { OPENSSL_SUITE as suite } from "../src/node/openssl-suite/suite.ts";
import { connect } from "../src/node/websocket/connect.ts";

const PART_MS = 8_000;
/** Before the peer does its worst. */
const QUIET_MS = 3_000;
const GAP_MS = 15;
/** A part of its own process ends by itself, whatever happens to the bench. */
const LIFE_MS = 30_000;

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** A line of nearly 16 KB, every word of it a new one. */
const newWords = (): string =>
  randomBytes(7 * 1000)
    .toString("hex")
    .replaceAll(/(.{7})/g, "$1 ");

interface Mode {
  readonly title: string;
  /** For lair-server. */
  readonly args: readonly string[];
  /** What the peer says, and how many of them wait at a time. */
  readonly flood?: { readonly text: () => string; readonly depth: number };
}

const MODES: Readonly<Record<string, Mode>> = {
  quiet: { title: "nobody else", args: [] },
  stall: { title: "one that reads nothing", args: [] },
  short: { title: "a flood of short lines", args: [], flood: { text: () => "x", depth: 4_000 } },
  "short-kept": {
    title: "a flood of short lines, with the history on",
    args: ["--history", "forever"],
    flood: { text: () => "one line", depth: 4_000 },
  },
  words: {
    title: "16 KB lines of new words, with the history on",
    args: ["--history", "forever"],
    flood: { text: newWords, depth: 100 },
  },
  rekeys: { title: "one that rekeys every second", args: [] },
};

interface Person {
  readonly url: string;
  readonly session: SessionRunner<ClientSession>;
  onEvent: (event: SessionEvent) => void;
}

/** Connects with this invite; resolves when the session is open. */
async function enter(invite: string, name: string): Promise<Person & { pause(): void }> {
  const parsed = parseInvite(invite);
  const store = new MemoryStore(random(8));
  const link = await connect(parsed.url);
  return await new Promise((resolve) => {
    const session = new SessionRunner({
      session: new ClientSession({
        party: {
          suite,
          random,
          staticKey: generateIdentity(suite, random),
          hello: { name, agent: "bench/1", capabilities: [] },
        },
        credential: clientCredentials(undefined, parsed)[0]!,
        url: parsed.url,
        peers: [],
        trustFirst: false,
        savePeer: () => {},
        chatWith: (peer) => new Chat(store, peer.publicKey),
        now: clock.now(),
      }),
      carrier: link,
      clock,
      onEvent: (event) => (event.type === "opened" ? resolve(person) : person.onEvent(event)),
      onEnd: () => {},
    });
    const person: Person & { pause(): void } = {
      url: parsed.url,
      session,
      onEvent: () => {},
      pause: () => link.pause(),
    };
  });
}

// --- the hostile peer: a process of its own ---------------------------------------------------------------------------

async function misbehave(mode: string, invite: string): Promise<void> {
  setTimeout(() => process.exit(0), LIFE_MS);
  if (mode === "rekeys") return rekeyAsServer();
  const peer = await enter(invite, "mallory");
  const { flood } = MODES[mode]!;
  if (flood === undefined) return peer.pause();
  const { chat } = peer.session.session.chatSession!;
  let count = 0;
  const fill = (): void => {
    while (chat!.undelivered < flood.depth) chat!.say(flood.text(), clock.now());
    peer.session.wake();
  };
  peer.onEvent = ({ type }) => {
    if (type !== "delivered") return;
    count += 1;
    if (count % Math.ceil(flood.depth / 8) === 0) fill();
  };
  process.on("message", () => process.send!(count));
  fill();
  // The first messages are committed in the turn of the runner.
  setInterval(fill, 50);
}

/** A server that renews the keys as often as the protocol lets it; the program under test connects to it. */
async function rekeyAsServer(): Promise<void> {
  const keys = generateIdentity(suite, random);
  const store = new MemoryStore(random(8));
  const server = new Server({
    party: {
      suite,
      random,
      staticKey: keys,
      hello: { name: "mallory", agent: "bench/1", rekey: { minMs: 1_000, maxMs: 1_000 }, capabilities: [] },
    },
    registry: new MemoryPairings(),
    admissionMemory: undefined,
    peers: [],
    invites: [],
    psk: undefined,
    trustFirst: false,
    chatWith: (peer) => new Chat(store, peer.publicKey),
    now: clock.now(),
  });
  const listener = new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: () => "lair.1" });
  let count = 0;
  listener.on("connection", (socket) => {
    const runner = new SessionRunner({
      session: server.session(clock.now()),
      carrier: webSocketCarrier(socket, clock),
      clock,
      onEvent: ({ type }) => (count += type === "rekeyed" ? 1 : 0),
      onEnd: () => server.ended(runner.session),
    });
  });
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  const psk = random(32);
  server.openInvite({ id: "one", psk, expiresAtMs: Date.now() + 86_400_000 }, clock.now());
  process.on("message", () => process.send!(count));
  process.send!(formatInvite({ url: `ws://127.0.0.1:${port}`, psk, serverKey: keys.publicKey }));
}

// --- the bench --------------------------------------------------------------------------------------------------------

const start = (mode: string, invite: string): ChildProcess =>
  spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), "--hostile", mode, invite], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });

const quantile = (times: readonly number[], share: number): string =>
  (times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN).toFixed(
    1,
  );

const pauseMs = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

async function part(mode: string): Promise<void> {
  const { title, args } = MODES[mode]!;
  const home = mkdtempSync(join(tmpdir(), "lair-fair-"));
  const dialed = mode === "rekeys" ? start(mode, "-") : undefined;
  const [hostileInvite] = dialed === undefined ? [undefined] : ((await once(dialed, "message")) as [string]);
  const inviteFile = join(home, "invite-of-hostile");
  if (hostileInvite !== undefined) writeFileSync(inviteFile, `${hostileInvite}\n`, { mode: 0o600 });
  const dialArgs = hostileInvite === undefined ? [] : ["--dial", "--invite-file", inviteFile];
  const bin = fileURLToPath(new URL("../bin/lair-server.js", import.meta.url));
  const program = spawn(
    process.execPath,
    [
      bin,
      "--json",
      "--home",
      home,
      "--listen",
      "127.0.0.1:0",
      "--announce",
      "127.0.0.1",
      "--invite",
      ...args,
      ...dialArgs,
    ],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  let text = "";
  const invites: string[] = [];
  let onInvite: (() => void) | undefined;
  const read = (chunk: Buffer): void => {
    text += chunk.toString();
    const lines = text.split("\n");
    text = lines.pop()!;
    for (const line of lines) {
      const event = JSON.parse(line) as { event: string; invite?: string };
      if (event.event !== "invite") continue;
      invites.push(event.invite!);
      onInvite?.();
    }
  };
  program.stdout.on("data", read);
  const nextInvite = async (): Promise<string> => {
    while (invites.length === 0) await new Promise<void>((resolve) => (onInvite = resolve));
    return invites.shift()!;
  };
  try {
    const honest = await enter(await nextInvite(), "hana");
    const bare = syncs(home, 100);
    const alone = await measure(honest, QUIET_MS);
    let hostile = dialed;
    if (mode !== "quiet" && hostile === undefined) {
      program.stdin.write('{"command":"invite"}\n');
      hostile = start(mode, await nextInvite());
    }
    await pauseMs(1_500);
    program.stdout.off("data", read);
    // Read, as fast as it comes, and dropped.
    program.stdout.on("data", () => {});
    if (mode === "stall") {
      const line = JSON.stringify({ send: "y".repeat(8_000), to: "mallory" });
      for (let index = 0; index < 500; index++) program.stdin.write(`${line}\n`);
    }
    const [done, written, startMs] = [await doneBy(hostile), writtenBy(program.pid!), performance.now()];
    const beside = await measure(honest, PART_MS);
    const seconds = (performance.now() - startMs) / 1_000;
    console.log(`${title} (load ${loadavg()[0]!.toFixed(1)}; a bare fdatasync ${tell(bare)})`);
    console.log(`  alone      echo ${tell(alone.echoes)}   request ${tell(alone.requests)}`);
    console.log(`  beside it  echo ${tell(beside.echoes)}   request ${tell(beside.requests)}`);
    const rate = ((await doneBy(hostile)) - done) / seconds;
    const perSecond = (writtenBy(program.pid!) - written) / 1e6 / seconds;
    console.log(`  it got ${Math.round(rate)}/s done; ${perSecond.toFixed(1)} MB/s were written to the disk`);
    hostile?.kill();
  } finally {
    program.kill();
    await once(program, "exit");
    rmSync(home, { recursive: true, force: true });
  }
}

interface Measured {
  readonly echoes: readonly number[];
  readonly requests: readonly number[];
}

/** Says one line after the other for so long, while a stranger makes requests. */
async function measure(honest: Person, forMs: number): Promise<Measured> {
  const { chat } = honest.session.session.chatSession!;
  const [echoes, requests]: [number[], number[]] = [[], []];
  const startMs = performance.now();
  const asked = { isOver: false };
  const asking = (async (): Promise<void> => {
    while (!asked.isOver) {
      requests.push(await request(honest.url.replace("ws:", "http:")));
      await pauseMs(50);
    }
  })();
  while (performance.now() - startMs < forMs) {
    const sentMs = performance.now();
    const delivered = new Promise<void>((resolve) => {
      honest.onEvent = ({ type }) => {
        if (type === "delivered") resolve();
      };
    });
    chat!.say("still there?", clock.now());
    honest.session.wake();
    if ((await Promise.race([delivered, pauseMs(forMs).then(() => "late")])) === "late") break;
    echoes.push(performance.now() - sentMs);
    await pauseMs(GAP_MS);
  }
  asked.isOver = true;
  await asking;
  return { echoes, requests };
}

/** How much the hostile peer has got done, in its own words. */
async function doneBy(hostile: ChildProcess | undefined): Promise<number> {
  if (hostile === undefined || !hostile.connected) return 0;
  hostile.send("?");
  return ((await Promise.race([once(hostile, "message"), pauseMs(200).then(() => [0])])) as [number])[0];
}

/** What a process has had written to the disk, in bytes; only Linux says so. */
function writtenBy(pid: number): number {
  try {
    return Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1] ?? Number.NaN);
  } catch {
    return Number.NaN;
  }
}

/** How long the disk takes to make 4 KiB durable, for as many times: no commit can be faster. */
function syncs(directory: string, count: number): readonly number[] {
  const file = openSync(join(directory, "bare"), "w");
  const times = Array.from({ length: count }, () => {
    writeSync(file, new Uint8Array(4_096));
    const startMs = performance.now();
    fdatasyncSync(file);
    return performance.now() - startMs;
  });
  closeSync(file);
  return times;
}

const tell = (times: readonly number[]): string =>
  `p50 ${quantile(times, 0.5)} p99 ${quantile(times, 0.99)} most ${quantile(times, 1)} (${times.length})`;

async function request(url: string): Promise<number> {
  const startMs = performance.now();
  await new Promise<void>((resolve) => {
    get(url, { agent: false }, (response) => response.resume().on("end", resolve)).on("error", () => resolve());
  });
  return performance.now() - startMs;
}

const [first, mode, invite] = process.argv.slice(2);
if (first === "--hostile") await misbehave(mode!, invite!);
else {
  console.log(
    "a line to its acknowledgement (echo), and a stranger's request, at one lair-server, without and beside a hostile peer (ms)",
  );
  const asked = process.argv.slice(2);
  for (const name of asked.length > 0 ? asked : Object.keys(MODES)) await part(name);
  process.exit(0);
}
