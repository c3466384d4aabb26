// lair-client: connects to a server and talks. Chooses the adapters and connects them; which secret opens the line is in
// `core/chat/guest.ts`, in which order they are tried in `program/connecting.ts`, what is done with the line in
// `program/talk.ts`, where the address comes from in `program/plan.ts`.

import { randomInt } from "node:crypto";
import type { Command } from "./core/chat/events.ts";
import { LairError } from "./core/errors.ts";
import { fingerprint } from "./core/identity/fingerprint.ts";
import type { KeyPair } from "./core/identity/key-pair.ts";
import type { Peer } from "./core/identity/peer.ts";
import type { CipherSuite } from "./core/noise/index.ts";
import { defaultHome, type Home, openHome } from "./node/home/home.ts";
import type { LineReader } from "./node/line-reader.ts";
import { SYSTEM_CLOCK } from "./node/line-driver.ts";
import { askTrust } from "./node/terminal/ask.ts";
import { connect } from "./node/websocket/connect.ts";
import { formatProxy, type Proxy } from "./node/websocket/proxy-address.ts";
import { Backoff } from "./program/backoff.ts";
import { type ClientArguments, parseClientArguments } from "./program/arguments.ts";
import { Connecting } from "./program/connecting.ts";
import { chooseSuite } from "./program/crypto-choice.ts";
import { runErrand } from "./program/errands.ts";
import { errorEvent, exitCodeOf, type Face } from "./program/face.ts";
import { CLIENT_HELP } from "./program/help.ts";
import { clockNotice } from "./program/clock-notice.ts";
import { keepPurged } from "./program/keeping.ts";
import { type Memory, openMemory } from "./program/memory.ts";
import { runPassphraseCommand } from "./program/passphrase-command.ts";
import { knownPeer, makePlan, type Plan, planFor } from "./program/plan.ts";
import { proxyFor } from "./program/proxy-choice.ts";
import { Reconnecting } from "./program/reconnecting.ts";
import { onSignals } from "./program/signals.ts";
import {
  createFace,
  hasNoInput,
  isInteractive,
  ownName,
  random,
  run,
  standardInput,
  version,
} from "./program/start.ts";
import { printed } from "./program/standard-output.ts";
import { Talk } from "./program/talk.ts";
import { openIdentity } from "./program/unlock.ts";

class Client {
  readonly #args: ClientArguments;
  readonly #home: Home;
  readonly #identity: KeyPair;
  readonly #lines: LineReader | undefined;
  readonly #memory: Memory;
  readonly #connecting: Connecting;
  readonly #abort = new AbortController();
  readonly #suite: CipherSuite;
  #talk!: Talk;
  /** Whom the connection is for; undefined until the first meeting has shown that. */
  #peer: Peer | undefined;

  constructor(args: ClientArguments, home: Home, identity: KeyPair, memory: Memory, suite: CipherSuite) {
    this.#args = args;
    this.#home = home;
    this.#identity = identity;
    this.#memory = memory;
    this.#suite = suite;
    // What waits is delivered by --queue without a line too, so there such an input is one that has ended.
    const hasNoLines = (isInteractive() && !args.json) || (hasNoInput() && !args.queue);
    this.#lines = hasNoLines ? undefined : standardInput();
    this.#connecting = new Connecting({
      party: {
        suite,
        random,
        staticKey: this.#identity,
        hello: { name: ownName(args.name), agent: `lair/${version()}`, capabilities: [] },
      },
      clock: SYSTEM_CLOCK,
      connect: (url) => connect(url, { signal: this.#abort.signal, proxy: this.#proxyFor(url) }),
      peers: () => this.#home.peers(),
      savePeer: (peer) => this.#home.savePeer(peer),
      correspond: (peer) => this.#talk.correspond(peer),
      trustFirst: args.trustFirst,
    });
  }

