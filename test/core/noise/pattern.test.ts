// The pattern table and the names of its modifiers (Noise §7, §8, §9, §18). That each pattern is the specification's
// own is shown by the published vectors; here are its form, and all the names that must be refused.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  handshakePattern,
  type HandshakePattern,
  NoiseError,
  parseProtocolName,
  PATTERN_NAMES,
  suiteName,
  type Token,
} from "../../../src/core/noise/index.ts";
import { everyPatternName } from "./two-sides.ts";

const tokensOf = (name: string): string[] =>
  handshakePattern(name).messages.map(
    ({ sender, tokens }) => `${sender === "initiator" ? "->" : "<-"} ${tokens.join(" ")}`,
  );

function assertUnknown(name: string): void {
  assert.throws(
    () => handshakePattern(name),
    (error) => error instanceof NoiseError && error.code === "noise-unknown-protocol",
    `"${name}" is refused`,
  );
}

describe("the pattern table (Noise §7, §18.1)", () => {
  it("holds 3 one-way, 12 fundamental and 23 deferred patterns", () => {
    assert.equal(PATTERN_NAMES.filter((name) => /^[NKX]$/.test(name)).length, 3);
    assert.equal(PATTERN_NAMES.filter((name) => /^[NKXI][NKX]$/.test(name)).length, 12);
    assert.equal(PATTERN_NAMES.filter((name) => /1/.test(name)).length, 23);
    assert.equal(new Set(PATTERN_NAMES).size, 38);
  });

  it("reads the notation: XX, KK and the one-way X", () => {
    assert.deepEqual(tokensOf("XX"), ["-> e", "<- e ee s es", "-> s se"]);
    assert.deepEqual(handshakePattern("XX").preMessages, []);
    assert.deepEqual(tokensOf("KK"), ["-> e es ss", "<- e ee se"]);
    assert.deepEqual(handshakePattern("KK").preMessages, ["initiator", "responder"]);
    assert.deepEqual(tokensOf("X"), ["-> e es s ss"]);
    assert.deepEqual(handshakePattern("X").preMessages, ["responder"]);
    assert.deepEqual(
      PATTERN_NAMES.filter((name) => handshakePattern(name).isOneWay),
      ["N", "K", "X"],
    );
  });

  it("is valid by §7.3: keys go once and before their use, no DH is done twice, and e comes before ss, se and es", () => {
    for (const name of PATTERN_NAMES) {
      const pattern = handshakePattern(name);
      assert.deepEqual(problemsOf(pattern), [], name);
    }
  });

  it("would notice a pattern that is not valid", () => {
    const base = handshakePattern("NN");
    const broken = (...tokens: Token[]): string[] =>
      problemsOf({ ...base, messages: [{ sender: "initiator", tokens }] });
    assert.deepEqual(broken("e", "e"), ["e sent twice"]);
    assert.deepEqual(broken("e", "es"), ["es without its keys"]);
    assert.deepEqual(broken("e", "s", "s"), ["s sent twice"]);
  });
});

/** What of §7.3's first three rules a pattern breaks. */
function problemsOf({ preMessages, messages }: HandshakePattern): string[] {
  const problems: string[] = [];
  const has = new Set(preMessages.map((role) => `${role} s`));
  const done = new Set<Token>();
  messages.forEach(({ sender, tokens }, index) => {
    if (index > 0 && messages[index - 1]!.sender === sender) problems.push("two messages in a row");
    for (const token of tokens) {
      if (token === "psk") continue;
      if (token === "e" || token === "s") {
        if (has.has(`${sender} ${token}`)) problems.push(`${token} sent twice`);
        has.add(`${sender} ${token}`);
        continue;
      }
      if (!has.has(`initiator ${token[0]}`) || !has.has(`responder ${token[1]}`))
        problems.push(`${token} without its keys`);
      if (done.has(token)) problems.push(`${token} done twice`);
      done.add(token);
    }
  });
  return problems;
}

