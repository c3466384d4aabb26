// lair-hub: what several people talk through. Chooses the adapters and connects them: what a hub does is in `src/hub`, what
// its operator asks in `src/node/hub-api`.

import { formatAddress } from "../core/address.ts";
import { FairTurns } from "../app/fair-turns.ts";
import type { Persistence } from "../app/persistence.ts";
import { erase, toBase64Url } from "../core/bytes.ts";
import { HUB } from "../core/channel/index.ts";
import { Chat } from "../core/chat/chat.ts";
import { fingerprint, shortFingerprint } from "../core/identity/fingerprint.ts";
import type { Identity } from "../core/identity/identity.ts";
import type { CipherSuite } from "../core/noise/index.ts";
import { Server } from "../core/pairing/server.ts";
import { HubAdmin } from "../hub/admin.ts";
import { Hub } from "../hub/hub.ts";
import { HubSessions } from "../hub/hub-sessions.ts";
import { DEFAULT_QUOTAS } from "../hub/quotas.ts";
import type { HubStore } from "../hub/store.ts";
import { SYSTEM_CLOCK, wallMs } from "../node/clock.ts";
import { defaultHome, type Home, openHome } from "../node/home/home.ts";
import { listenForOperator, type OperatorListener } from "../node/hub-api/listen.ts";
import { openHubStore } from "../node/store/hub/open-hub-store.ts";
import { isLoopbackAddress } from "../node/websocket/connection-limits.ts";
import { unusableAddress } from "../node/websocket/network-errors.ts";
import { isAllowedHost } from "../node/websocket/upgrade-rules.ts";
import { answer } from "./asked.ts";
import { chooseSuite } from "./crypto-choice.ts";
import { type HubArguments, parseHubArguments } from "./hub-arguments.ts";
import { runHubInvite } from "./hub-invite.ts";
import { HubInvites } from "./hub-invites.ts";
import { HubOutput } from "./hub-output.ts";
import { runPassphraseCommand } from "./passphrase-command.ts";
import { openPersistence } from "./persistence.ts";
import { openSessionListener } from "./session-listener.ts";
import { onSignals } from "./signals.ts";
import { printed, standardOutput } from "./standard-output.ts";
import { ownName, random, run } from "./start.ts";
import { openIdentity } from "./unlock.ts";
import { version } from "./version.ts";

interface HubParts {
  readonly args: HubArguments;
  readonly home: Home;
  readonly identity: Identity;
  readonly persistence: Persistence;
  /** Beside it, under the same lock. */
  readonly store: HubStore;
  readonly suite: CipherSuite;
}

/** Ours: 32 bytes cannot be guessed. */
const TOKEN_BYTES = 32;

class HubProgram {
  readonly #parts: HubParts;
  readonly #output: HubOutput;
  readonly #server: Server;
  readonly #hub: Hub;
  readonly #admin: HubAdmin;
  readonly #invites: HubInvites;
  readonly #sessions: HubSessions;
  readonly #startedMs = SYSTEM_CLOCK.now().monotonicMs;
  /** Where members find it, once it listens. */
  #url = "";
  #state: "open" | "stopping" = "open";

