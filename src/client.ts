// lair-client: connects to a server and talks. Chooses the adapters and connects them; which secret opens the line is in
// `core/chat/guest.ts`, what is done with it in `program/talk.ts`, where the address comes from in `program/plan.ts`.

import type { Command } from "./core/chat/events.ts";
import { type GuestCredential, GuestLine, UntrustedKeyError } from "./core/chat/guest.ts";
import { LairError } from "./core/errors.ts";
import { fingerprint } from "./core/identity/fingerprint.ts";
import { generateKeyPair, type KeyPair } from "./core/identity/key-pair.ts";
import { cleanName } from "./core/identity/peer-name.ts";
import type { Peer } from "./core/identity/peer.ts";
import { safetyWords } from "./core/identity/safety-words.ts";
import { NOBLE_SUITE } from "./core/noise/index.ts";
import { defaultHome, type Home, openHome } from "./node/home/home.ts";
import type { LineReader } from "./node/line-reader.ts";
import { LineDriver, type LineEnd, SYSTEM_CLOCK } from "./node/line-driver.ts";
import { askTrust } from "./node/terminal/ask.ts";
import { connect } from "./node/websocket/connect.ts";
import { CLIENT_HELP, type ClientArguments, parseClientArguments } from "./program/arguments.ts";
import { errorEvent, exitCodeOf, type Face } from "./program/face.ts";
import { makePlan, type Plan } from "./program/plan.ts";
import { createFace, isInteractive, onSignals, ownName, random, run, standardInput, version } from "./program/start.ts";
import { Talk } from "./program/talk.ts";

/** How one connection went: `rejected` when the other side hung up before it had accepted us. */
type Outcome =
  | { readonly type: "rejected"; readonly hadSeenOurKey: boolean }
  /** Under a psk file, at another address: a server whose key is pinned here already. */
  | { readonly type: "recognised"; readonly credential: GuestCredential }
  | { readonly type: "over"; readonly code: number };

class Client {
  readonly #args: ClientArguments;
  readonly #home: Home;
  readonly #identity: KeyPair;
  readonly #name: string;
  readonly #lines: LineReader | undefined;
  readonly #abort = new AbortController();

  constructor(args: ClientArguments) {
    this.#args = args;
    this.#name = ownName(args.name);
    this.#home = openHome(args.home ?? defaultHome(process.env), "client");
    this.#identity = this.#home.identity(() => generateKeyPair(random));
    this.#lines = isInteractive() && !args.json ? undefined : standardInput();
  }

