// The session's handshake (docs/PROTOCOL.md §3): who gets an answer, what it costs to ask, and what it ends in.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InitiatorHandshake, protocolName, ResponderHandshake } from "../../../src/core/channel/index.ts";
import { packHello } from "../../../src/core/channel/hello.ts";
import { type CipherSuite, NOBLE_SUITE } from "../../../src/core/noise/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { OPENSSL_SUITE } from "../../../src/node/openssl-suite/suite.ts";
import { admissionOf, HOUR, LinkedPair, NOW, openPair, partyOf, pskOf, WINDOW } from "./pair.ts";
import { rogueState, serverOf } from "./rogue-handshake.ts";
import { throwsLair } from "../../throws-lair.ts";
import { TOY_SUITE } from "./toy-suite.ts";

const { now } = new FakeClock();
const psk = pskOf();

/** `suite`, with a count of its calls for keys. */
function counting({ provider, dh, cipher, hash, kdf, signature }: CipherSuite): {
  suite: CipherSuite;
  calls: { dh: number; publicKey: number };
} {
  const calls = { dh: 0, publicKey: 0 };
  const suite: CipherSuite = {
    provider,
    dh: {
      name: dh.name,
      publicKey: (privateKey) => {
        calls.publicKey += 1;
        return dh.publicKey(privateKey);
      },
      dh: (privateKey, publicKey) => {
        calls.dh += 1;
        return dh.dh(privateKey, publicKey);
      },
    },
    cipher,
    hash,
    kdf,
    signature,
  };
  return { suite, calls };
}

function able(role: "initiator" | "responder", capabilities: readonly string[]) {
  const party = partyOf(role);
  return { ...party, hello: { ...party.hello, capabilities } };
}