describe("psk modifiers (Noise §9.4)", () => {
  it("put psk0 before the first message's tokens and pskN after the Nth's", () => {
    assert.deepEqual(tokensOf("XXpsk0"), ["-> psk e", "<- e ee s es", "-> s se"]);
    assert.deepEqual(tokensOf("XXpsk1"), ["-> e psk", "<- e ee s es", "-> s se"]);
    assert.deepEqual(tokensOf("XXpsk2"), ["-> e", "<- e ee s es psk", "-> s se"]);
    assert.deepEqual(tokensOf("XXpsk3"), ["-> e", "<- e ee s es", "-> s se psk"]);
    assert.deepEqual(tokensOf("Npsk0"), ["-> psk e es"]);
  });

  it("may be several", () => {
    const pattern = handshakePattern("XXpsk0+psk1+psk3");
    assert.deepEqual(tokensOf(pattern.name), ["-> psk e psk", "<- e ee s es", "-> s se psk"]);
    assert.equal(pattern.name, "XXpsk0+psk1+psk3");
    assert.equal(pattern.pskCount, 3);
  });

  it("exist in every set of positions of every pattern, and the plain pattern is not changed by them", () => {
    const names = everyPatternName();
    assert.equal(names.length, new Set(names).size);
    for (const name of names) {
      const pattern = handshakePattern(name);
      const psks = pattern.messages.flatMap(({ tokens }) => tokens.filter((token) => token === "psk"));
      assert.equal(pattern.name, name);
      assert.equal(pattern.pskCount, psks.length);
      assert.equal(pattern.pskCount, name.split("psk").length - 1);
    }
    for (const name of PATTERN_NAMES) assert.equal(handshakePattern(name).pskCount, 0);
  });

  it("are refused after the last message", () => {
    for (const name of ["XXpsk4", "KKpsk3", "Npsk2", "NNpsk0+psk3", "XXpsk10", "XXpsk99999999999999999999"])
      assertUnknown(name);
  });

  it("are refused twice at one position", () => {
    for (const name of ["XXpsk2+psk2", "NNpsk0+psk0", "XXpsk0+psk1+psk0"]) assertUnknown(name);
  });

  it("are refused in another order than the alphabet's, as §8.1 requires: one protocol has one name", () => {
    for (const name of ["NNpsk2+psk0", "XXpsk1+psk0", "XXpsk0+psk3+psk2"]) assertUnknown(name);
  });

  it("are refused in any other spelling", () => {
    const spellings = ["psk", "pskX", "psk-1", "psk+1", "psk02", "psk 2", "PSK2", "Psk2", "psk2+", "+psk2", "psk1psk2"];
    for (const modifier of [...spellings, "psk2,psk3", "psk2++psk3", "psk2\n", "psk1.0", "psk٢", "fallback", "hfs"]) {
      assertUnknown(`XX${modifier}`);
    }
    for (const name of ["XXfallback+psk0", "XXpsk0+fallback"]) assertUnknown(name);
  });
});

describe("pattern names", () => {
  it("are refused when there is no such pattern", () => {
    const names = [
      "",
      " ",
      "xx",
      "Xx",
      "XX ",
      " XX",
      "XX\n",
      "XXX",
      "I",
      "II",
      "NI",
      "XX2",
      "X1X2",
      "KK0",
      "1X",
      "psk2",
    ];
    for (const name of [...names, "constructor", "__proto__", "XX_25519", "Noise_XX"]) assertUnknown(name);
  });
});

function assertUnknownProtocol(name: string): void {
  assert.throws(() => parseProtocolName(name), { name: "NoiseError", code: "noise-unknown-protocol" }, name);
}

describe("protocol names (Noise §8)", () => {
  it("give a pattern and a suite", () => {
    const { pattern, suite } = parseProtocolName("Noise_NNpsk0+psk2_25519_ChaChaPoly_BLAKE2s");
    assert.equal(pattern.name, "NNpsk0+psk2");
    assert.equal(suiteName(suite), "25519_ChaChaPoly_BLAKE2s");
  });

  it("are refused without their parts, in another case, or with more", () => {
    const names = [
      "",
      "Noise",
      "Noise_",
      "Noise_XX",
      "Noise_XX_",
      "Noise__25519_AESGCM_SHA256",
      "XX_25519_AESGCM_SHA256",
    ];
    for (const name of names) assertUnknownProtocol(name);
    for (const name of ["noise_XX_25519_AESGCM_SHA256", "NoisePSK_XX_25519_AESGCM_SHA256"]) assertUnknownProtocol(name);
    for (const name of ["Noise_XX_25519_AESGCM_SHA256_", "Noise_XX_25519_AESGCM_SHA256\n"]) assertUnknownProtocol(name);
    assertUnknownProtocol("Noise_XXfallback_25519_AESGCM_SHA256");
  });

  it("are refused with a function that is not here", () => {
    for (const suite of ["448_AESGCM_SHA256", "25519_AESGCM_SHA3/256", "25519_AESGCM", "25519_AES_SHA256"]) {
      assertUnknownProtocol(`Noise_XX_${suite}`);
    }
    assertUnknownProtocol("Noise_XX_25519_aesgcm_SHA256");
    assertUnknownProtocol("Noise_XX_25519+448_AESGCM_SHA256");
  });

  it("are refused over 255 bytes", () => {
    const suite = "_25519_AESGCM_SHA256";
    for (const length of [255, 256, 10_000])
      assertUnknownProtocol(`Noise_${"X".repeat(length - 6 - suite.length)}${suite}`);
    assert.throws(() => parseProtocolName(`Noise_${"X".repeat(250)}${suite}`), { message: /protocol name/ });
  });
});
