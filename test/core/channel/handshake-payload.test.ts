// What the two sides tell each other inside the handshake (docs/PROTOCOL.md §3.3, §3.4): one HELLO each, one driver.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toUtf8 } from "../../../src/core/bytes.ts";
import { InitiatorHandshake } from "../../../src/core/channel/index.ts";
import { packHello } from "../../../src/core/channel/hello.ts";
import { packRecords, RECORD } from "../../../src/core/channel/record.ts";
import type { Role } from "../../../src/core/noise/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { HOUR, NOW, partyOf, pskOf } from "./pair.ts";
import { awaitingMessage3, rogueState, serverOf } from "./rogue-handshake.ts";
import { throwsLair } from "../../throws-lair.ts";

const { now } = new FakeClock();
const psk = pskOf();

// A payload that is no HELLO, in the message that carries it.
const badPayloads: Record<string, [payload: Uint8Array, code: Parameters<typeof throwsLair>[1]]> = {
  empty: [new Uint8Array(0), "hello-malformed"],
  "padding only": [new Uint8Array(256), "hello-malformed"],
  DATA: [packRecords([{ type: RECORD.data, body: new Uint8Array(9) }]), "hello-malformed"],
  "a HELLO with CLOSE behind it": [
    packRecords([
      { type: RECORD.hello, body: toUtf8('{"v":1,"name":"a","agent":"a","caps":[]}') },
      { type: RECORD.close, body: Uint8Array.of(0) },
    ]),
    "hello-malformed",
  ],
  "cut short": [Uint8Array.of(RECORD.hello, 0), "record-malformed"],
};

describe("a handshake payload (§3.3)", () => {
  for (const [what, [payload, code]] of Object.entries(badPayloads)) {
    it(`is fatal in message 2 when it is ${what}`, () => {
      const client = new InitiatorHandshake(partyOf("initiator"), psk, HOUR);
      const state = rogueState("responder");
      state.readMessage(client.message1);
      const message2 = state.writeMessage(payload);
      throwsLair(() => client.readMessage2(message2), code);
      assert.throws(() => client.finish(now));
    });

    it(`is fatal in message 3 when it is ${what}`, () => {
      const { server, client } = awaitingMessage3();
      const message3 = client.writeMessage(payload);
      throwsLair(() => server.finish(message3, now), code);
      throwsLair(() => server.finish(message3, now), "noise-dead");
    });
  }
});

const driverOf = (drives: boolean, role: Role): Role =>
  drives ? role : role === "initiator" ? "responder" : "initiator";

/** A handshake of two sides that announce a window or not. */
function shake(clientDrives: boolean, serverDrives: boolean): { client: InitiatorHandshake; message2: Uint8Array } {
  const client = new InitiatorHandshake(
    partyOf("initiator", { driver: driverOf(clientDrives, "initiator") }),
    psk,
    HOUR,
  );
  const server = serverOf(partyOf("responder", { driver: driverOf(serverDrives, "responder") }));
  return { client, message2: server.answer(client.message1, NOW)!.message2 };
}

describe("the driver (§8.4)", () => {
  it("is exactly one: both or neither is fatal, for the client at message 2", () => {
    for (const drives of [true, false]) {
      const { client, message2 } = shake(drives, drives);
      throwsLair(() => client.readMessage2(message2), "hello-malformed");
    }
    for (const drives of [true, false]) {
      const { client, message2 } = shake(drives, !drives);
      client.readMessage2(message2);
    }
  });

  it("is exactly one for the server, too, at message 3", () => {
    for (const serverDrives of [true, false]) {
      // A client that has no scruples about message 2.
      const party = partyOf("responder", { driver: serverDrives ? "responder" : "initiator" });
      const { server, client } = awaitingMessage3(party);
      const { hello, staticKey } = partyOf("initiator", { driver: serverDrives ? "initiator" : "responder" });
      const { signatureKey } = staticKey;
      const message3 = client.writeMessage(packHello({ ...hello, signatureKey }));
      throwsLair(() => server.finish(message3, now), "hello-malformed");
    }
  });
});