describe("a handshake (§3)", () => {
  it("tells each channel what the other side can do besides", () => {
    const initiator = new InitiatorHandshake(able("initiator", ["a", "b", "a"]), psk, HOUR);
    const responder = new ResponderHandshake(able("responder", []), admissionOf(TOY_SUITE, psk));
    initiator.readMessage2(responder.answer(initiator.message1, NOW)!.message2);
    const { message3, channel } = initiator.finish(now);
    assert.deepEqual(channel.capabilities, new Set());
    assert.deepEqual(responder.finish(message3, now).channel.capabilities, new Set(["a", "b"]));
  });

  it("tells this side's own signature key, whatever else is in its hello", () => {
    const party = partyOf("initiator");
    const hello = { ...party.hello, signatureKey: new Uint8Array(32).fill(0x41) };
    const initiator = new InitiatorHandshake({ ...party, hello }, psk, HOUR);
    const responder = new ResponderHandshake(able("responder", []), admissionOf(TOY_SUITE, psk));
    initiator.readMessage2(responder.answer(initiator.message1, NOW)!.message2);
    const heard = responder.finish(initiator.finish(now).message3, now).hello;
    assert.deepEqual(heard.signatureKey, party.staticKey.signatureKey);
  });

  for (const [name, suite] of Object.entries({ NOBLE_SUITE, OPENSSL_SUITE, TOY_SUITE })) {
    it(`tells each side who the other is, proven, under ${name}`, () => {
      const { opened, messages } = openPair({ suite });
      const { initiator, responder } = opened;
      assert.deepEqual(
        messages.map(({ length }) => length),
        [96, 352, 320],
      );
      assert.deepEqual(initiator.remoteStaticKey, partyOf("responder", { suite }).staticKey.publicKey);
      assert.deepEqual(responder.remoteStaticKey, partyOf("initiator", { suite }).staticKey.publicKey);
      for (const [{ hello }, role] of [
        [initiator, "responder"],
        [responder, "initiator"],
      ] as const) {
        const { hello: theirs, staticKey } = partyOf(role, { suite });
        assert.deepEqual(hello, { ...theirs, signatureKey: staticKey.signatureKey });
      }
      assert.deepEqual([initiator.channel.state, responder.channel.epoch], ["open", 0]);
      assert.deepEqual([initiator.channel.rekeyWindow, responder.channel.rekeyWindow], [WINDOW, WINDOW]);
    });
  }

  it("gives the same messages under noble and node:crypto", () => {
    const [noble, node] = [openPair({ suite: NOBLE_SUITE }), openPair({ suite: OPENSSL_SUITE })];
    assert.deepEqual(noble.messages, node.messages);
    assert.deepEqual(noble.opened.initiator.derivePairPsk(), node.opened.responder.derivePairPsk());
  });

  it("gives both the same psk for the pair, another one each time, and not the one they had", () => {
    const [one, two] = [openPair({ seed: 1 }).opened, openPair({ seed: 2 }).opened];
    assert.equal(one.initiator.derivePairPsk().length, 32);
    assert.deepEqual(one.initiator.derivePairPsk(), one.responder.derivePairPsk());
    assert.deepEqual(two.initiator.derivePairPsk(), two.responder.derivePairPsk());
    assert.notDeepEqual(one.initiator.derivePairPsk(), two.initiator.derivePairPsk());
    assert.notDeepEqual(one.initiator.derivePairPsk(), psk);
  });

  it("derives no psk for the pair once its secret is overwritten", () => {
    const rekeyed = new LinkedPair(openPair());
    rekeyed.pass(2_000);
    assert.equal(rekeyed.pair.driver.epoch, 1);
    const ended = openPair();
    ended.other.destroy();
    for (const { derivePairPsk } of [...Object.values(rekeyed.pair.opened), ended.opened.initiator]) {
      assert.throws(derivePairPsk, /the exporter secret is gone/);
    }
  });

  it("has a name that can be shown", () => {
    assert.equal(protocolName(NOBLE_SUITE), "Noise_XXpsk2_25519_AESGCM_SHA256");
  });

  it("copies the psk, so that the caller may overwrite his", () => {
    const mine = pskOf();
    const client = new InitiatorHandshake(partyOf("initiator"), mine, HOUR);
    mine.fill(0);
    const server = serverOf();
    client.readMessage2(server.answer(client.message1, NOW)!.message2);
    const { channel, message3 } = client.finish(now);
    assert.equal(server.finish(message3, now).channel.state, "resuming");
    assert.equal(channel.state, "resuming");
  });
});

/** What it costs the server to find that this is nobody's message 1. */
function costOf(message1: Uint8Array, code: Parameters<typeof throwsLair>[1]): void {
  const { suite, calls } = counting(TOY_SUITE);
  const party = partyOf("responder", { suite });
  let drawn = 0;
  const random = (length: number): Uint8Array => {
    drawn += 1;
    return party.random(length);
  };
  const server = serverOf({ ...party, random });
  calls.publicKey = 0;
  throwsLair(() => server.answer(message1, NOW), code);
  assert.deepEqual({ ...calls, drawn }, { dh: 0, publicKey: 0, drawn: 0 });
  throwsLair(() => server.answer(message1, NOW), "noise-dead");
}

