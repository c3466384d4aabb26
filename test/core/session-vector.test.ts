// The session vector (docs/PROTOCOL.md, sections 15 and 16): a Go program that shares no line with Lair has played a
// whole session (test/interop/peer/vectors.go), and our core must say every byte of it, given the same private keys.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { concat, fromUtf8, toHex, toUtf8, u32 } from "../../src/core/bytes.ts";
import { hourOf, makeHint, makeProof, proofKey } from "../../src/core/channel/first-message.ts";
import {
  Admission,
  CLOSE_REASON,
  type HandshakeParty,
  InitiatorHandshake,
  protocolName,
  ResponderHandshake,
} from "../../src/core/channel/index.ts";
import { packRecords, unpackRecords } from "../../src/core/channel/record.ts";
import { decodeMessage, encodeText } from "../../src/core/chat/message.ts";
import { agree, decodeResume, encodeResume, type Resume } from "../../src/core/delivery/resume.ts";
import { DATA_HEAD_BYTES } from "../../src/core/delivery/data.ts";
import { type Identity, identityFromPrivateKey, signatureSeed } from "../../src/core/identity/identity.ts";
import { fingerprint } from "../../src/core/identity/fingerprint.ts";
import { formatInvite, parseInvite } from "../../src/core/identity/invite.ts";
import { safetyWords } from "../../src/core/identity/safety-words.ts";
import {
  CipherState,
  HandshakeState,
  NOBLE_SUITE,
  type RandomSource,
  type Role,
  type Transport,
} from "../../src/core/noise/index.ts";
import { bytes, type OutcomeVector, type Played, Replay, type Side, VECTOR } from "../interop/session-vector.ts";
import { FakeClock } from "./channel/fake-clock.ts";

const EMPTY = new Uint8Array(0);
const ROLES: Record<Side, Role> = { client: "initiator", server: "responder" };

function staticKeyOf(side: Side): Identity {
  const { staticPrivate, staticPublic, signatureKey } = VECTOR[side];
  return { privateKey: bytes(staticPrivate), publicKey: bytes(staticPublic), signatureKey: bytes(signatureKey) };
}

/** 32 bytes are an ephemeral key, 8 the token of a PING, 4 a random delay: with zeros the shortest. */
function randomOf(side: Side): RandomSource {
  const { driverEphemeralPrivate, otherEphemeralPrivate } = VECTOR.rekey;
  const ephemerals = [
    VECTOR[side].ephemeralPrivate,
    side === "server" ? driverEphemeralPrivate : otherEphemeralPrivate,
  ];
  return (length) => {
    if (length === 8) return bytes(VECTOR[side].pingToken);
    if (length !== 32) return new Uint8Array(length);
    const next = ephemerals.shift();
    assert.ok(next !== undefined, "no key is drawn that the vector does not know");
    return bytes(next);
  };
}

function partyOf(side: Side): HandshakeParty {
  const names = { client: "bob", server: "ada" };
  const hello = { name: names[side], agent: "lair/0.1.0", capabilities: [] };
  return {
    suite: NOBLE_SUITE,
    random: randomOf(side),
    staticKey: staticKeyOf(side),
    hello: side === "server" ? { ...hello, rekey: { minMs: 30_000, maxMs: 120_000 } } : hello,
  };
}

function shakeHands(): Played {
  const clock = new FakeClock();
  const psk = bytes(VECTOR.psk);
  const admission = new Admission<{ readonly psk: Uint8Array }>(NOBLE_SUITE.hash, clock.now);
  admission.accept("the only one", psk, { psk });
  const initiator = new InitiatorHandshake(partyOf("client"), psk, VECTOR.hour);
  const responder = new ResponderHandshake(partyOf("server"), admission);
  const { message2 } = responder.answer(initiator.message1, clock.now)!;
  initiator.readMessage2(message2);
  const client = initiator.finish(clock.now);
  const server = responder.finish(client.message3, clock.now);
  return { clock, client, server, messages: [initiator.message1, message2, client.message3] };
}

/** Both handshake states of a pattern, run to their ends; the messages as they went. */
function runNoise(pattern: string, options: Record<Side, { prologue: Uint8Array; psk: string; key: string }>) {
  const states = (["client", "server"] as const).map((side) => {
    const { prologue, psk, key } = options[side];
    const isRekey = pattern === "KKpsk2";
    const remote = VECTOR[side === "client" ? "server" : "client"].staticPublic;
    return new HandshakeState({
      pattern,
      suite: NOBLE_SUITE,
      // In a rekey the server is the initiator.
      role: isRekey ? ROLES[side === "client" ? "server" : "client"] : ROLES[side],
      random: () => bytes(key),
      staticKey: staticKeyOf(side),
      ...(isRekey ? { remoteStaticKey: bytes(remote) } : {}),
      prologue,
      psks: [bytes(psk)],
    });
  });
  const [client, server] = states;
  assert.ok(client !== undefined && server !== undefined);
  return { client, server };
}

