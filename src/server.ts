// lair-server: waits at an address and talks to one person. Chooses the adapters and connects them; what it means to
// host a line is in `core/chat/host.ts`, what is done with one in `program/talk.ts`.

import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { toHex } from "./core/bytes.ts";
import { Host, type HostLine } from "./core/chat/host.ts";
import type { Command } from "./core/chat/events.ts";
import type { LineEvent } from "./core/chat/line.ts";
import { LairError } from "./core/errors.ts";
import { fingerprint } from "./core/identity/fingerprint.ts";
import { formatInvite } from "./core/identity/invite.ts";
import { generateKeyPair, type KeyPair } from "./core/identity/key-pair.ts";
import { cleanName } from "./core/identity/peer-name.ts";
import type { OpenInvite } from "./core/identity/peer.ts";
import { parsePsk } from "./core/identity/psk.ts";
import { safetyWords } from "./core/identity/safety-words.ts";
import { NOBLE_SUITE } from "./core/noise/index.ts";
import { defaultHome, type Home, openHome, readSecretFile } from "./node/home/home.ts";
import { LineDriver, type LineEnd, SYSTEM_CLOCK } from "./node/line-driver.ts";
import type { IncomingLink } from "./node/websocket/link.ts";
import { type Listener, listen } from "./node/websocket/listen.ts";
import { parseServerArguments, SERVER_HELP, type ServerArguments } from "./program/arguments.ts";
import { errorEvent, type Face } from "./program/face.ts";
import { createFace, hasNoInput, onSignals, ownName, random, run, standardInput, version } from "./program/start.ts";
import { Talk } from "./program/talk.ts";

const INVITE_LIFETIME_MS = 24 * 60 * 60 * 1000;
/** Keys under a psk file that wait for `trust`; more than a person can compare is somebody's flood. */
const MOST_UNTRUSTED = 16;

class Server {
  readonly #args: ServerArguments;
  readonly #home: Home;
  readonly #identity: KeyPair;
  readonly #host: Host;
  readonly #face: Face;
  readonly #talk: Talk;
  readonly #untrusted = new Map<string, { readonly publicKey: Uint8Array; readonly name: string }>();
  #listener: Listener | undefined;
  /** What stands in HOME/invite because of us: which invite, and its text. */
  #left: { readonly id: string; readonly text: string } | undefined;

