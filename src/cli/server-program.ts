// lair-server: waits at an address and talks to one person. Chooses the adapters and connects them; what a server's
// session is, is in `core/pairing/server.ts`, what is done with one in `app/conversation.ts`.

import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { type Address, formatAddress, formatHost } from "../core/address.ts";
import { equalInConstantTime, erase } from "../core/bytes.ts";
import { Server } from "../core/pairing/server.ts";
import type { ServerSession } from "../core/pairing/server-session.ts";
import type { Command } from "../app/events.ts";
import type { SessionEvent } from "../core/chat/session.ts";
import { LairError } from "../core/errors.ts";
import { fingerprint, shortFingerprint } from "../core/identity/fingerprint.ts";
import type { KeyPair } from "../core/identity/key-pair.ts";
import type { Peer } from "../core/identity/peer.ts";
import { quotedName } from "../core/identity/quoted-name.ts";
import type { AdmittedFile } from "../node/home/admitted-file.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { readSecretFile } from "../node/home/home.ts";
import { SessionRunner, type SessionEnd } from "../app/session-runner.ts";
import { exportHistory } from "./export-history.ts";
import { SYSTEM_CLOCK } from "../node/clock.ts";
import { isLoopbackAddress } from "../node/websocket/connection-limits.ts";
import type { IncomingLink } from "../node/websocket/link.ts";
import { listen } from "../node/websocket/listen.ts";
import { parseServerArguments, type ServerArguments } from "./arguments.ts";
import { type CertificateNames, certificateNames } from "./certificate-names.ts";
import { errorEvent, type Frontend } from "../app/frontend.ts";
import { Invites, pruneInvites } from "./invites.ts";
import type { Persistence } from "../app/persistence.ts";
import { type ProgramParts, purgeHistory, runProgram, tellStart } from "./program.ts";
import { reachableAddress } from "./reachable-host.ts";
import { readPsk } from "./read-psk.ts";
import { onSignals } from "./signals.ts";
import { version } from "./version.ts";
import { createFrontend, hasNoInput, ownName, random, standardInput } from "./start.ts";
import { Conversation } from "../app/conversation.ts";
import { TurnedAway } from "../app/turned-away.ts";

class ServerProgram {
  readonly #args: ServerArguments;
  readonly #suite: CipherSuite;
  readonly #identity: KeyPair;
  readonly #persistence: Persistence;
  /** Undefined with --no-store. */
  readonly #admitted: AdmittedFile | undefined;
  readonly #server: Server;
  readonly #frontend: Frontend;
  readonly #conversation: Conversation;
  readonly #invites: Invites;
  readonly #turnedAway: TurnedAway;
  /** Where clients find it, once it listens. */
  #reachable: Address | undefined;
  /** The peer of the latest session since the start. */
  #lastPeer: Peer | undefined;

