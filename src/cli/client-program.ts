// lair-client: connects to one server, or to all that it knows, and talks. Chooses the adapters and connects them; which secret opens a session is
// in `core/pairing/client-session.ts`, in which order they are tried in `app/connecting.ts`, what is done with the sessions
// in `app/messenger.ts`, where the address comes from in `cli/connect-target.ts`.

import { randomInt } from "node:crypto";
import type { Command } from "../app/events.ts";
import { READS_ENTRIES, ROOMS } from "../core/channel/index.ts";
import { CAN_DIAL, READS_INTRODUCTIONS } from "../core/chat/introduction.ts";
import { equalInConstantTime, toHex } from "../core/bytes.ts";
import { LairError } from "../core/errors.ts";
import type { Identity } from "../core/identity/identity.ts";
import type { Peer } from "../core/identity/peer.ts";
import { nameInSentence } from "../core/identity/quoted-name.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import type { Home } from "../node/home/home.ts";
import type { LineReader } from "../node/line-reader.ts";
import { exportHistory } from "./export-history.ts";
import { SYSTEM_CLOCK } from "../node/clock.ts";
import { askTrust } from "../node/terminal/ask.ts";
import { connect } from "../node/websocket/connect.ts";
import { formatProxy, type Proxy } from "../node/websocket/proxy-address.ts";
import { Backoff } from "../app/backoff.ts";
import { type ClientArguments, parseClientArguments } from "./arguments.ts";
import { Connecting } from "../app/connecting.ts";
import { FairTurns } from "../app/fair-turns.ts";
import { errorEvent, exitCodeOf, type Frontend } from "../app/frontend.ts";
import { withKnownPairings } from "../app/known-pairings.ts";
import type { Persistence } from "../app/persistence.ts";
import { expectedKey, findTargets, knownPeer, targetFor, targetOf } from "./connect-target.ts";
import type { ConnectTarget } from "../app/connect-target.ts";
import { type ProgramParts, purgeHistory, runProgram, tellStart } from "./program.ts";
import { browse, loadPage, type MakePage } from "./load-page.ts";
import { roomsLoader } from "./load-rooms.ts";
import { proxyFor } from "./proxy-choice.ts";
import { Dialing } from "../app/dialing.ts";
import { onSignals } from "./signals.ts";
import { version } from "./version.ts";
import { createFrontend, hasNoInput, isInteractive, ownName, random, standardInput } from "./start.ts";
import { Messenger } from "../app/messenger.ts";

class ClientProgram {
  readonly #args: ClientArguments;
  readonly #home: Home;
  readonly #identity: Identity;
  readonly #lines: LineReader | undefined;
  readonly #persistence: Persistence;
  /** Whom this program talks with has changed: see {@link withKnownPairings}. */
  readonly #readPeersAgain: () => void;
  readonly #connecting: Connecting;
  readonly #abort = new AbortController();
  readonly #suite: CipherSuite;
  /** With --http. */
  readonly #makePage: MakePage | undefined;
  #messenger!: Messenger;
  /** Whom this program is for, if it is for one server and that one is known. */
  #only: Peer | undefined;
  #isForAll = false;
  /** Those who were met since, in hex: also by an invite that was given at the prompt. */
  readonly #met = new Set<string>();
  #frontend: Frontend | undefined;

  constructor(
    { args, home, identity, persistence: stored, suite }: ProgramParts<ClientArguments>,
    makePage: MakePage | undefined,
  ) {
    const { persistence, readAgain } = withKnownPairings(stored, SYSTEM_CLOCK);
    this.#args = args;
    this.#makePage = makePage;
    this.#home = home;
    this.#identity = identity;
    this.#persistence = persistence;
    this.#readPeersAgain = readAgain;
    this.#suite = suite;
    // --queue delivers waiting messages even without input, so there /dev/null counts as an input that has ended.
    const hasNoLines = (isInteractive() && !args.json) || (hasNoInput() && !args.queue);
    this.#lines = hasNoLines ? undefined : standardInput();
    this.#connecting = new Connecting({
      party: {
        suite,
        random,
        staticKey: this.#identity,
        hello: {
          name: ownName(args.name),
          agent: `lair/${version()}`,
          capabilities: [READS_INTRODUCTIONS, CAN_DIAL, ROOMS, READS_ENTRIES],
        },
      },
      clock: SYSTEM_CLOCK,
      turns: new FairTurns(SYSTEM_CLOCK),
      connect: (url) => connect(url, { signal: this.#abort.signal, proxy: this.#proxyFor(url) }),
      peers: () => persistence.pairings.peers(),
      savePeer: (peer) => {
        persistence.pairings.savePeer(peer);
        this.#only ??= peer;
        this.#met.add(toHex(peer.publicKey));
        this.#readPeersAgain();
      },
      chatWith: (peer) => this.#messenger.chatWith(peer),
      isForgotten: persistence.isForgotten,
      trustFirst: args.trustFirst,
    });
  }