  async run(): Promise<number> {
    if (this.#args.queue && process.stdin.isTTY) {
      throw new LairError("usage", "--queue is for the lines of a pipe.", {
        hint: "In a terminal what you say while nobody is there is kept anyway.",
      });
    }
    // Whatever is to be asked is asked before a connection exists and before the prompt takes the terminal over.
    let plan = await makePlan(this.#args, this.#home, this.#lines);
    if (plan.how === "psk-file" && isInteractive() && !this.#args.trustFirst) {
      plan = await this.#connecting.meet(plan, askTrust);
    }

    const face = createFace({
      program: "lair-client",
      args: this.#args,
      lines: this.#lines,
      isQueueing: this.#args.queue,
      onCommand: (command: Command) => talk.command(command),
      onOutput: (isTaken) => talk.regulateOutput(isTaken),
      onOutputFailed: () => talk.outputFailed(),
    });
    const talk = new Talk({
      face,
      clock: SYSTEM_CLOCK,
      suite: this.#suite,
      ownKey: this.#identity.publicKey,
      verbose: this.#args.verbose,
      memory: this.#memory,
      retention: this.#args.history,
      peers: () => this.#home.peers(),
      savePeer: (peer) => this.#home.savePeer(peer),
      addressee: () => this.#peer,
      isAwaiting: true,
      isQueueing: this.#args.queue,
      onActivity: () => reconnecting.hurry(),
    });
    this.#talk = talk;
    const reconnecting = new Reconnecting({
      connecting: this.#connecting,
      talk,
      face,
      clock: SYSTEM_CLOCK,
      backoff: new Backoff((upTo) => randomInt(Math.ceil(upTo))),
      isOnce: this.#args.once,
      isPatient: isInteractive() && !this.#args.json,
      isQueueing: this.#args.queue,
      planFor: (peer, before) => {
        this.#peer = peer;
        return planFor(peer, before, this.#home);
      },
    });
    onSignals((code) => talk.interrupt(code));
    process.on("SIGCONT", () => {
      talk.driver?.wake();
      reconnecting.hurry();
    });
    const stopPurging =
      this.#memory.history === undefined
        ? undefined
        : keepPurged(this.#memory.history, SYSTEM_CLOCK, {
            failed: (error) => face.show(errorEvent(error)),
            notice: (text) => face.show({ type: "notice", text }),
          });
    try {
      const own = fingerprint(this.#identity.publicKey);
      face.show({ type: "started", program: "lair-client", version: version(), fingerprint: own });
      const clock = clockNotice(Date.now());
      if (clock !== undefined) face.show(clock);
      face.show({ type: "connecting", url: plan.url, how: plan.how });
      talk.url = plan.url;
      this.#tellProxy(plan.url, face);
      this.#peer = knownPeer(plan);
      if (this.#peer !== undefined) talk.recall(this.#peer);
      void this.#converse(plan, reconnecting, face).catch((error: unknown) => {
        if (!talk.isLeaving) face.show(errorEvent(error));
        talk.conclude(exitCodeOf(error));
      });
      return await talk.finished;
    } finally {
      stopPurging?.();
      this.#abort.abort();
      face.close();
    }
  }

  /** Throws LairError `usage` for one in the environment that is none. */
  #proxyFor(url: string): Proxy | undefined {
    return proxyFor(url, this.#args.proxy, process.env);
  }

  /** One of the environment may come as a surprise, and who resolves the name is worth knowing. */
  #tellProxy(url: string, face: Face): void {
    const proxy = this.#proxyFor(url);
    if (proxy === undefined) return;
    this.#talk.proxy = formatProxy(proxy);
    face.show({ type: "notice", text: `By way of the proxy ${this.#talk.proxy}, which resolves the name.` });
  }

  async #converse(plan: Plan, reconnecting: Reconnecting, face: Face): Promise<void> {
    const talk = this.#talk;
    const code = await reconnecting.converse(plan);
    if (isInteractive() && !this.#args.json && !talk.isLeaving && talk.hasTalked) {
      // Somebody may be typing: what they type must not end up in their shell.
      face.show({ type: "notice", text: "Type quit to leave." });
      talk.rest(code);
      return;
    }
    if (this.#args.queue && !talk.isLeaving) {
      // What is still to be said is kept, too.
      talk.rest(code);
      return;
    }
    // Of a pipe that somebody filled, what was not even read is not delivered either.
    if (!talk.isLeaving && !this.#args.json) talk.lost((await this.#lines?.countRest()) ?? 0);
    talk.conclude(code);
  }
}

await run(process.argv.slice(2), async (argv) => {
  const args = parseClientArguments(argv);
  if ("asked" in args) return await printed(0, args.asked === "help" ? CLIENT_HELP : `lair-client ${version()}\n`);
  if ("command" in args) return await printed(runPassphraseCommand(args, "client"));
  if ("errand" in args) return await printed(runErrand("lair-client", args));
  const home = openHome(args.home ?? defaultHome(process.env), "client");
  const suite = chooseSuite(args.crypto);
  const identity = await openIdentity(home, args, random);
  const memory = await openMemory(home, identity, suite, args);
  try {
    return await new Client(args, home, identity, memory, suite).run();
  } finally {
    memory.close();
  }
});
