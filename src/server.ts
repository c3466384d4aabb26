// lair-server: waits at an address and talks to one person. Chooses the adapters and connects them; what it means to
// host a line is in `core/chat/host.ts`, what is done with one in `program/talk.ts`.

import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { type Address, formatAddress, formatHost } from "./core/address.ts";
import { erase } from "./core/bytes.ts";
import { Host, type HostLine } from "./core/chat/host.ts";
import type { Command } from "./core/chat/events.ts";
import type { LineEvent } from "./core/chat/line.ts";
import { LairError } from "./core/errors.ts";
import { fingerprint, shortFingerprint } from "./core/identity/fingerprint.ts";
import type { KeyPair } from "./core/identity/key-pair.ts";
import type { Peer } from "./core/identity/peer.ts";
import { quotedName } from "./core/identity/quoted-name.ts";
import type { CipherSuite } from "./core/noise/index.ts";
import type { AdmittedFile } from "./node/home/admitted-file.ts";
import { defaultHome, type Home, openHome, readSecretFile } from "./node/home/home.ts";
import { LineDriver, type LineEnd, SYSTEM_CLOCK } from "./node/line-driver.ts";
import { isLoopbackAddress } from "./node/websocket/connection-limits.ts";
import type { IncomingLink } from "./node/websocket/link.ts";
import { listen } from "./node/websocket/listen.ts";
import { parseServerArguments, type ServerArguments } from "./program/arguments.ts";
import { chooseSuite } from "./program/crypto-choice.ts";
import { runErrand } from "./program/errands.ts";
import { type CertificateNames, certificateNames } from "./program/certificate-names.ts";
import { errorEvent, type Face } from "./program/face.ts";
import { SERVER_HELP } from "./program/help.ts";
import { Invites, pruneInvites } from "./program/invites.ts";
import { clockNotice } from "./program/clock-notice.ts";
import { keepPurged } from "./program/keeping.ts";
import { type Memory, openMemory } from "./program/memory.ts";
import { runPassphraseCommand } from "./program/passphrase-command.ts";
import { reachableAddress } from "./program/reachable-host.ts";
import { readPsk } from "./program/read-psk.ts";
import { onSignals } from "./program/signals.ts";
import { createFace, hasNoInput, ownName, random, run, standardInput, version } from "./program/start.ts";
import { printed } from "./program/standard-output.ts";
import { Talk } from "./program/talk.ts";
import { TurnedAway } from "./program/turned-away.ts";
import { openIdentity } from "./program/unlock.ts";

class Server {
  readonly #args: ServerArguments;
  readonly #home: Home;
  readonly #identity: KeyPair;
  readonly #memory: Memory;
  /** Undefined with --no-store. */
  readonly #admitted: AdmittedFile | undefined;
  readonly #host: Host;
  readonly #face: Face;
  readonly #talk: Talk;
  readonly #invites: Invites;
  readonly #turnedAway: TurnedAway;
  /** Where clients find it, once it listens. */
  #reachable: Address | undefined;
  /** Whom a line has been opened with last, since the start. */
  #lastPeer: Peer | undefined;