  async run(): Promise<number> {
    if (this.#args.queue && process.stdin.isTTY) {
      throw new LairError("usage", "--queue is for the lines of a pipe.", {
        hint: "In a terminal, what you say while nobody is connected is kept anyway.",
      });
    }
    // All questions come before the connection exists and before the prompt takes over the terminal.
    const persistence = this.#persistence;
    const targets = await Promise.all((await this.#findTargets()).map((target) => this.#meet(target)));
    const [first] = targets;
    this.#isForAll = first === undefined || targets.length > 1;
    if (!this.#isForAll) this.#only = knownPeer(first!);
    this.#readPeersAgain();

    const main = createFrontend({
      program: "lair-client",
      args: this.#args,
      lines: this.#lines,
      isQueueing: this.#args.queue,
      onCommand: (command) =>
        page === undefined ? onCommand(command) : page.frontend.byMain(() => onCommand(command)),
      onOutput: (isTaken) => messenger.regulateOutput(isTaken),
      onOutputFailed: () => messenger.outputFailed(),
    });
    const page = this.#makePage?.(main);
    const onCommand = (command: Command): void => {
      if (command.type === "open" && page !== undefined) browse(page, frontend);
      else messenger.command(command);
    };
    const frontend = page?.frontend ?? main;
    this.#frontend = frontend;
    const { pairings } = persistence;
    const messenger = new Messenger({
      frontend,
      clock: SYSTEM_CLOCK,
      exportHistory,
      suite: this.#suite,
      self: this.#identity,
      verbose: this.#args.verbose,
      persistence,
      retention: this.#args.history,
      historyLimit: this.#args.historyLimit,
      peers: () => pairings.peers(),
      savePeer: (peer) => pairings.savePeer(peer),
      forgetPeer: ({ publicKey }) => pairings.forgetPeer(publicKey),
      random,
      acceptFrom: this.#args.acceptFrom,
      loadRooms: roomsLoader({ suite: this.#suite, identity: this.#identity, persistence }),
      dial: (target) => dialing.dial(target),
      onIntroduced: () => this.#onIntroduced(),
      onChanged: (peer) => dialing.changed(peer),
      talksWith: ({ publicKey }) => this.#talksWith(publicKey),
      to: this.#isForAll || this.#args.to?.startsWith("#") === true ? this.#args.to : undefined,
      isPipe: !isInteractive() && !this.#args.json,
      isAwaiting: targets.length > 0,
      isQueueing: this.#args.queue,
      onActivity: () => dialing.hurry(),
    });
    this.#messenger = messenger;
    const dialing = new Dialing({
      connecting: this.#connecting,
      messenger,
      frontend,
      suite: this.#suite,
      clock: SYSTEM_CLOCK,
      newBackoff: () => new Backoff((upTo) => randomInt(Math.ceil(upTo))),
      isOnce: this.#args.once,
      isPatient: (isInteractive() && !this.#args.json) || page !== undefined,
      isQueueing: this.#args.queue,
      isCommanded: (this.#args.json && !this.#args.once) || page !== undefined,
      peers: () => pairings.peers(),
      targetOf,
      targetFor: (peer, before) => targetFor(peer, before, pairings.peers()),
      proxyFor: (url) => read(this.#proxyFor(url), formatProxy),
      onIdle: (code) =>
        void this.#over(code).catch((error: unknown) => {
          if (!messenger.isLeaving) frontend.show(errorEvent(error));
          messenger.conclude(exitCodeOf(error));
        }),
    });
    onSignals((code) => messenger.interrupt(code));
    process.on("SIGCONT", () => {
      messenger.wake();
      dialing.hurry();
    });
    let stopPurging: (() => void) | undefined;
    try {
      tellStart("lair-client", frontend, { suite: this.#suite, identity: this.#identity, persistence });
      await page?.open({
        name: this.#args.name,
        home: this.#home,
        identity: this.#identity,
        persistence,
        suite: this.#suite,
        messenger,
        listening: () => undefined,
        command: onCommand,
      });
      if (targets.length === 0) frontend.show({ type: "notice", text: NOBODY_YET });
      messenger.recall();
      for (const target of targets) messenger.expectHub(expectedKey(target), target.roomLink);
      for (const target of targets) dialing.dial(target);
      this.#tellProxies(targets, frontend);
      // By the limits of this start; the connections are being made meanwhile.
      stopPurging = purgeHistory({ suite: this.#suite, persistence }, frontend, messenger);
      return await messenger.finished;
    } finally {
      stopPurging?.();
      await page?.close();
      await messenger.close();
      // Last: an attempt that is cut off has nobody to tell any more.
      this.#abort.abort();
      frontend.close();
    }
  }

  #talksWith(publicKey: Uint8Array): boolean {
    if (this.#isForAll || this.#met.has(toHex(publicKey))) return true;
    return this.#only !== undefined && equalInConstantTime(this.#only.publicKey, publicKey);
  }

  /** From now on this program is for the introduced peer too; but not the lines of a pipe, which are for one. */
  #onIntroduced(): void {
    if (isInteractive() || this.#args.json) this.#isForAll = true;
    this.#readPeersAgain();
  }

  /** A first meeting under a psk file asks the user. */
  async #meet(target: ConnectTarget): Promise<ConnectTarget> {
    if (target.how !== "psk-file" || !isInteractive() || this.#args.trustFirst) return target;
    return await this.#connecting.meet(target, askTrust);
  }

  /** If no peer is known, also reports the possible reason. Throws LairError. */
  async #findTargets(): Promise<readonly ConnectTarget[]> {
    const { pairings } = this.#persistence;
    if (this.#waitsForInvite()) return [];
    try {
      return await findTargets(this.#suite, this.#args, this.#home, pairings, this.#lines);
    } catch (error) {
      if (!(error instanceof LairError)) throw error;
      const { code, message, hint } = error;
      const details = [...error.details];
      this.#persistence.onNotice((text) => details.push(text));
      throw new LairError(code, message, { details, ...(hint === undefined ? {} : { hint }), cause: error });
    }
  }

  /** With a page, which asks for the invite, nobody has to be known at the start. */
  #waitsForInvite(): boolean {
    const { inviteFile, pskFile, url, peer, nameOrHost, queue } = this.#args;
    const isAsked = [inviteFile, pskFile, url, peer, nameOrHost].some((value) => value !== undefined) || queue;
    if (this.#makePage === undefined || isAsked) return false;
    return this.#persistence.pairings.peers().length === 0 && this.#home.findInvite() === undefined;
  }

  /** Throws LairError `usage` for an invalid proxy in the environment. */
  #proxyFor(url: string): Proxy | undefined {
    return proxyFor(url, this.#args.proxy, process.env);
  }

  /** A proxy from the environment may come as a surprise, and the user should know who resolves the name. */
  #tellProxies(targets: readonly ConnectTarget[], frontend: Frontend): void {
    const proxies = new Set(targets.flatMap(({ url }) => read(this.#proxyFor(url), formatProxy) ?? []));
    for (const proxy of proxies) {
      frontend.show({ type: "notice", text: `Through the proxy ${proxy}, which resolves the name.` });
    }
  }

  /** Nothing is tried any more. */
  async #over(code: number): Promise<void> {
    const messenger = this.#messenger;
    if (isInteractive() && !this.#args.json && !messenger.isLeaving && messenger.hasTalked) {
      // Somebody may be typing: the text must not go to their shell.
      const peers = this.#persistence.pairings.peers();
      const isPaired = peers.length > 0;
      const muted = peers.filter(({ isMuted }) => isMuted === true).map(({ name }) => nameInSentence(name));
      const text = isPaired
        ? muted.length > 0
          ? `Not connecting: ${muted.join(", ")} ${muted.length === 1 ? "is" : "are"} muted. Type unmute and a name to connect again, or quit to leave.`
          : "Type quit to leave."
        : "Nobody is paired here any more. Type quit to leave; lair-client then asks for a new invite when it is started.";
      this.#frontend?.show({ type: "notice", text });
      messenger.rest(code);
      return;
    }
    const isOpen = this.#makePage !== undefined && !this.#args.once;
    if ((this.#args.queue || isOpen) && !messenger.isLeaving) {
      // Messages that are said later are kept, too; and a page may bring somebody.
      messenger.rest(code);
      return;
    }
    // If a pipe had input that was not even read, that is undelivered too.
    if (!messenger.isLeaving && !this.#args.json) messenger.lost((await this.#lines?.countRest()) ?? 0);
    messenger.conclude(code);
  }
}

const NOBODY_YET = "Nobody is paired here yet. Give an invite to the page, or type join and the invite.";

function read<T, R>(value: T | undefined, make: (value: T) => R): R | undefined {
  return value === undefined ? undefined : make(value);
}

await runProgram("lair-client", parseClientArguments, async (parts) => {
  return await new ClientProgram(parts, await loadPage(parts.args.http, "lair-client")).run();
});