/** The record's header is checked, then its body is read and must be what we would write. */
function resumeOf(record: string): Resume {
  assert.equal(record.slice(0, 6), "220044");
  const resume = decodeResume(bytes(record.slice(6)));
  assert.equal(toHex(encodeResume(resume)), record.slice(6));
  return resume;
}

/** `sent`: the stamps of what waits for an acknowledgement. */
function outcome(own: Resume, theirs: Resume, sent: readonly string[]): OutcomeVector & { readonly diverged: boolean } {
  const numbers = { acknowledged: own.first, released: own.sent };
  const agreement = agree(own, theirs, numbers, (seq) => bytes(sent[seq - own.first]!));
  const { acknowledged: delivered, firstToSend: start, expected, hasDiverged: diverged, notices } = agreement;
  return { diverged, delivered, start, expected, notices };
}

function assertEpoch(index: number, transport: Transport): void {
  const epoch = VECTOR.epochs[index];
  assert.equal(toHex(transport.handshakeHash), epoch?.handshakeHash);
  assert.equal(toHex(transport.exporterSecret), epoch?.k3);
}

describe("the session vector", () => {
  it("holds key pairs, a proof, and HELLOs that are ours", () => {
    for (const side of ["client", "server"] as const) {
      const { staticPrivate, staticPublic, ephemeralPrivate, ephemeralPublic, hello } = VECTOR[side];
      assert.deepEqual(identityFromPrivateKey(NOBLE_SUITE, bytes(staticPrivate)), staticKeyOf(side));
      assert.equal(toHex(signatureSeed(NOBLE_SUITE, bytes(staticPrivate))), VECTOR[side].signatureSeed);
      assert.equal(toHex(NOBLE_SUITE.dh.publicKey(bytes(staticPrivate))), staticPublic);
      assert.equal(toHex(NOBLE_SUITE.dh.publicKey(bytes(ephemeralPrivate))), ephemeralPublic);
      const payload = VECTOR.handshake[side === "server" ? 1 : 2]?.payload;
      assert.equal(toHex(packRecords([{ type: 0x01, body: toUtf8(hello) }])), payload);
    }
    const key = proofKey(NOBLE_SUITE.hash, bytes(VECTOR.psk));
    assert.equal(toHex(key), VECTOR.proofKey);
    assert.equal(hourOf(new FakeClock().now), VECTOR.hour);
    const hint = makeHint(NOBLE_SUITE.hash, key, VECTOR.hour);
    assert.equal(toHex(hint), VECTOR.hint);
    const proof = makeProof(NOBLE_SUITE.hash, key, { ephemeralKey: bytes(VECTOR.client.ephemeralPublic), hint });
    assert.equal(toHex(proof), VECTOR.proof);
    assert.equal(VECTOR.handshake[0]?.payload, VECTOR.hint + VECTOR.proof);
    assert.equal(protocolName(NOBLE_SUITE), VECTOR.suite);
  });

  it("is written by our handshake, message by message, on both sides", () => {
    const { messages, client, server } = shakeHands();
    assert.deepEqual(
      messages.map(toHex),
      VECTOR.handshake.map(({ message }) => message),
    );
    assert.equal(toHex(client.remoteStaticKey), VECTOR.server.staticPublic);
    assert.equal(toHex(server.remoteStaticKey), VECTOR.client.staticPublic);
    assert.deepEqual(client.hello, { ...partyOf("server").hello, signatureKey: staticKeyOf("server").signatureKey });
    assert.deepEqual(server.hello, { ...partyOf("client").hello, signatureKey: staticKeyOf("client").signatureKey });
    for (const { derivePairPsk } of [client, server]) assert.equal(toHex(derivePairPsk()), VECTOR.pairing.pairPsk);
  });

  it("has the handshake hash and the third output of Split of both epochs", () => {
    const first = runNoise("XXpsk2", {
      client: { prologue: toUtf8("lair/1"), psk: VECTOR.psk, key: VECTOR.client.ephemeralPrivate },
      server: { prologue: toUtf8("lair/1"), psk: VECTOR.psk, key: VECTOR.server.ephemeralPrivate },
    });
    for (const { from, payload, message } of VECTOR.handshake) {
      const [by, to] = from === "client" ? [first.client, first.server] : [first.server, first.client];
      assert.equal(toHex(by.writeMessage(bytes(payload))), message);
      assert.equal(toHex(to.readMessage(bytes(message))), payload);
    }
    for (const state of [first.client, first.server]) assertEpoch(0, state.split());

    const { rekey } = VECTOR;
    const k3 = VECTOR.epochs[0]?.k3 ?? "";
    const prologue = concat(toUtf8("lair/1 rekey"), u32(rekey.epoch), bytes(VECTOR.epochs[0]?.handshakeHash ?? ""));
    assert.equal(toHex(prologue), rekey.prologue);
    const psk = NOBLE_SUITE.hash.hkdf(bytes(k3), bytes(VECTOR.psk), toUtf8("lair/1 rekey psk"), 32);
    assert.equal(toHex(psk), rekey.psk);
    const second = runNoise("KKpsk2", {
      client: { prologue, psk: rekey.psk, key: rekey.otherEphemeralPrivate },
      server: { prologue, psk: rekey.psk, key: rekey.driverEphemeralPrivate },
    });
    assert.equal(toHex(second.server.writeMessage(EMPTY)), rekey.message1);
    assert.equal(second.client.readMessage(bytes(rekey.message1)).length, 0);
    assert.equal(toHex(second.client.writeMessage(EMPTY)), rekey.message2);
    assert.equal(second.server.readMessage(bytes(rekey.message2)).length, 0);
    for (const state of [second.client, second.server]) assertEpoch(1, state.split());
  });

  it("holds frames that are their plaintext under k1 or k2 of their epoch, and plaintexts that are their records", () => {
    for (const { from, epoch, nonce, records, plaintext, frame, note } of VECTOR.frames) {
      const isInitiator = (from === "client") === (epoch === 0);
      const key = VECTOR.epochs[epoch]?.[isInitiator ? "k1" : "k2"];
      const state = new CipherState(NOBLE_SUITE.cipher, bytes(key ?? ""));
      state.setNonce(BigInt(nonce));
      assert.equal(toHex(state.encryptWithAd(EMPTY, bytes(plaintext))), frame, note);
      const unpacked = unpackRecords(bytes(plaintext));
      assert.equal(toHex(packRecords(unpacked)), plaintext, note);
      assert.equal(plaintext.slice(0, records.join("").length), records.join(""), note);
      assert.equal(unpacked.length, records.length, note);
      for (const { type, body } of unpacked) {
        if (type !== 0x20) continue;
        const message = decodeMessage(body.subarray(DATA_HEAD_BYTES));
        assert.ok(message.kind === "text", note);
        assert.equal(toHex(encodeText(message.text, message.atMs)), toHex(body.subarray(DATA_HEAD_BYTES)), note);
      }
    }
  });

  it("is spoken by our channels and our delivery, frame by frame, across a rekey with data in flight both ways", () => {
    const replay = new Replay(shakeHands());
    replay.open("client"); // RESUME, PING
    replay.open("server"); // RESUME, PING
    for (const from of ["client", "server", "client", "server"] as const) assert.deepEqual(replay.deliver(from), []);
    replay.pass(14_000);
    replay.say("client");
    assert.deepEqual(replay.deliver("client"), ["arrived 0"]);
    assert.deepEqual(replay.deliver("server"), ["delivered 0"]);
    replay.pass(14_000);
    replay.say("server");
    assert.deepEqual(replay.deliver("server"), ["arrived 0"]);
    assert.deepEqual(replay.deliver("client"), ["delivered 0"]);

    replay.pass(2_000); // REKEY_INIT
    assert.equal(replay.channels.server.state, "rekeying");
    replay.say("server");
    assert.deepEqual(replay.deliver("server"), []); // REKEY_REPLY
    replay.say("client");
    assert.deepEqual(replay.deliver("server"), ["arrived 1"]); // ACK, under the new key
    assert.deepEqual(replay.deliver("client"), ["rekeyed 1"]); // REKEY_DONE
    assert.deepEqual(replay.deliver("client"), ["arrived 1"]); // ACK, under the new key
    assert.deepEqual(replay.deliver("client"), ["delivered 1"]);
    assert.deepEqual(replay.deliver("server"), ["rekeyed 1"]);
    assert.deepEqual(replay.deliver("server"), ["delivered 1"]);

    replay.close("client");
    assert.deepEqual(replay.deliver("client"), [`closed ${CLOSE_REASON.goodbye}`]);
    assert.equal(replay.checked, VECTOR.frames.length);
  });

  it("begins each side with RESUME, and nothing is known of the other's store yet", () => {
    for (const side of ["client", "server"] as const) {
      const first = VECTOR.frames.find(({ from }) => from === side);
      const store = bytes(VECTOR[side].store);
      const [known, last] = [new Uint8Array(16), new Uint8Array(12)];
      const body = encodeResume({ store, known, next: 0, first: 0, sent: 0, last });
      assert.equal(first?.records[0], `220044${toHex(body)}`);
    }
  });

  for (const { note, client, server, clientSent, serverSent, misfit, thenClient, thenServer } of VECTOR.resumes) {
    it(`goes on as the other implementation says: ${note}`, () => {
      const said = { client: resumeOf(client), server: resumeOf(server) };
      assert.equal(said.client.sent - said.client.first, clientSent.length);
      assert.equal(said.server.sent - said.server.first, serverSent.length);
      assert.deepEqual(
        outcome(said.client, said.server, clientSent),
        { diverged: misfit, ...thenClient },
        "the client",
      );
      assert.deepEqual(
        outcome(said.server, said.client, serverSent),
        { diverged: misfit, ...thenServer },
        "the server",
      );
      assert.equal(thenClient.start, thenServer.expected, "what the client sends first is what the server expects");
      assert.equal(thenServer.start, thenClient.expected, "what the server sends first is what the client expects");
    });
  }

  it("has the records of the rekey in its frames", () => {
    const sent = new Set(VECTOR.frames.flatMap(({ records }) => records));
    const { init, reply, done, message1, message2 } = VECTOR.rekey;
    assert.equal(init, `10003400000001${message1}`);
    assert.equal(reply, `11003400000001${message2}`);
    for (const record of [init, reply, done]) assert.ok(sent.has(record));
  });

  it("has the invite, the fingerprints and the safety words", () => {
    const [client, server] = [staticKeyOf("client"), staticKeyOf("server")];
    const invite = { url: "ws://127.0.0.1:8080", psk: bytes(VECTOR.psk), serverKey: server.publicKey };
    assert.equal(formatInvite(invite), VECTOR.pairing.invite);
    assert.deepEqual(parseInvite(VECTOR.pairing.invite), invite);
    assert.equal(fingerprint(NOBLE_SUITE, client), VECTOR.pairing.clientFingerprint);
    assert.equal(fingerprint(NOBLE_SUITE, server), VECTOR.pairing.serverFingerprint);
    assert.deepEqual(safetyWords(NOBLE_SUITE, client, server), VECTOR.pairing.safetyWords);
  });

  it("is the worked example of docs/PROTOCOL.md", () => {
    const document = readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8");
    const example = document.split("\n## ").find((section) => section.startsWith("15. Worked example"));
    assert.ok(example !== undefined, "the section is there");
    const dense = example.replaceAll(/\s/g, "");
    const { client, server, rekey, pairing } = VECTOR;
    const chat = VECTOR.frames.find(({ records }) => records[0]?.startsWith("20"));
    assert.ok(chat !== undefined);
    const shown = [
      [VECTOR.psk, VECTOR.proofKey, String(VECTOR.hour), VECTOR.hint, VECTOR.proof, VECTOR.handshake[0]?.message],
      [client, server].flatMap((side) => [
        side.staticPrivate,
        side.staticPublic,
        side.signatureSeed,
        side.signatureKey,
        side.ephemeralPublic,
        side.hello,
      ]),
      VECTOR.epochs.flatMap(({ handshakeHash, k1, k2, k3 }) => [handshakeHash, k1, k2, k3]),
      [rekey.prologue, rekey.psk, rekey.init, rekey.reply, rekey.done],
      [pairing.pairPsk, pairing.invite, pairing.clientFingerprint, pairing.serverFingerprint, pairing.safetyBytes],
      [client.store, server.store, ...[client, server].map(({ store }) => `220044${store}${"0".repeat(104)}`)],
      [client.life, server.life],
      [pairing.safetyWords.join(" "), chat.records[0], chat.frame.slice(0, 64), chat.frame.slice(-32)],
    ].flat();
    for (const value of shown) assert.ok(dense.includes((value ?? "?").replaceAll(" ", "")), `${value} is shown`);
    assert.ok(
      fromUtf8(bytes(chat.records[0] ?? "").subarray(3 + DATA_HEAD_BYTES))?.includes("can you see this?"),
      "text",
    );
  });
});
