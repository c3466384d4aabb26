// lair-client: connects to a server and talks. Chooses the adapters and connects them; which secret opens the line is in
// `core/chat/guest.ts`, in which order they are tried in `program/connecting.ts`, what is done with the line in
// `program/talk.ts`, where the address comes from in `program/plan.ts`.

import type { Command } from "./core/chat/events.ts";
import { fingerprint } from "./core/identity/fingerprint.ts";
import type { KeyPair } from "./core/identity/key-pair.ts";
import { NOBLE_SUITE } from "./core/noise/index.ts";
import { defaultHome, type Home, openHome } from "./node/home/home.ts";
import type { LineReader } from "./node/line-reader.ts";
import { SYSTEM_CLOCK } from "./node/line-driver.ts";
import { askTrust } from "./node/terminal/ask.ts";
import { connect } from "./node/websocket/connect.ts";
import { CLIENT_HELP, type ClientArguments, parseClientArguments } from "./program/arguments.ts";
import { Connecting } from "./program/connecting.ts";
import { errorEvent, exitCodeOf, type Face } from "./program/face.ts";
import { runPassphraseCommand } from "./program/passphrase-command.ts";
import { makePlan, type Plan } from "./program/plan.ts";
import { createFace, isInteractive, onSignals, ownName, random, run, standardInput, version } from "./program/start.ts";
import { Talk } from "./program/talk.ts";
import { openIdentity } from "./program/unlock.ts";

class Client {
  readonly #args: ClientArguments;
  readonly #home: Home;
  readonly #identity: KeyPair;
  readonly #lines: LineReader | undefined;
  readonly #connecting: Connecting;
  readonly #abort = new AbortController();

  constructor(args: ClientArguments, home: Home, identity: KeyPair) {
    this.#args = args;
    this.#home = home;
    this.#identity = identity;
    this.#lines = isInteractive() && !args.json ? undefined : standardInput();
    this.#connecting = new Connecting({
      party: {
        suite: NOBLE_SUITE,
        random,
        staticKey: this.#identity,
        hello: { name: ownName(args.name), agent: `lair/${version()}`, capabilities: [] },
      },
      clock: SYSTEM_CLOCK,
      connect: (url) => connect(url, { signal: this.#abort.signal }),
      peers: () => this.#home.peers(),
      savePeer: (peer) => this.#home.savePeer(peer),
      trustFirst: args.trustFirst,
    });
  }

  async run(): Promise<number> {
    // Whatever is to be asked is asked before a connection exists and before the prompt takes the terminal over.
    let plan = await makePlan(this.#args, this.#home, this.#lines);
    if (plan.how === "psk-file" && isInteractive() && !this.#args.trustFirst) {
      plan = await this.#connecting.meet(plan, askTrust);
    }

    const face = createFace({
      program: "lair-client",
      args: this.#args,
      lines: this.#lines,
      onCommand: (command: Command) => talk.command(command),
      onOutput: (isTaken) => talk.regulateOutput(isTaken),
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
      void this.#converse(plan, talk, face).catch((error: unknown) => {
        if (!talk.isLeaving) face.show(errorEvent(error));
        talk.conclude(exitCodeOf(error));
      });
      return await talk.finished;
    } finally {
      this.#abort.abort();
      face.close();
    }
  }

  async #converse(plan: Plan, talk: Talk, face: Face): Promise<void> {
    const code = await this.#connecting.converse(plan, talk, face);
    if (isInteractive() && !this.#args.json && !talk.isLeaving && talk.hasTalked) {
      // Somebody may be typing: what they type must not end up in their shell.
      face.show({ type: "notice", text: "Type quit to leave." });
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
  if ("asked" in args) {
    process.stdout.write(args.asked === "help" ? CLIENT_HELP : `lair-client ${version()}\n`);
    return 0;
  }
  if ("command" in args) return await runPassphraseCommand(args, "client");
  const home = openHome(args.home ?? defaultHome(process.env), "client");
  return await new Client(args, home, await openIdentity(home, args, random)).run();
});