  constructor(args: ServerArguments, home: Home, identity: KeyPair, memory: Memory, suite: CipherSuite) {
    this.#args = args;
    this.#home = home;
    this.#identity = identity;
    this.#memory = memory;
    const psk = args.pskFile === undefined ? undefined : readPsk(args.pskFile);
    pruneInvites(this.#home, SYSTEM_CLOCK.now().wallMs);
    const [peers, invites] = [this.#home.peers(), this.#home.invites()];
    // Behind the memory: who has the store has this file too.
    this.#admitted = memory.isLasting ? home.openAdmitted() : undefined;
    this.#host = new Host({
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
        savePeer: (peer) => this.#home.savePeer(peer),
        dropInvite: (id) => this.#invites.drop(id),
      },
      peers,
      invites,
      now: SYSTEM_CLOCK.now(),
      psk,
      trustFirst: args.trustFirst,
      correspond: (peer) => this.#talk.correspond(peer),
    });
    // It has copies.
    for (const { psk: secret } of [...peers, ...invites]) erase(secret);
    for (const { invitePsk } of peers) erase(invitePsk);
    const lines = process.stdin.isTTY && process.stdout.isTTY && !args.json ? undefined : standardInput();
    this.#face = createFace({
      program: "lair-server",
      args,
      lines: hasNoInput() ? undefined : lines,
      onCommand: (command) => this.#onCommand(command),
      onOutput: (isTaken) => this.#talk.regulateOutput(isTaken),
      onOutputFailed: () => this.#talk.outputFailed(),
    });
    this.#turnedAway = new TurnedAway({
      clock: SYSTEM_CLOCK,
      ownKey: this.#identity.publicKey,
      show: (event) => this.#face.show(event),
    });
    this.#invites = new Invites({
      home: this.#home,
      face: this.#face,
      clock: SYSTEM_CLOCK,
      random,
      serverKey: this.#identity.publicKey,
      open: (invite) => this.#host.openInvite(invite, SYSTEM_CLOCK.now()),
      dropExpired: () => this.#host.dropExpiredInvites(SYSTEM_CLOCK.now()),
    });
    this.#talk = new Talk({
      face: this.#face,
      clock: SYSTEM_CLOCK,
      suite,
      ownKey: this.#identity.publicKey,
      verbose: args.verbose,
      memory,
      retention: args.history,
      peers: () => this.#host.peers,
      savePeer: (peer) => this.#host.savePeer(peer),
      addressee: () => this.#addressee,
      isAwaiting: false,
    });
  }

  async run(): Promise<number> {
    try {
      return await this.#run();
    } finally {
      this.#face.close();
    }
  }

  async #run(): Promise<number> {
    const { args, face, talk } = { args: this.#args, face: this.#face, talk: this.#talk };
    const own = fingerprint(this.#identity.publicKey);
    face.show({ type: "started", program: "lair-server", version: version(), fingerprint: own });
    const clock = clockNotice(Date.now());
    if (clock !== undefined) face.show(clock);
    if (this.#admitted?.damage !== undefined) face.show(errorEvent(this.#admitted.damage));
    const tls =
      args.tlsCert === undefined || args.tlsKey === undefined
        ? undefined
        : { cert: readTlsFile(args.tlsCert), key: Buffer.from(readSecretFile(args.tlsKey, "the TLS key")) };
    const certificate = tls === undefined ? undefined : certificateNames(tls.cert);
    const listener = await listen({
      host: args.host,
      port: args.port,
      allowOrigins: args.allowOrigins,
      // An invite must not lead to a name that is turned away here.
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
    talk.url = listener.url;
    onSignals((code) => talk.interrupt(code));
    face.show({ type: "listening", url: listener.url, fingerprint: own });
    if (!isLoopbackAddress(listener.host)) {
      face.show({
        type: "notice",
        text: "Anybody who can reach this address can knock. Without an invite or a pairing nobody gets an answer.",
      });
    }
    if (args.announce === undefined && certificate?.covers(this.#reachable.host) === false) {
      const text = `Invites say ${formatHost(this.#reachable)}, for which the certificate does not stand: give a name of it with --announce NAME.`;
      face.show({ type: "notice", text });
    }
    const addressee = this.#addressee;
    if (addressee !== undefined) talk.recall(addressee);
    const isNeeded = this.#host.peers.length === 0 && args.pskFile === undefined;
    this.#invites.offer(this.#inviteUrl, { isAsked: args.invite, isNeeded });
    const stopPurging =
      this.#memory.history === undefined
        ? undefined
        : keepPurged(this.#memory.history, SYSTEM_CLOCK, {
            failed: (error) => face.show(errorEvent(error)),
            notice: (text) => face.show({ type: "notice", text }),
          });
    const code = await talk.finished;
    stopPurging?.();
    await listener.close();
    return code;
  }

  /** Whom something is for that is said while nobody is connected: never a guess between several. */
  get #addressee(): Peer | undefined {
    const [only, ...others] = this.#host.peers;
    return this.#lastPeer ?? (others.length === 0 ? only : undefined);
  }

  // --- lines --------------------------------------------------------------------------------------------------------

  #onLink(link: IncomingLink): void {
    const line = this.#host.line(SYSTEM_CLOCK.now());
    const driver: LineDriver<HostLine> = new LineDriver({
      line,
      carrier: link,
      clock: SYSTEM_CLOCK,
      onEvent: (event) => this.#onEvent(driver, link, event),
      onEnd: (end) => this.#onEnd(driver, link, end),
    });
  }

  #onEvent(driver: LineDriver<HostLine>, link: IncomingLink, event: LineEvent): void {
    if (event.type === "refused") {
      this.#onRefused(event, link);
      return;
    }
    if (event.type === "opened") {
      // The same peer again: what it says from now on, it says here.
      const older = this.#talk.driver;
      if (older !== undefined) {
        // Now, and not at its next deadline: it is told that it was replaced.
        older.wake();
        this.#talk.ended({ type: "cut" }, "replaced");
      }
      this.#talk.attach(driver);
      this.#lastPeer = event.peer;
    }
    if (this.#talk.driver === driver) this.#talk.event(event);
  }

  #onEnd(driver: LineDriver<HostLine>, link: IncomingLink, end: LineEnd): void {
    this.#host.ended(driver.line);
    if (this.#talk.driver === driver) {
      this.#talk.ended(end);
      return;
    }
    if (end.type !== "error") return;
    // A stranger's failure is worth a line only for who asks; our own, and one of somebody with the right secret, always is.
    const isStranger = driver.line.conversation === undefined;
    if (isStranger && !/^(?:internal$|home-)/.test(end.error.code)) {
      this.#noteStranger(end.error.code, `${end.error.message} [${end.error.code}]`, link.remoteAddress);
    } else {
      this.#turnedAway.fault(errorEvent(end.error));
    }
  }

  #onRefused(event: Extract<LineEvent, { type: "refused" }>, link: IncomingLink): void {
    if (event.reason === "busy") this.#turnedAway.busy(event.peer);
    else if (event.reason === "unable") this.#turnedAway.fault(errorEvent(event.error));
    else this.#turnedAway.untrusted({ ...event, address: link.remoteAddress });
  }

  // --- commands -----------------------------------------------------------------------------------------------------

  #onCommand(command: Command): void {
    try {
      if (command.type === "invite") this.#invites.make(this.#inviteUrl);
      else if (command.type === "trust") this.#trust(command.who);
      else this.#talk.command(command);
    } catch (error) {
      this.#face.show(errorEvent(error));
    }
  }

  #trust(who: string): void {
    const { name, publicKey } = this.#host.trust(who, SYSTEM_CLOCK.now());
    const print = shortFingerprint(publicKey);
    this.#face.show({ type: "notice", text: `The peer ${quotedName(name)} (${print}) can connect from now on.` });
  }

  /** Where a client finds us, as far as we can tell. */
  get #inviteUrl(): string {
    return formatAddress(this.#reachable!);
  }

  #noteStranger(kind: string, text: string, address: string | undefined): void {
    if (this.#args.verbose) this.#turnedAway.stranger({ kind, text, address });
  }
}

/** Under which this server is asked for, whatever it is bound to. */
function ownNames({ announce, host }: ServerArguments, certificate: CertificateNames | undefined): string[] {
  const given = announce === undefined ? [] : [formatHost(announce)];
  return [...given, ...(isIP(host) === 0 ? [host] : []), ...(certificate?.names ?? [])];
}

function readTlsFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new LairError("usage", `${path} cannot be read.`, { hint: "See whether the path is right.", cause });
  }
}

await run(process.argv.slice(2), async (argv) => {
  const args = parseServerArguments(argv);
  if ("asked" in args) return await printed(0, args.asked === "help" ? SERVER_HELP : `lair-server ${version()}\n`);
  if ("command" in args) return await printed(runPassphraseCommand(args, "server"));
  if ("errand" in args) return await printed(runErrand("lair-server", args));
  const home = openHome(args.home ?? defaultHome(process.env), "server");
  const suite = chooseSuite(args.crypto);
  const identity = await openIdentity(home, args, random);
  const memory = await openMemory(home, identity, suite, args);
  try {
    return await new Server(args, home, identity, memory, suite).run();
  } finally {
    memory.close();
  }
});
