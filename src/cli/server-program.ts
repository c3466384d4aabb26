// lair-server: waits at an address and talks to the people that it is paired with. Chooses the adapters and connects them; what a server's
// session is, is in `core/pairing/server.ts`, what is done with them in `app/messenger.ts`.

import { randomInt } from "node:crypto";
import { type Address, formatAddress } from "../core/address.ts";
import { erase } from "../core/bytes.ts";
import { type HandshakeParty, isHelloUrl, READS_ENTRIES, type RekeyWindow, ROOMS } from "../core/channel/index.ts";
import type { Pairings } from "../core/pairing/pairings.ts";
import { Accepting, type Refused } from "../app/accepting.ts";
import { Backoff } from "../app/backoff.ts";
import { Connecting } from "../app/connecting.ts";
import { FairTurns } from "../app/fair-turns.ts";
import { Dialing } from "../app/dialing.ts";
import { connect } from "../node/websocket/connect.ts";
import { formatProxy } from "../node/websocket/proxy-address.ts";
import { expectedKey, targetFor, targetOf, targetOfInviteFile } from "./connect-target.ts";
import { proxyFor } from "./proxy-choice.ts";
import { Server } from "../core/pairing/server.ts";
import type { Command } from "../app/events.ts";
import { CAN_DIAL, READS_INTRODUCTIONS } from "../core/chat/introduction.ts";
import { LairError } from "../core/errors.ts";
import { fingerprint, shortFingerprint } from "../core/identity/fingerprint.ts";
import type { Identity } from "../core/identity/identity.ts";
import { type Peer, peopleAmong } from "../core/identity/peer.ts";
import { nameInSentence, quotedName } from "../core/identity/quoted-name.ts";
import type { AdmittedFile } from "../node/home/admitted-file.ts";
import type { Home } from "../node/home/home.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { exportHistory } from "./export-history.ts";
import { SYSTEM_CLOCK, wallMs } from "../node/clock.ts";
import type { IncomingLink } from "../node/websocket/link.ts";
import { parseServerArguments, type ServerArguments } from "./arguments.ts";
import { errorEvent, type Frontend } from "../app/frontend.ts";
import { Invites, pruneInvites } from "./invites.ts";
import type { Persistence } from "../app/persistence.ts";
import { type ProgramParts, purgeHistory, runProgram, tellStart } from "./program.ts";
import { browse, loadPage, type MakePage } from "./load-page.ts";
import { roomsLoader } from "./load-rooms.ts";
import type { PageProgram } from "./page-program.ts";
import { readPsk } from "./read-psk.ts";
import { openSessionListener } from "./session-listener.ts";
import { onSignals } from "./signals.ts";
import { version } from "./version.ts";
import { createFrontend, hasNoInput, ownName, random, standardInput } from "./start.ts";
import { Messenger } from "../app/messenger.ts";
import { refuseUnclearPipe } from "./unclear-pipe.ts";
import { TurnedAway } from "../app/turned-away.ts";

class ServerProgram {
  readonly #args: ServerArguments;
  readonly #suite: CipherSuite;
  readonly #home: Home;
  readonly #identity: Identity;
  readonly #persistence: Persistence;
  /** Undefined with --no-store. */
  readonly #admitted: AdmittedFile | undefined;
  readonly #server: Server;
  readonly #frontend: Frontend;
  /** With --http. */
  readonly #page: PageProgram | undefined;
  readonly #messenger: Messenger;
  readonly #invites: Invites;
  readonly #turnedAway: TurnedAway;
  readonly #accepting: Accepting<IncomingLink>;
  /** To hubs, and with --dial to people. */
  readonly #dialing: Dialing;
  readonly #abort = new AbortController();
  /** Of all sessions, those that come in and those that this side makes. */
  readonly #turns = new FairTurns(SYSTEM_CLOCK);
  /** Where clients find it, once it listens. */
  #reachable: Address | undefined;
  /** Where it listens. */
  #url = "";