  constructor({ args, home, identity, persistence, suite }: ProgramParts<ServerArguments>) {
    this.#args = args;
    this.#suite = suite;
    this.#identity = identity;
    this.#persistence = persistence;
    const psk = args.pskFile === undefined ? undefined : readPsk(suite, args.pskFile);
    const { pairings } = persistence;
    pruneInvites(home, pairings, SYSTEM_CLOCK.now().wallMs);
    const [peers, invites] = [pairings.peers(), pairings.invites()];
    // Behind the memory: who has the store has this file too.
    this.#admitted = persistence.isLasting ? home.openAdmitted() : undefined;
    this.#server = new Server({
      admissionMemory: this.#admitted,
      party: {
        suite,
        random,
        staticKey: this.#identity,
        hello: {
          name: ownName(args.name),
          agent: `lair/${version()}`,
          rekey: args.rekeyWindow,
          capabilities: [],
        },
      },
      registry: {
        savePeer: (peer) => pairings.savePeer(peer),
        pair: (peer, inviteId) => this.#invites.pair(peer, inviteId),
        dropInvite: (id) => this.#invites.drop(id),
        forgetPeer: (publicKey) => pairings.forgetPeer(publicKey),
      },
      peers,
      invites,
      now: SYSTEM_CLOCK.now(),
      psk,
      trustFirst: args.trustFirst,
      chatWith: (peer) => this.#conversation.chatWith(peer),
    });
    // It has copies.
    for (const { psk: secret } of [...peers, ...invites]) erase(secret);
    for (const { invitePsk } of peers) erase(invitePsk);
    const lines = process.stdin.isTTY && process.stdout.isTTY && !args.json ? undefined : standardInput();
    this.#frontend = createFrontend({
      program: "lair-server",
      args,
      lines: hasNoInput() ? undefined : lines,
      onCommand: (command) => this.#onCommand(command),
      onOutput: (isTaken) => this.#conversation.regulateOutput(isTaken),
      onOutputFailed: () => this.#conversation.outputFailed(),
    });
    this.#turnedAway = new TurnedAway({
      clock: SYSTEM_CLOCK,
      suite,
      ownKey: this.#identity.publicKey,
      show: (event) => this.#frontend.show(event),
    });
    this.#invites = new Invites({
      home,
      pairings,
      frontend: this.#frontend,
      clock: SYSTEM_CLOCK,
      random,
      serverKey: this.#identity.publicKey,
      open: (invite) => this.#server.openInvite(invite, SYSTEM_CLOCK.now()),
      dropExpired: () => this.#server.dropExpiredInvites(SYSTEM_CLOCK.now()),
    });
    this.#conversation = new Conversation({
      frontend: this.#frontend,
      clock: SYSTEM_CLOCK,
      exportHistory,
      suite,
      ownKey: this.#identity.publicKey,
      verbose: args.verbose,
      persistence,
      retention: args.history,
      peers: () => this.#server.peers,
      savePeer: (peer) => this.#server.savePeer(peer),
      forgetPeer: ({ publicKey }) => {
        this.#server.forgetPeer(publicKey, SYSTEM_CLOCK.now());
        if (this.#lastPeer !== undefined && equalInConstantTime(this.#lastPeer.publicKey, publicKey)) {
          this.#lastPeer = undefined;
        }
      },
      addressee: () => this.#addressee,
      isAwaiting: false,
    });
  }

  async run(): Promise<number> {
    try {
      return await this.#run();
    } finally {
      this.#frontend.close();
    }
  }

  async #run(): Promise<number> {
    const { args, frontend, conversation } = {
      args: this.#args,
      frontend: this.#frontend,
      conversation: this.#conversation,
    };
    const own = fingerprint(this.#suite, this.#identity.publicKey);
    tellStart("lair-server", frontend, {
      suite: this.#suite,
      identity: this.#identity,
      persistence: this.#persistence,
    });
    if (this.#admitted?.damage !== undefined) frontend.show(errorEvent(this.#admitted.damage));
    const tls =
      args.tlsCert === undefined || args.tlsKey === undefined
        ? undefined
        : { cert: readTlsFile(args.tlsCert), key: Buffer.from(readSecretFile(args.tlsKey, "the TLS key")) };
    const certificate = tls === undefined ? undefined : certificateNames(tls.cert);
    const listener = await listen({
      host: args.host,
      port: args.port,
      allowOrigins: args.allowOrigins,
      // An invite must not contain a name that this server refuses.
      allowHosts: [...args.allowHosts, ...ownNames(args, certificate)],
      tls,
      onLink: (link) => this.#onLink(link),
      onRefused: (reason, address) => this.#noteStranger(reason, `turned away: ${reason}`, address),
    });
    const { host, port } = listener;
    const where = {
      announced: args.announce,
      listenHost: args.host,
      host,
      port,
      certificate,
      isTls: tls !== undefined,
    };
    this.#reachable = reachableAddress(where);
    conversation.address.url = listener.url;
    onSignals((code) => conversation.interrupt(code));
    frontend.show({ type: "listening", url: listener.url, fingerprint: own });
    if (!isLoopbackAddress(listener.host)) {
      frontend.show({
        type: "notice",
        text: "Anybody who can reach this address can try to connect. Without an invite or a pairing, nobody gets an answer.",
      });
    }
    if (args.announce === undefined && certificate?.covers(this.#reachable.host) === false) {
      const text = `Invites say ${formatHost(this.#reachable)}, but the certificate is for other names: give one of them with --announce NAME.`;
      frontend.show({ type: "notice", text });
    }
    const addressee = this.#addressee;
    if (addressee !== undefined) conversation.recall(addressee);
    const isNeeded = this.#server.peers.length === 0 && args.pskFile === undefined;
    this.#invites.offer(this.#inviteUrl, { isAsked: args.invite, isNeeded });
    const stopPurging = purgeHistory(this.#persistence, frontend);
    const code = await conversation.finished;
    stopPurging();
    await listener.close();
    return code;
  }

  /** The recipient of a message while nobody is connected: never a guess between several. */
  get #addressee(): Peer | undefined {
    const [only, ...others] = this.#server.peers;
    return this.#lastPeer ?? (others.length === 0 ? only : undefined);
  }

  // --- lines --------------------------------------------------------------------------------------------------------

  #onLink(link: IncomingLink): void {
    const session = this.#server.session(SYSTEM_CLOCK.now());
    const runner: SessionRunner<ServerSession> = new SessionRunner({
      session,
      carrier: link,
      clock: SYSTEM_CLOCK,
      onEvent: (event) => this.#onEvent(runner, link, event),
      onEnd: (end) => this.#onEnd(runner, link, end),
    });
  }

  #onEvent(runner: SessionRunner<ServerSession>, link: IncomingLink, event: SessionEvent): void {
    if (event.type === "refused") {
      this.#onRefused(event, link);
      return;
    }
    if (event.type === "opened") {
      // The same peer again: its messages arrive over this session from now on.
      const older = this.#conversation.runner;
      if (older !== undefined) {
        // Now, and not at its next deadline: it is told that it was replaced.
        older.wake();
        this.#conversation.ended({ type: "cut" }, "replaced");
      }
      this.#conversation.attach(runner);
      this.#lastPeer = event.peer;
    }
    if (this.#conversation.runner === runner) this.#conversation.event(event);
  }

  #onEnd(runner: SessionRunner<ServerSession>, link: IncomingLink, end: SessionEnd): void {
    this.#server.ended(runner.session);
    if (this.#conversation.runner === runner) {
      this.#conversation.ended(end);
      return;
    }
    if (end.type !== "error") return;
    // A stranger's failure is reported only with --verbose; our own failure, and that of somebody with the right
    // secret, always is.
    const isStranger = runner.session.chatSession === undefined;
    if (isStranger && end.error.kind !== "internal" && end.error.kind !== "store") {
      this.#noteStranger(end.error.code, `${end.error.message} [${end.error.code}]`, link.remoteAddress);
    } else {
      this.#turnedAway.fault(errorEvent(end.error));
    }
  }

  #onRefused(event: Extract<SessionEvent, { type: "refused" }>, link: IncomingLink): void {
    if (event.reason === "busy") this.#turnedAway.busy(event.peer);
    else if (event.reason === "unable") this.#turnedAway.fault(errorEvent(event.error));
    else this.#turnedAway.untrusted({ ...event, address: link.remoteAddress });
  }

  // --- commands -----------------------------------------------------------------------------------------------------

  #onCommand(command: Command): void {
    try {
      if (command.type === "invite") this.#invites.make(this.#inviteUrl);
      else if (command.type === "trust") this.#trust(command.who);
      else this.#conversation.command(command);
    } catch (error) {
      this.#frontend.show(errorEvent(error));
    }
  }

  #trust(who: string): void {
    const { name, publicKey } = this.#server.trust(who, SYSTEM_CLOCK.now());
    const print = shortFingerprint(this.#suite, publicKey);
    this.#frontend.show({ type: "notice", text: `The peer ${quotedName(name)} (${print}) can connect from now on.` });
  }

  /** The address where a client finds us, as far as we know. */
  get #inviteUrl(): string {
    return formatAddress(this.#reachable!);
  }

  #noteStranger(kind: string, text: string, address: string | undefined): void {
    if (this.#args.verbose) this.#turnedAway.stranger({ kind, text, address });
  }
}

/** The names that clients may use for this server, whatever it is bound to. */
function ownNames({ announce, host }: ServerArguments, certificate: CertificateNames | undefined): string[] {
  const given = announce === undefined ? [] : [formatHost(announce)];
  return [...given, ...(isIP(host) === 0 ? [host] : []), ...(certificate?.names ?? [])];
}

function readTlsFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new LairError("usage", `${path} cannot be read.`, { hint: "Check the path.", cause });
  }
}

await runProgram("lair-server", parseServerArguments, (parts) => new ServerProgram(parts).run());
