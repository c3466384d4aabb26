// The core without a network: handshakes, rekeys and frames by each suite, beside the bare primitives of node:crypto for the
// same work. The ratio says what everything around the primitives costs. Run: npm run bench

import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  hkdfSync,
  randomBytes,
} from "node:crypto";
import { Admission, type Channel, hourOf, InitiatorHandshake, ResponderHandshake } from "../src/core/channel/index.ts";
import { ChatSession } from "../src/core/chat/chat-session.ts";
import { Chat } from "../src/core/chat/chat.ts";
import { MemoryStore } from "../src/core/delivery/memory-store.ts";
import { LIFE_BYTES } from "../src/core/delivery/store.ts";
import { generateIdentity, type Identity } from "../src/core/identity/identity.ts";
import { type CipherSuite, NOBLE_SUITE } from "../src/core/noise/index.ts";
import { OPENSSL_SUITE } from "../src/node/openssl-suite/suite.ts";
import { compare } from "./measure.ts";

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const psk = random(32);
const ada = generateIdentity(OPENSSL_SUITE, random);
const bob = generateIdentity(OPENSSL_SUITE, random);
let clockMs = 0;
const now = () => ({ monotonicMs: clockMs, wallMs: clockMs });

type Pair = readonly [driver: Channel, other: Channel];

/** A server's list of who may come in: made when it starts, not for each handshake. */
function admissionBy(suite: CipherSuite): Admission<{ readonly psk: Uint8Array }> {
  const admission = new Admission<{ readonly psk: Uint8Array }>(suite.hash, now());
  admission.accept("bench", psk, { psk });
  return admission;
}

function openPair(suite: CipherSuite, admission = admissionBy(suite)): Pair {
  const party = { suite, random };
  const initiator = new InitiatorHandshake(
    { ...party, staticKey: bob, hello: { name: "bob", agent: "bench", capabilities: [] } },
    psk,
    hourOf(now()),
  );
  const hello = { name: "ada", agent: "bench", capabilities: [], rekey: { minMs: 1_000, maxMs: 1_000 } };
  const responder = new ResponderHandshake({ ...party, staticKey: ada, hello }, admission);
  initiator.readMessage2(responder.answer(initiator.message1, now())!.message2);
  const opened = initiator.finish(now());
  return [responder.finish(opened.message3, now()).channel, opened.channel];
}

/** Passes frames until nothing waits on either side. */
function settle(
  a: { nextFrame: Channel["nextFrame"] },
  b: typeof a,
  read: (to: "a" | "b", frame: Uint8Array) => void,
): void {
  for (;;) {
    const fromA = a.nextFrame(now());
    if (fromA !== undefined) read("b", fromA);
    const fromB = b.nextFrame(now());
    if (fromB !== undefined) read("a", fromB);
    if (fromA === undefined && fromB === undefined) return;
  }
}

const x25519 = generateKeyPairSync("x25519");

function diffieHellmans(count: number): void {
  for (let i = 0; i < count; i++) diffieHellman(x25519);
}

const ephemeral = x25519.privateKey.export({ format: "jwk" });

/** Every call of node:crypto that a handshake of two sides makes by openssl-suite/suite.ts, and nothing around them. */
function handshakeCalls(): void {
  const key = randomBytes(32);
  const message = new Uint8Array(80);
  for (let i = 0; i < 2; i++) {
    randomBytes(32);
    createPublicKey(createPrivateKey({ format: "jwk", key: ephemeral })).export({ format: "jwk" });
  }
  // Each side reads re and rs.
  for (let i = 0; i < 4; i++) createPublicKey({ format: "jwk", key: ephemeral });
  diffieHellmans(6);
  // MixHash; HKDF of e, e, ee, es, se, psk and Split on each side, without the two keys that encrypt nothing; two proofs
  // and a hint; the proof's key.
  for (let i = 0; i < 18; i++) hash("sha256", message, "buffer");
  for (let i = 0; i < 45; i++) createHmac("sha256", key).update(message.subarray(0, 33)).digest();
  hkdfSync("sha256", key, key, "", 32);
  gcmFrames(5, 48);
}

const SUITES: readonly CipherSuite[] = [OPENSSL_SUITE, NOBLE_SUITE];

/** Many short ones, so that nothing disturbs some of them; not shorter, since the processor is read in steps of some ms. */
const ROUNDS = 40;
const HANDSHAKES = 100;