  constructor(
    { args, home, identity, persistence, suite }: ProgramParts<ServerArguments>,
    makePage: MakePage | undefined,
  ) {
    this.#args = args;
    this.#home = home;
    this.#suite = suite;
    this.#identity = identity;
    this.#persistence = persistence;
    const psk = args.pskFile === undefined ? undefined : readPsk(suite, args.pskFile);
    const { pairings } = persistence;
    pruneInvites(home, pairings, wallMs());
    const [peers, invites] = [pairings.peers(), pairings.invites()];
    // Behind the memory: who has the store has this file too.
    this.#admitted = persistence.isLasting ? home.openAdmitted() : undefined;
    this.#server = new Server({
      admissionMemory: this.#admitted,
      party: {
        suite,
        random,
        staticKey: this.#identity,
        hello: this.#hello({ rekey: args.rekeyWindow }),
      },
      registry: {
        savePeer: (peer) => pairings.savePeer(peer),
        pair: (peer, inviteId) => this.#invites.pair(peer, inviteId),
        dropInvite: (id) => this.#invites.drop(id),
        forgetPeer: (publicKey) => pairings.forgetPeer(publicKey),
        isForgotten: persistence.isForgotten,
      },
      peers,
      invites,
      now: SYSTEM_CLOCK.now(),
      psk,
      trustFirst: args.trustFirst,
      chatWith: (peer) => this.#messenger.chatWith(peer),
      maxPeers: args.maxPeers,
      keepsOwn: (peer) => this.#accepting.keepsOwn(peer),
    });
    // It has copies.
    for (const { psk: secret } of [...peers, ...invites]) erase(secret);
    for (const { invitePsk } of peers) erase(invitePsk);
    const lines = process.stdin.isTTY && process.stdout.isTTY && !args.json ? undefined : standardInput();
    const main = createFrontend({
      program: "lair-server",
      args,
      lines: hasNoInput() ? undefined : lines,
      onCommand: (command) => {
        if (this.#page === undefined) this.#onCommand(command);
        else this.#page.frontend.byMain(() => this.#onCommand(command));
      },
      onOutput: (isTaken) => this.#messenger.regulateOutput(isTaken),
      onOutputFailed: () => this.#messenger.outputFailed(),
    });
    this.#page = makePage?.(main);
    this.#frontend = this.#page?.frontend ?? main;
    this.#turnedAway = new TurnedAway({
      clock: SYSTEM_CLOCK,
      suite,
      self: this.#identity,
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
      close: (id) => this.#server.dropInvite(id),
      dropExpired: () => this.#server.dropExpiredInvites(SYSTEM_CLOCK.now()),
    });
    this.#messenger = new Messenger({
      frontend: this.#frontend,
      clock: SYSTEM_CLOCK,
      exportHistory,
      suite,
      self: this.#identity,
      verbose: args.verbose,
      persistence,
      retention: args.history,
      historyLimit: args.historyLimit,
      peers: () => this.#server.peers,
      savePeer: (peer) => this.#server.savePeer(peer),
      forgetPeer: ({ publicKey }) => this.#server.forgetPeer(publicKey, SYSTEM_CLOCK.now()),
      random,
      acceptFrom: args.acceptFrom,
      loadRooms: roomsLoader({ suite, identity, persistence }),
      dial: (target) => this.#dialing.dial(target),
      onChanged: (peer) => {
        if (this.#dials(peer)) this.#dialing.changed(peer);
      },
      to: args.to,
      onActivity: () => this.#dialing.hurry(),
      isAwaiting: false,
    });
    this.#accepting = new Accepting({
      server: this.#server,
      messenger: this.#messenger,
      self: identity,
      clock: SYSTEM_CLOCK,
      turns: this.#turns,
      url: () => this.#url,
      onRefused: (refused, link) => this.#onRefused(refused, link),
      onFailed: (error, { isStranger, carrier }) => this.#onFailed(error, isStranger, carrier),
    });
    this.#dialing = this.#createDialing(persistence.pairings);
  }

  /** Whether this side connects to this peer by itself: a hub is always called, and never calls. */
  #dials({ isHub }: Peer): boolean {
    return this.#args.dial || isHub === true;
  }

  /**
   * How this side introduces itself: its address is known once it listens. `rekey`: to those who connect to it. To others it
   * also says that it can be a hub's member: no hub connects to it.
   */
  #hello(how: { readonly rekey: RekeyWindow } | "dialling"): HandshakeParty["hello"] {
    const { name, dial } = this.#args;
    const url = (): string | undefined => {
      const own = this.#reachable === undefined ? "" : formatAddress(this.#reachable);
      return isHelloUrl(own) ? own : undefined;
    };
    return {
      name: ownName(name),
      agent: `lair/${version()}`,
      ...(how === "dialling" ? {} : how),
      capabilities: [
        READS_INTRODUCTIONS,
        ...(dial ? [CAN_DIAL] : []),
        ...(how === "dialling" ? [ROOMS, READS_ENTRIES] : []),
      ],
      get url() {
        return url();
      },
    };
  }

  #createDialing(pairings: Pairings): Dialing {
    const connecting = new Connecting({
      party: {
        suite: this.#suite,
        random,
        staticKey: this.#identity,
        hello: this.#hello("dialling"),
      },
      clock: SYSTEM_CLOCK,
      turns: this.#turns,
      connect: (url) => connect(url, { signal: this.#abort.signal, proxy: proxyFor(url, undefined, process.env) }),
      peers: () => pairings.peers(),
      savePeer: (peer) => {
        // Before it has seen our key, and the invite is used up.
        if (!this.#dials(peer)) throw noHub(peer);
        this.#server.savePeer(peer);
      },
      chatWith: (peer) => this.#messenger.chatWith(peer),
      isForgotten: (publicKey) => this.#server.isForgotten(publicKey, SYSTEM_CLOCK.now()),
      trustFirst: false,
    });
    return new Dialing({
      connecting,
      messenger: this.#messenger,
      frontend: this.#frontend,
      suite: this.#suite,
      clock: SYSTEM_CLOCK,
      newBackoff: () => new Backoff((upTo) => randomInt(Math.ceil(upTo))),
      isOnce: false,
      // It goes on listening anyway.
      isPatient: true,
      isQueueing: false,
      isMutual: true,
      peers: () => pairings.peers(),
      targetOf,
      targetFor: (peer, before) => targetFor(peer, before, pairings.peers()),
      proxyFor: (url) => {
        const proxy = proxyFor(url, undefined, process.env);
        return proxy === undefined ? undefined : formatProxy(proxy);
      },
      onIdle() {},
    });
  }

  /** Connects to those whose address is known, and pairs with the invite of --invite-file. */
  #dialAll(): void {
    const peers = this.#persistence.pairings.peers();
    const { inviteFile } = this.#args;
    const invited = inviteFile === undefined ? undefined : targetOfInviteFile(inviteFile, peers);
    if (invited !== undefined) {
      this.#messenger.expectHub(expectedKey(invited), invited.roomLink);
      this.#dialing.dial(invited);
    }
    const dialled = peers.filter((peer) => this.#dials(peer));
    for (const target of dialled.flatMap((peer) => targetOf(peer) ?? [])) this.#dialing.dial(target);
  }

  async run(): Promise<number> {
    try {
      return await this.#run();
    } finally {
      await this.#page?.close();
      await this.#messenger.close();
      // Last: an attempt that is cut off has nobody to tell any more.
      this.#abort.abort();
      this.#frontend.close();
    }
  }

  async #run(): Promise<number> {
    const [args, frontend, messenger] = [this.#args, this.#frontend, this.#messenger];
    refuseUnclearPipe(this.#suite, args, this.#server.peers);
    const own = fingerprint(this.#suite, this.#identity);
    tellStart("lair-server", frontend, {
      suite: this.#suite,
      identity: this.#identity,
      persistence: this.#persistence,
    });
    if (this.#admitted?.damage !== undefined) frontend.show(errorEvent(this.#admitted.damage));
    const { listener, reachable, notices } = await openSessionListener(args, {
      onLink: (link) => this.#accepting.accept(link),
      onRefused: (reason, address) => this.#noteStranger(reason, `turned away: ${reason}`, address),
    });
    this.#reachable = reachable;
    this.#url = listener.url;
    onSignals((code) => messenger.interrupt(code));
    frontend.show({ type: "listening", url: listener.url, fingerprint: own });
    for (const text of notices) frontend.show({ type: "notice", text });
    await this.#openPage();
    for (const peer of peopleAmong(this.#server.peers)) messenger.with(peer).address.url = listener.url;
    messenger.recall();
    const isNeeded = peopleAmong(this.#server.peers).length === 0 && args.pskFile === undefined;
    this.#invites.offer(this.#inviteUrl, { isAsked: args.invite, isNeeded });
    this.#dialAll();
    const stopPurging = purgeHistory({ suite: this.#suite, persistence: this.#persistence }, frontend, this.#messenger);
    const code = await messenger.finished;
    stopPurging();
    await listener.close();
    return code;
  }

  async #openPage(): Promise<void> {
    await this.#page?.open({
      name: this.#args.name,
      home: this.#home,
      identity: this.#identity,
      persistence: this.#persistence,
      suite: this.#suite,
      messenger: this.#messenger,
      listening: () => this.#url,
      command: (command) => this.#onCommand(command),
      waitingKeys: () => this.#server.waitingKeys,
      invites: {
        list: () => this.#invites.list(),
        make: () => this.#invites.create(this.#inviteUrl),
        revoke: (id) => this.#invites.revoke(id),
      },
    });
  }

  // --- those who get no conversation -------------------------------------------------------------------------------

  /**
   * A stranger's failure is reported only with --verbose; our own failure, and that of somebody with the right secret,
   * always is.
   */
  #onFailed(error: LairError, isStranger: boolean, { remoteAddress }: IncomingLink): void {
    if (isStranger && error.kind !== "internal" && error.kind !== "store") {
      this.#noteStranger(error.code, `${error.message} [${error.code}]`, remoteAddress);
    } else {
      this.#turnedAway.fault(errorEvent(error));
    }
  }

  #onRefused(event: Refused, { remoteAddress }: IncomingLink): void {
    switch (event.reason) {
      case "busy":
        return this.#turnedAway.busy(event.peer);
      case "unable":
        return this.#turnedAway.fault(errorEvent(event.error));
      case "not-trusted":
        return this.#turnedAway.untrusted({ ...event, address: remoteAddress });
      case "superfluous":
        // Both sides have connected to each other, and the other session stays.
        break;
    }
  }

  // --- commands -----------------------------------------------------------------------------------------------------

  #onCommand(command: Command): void {
    try {
      if (command.type === "invite") this.#invites.make(this.#inviteUrl);
      else if (command.type === "trust") this.#trust(command.who);
      else if (command.type === "open" && this.#page !== undefined) browse(this.#page, this.#frontend);
      else this.#messenger.command(command);
    } catch (error) {
      this.#frontend.show(errorEvent(error));
    }
  }

  #trust(who: string): void {
    const peer = this.#server.trust(who, SYSTEM_CLOCK.now());
    this.#messenger.tellPeople();
    const print = shortFingerprint(this.#suite, peer);
    this.#frontend.show({
      type: "notice",
      text: `The peer ${quotedName(peer.name)} (${print}) can connect from now on.`,
    });
  }

  /** The address where a client finds us, as far as we know. */
  get #inviteUrl(): string {
    return formatAddress(this.#reachable!);
  }

  #noteStranger(kind: string, text: string, address: string | undefined): void {
    if (this.#args.verbose) this.#turnedAway.stranger({ kind, text, address });
  }
}

/** Of somebody who was dialled without --dial. */
function noHub({ name }: Peer): LairError {
  const message = `${nameInSentence(name)} is a person's program and no hub, and lair-server connects to people only with --dial.`;
  return new LairError("usage", message, { hint: "Start it with --dial too; the invite has not been used." });
}

await runProgram("lair-server", parseServerArguments, async (parts) => {
  return await new ServerProgram(parts, await loadPage(parts.args.http, "lair-server")).run();
});