  constructor(args: ServerArguments) {
    this.#args = args;
    this.#home = openHome(args.home ?? defaultHome(process.env), "server");
    this.#identity = this.#home.identity(() => generateKeyPair(random));
    const psk = args.pskFile === undefined ? undefined : parsePsk(readSecretFile(args.pskFile, "the psk file"));
    this.#host = new Host({
      party: {
        suite: NOBLE_SUITE,
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
        dropInvite: (id) => this.#dropInvite(id),
      },
      peers: this.#home.peers(),
      invites: this.#home.invites(),
      psk,
      trustFirst: args.trustFirst,
    });
    const lines = process.stdin.isTTY && process.stdout.isTTY && !args.json ? undefined : standardInput();
    this.#face = createFace({
      program: "lair-server",
      args,
      lines: hasNoInput() ? undefined : lines,
      onCommand: (command) => this.#onCommand(command),
    });
    this.#talk = new Talk({
      face: this.#face,
      clock: SYSTEM_CLOCK,
      suite: NOBLE_SUITE,
      cryptography: "noble",
      ownKey: this.#identity.publicKey,
      verbose: args.verbose,
      peers: () => this.#host.peers,
      savePeer: (peer) => this.#host.savePeer(peer),
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
    const listener = await listen({
      host: args.host,
      port: args.port,
      allowOrigins: args.allowOrigins,
      allowHosts: args.allowHosts,
      ...(args.tlsCert === undefined || args.tlsKey === undefined
        ? {}
        : { tls: { cert: readTlsFile(args.tlsCert), key: readTlsFile(args.tlsKey) } }),
      onLink: (link) => this.#onLink(link),
      onRefused: (reason) => this.#tellVerbose(`turned away: ${reason}`),
    });
    this.#listener = listener;
    talk.url = listener.url;
    onSignals((code) => talk.interrupt(code));
    face.show({ type: "listening", url: listener.url, fingerprint: own });
    if (!isLoopback(listener.host)) {
      face.show({
        type: "notice",
        text: "Anybody who can reach this address can knock. Without an invite or a pairing nobody gets an answer.",
      });
    }
    this.#offerInvite();
    const code = await talk.finished;
    await listener.close();
    return code;
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
    // A stranger's failure is worth a line only for who asks; one of somebody with the right secret always is.
    const isStranger = driver.line.conversation === undefined;
    if (isStranger && end.error.code !== "internal") {
      this.#tellVerbose(`${link.remoteAddress}: ${end.error.message} [${end.error.code}]`);
    } else {
      this.#face.show(errorEvent(end.error));
    }
  }

  #onRefused(event: Extract<LineEvent, { type: "refused" }>, link: IncomingLink): void {
    if (event.reason === "busy") {
      this.#face.show({ type: "notice", text: `${event.peer.name} wanted in and was told that you are busy.` });
      return;
    }
    const { publicKey, name } = event;
    const print = fingerprint(publicKey);
    if (this.#untrusted.size < MOST_UNTRUSTED) this.#untrusted.set(print, { publicKey, name });
    this.#face.show({
      type: "error",
      code: "not-trusted",
      message: `${cleanName(name) || "Somebody"} at ${link.remoteAddress} knows the psk, but has a key that was never seen here.`,
      details: [`key     ${print}`, `words   ${safetyWords(this.#identity.publicKey, publicKey).join(" ")}`],
      hint: `If both are the same at the other side, let them in: trust ${print.slice(0, 4)}`,
    });
  }

  // --- commands -----------------------------------------------------------------------------------------------------

  #onCommand(command: Command): void {
    try {
      if (command.type === "invite") this.#makeInvite();
      else if (command.type === "trust") this.#trust(command.who);
      else this.#talk.command(command);
    } catch (error) {
      this.#face.show(errorEvent(error));
    }
  }

  #trust(who: string): void {
    const matches = [...this.#untrusted].filter(([print]) => print.replaceAll(" ", "").startsWith(who));
    const [match] = matches;
    if (match === undefined || matches.length > 1) {
      throw new LairError("peer-unknown", `${matches.length} keys that wait here begin with "${who}".`, {
        hint: "Write the beginning of the fingerprint that was shown, long enough to be the only one.",
      });
    }
    const [print, { publicKey, name }] = match;
    this.#host.savePeer({
      publicKey,
      name: cleanName(name) || print.slice(0, 4),
      psk: undefined,
      pairedAtMs: Date.now(),
      comparedAtMs: Date.now(),
      url: undefined,
      invitePsk: undefined,
    });
    this.#untrusted.delete(print);
    this.#face.show({ type: "notice", text: `${cleanName(name) || print} can connect from now on.` });
  }

  // --- invites ------------------------------------------------------------------------------------------------------

  /** At the start: a new invite if asked for, or if nobody could connect otherwise; else the open one, if any. */
  #offerInvite(): void {
    const open = this.#home.invites().findLast((invite) => invite.expiresAtMs > Date.now());
    const isNeeded = this.#home.peers().length === 0 && this.#args.pskFile === undefined;
    if (this.#args.invite || (isNeeded && open === undefined)) this.#makeInvite();
    else if (open !== undefined) this.#showInvite(open);
  }

  #makeInvite(): void {
    const now = Date.now();
    const invite: OpenInvite = { id: toHex(random(8)), psk: random(32), expiresAtMs: now + INVITE_LIFETIME_MS };
    this.#home.changeInvites((invites) => [...invites.filter(({ expiresAtMs }) => expiresAtMs > now), invite]);
    this.#host.openInvite(invite);
    this.#showInvite(invite);
  }

  #showInvite(invite: OpenInvite): void {
    const listener = this.#listener!;
    const url = listener.url.replace(/\/\/[^/]+$/, `//${reachableHost(listener.host)}:${listener.port}`);
    const text = formatInvite({ url, psk: invite.psk, serverKey: this.#identity.publicKey });
    this.#home.leaveInvite(text);
    this.#left = { id: invite.id, text };
    this.#face.show({ type: "invite", invite: text, expiresAtMs: invite.expiresAtMs });
  }

  #dropInvite(id: string): void {
    this.#home.changeInvites((invites) => invites.filter((invite) => invite.id !== id));
    if (this.#left?.id === id) this.#home.removeLeftInvite(this.#left.text);
  }

  #tellVerbose(text: string): void {
    if (this.#args.verbose) this.#face.show({ type: "notice", text, detail: true });
  }
}

function isLoopback(host: string): boolean {
  return /^127\.|^::1$|^localhost$/.test(host);
}

/** For an invite: a server that listens everywhere is reached at none of its names in particular. */
function reachableHost(host: string): string {
  if (host !== "0.0.0.0" && host !== "::") return host.includes(":") ? `[${host}]` : host;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ internal, family }) => !internal && family === "IPv4")?.address ?? "127.0.0.1";
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
  if ("asked" in args) {
    process.stdout.write(args.asked === "help" ? SERVER_HELP : `lair-server ${version()}\n`);
    return 0;
  }
  return await new Server(args).run();
});
