// lair-client: connects to a server and talks. Chooses the adapters and connects them; which secret opens a session is
// in `core/pairing/client-session.ts`, in which order they are tried in `app/connecting.ts`, what is done with the session
// in `app/conversation.ts`, where the address comes from in `cli/connect-target.ts`.

import { randomInt } from "node:crypto";
import type { Command } from "../app/events.ts";
import { LairError } from "../core/errors.ts";
import type { KeyPair } from "../core/identity/key-pair.ts";
import type { Peer } from "../core/identity/peer.ts";
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
import { errorEvent, exitCodeOf, type Frontend } from "../app/frontend.ts";
import type { Persistence } from "../app/persistence.ts";
import { knownPeer, findTarget, targetFor } from "./connect-target.ts";
import type { ConnectTarget } from "../app/connect-target.ts";
import { type ProgramParts, purgeHistory, runProgram, tellStart } from "./program.ts";
import { proxyFor } from "./proxy-choice.ts";
import { Reconnecting } from "../app/reconnect.ts";
import { onSignals } from "./signals.ts";
import { version } from "./version.ts";
import { createFrontend, hasNoInput, isInteractive, ownName, random, standardInput } from "./start.ts";
import { Conversation } from "../app/conversation.ts";

class ClientProgram {
  readonly #args: ClientArguments;
  readonly #home: Home;
  readonly #identity: KeyPair;
  readonly #lines: LineReader | undefined;
  readonly #persistence: Persistence;
  readonly #connecting: Connecting;
  readonly #abort = new AbortController();
  readonly #suite: CipherSuite;
  #conversation!: Conversation;
  /** The peer of the connection; undefined until the first meeting has shown it. */
  #peer: Peer | undefined;

  constructor({ args, home, identity, persistence, suite }: ProgramParts<ClientArguments>) {
    this.#args = args;
    this.#home = home;
    this.#identity = identity;
    this.#persistence = persistence;
    this.#suite = suite;
    // --queue delivers waiting messages even without input, so there /dev/null counts as an input that has ended.
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
      peers: () => persistence.pairings.peers(),
      savePeer: (peer) => persistence.pairings.savePeer(peer),
      chatWith: (peer) => this.#conversation.chatWith(peer),
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
    let target = await this.#findTarget();
    if (target.how === "psk-file" && isInteractive() && !this.#args.trustFirst) {
      target = await this.#connecting.meet(target, askTrust);
    }

    const frontend = createFrontend({
      program: "lair-client",
      args: this.#args,
      lines: this.#lines,
      isQueueing: this.#args.queue,
      onCommand: (command: Command) => conversation.command(command),
      onOutput: (isTaken) => conversation.regulateOutput(isTaken),
      onOutputFailed: () => conversation.outputFailed(),
    });
    const conversation = new Conversation({
      frontend,
      clock: SYSTEM_CLOCK,
      exportHistory,
      suite: this.#suite,
      ownKey: this.#identity.publicKey,
      verbose: this.#args.verbose,
      persistence,
      retention: this.#args.history,
      peers: () => persistence.pairings.peers(),
      savePeer: (peer) => persistence.pairings.savePeer(peer),
      forgetPeer: ({ publicKey }) => persistence.pairings.forgetPeer(publicKey),
      addressee: () => this.#peer,
      isAwaiting: true,
      isQueueing: this.#args.queue,
      onActivity: () => reconnecting.hurry(),
    });
    this.#conversation = conversation;
    const reconnecting = new Reconnecting({
      connecting: this.#connecting,
      conversation,
      frontend,
      clock: SYSTEM_CLOCK,
      backoff: new Backoff((upTo) => randomInt(Math.ceil(upTo))),
      isOnce: this.#args.once,
      isPatient: isInteractive() && !this.#args.json,
      isQueueing: this.#args.queue,
      targetFor: (peer, before) => {
        this.#peer = peer;
        return targetFor(peer, before, persistence.pairings.peers());
      },
    });
    onSignals((code) => conversation.interrupt(code));
    process.on("SIGCONT", () => {
      conversation.runner?.wake();
      reconnecting.hurry();
    });
    const stopPurging = purgeHistory(persistence, frontend);
    try {
      tellStart("lair-client", frontend, { suite: this.#suite, identity: this.#identity, persistence });
      frontend.show({ type: "connecting", url: target.url, how: target.how });
      conversation.address.url = target.url;
      this.#tellProxy(target.url, frontend);
      this.#peer = knownPeer(target);
      if (this.#peer !== undefined) conversation.recall(this.#peer);
      void this.#converse(target, reconnecting, frontend).catch((error: unknown) => {
        if (!conversation.isLeaving) frontend.show(errorEvent(error));
        conversation.conclude(exitCodeOf(error));
      });
      return await conversation.finished;
    } finally {
      stopPurging();
      this.#abort.abort();
      frontend.close();
    }
  }

  /** If no peer is known, also reports the possible reason. Throws LairError. */
  async #findTarget(): Promise<ConnectTarget> {
    const { pairings } = this.#persistence;
    try {
      return await findTarget(this.#suite, this.#args, this.#home, pairings, this.#lines);
    } catch (error) {
      if (!(error instanceof LairError)) throw error;
      const { code, message, hint = "" } = error;
      const details = [...error.details];
      this.#persistence.onNotice((text) => details.push(text));
      throw new LairError(code, message, { details, hint, cause: error });
    }
  }

  /** Throws LairError `usage` for an invalid proxy in the environment. */
  #proxyFor(url: string): Proxy | undefined {
    return proxyFor(url, this.#args.proxy, process.env);
  }

  /** A proxy from the environment may come as a surprise, and the user should know who resolves the name. */
  #tellProxy(url: string, frontend: Frontend): void {
    const proxy = this.#proxyFor(url);
    if (proxy === undefined) return;
    this.#conversation.address.proxy = formatProxy(proxy);
    frontend.show({
      type: "notice",
      text: `Through the proxy ${this.#conversation.address.proxy}, which resolves the name.`,
    });
  }

  async #converse(target: ConnectTarget, reconnecting: Reconnecting, frontend: Frontend): Promise<void> {
    const conversation = this.#conversation;
    const code = await reconnecting.converse(target);
    if (isInteractive() && !this.#args.json && !conversation.isLeaving && conversation.hasTalked) {
      // Somebody may be typing: the text must not go to their shell.
      frontend.show({ type: "notice", text: "Type quit to leave." });
      conversation.rest(code);
      return;
    }
    if (this.#args.queue && !conversation.isLeaving) {
      // Messages that are said later are kept, too.
      conversation.rest(code);
      return;
    }
    // If a pipe had input that was not even read, that is undelivered too.
    if (!conversation.isLeaving && !this.#args.json) conversation.lost((await this.#lines?.countRest()) ?? 0);
    conversation.conclude(code);
  }
}

await runProgram("lair-client", parseClientArguments, (parts) => new ClientProgram(parts).run());
