// A member of a hub made of the library: it pairs by an invite, makes calls, and hears news.

import { EventEmitter, once } from "node:events";
import { WebSocket } from "ws";
import {
  Chat,
  ClientSession,
  clientCredentials,
  CLOSE_REASON,
  generateIdentity,
  type LairError,
  MemoryStore,
  parseInvite,
  type Peer,
  ROOMS,
  type SessionEnd,
  SessionRunner,
  webSocketCarrier,
} from "../../src/index.ts";
import { type Asked, type CallName, decodeAnswer, encodeCall, type Outcome } from "../../src/core/hub/calls.ts";
import { SYSTEM_CLOCK } from "../../src/node/clock.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";
import { random } from "../../src/cli/start.ts";

/** Somebody with an identity, who may connect several times. */
export class HubMemberPerson {
  readonly name: string;
  readonly #identity = generateIdentity(OPENSSL_SUITE, random);
  readonly #store = new MemoryStore(random(8));
  /** The hub, once paired. */
  #hub: Peer | undefined;

  readonly #capabilities: readonly string[];

  constructor(name: string, capabilities: readonly string[] = [ROOMS]) {
    this.name = name;
    this.#capabilities = capabilities;
  }

  /** Resolves once the session is open, or over. `ca` is the certificate of a hub with TLS, PEM. */
  async connect(invite: string, ca?: string): Promise<MemberConnection> {
    const { url, ...rest } = parseInvite(invite);
    const credential = clientCredentials(this.#hub, this.#hub === undefined ? { url, ...rest } : undefined)[0]!;
    const socket = new WebSocket(url, "lair.1", { perMessageDeflate: false, ...(ca === undefined ? {} : { ca }) });
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    const session = new ClientSession({
      party: {
        suite: OPENSSL_SUITE,
        random,
        staticKey: this.#identity,
        hello: { name: this.name, agent: "test/1", capabilities: [...this.#capabilities] },
      },
      credential,
      url,
      peers: [],
      trustFirst: false,
      savePeer: (peer) => {
        this.#hub = { ...peer, psk: peer.psk?.slice(), invitePsk: peer.invitePsk?.slice() };
      },
      chatWith: (peer) => new Chat(this.#store, peer.publicKey),
      now: SYSTEM_CLOCK.now(),
    });
    const connection = new MemberConnection(session, socket);
    await connection.opened;
    return connection;
  }
}

export class MemberConnection {
  readonly #runner: SessionRunner<ClientSession>;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (bytes: Uint8Array) => void; readonly reject: (error: Error) => void }
  >();
  #number = 0;
  /** Called with each piece of news. */
  onNews: (bytes: Uint8Array) => void = () => {};
  /** Resolves once it is open, or has ended before. */
  readonly opened: Promise<unknown>;
  readonly ended: Promise<SessionEnd>;

  constructor(session: ClientSession, socket: WebSocket) {
    const told = new EventEmitter();
    this.opened = once(told, "opened");
    this.ended = once(told, "ended").then(([end]) => end as SessionEnd);
    this.#runner = new SessionRunner({
      session,
      carrier: webSocketCarrier(socket, SYSTEM_CLOCK),
      clock: SYSTEM_CLOCK,
      onEvent: (event) => {
        if (event.type === "opened") told.emit("opened");
        if (event.type === "transfer" && event.transfer.kind === "news") this.onNews(event.transfer.bytes);
        if (event.type !== "transfer" || event.transfer.kind !== "answer") return;
        this.#waiting.get(event.transfer.number)?.resolve(event.transfer.bytes);
        this.#waiting.delete(event.transfer.number);
      },
      onEnd: (end) => {
        told.emit("opened");
        told.emit("ended", end);
        for (const { reject } of this.#waiting.values()) reject(new Error(`the session has ended: ${reasonOf(end)}`));
        this.#waiting.clear();
      },
    });
  }

  get hasEnded(): boolean {
    return this.#runner.hasEnded;
  }

  /** Rejects if the session ends before the answer comes. */
  async call<Name extends CallName>(name: Name, ask: Asked<Name>): Promise<Outcome<Name>> {
    const number = this.#number;
    this.#number += 1;
    if (this.#runner.hasEnded) throw new Error("the session has ended");
    const answer = new Promise<Uint8Array>((resolve, reject) => this.#waiting.set(number, { resolve, reject }));
    this.#runner.session.chatSession!.transfers!.send({ kind: "call", number, bytes: encodeCall(name, ask) });
    this.#runner.wake();
    return decodeAnswer(name, await answer);
  }

  leave(): void {
    this.#runner.leave(CLOSE_REASON.goodbye, 1_000);
  }
}

/** How it was told to go: the reason of CLOSE, or the code of an error. */
export function reasonOf(end: SessionEnd): number | LairError["code"] | "cut" {
  if (end.type === "closed") return end.reason;
  return end.type === "error" ? end.error.code : "cut";
}