/**
 * Each in a turn of the event loop of its own, as in a program: between two turns Node frees what belongs to objects that are
 * no more. Without that, the objects of OpenSSL would gather.
 */
async function inTurns(count: number, work: () => void): Promise<void> {
  for (let i = 0; i < count; i++) {
    work();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

// XXpsk2 costs each side three DHs and one key generation, which is a DH too: 8 in all.
for (const suite of SUITES) {
  const admission = admissionBy(suite);
  await compare(
    `handshake, both sides (XXpsk2), ${suite.provider}`,
    HANDSHAKES,
    {
      name: `Lair, ${suite.provider}`,
      work: () => inTurns(HANDSHAKES, () => void openPair(suite, admission)),
    },
    { name: "8 X25519 each, node:crypto", work: () => inTurns(HANDSHAKES, () => diffieHellmans(8)) },
    ROUNDS,
    "cpu",
  );
}
// The least that a handshake by node:crypto can take, whatever is written around it.
await compare(
  "the calls of node:crypto in a handshake, without Lair",
  HANDSHAKES,
  {
    name: "every call in it, bare",
    work: () => inTurns(HANDSHAKES, handshakeCalls),
  },
  { name: "8 X25519 each, node:crypto", work: () => inTurns(HANDSHAKES, () => diffieHellmans(8)) },
  ROUNDS,
  "cpu",
);

const REKEYS = 100;
for (const suite of SUITES) {
  const [driver, other] = openPair(suite);
  for (const channel of [driver, other]) channel.sendResume(new Uint8Array(0));
  const carry = (): void => {
    settle(driver, other, (to, frame) => void (to === "a" ? driver : other).receive(frame, now()));
  };
  carry();
  await compare(
    `rekey, both sides (KKpsk2), ${suite.provider}`,
    REKEYS,
    {
      name: `Lair, ${suite.provider}`,
      work: () =>
        inTurns(REKEYS, () => {
          clockMs += 1_001;
          driver.advance(now());
          carry();
        }),
    },
    // ee, es, se, ss and a key generation on each side.
    { name: "10 X25519 each, node:crypto", work: () => inTurns(REKEYS, () => diffieHellmans(10)) },
    ROUNDS,
    "cpu",
  );
}

const MESSAGES = 2_000;
const text = "a line of chat of ordinary length, as people type them";

function gcmFrames(count: number, length: number): void {
  const key = randomBytes(32);
  const plaintext = randomBytes(length);
  const nonce = Buffer.alloc(12);
  for (let i = 0; i < count; i++) {
    nonce.writeUInt32BE(i, 8);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAuthTag(cipher.getAuthTag());
    Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  }
}

function chat(peer: Identity): Chat {
  return new Chat(new MemoryStore(randomBytes(LIFE_BYTES)), peer.publicKey);
}

function conversation(suite: CipherSuite, burst: number): void {
  const [left, right] = openPair(suite);
  const a = new ChatSession(left);
  const b = new ChatSession(right);
  const [said, heard] = [chat(bob), chat(ada)];
  a.begin(said);
  b.begin(heard);
  // As a line's driver does: what came is stored and answered in the turn in which it came.
  const pass = (): void => {
    for (const one of [a, b]) one.advance(now());
    settle(a, b, (to, frame) => {
      const one = to === "a" ? a : b;
      one.receive(frame, now());
      do one.advance(now());
      while (one.wantsTurn);
    });
  };
  pass();
  for (let i = 0; i < MESSAGES; i += burst) {
    for (let j = 0; j < burst; j++) said.say(text, now());
    pass();
    heard.show(i + burst);
  }
}

for (const suite of SUITES) {
  // Each message is a frame of its own, and so is its acknowledgement.
  await compare(
    `messages one by one, with their acknowledgements, ${suite.provider}`,
    MESSAGES,
    { name: `Lair, ${suite.provider}`, work: () => conversation(suite, 1) },
    { name: "AES-256-GCM of 2 x 256 bytes each, node:crypto", work: () => gcmFrames(2 * MESSAGES, 256) },
    ROUNDS,
    "cpu",
  );
  await compare(
    `messages in bursts of 100, one frame each, ${suite.provider}`,
    MESSAGES,
    { name: `Lair, ${suite.provider}`, work: () => conversation(suite, 100) },
    { name: "AES-256-GCM of the same bytes, node:crypto", work: () => gcmFrames(MESSAGES / 100, 12_800) },
    ROUNDS,
    "cpu",
  );
}