  constructor(parts: HubParts) {
    const { args, home, identity, persistence, store, suite } = parts;
    const { pairings } = persistence;
    this.#parts = parts;
    this.#output = new HubOutput({
      json: args.json,
      logJson: args.logJson,
      verbose: args.verbose,
      output: standardOutput(),
      error: process.stderr,
      nowMs: wallMs,
    });
    const hello = {
      name: ownName(args.name),
      agent: `lair/${version()}`,
      rekey: args.rekeyWindow,
      capabilities: [HUB],
    };
    const peers = pairings.peers();
    this.#server = new Server({
      admissionMemory: home.openAdmitted(),
      party: { suite, random, staticKey: identity, hello },
      registry: {
        savePeer: (peer) => pairings.savePeer(peer),
        // The hub's store counts the uses of its invites.
        pair: (peer) => pairings.savePeer(peer),
        dropInvite() {},
        forgetPeer: (publicKey) => pairings.forgetPeer(publicKey),
      },
      peers,
      invites: [],
      now: SYSTEM_CLOCK.now(),
      psk: undefined,
      trustFirst: false,
      chatWith: (peer) => new Chat(persistence.store, peer.publicKey),
      maxPeers: args.maxMembers,
      keepsOwn: (peer) => args.duplicate === "reject" && this.#sessions.has(peer),
    });
    // It has copies.
    for (const { psk } of peers) erase(psk);
    this.#hub = new Hub({
      store,
      clock: SYSTEM_CLOCK,
      random,
      suite,
      quotas: DEFAULT_QUOTAS,
      duplicate: args.duplicate,
      isOpen: args.isOpen,
      linksBring: args.linksBring,
      keepMs: args.keepMs,
      log: (event) => this.#output.log(event),
    });
    this.#admin = new HubAdmin({ store, hub: this.#hub, suite, random });
    this.#invites = new HubInvites({
      store,
      admin: this.#admin,
      server: this.#server,
      clock: SYSTEM_CLOCK,
      random,
      serverKey: identity.publicKey,
      url: () => this.#url,
      linksBring: args.linksBring,
      onFailed: (error) => this.#output.fault(error),
    });
    this.#sessions = new HubSessions({
      hub: this.#hub,
      server: this.#server,
      clock: SYSTEM_CLOCK,
      turns: new FairTurns(SYSTEM_CLOCK),
      onInvited: (invite) => void this.#invites.used(invite).catch((error: unknown) => this.#output.fault(error)),
      onFailed: (error, isStranger) => {
        if (!isStranger || error.kind === "internal" || error.kind === "store") this.#output.fault(error);
        else if (args.verbose) this.#output.log({ type: "stranger", code: error.code, detail: error.message });
      },
      onOtherProgram: (peer) => this.#output.log({ type: "not-a-member", detail: shortFingerprint(suite, peer) }),
    });
  }

  /** Resolves with the exit code, once a signal has ended it. */
  async run(): Promise<number> {
    const { args, identity, suite, persistence } = this.#parts;
    const output = this.#output;
    // From the beginning: what a signal ends is in order at every moment.
    const ended = new Promise<number>((resolve) => onSignals(resolve));
    const { listener, reachable, notices } = await openSessionListener(
      { ...args, ...args.listen },
      { onLink: (link) => this.#sessions.accept(link) },
    );
    this.#url = formatAddress(reachable);
    const { operator, standing } = await this.#invites.begin(args.isOpen);
    const admin = await this.#listenForOperator();
    output.started({
      version: version(),
      fingerprint: fingerprint(suite, identity),
      url: listener.url,
      admin: admin === undefined ? undefined : { url: admin.url, tokenFile: this.#parts.home.operatorTokenPath },
    });
    persistence.onNotice((text) => output.notice(text));
    for (const text of notices) output.notice(text);
    if (admin?.isLoopback === false) {
      output.notice(
        "The operator's listener can be reached from other machines: everything but /healthz needs the token, and the traffic is not encrypted.",
      );
    }
    if (operator !== undefined) output.invite(operator, "operator");
    if (standing !== undefined) output.invite(standing, "anybody");
    const code = await ended;
    this.#state = "stopping";
    output.log({ type: "stopping" });
    // It takes no more, ends every session, and waits for what is being stored.
    await this.#hub.close();
    await Promise.all([listener.close(), admin?.close()]);
    return code;
  }

  async #listenForOperator(): Promise<OperatorListener | undefined> {
    const { args, home } = this.#parts;
    if (args.adminListen === undefined) return undefined;
    return await listenForOperator({
      ...args.adminListen,
      isLoopbackAddress,
      unusable: (host, port, error) => unusableAddress(host, port, error, "--admin-listen"),
      isOwnHost: (host) => isAllowedHost(host, args.allowHosts),
      token: home.operatorToken(() => toBase64Url(random(TOKEN_BYTES))),
      onFault: (error) => this.#output.fault(error),
      operator: {
        admin: this.#admin,
        version: version(),
        isOpen: () => this.#state === "open",
        uptimeMs: () => SYSTEM_CLOCK.now().monotonicMs - this.#startedMs,
        nowMs: wallMs,
        makeInvite: async (how) => await this.#invites.make(how),
      },
    });
  }
}

await run(process.argv.slice(2), async (argv) => {
  const args = parseHubArguments(argv);
  if ("asked" in args) return await printed(0, answer("lair-hub", args.asked));
  if ("command" in args) {
    return await printed(args.command === "invite" ? runHubInvite(args) : runPassphraseCommand(args, "hub"));
  }
  const suite = await chooseSuite(args.crypto);
  const home = openHome(args.home ?? defaultHome(process.env), "hub", { suite });
  const identity = await openIdentity(home, args, { suite, random });
  const persistence = await openPersistence(home, identity, suite, { noStore: false });
  try {
    const store = openHubStore({
      directory: home.ownDirectory,
      privateKey: identity.privateKey,
      suite,
      soon: (action) => SYSTEM_CLOCK.soon(action),
      inspect: (paths) => home.refuseExposed(paths),
    });
    try {
      return await new HubProgram({ args, home, identity, persistence, store, suite }).run();
    } finally {
      await store.close();
    }
  } finally {
    persistence.close();
  }
});