describe("message 1 of a stranger (§3.2)", () => {
  it("gets no answer for a psk that is not accepted; no key is made and no Diffie-Hellman computed", () => {
    costOf(new InitiatorHandshake(partyOf("initiator"), pskOf({ seed: 9 }), HOUR).message1, "proof-unknown");
  });

  it("gets no answer for a proof of something else", () => {
    costOf(rogueState("initiator").writeMessage(new Uint8Array(48)), "proof-unknown");
  });

  it("gets no answer when it does not decrypt", () => {
    costOf(new Uint8Array(96), "noise-authentication");
  });

  it("gets no answer when it has not 96 bytes", () => {
    for (const length of [0, 48, 80, 95, 97, 65_536]) {
      const { suite, calls } = counting(TOY_SUITE);
      const server = serverOf(partyOf("responder", { suite }));
      calls.publicKey = 0;
      throwsLair(() => server.answer(new Uint8Array(length), NOW), "noise-message-length");
      assert.deepEqual(calls, { dh: 0, publicKey: 0 });
    }
    // Also when all else is right: a longer payload.
    throwsLair(
      () => serverOf().answer(rogueState("initiator").writeMessage(new Uint8Array(49)), NOW),
      "noise-message-length",
    );
  });

  it("gets no answer when it repeats a recorded one", () => {
    const party = partyOf("responder");
    const admission = admissionOf(party.suite, psk);
    const { message1 } = new InitiatorHandshake(partyOf("initiator"), psk, HOUR);
    assert.equal(new ResponderHandshake(party, admission).answer(message1, NOW)!.message2.length, 352);
    throwsLair(() => new ResponderHandshake(party, admission).answer(message1, NOW), "proof-replayed");
  });

  it("costs an accepted one a key and two Diffie-Hellmans, so the counts above can be other than zero", () => {
    const { suite, calls } = counting(TOY_SUITE);
    const server = serverOf(partyOf("responder", { suite }));
    calls.publicKey = 0;
    server.answer(new InitiatorHandshake(partyOf("initiator"), psk, HOUR).message1, NOW);
    assert.deepEqual(calls, { dh: 2, publicKey: 1 });
  });
});

describe("message 2 (§3.3)", () => {
  it("shows who answers before message 3 is written, so that the client can leave without showing itself", () => {
    const { suite, calls } = counting(TOY_SUITE);
    const client = new InitiatorHandshake(partyOf("initiator", { suite }), psk, HOUR);
    const { message2 } = serverOf().answer(client.message1, NOW)!;
    const { remoteStaticKey, hello } = client.readMessage2(message2);
    assert.deepEqual(remoteStaticKey, partyOf("responder").staticKey.publicKey);
    assert.equal(hello.name, "responder");
    const before = { ...calls };
    client.destroy();
    throwsLair(() => client.finish(now), "noise-dead");
    assert.deepEqual(calls, before);
  });

  it("is fatal from a server with another psk", () => {
    const client = new InitiatorHandshake(partyOf("initiator"), psk, HOUR);
    const state = rogueState("responder");
    state.providePsks([pskOf({ seed: 9 })]);
    state.readMessage(client.message1);
    const { hello, staticKey } = partyOf("responder");
    const message2 = state.writeMessage(packHello({ ...hello, signatureKey: staticKey.signatureKey }));
    throwsLair(() => client.readMessage2(message2), "noise-authentication");
  });

  it("has to be read before message 3 is written", () => {
    const client = new InitiatorHandshake(partyOf("initiator"), psk, HOUR);
    assert.throws(() => client.finish(now), TypeError);
    throwsLair(() => client.readMessage2(new Uint8Array(352)), "noise-dead");
  });

  it("is read once", () => {
    const client = new InitiatorHandshake(partyOf("initiator"), psk, HOUR);
    const { message2 } = serverOf().answer(client.message1, NOW)!;
    client.readMessage2(message2);
    throwsLair(() => client.readMessage2(message2), "noise-out-of-turn");
  });
});

describe("message 3 (§3.3)", () => {
  it("cannot be read before message 1", () => {
    const server = serverOf();
    assert.throws(() => server.finish(new Uint8Array(320), now), TypeError);
    throwsLair(() => server.answer(new Uint8Array(96), NOW), "noise-dead");
  });

  it("is not read from a handshake that was given up", () => {
    const client = new InitiatorHandshake(partyOf("initiator"), psk, HOUR);
    const server = serverOf();
    client.readMessage2(server.answer(client.message1, NOW)!.message2);
    server.destroy();
    throwsLair(() => server.finish(client.finish(now).message3, now), "noise-dead");
  });
});