  async run(): Promise<number> {
    // Whatever is to be asked is asked before a connection exists and before the prompt takes the terminal over.
    let plan = await makePlan(this.#args, this.#home, this.#lines);
    if (plan.how === "psk-file" && isInteractive() && !this.#args.trustFirst) plan = await this.#meet(plan);

    const face = createFace({
      program: "lair-client",
      args: this.#args,
      lines: this.#lines,
      onCommand: (command: Command) => talk.command(command),
    });
    const talk = new Talk({
      face,
      clock: SYSTEM_CLOCK,
      suite: NOBLE_SUITE,
      cryptography: "noble",
      ownKey: this.#identity.publicKey,
      verbose: this.#args.verbose,
      peers: () => this.#home.peers(),
      savePeer: (peer) => this.#home.savePeer(peer),
      isAwaiting: true,
    });
    onSignals((code) => talk.interrupt(code));
    try {
      const own = fingerprint(this.#identity.publicKey);
      face.show({ type: "started", program: "lair-client", version: version(), fingerprint: own });
      face.show({ type: "connecting", url: plan.url, how: plan.how });
      talk.url = plan.url;
      void this.#converse(plan, face, talk).catch((error: unknown) => {
        if (!talk.isLeaving) face.show(errorEvent(error));
        talk.conclude(exitCodeOf(error));
      });
      return await talk.finished;
    } finally {
      this.#abort.abort();
      face.close();
    }
  }

  /** Tries one secret after the other, each in a connection of its own, until one is accepted. */
  async #converse(plan: Plan, face: Face, talk: Talk): Promise<void> {
    let hadSeenOurKey = false;
    for (const credential of plan.credentials) {
      let outcome = await this.#attempt(plan.url, credential, face, talk);
      if (outcome.type === "recognised") outcome = await this.#attempt(plan.url, outcome.credential, face, talk);
      if (outcome.type === "recognised") throw new TypeError("Client: recognised twice"); // unreachable: it has a peer now
      if (outcome.type === "rejected") {
        hadSeenOurKey ||= outcome.hadSeenOurKey;
        continue;
      }
      // Of a pipe that somebody filled, what was not even read is not delivered either.
      if (!talk.isLeaving && !this.#args.json) talk.lost((await this.#lines?.countRest()) ?? 0);
      talk.conclude(outcome.code);
      return;
    }
    throw hadSeenOurKey ? rejectedLate(plan) : rejected(plan);
  }

  async #attempt(url: string, credential: GuestCredential, face: Face, talk: Talk): Promise<Outcome> {
    const link = await connect(url, { signal: this.#abort.signal });
    const line = this.#line(url, credential);
    const { driver, end } = await new Promise<{ driver: LineDriver<GuestLine>; end: LineEnd }>((resolve) => {
      const started: LineDriver<GuestLine> = new LineDriver({
        line,
        carrier: link,
        clock: SYSTEM_CLOCK,
        onEvent: (event) => talk.event(event),
        onEnd: (ended) => resolve({ driver: started, end: ended }),
      });
      talk.attach(started);
    });
    if (end.type === "cut" && !line.isAccepted && !talk.isOpen && !talk.isLeaving) {
      return { type: "rejected", hadSeenOurKey: line.conversation !== undefined };
    }
    const pinned = end.type === "error" ? this.#recognise(end.error, credential) : undefined;
    if (pinned !== undefined) return { type: "recognised", credential: pinned };
    const reason = talk.ended(end);
    await driver.gone;
    if (end.type === "error") {
      // Silence says nothing of who it was that kept it.
      const isMute = end.error.code === "handshake-rejected";
      return { type: "over", code: isMute ? exitCodeOf(new LairError("unreachable", "")) : exitCodeOf(end.error) };
    }
    switch (reason) {
      case "closed":
      case "left":
      case "shutting-down":
        return { type: "over", code: 0 };
      case "not-trusted":
        face.show({
          type: "error",
          code: "not-trusted",
          message: "The other side has not accepted your key yet.",
          hint: "It has been shown your fingerprint. Once it was compared and accepted there, start lair-client again.",
        });
        return { type: "over", code: 4 };
      case "busy":
        face.show({ type: "notice", text: "Start lair-client again later." });
        return { type: "over", code: 1 };
      case "cut":
      case "silent":
      case "key-expired":
        face.show({ type: "notice", text: "Start lair-client again to come back." });
        return { type: "over", code: 1 };
      case "replaced":
      case "protocol":
        return { type: "over", code: 1 };
    }
  }

  /** A first meeting under a psk file: learns the server's key, hangs up before showing our own, and asks. */
  async #meet(plan: Plan): Promise<Plan> {
    const [credential] = plan.credentials;
    if (credential === undefined || credential.type !== "psk-file" || credential.peer !== undefined) return plan;
    const link = await connect(plan.url);
    const end = await new Promise<LineEnd>((resolve) => {
      const line = this.#line(plan.url, credential);
      void new LineDriver({ line, carrier: link, clock: SYSTEM_CLOCK, onEvent: () => {}, onEnd: resolve });
    });
    if (end.type !== "error") throw rejected(plan);
    if (!(end.error instanceof UntrustedKeyError)) throw end.error;
    const pinned = this.#recognise(end.error, credential);
    if (pinned !== undefined) return { ...plan, credentials: [pinned] };
    const { publicKey, peerName } = end.error;
    const words = safetyWords(this.#identity.publicKey, publicKey);
    if (!(await askTrust(fingerprint(publicKey), words))) {
      throw new LairError("not-trusted", "The server's key was not accepted, so nothing was connected.");
    }
    const now = Date.now();
    const peer: Peer = {
      publicKey,
      name: cleanName(peerName) || fingerprint(publicKey).slice(0, 4),
      psk: undefined,
      pairedAtMs: now,
      comparedAtMs: now,
      url: plan.url,
      invitePsk: undefined,
    };
    this.#home.savePeer(peer);
    return { ...plan, credentials: [{ ...credential, peer }] };
  }

  /** The credential with whom it is for, when a key that it did not know is pinned here. */
  #recognise(error: LairError, credential: GuestCredential): GuestCredential | undefined {
    if (credential.type !== "psk-file" || !(error instanceof UntrustedKeyError)) return undefined;
    const peer = this.#home.findPeer(error.publicKey);
    return peer === undefined ? undefined : { ...credential, peer };
  }

  #line(url: string, credential: GuestCredential): GuestLine {
    return new GuestLine({
      party: {
        suite: NOBLE_SUITE,
        random,
        staticKey: this.#identity,
        hello: { name: this.#name, agent: `lair/${version()}`, capabilities: [] },
      },
      credential,
      url,
      trustFirst: this.#args.trustFirst,
      savePeer: (peer) => this.#home.savePeer(peer),
      now: SYSTEM_CLOCK.now(),
    });
  }
}

/** It had answered, so it knew the secret; what it had not seen before was our key. */
function rejectedLate(plan: Plan): LairError {
  return new LairError("handshake-rejected", `The server at ${plan.url} hung up when it had seen your key.`, {
    hint: "If the line was only cut, try again. If not, it is paired with another key of yours: pair again with a new invite.",
  });
}

function rejected(plan: Plan): LairError {
  const what = {
    invite: "this invite",
    "found-invite": "the invite of this account",
    known: "you",
    "psk-file": "this psk",
  };
  const hints = {
    invite: "It works once and for a day: it may be used up, expired, or for another server. Ask for a new one.",
    "found-invite": "It may be used up or expired. Ask lair-server for a new one: type invite there.",
    known: "It may have been set up anew. Ask by another way; then pair again with a new invite.",
    "psk-file": "Are both files the same, and was lair-server started with --psk-file?",
  };
  return new LairError("handshake-rejected", `The server at ${plan.url} hung up: it does not know ${what[plan.how]}.`, {
    hint: hints[plan.how],
  });
}

await run(process.argv.slice(2), async (argv) => {
  const args = parseClientArguments(argv);
  if ("asked" in args) {
    process.stdout.write(args.asked === "help" ? CLIENT_HELP : `lair-client ${version()}\n`);
    return 0;
  }
  return await new Client(args).run();
});
