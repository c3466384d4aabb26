// Lair as a library, by `webSocketCarrier` over the package ws, with stores in memory. Nothing is secret here: the keys follow
// from the names. Arguments: serve SUITE REKEY-S PERSONS, drive ADDRESS SUITE; SUITE is openssl or noble.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import { SessionRunner } from "../../src/app/session-runner.ts";
import { webSocketCarrier } from "../../src/app/websocket-carrier.ts";
import { Chat } from "../../src/core/chat/chat.ts";
import type { SessionEvent } from "../../src/core/chat/session.ts";
import { MemoryPairings } from "../../src/core/pairing/memory-pairings.ts";
import { clientCredentials, ClientSession } from "../../src/core/pairing/client-session.ts";
import { Server } from "../../src/core/pairing/server.ts";
import { SYSTEM_CLOCK as clock } from "../../src/node/clock.ts";
import { announce, drive, type Line, PERSONS } from "./end.ts";
import { handshakes } from "./lair-handshakes.ts";
import { identityOf, newStore, partyOf, peerOf, suiteOf } from "./lair-people.ts";

/** So many messages, or bytes of them, wait to be acknowledged at a time. */
const DEPTH = 4_000;
const DEPTH_BYTES = 4 * 2 ** 20;

async function serve(suiteName: string, rekeyS: number, persons: number): Promise<void> {
  const suite = suiteOf(suiteName);
  const store = newStore();
  const chats = new Map<string, Chat>();
  const rekey = rekeyS > 0 ? { minMs: rekeyS * 1_000, maxMs: rekeyS * 1_000 } : { minMs: 30_000, maxMs: 120_000 };
  const server = new Server({
    party: partyOf(suite, "server", rekey),
    registry: new MemoryPairings(),
    admissionMemory: undefined,
    peers: Array.from({ length: PERSONS.idle + persons }, (_, person) => peerOf(suite, `person-${person}`, person)),
    invites: [],
    psk: undefined,
    trustFirst: false,
    chatWith(peer) {
      const chat = chats.get(peer.name) ?? new Chat(store, peer.publicKey);
      chats.set(peer.name, chat);
      return chat;
    },
    now: clock.now(),
  });
  const listener = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    perMessageDeflate: false,
    handleProtocols: () => "lair.1",
  });
  listener.on("connection", (socket) => {
    const runner = new SessionRunner({
      session: server.session(clock.now()),
      carrier: webSocketCarrier(socket, clock),
      clock,
      onEvent(event) {
        if (event.type !== "message") return;
        const chat = runner.session.chatSession!.chat!;
        chat.show(event.seq + 1);
        if (event.text.startsWith("e")) chat.say(event.text, clock.now());
        runner.wake();
      },
      onEnd: () => server.ended(runner.session),
    });
  });
  await once(listener, "listening");
  announce({ url: `ws://127.0.0.1:${(listener.address() as AddressInfo).port}` });
}

/** Somebody who comes with the same store each time. */
class Person implements Line {
  readonly #name: string;
  readonly #number: number;
  readonly #suite;
  readonly #chat: Chat;
  #runner: SessionRunner<ClientSession> | undefined;
  #onEvent: (event: SessionEvent) => void = () => {};

  constructor(suiteName: string, number: number) {
    this.#suite = suiteOf(suiteName);
    this.#number = number;
    this.#name = `person-${number}`;
    this.#chat = new Chat(newStore(), identityOf(this.#suite, "server").publicKey);
  }

  async connect(url: string): Promise<Line> {
    const server = peerOf(this.#suite, "server", this.#number);
    const socket = new WebSocket(url, "lair.1", { perMessageDeflate: false });
    await once(socket, "open");
    await new Promise<void>((resolve) => {
      this.#runner = new SessionRunner({
        session: new ClientSession({
          party: partyOf(this.#suite, this.#name),
          credential: clientCredentials(server, undefined)[0]!,
          url,
          peers: [server],
          trustFirst: false,
          savePeer: () => {},
          chatWith: () => this.#chat,
          now: clock.now(),
        }),
        carrier: webSocketCarrier(socket, clock),
        clock,
        onEvent: (event) => (event.type === "opened" ? resolve() : this.#onEvent(event)),
        onEnd(end) {
          if (end.type === "error") throw end.error;
        },
      });
    });
    return this;
  }

  async echo(text: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onEvent = (event) => {
        if (event.type !== "message") return;
        this.#chat.show(event.seq + 1);
        resolve();
      };
      this.#say(1, text);
    });
  }

  async flood(count: number, text: string): Promise<void> {
    const depth = Math.min(DEPTH, Math.floor(DEPTH_BYTES / text.length));
    let [said, delivered] = [0, 0];
    await new Promise<void>((resolve) => {
      const fill = (): void => {
        const more = Math.min(count - said, depth - (said - delivered));
        said += more;
        this.#say(more, text);
      };
      this.#onEvent = ({ type }) => {
        if (type !== "delivered") return;
        delivered += 1;
        if (delivered === count) resolve();
        else if (delivered % Math.ceil(depth / 8) === 0) fill();
      };
      // An echo may wait to be acknowledged yet; that counts as none of these.
      fill();
    });
  }

  #say(count: number, text: string): void {
    for (let index = 0; index < count; index++) this.#chat.say(text, clock.now());
    this.#runner!.wake();
  }

  close(): void {
    this.#runner!.terminate();
  }
}

const [what, first, ...rest] = process.argv.slice(2);
if (what === "serve") await serve(first!, Number(rest[0]), Number(rest[1]));
else {
  const { url } = JSON.parse(first!) as { readonly url: string };
  const suiteName = rest[0]!;
  const people = new Map<number, Person>();
  await drive({
    handshakes: (count) => handshakes(suiteOf(suiteName), count),
    connect(number) {
      const person = people.get(number) ?? new Person(suiteName, number);
      people.set(number, person);
      return person.connect(url);
    },
  });
}
