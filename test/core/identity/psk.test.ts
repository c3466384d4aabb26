import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { fromHex, toBase64Url, toHex, toUtf8 } from "../../../src/core/bytes.ts";
import { parsePsk, requireStrongPsk } from "../../../src/core/identity/psk.ts";
import { somePsk } from "./known-keys.ts";
import { NOBLE_SUITE } from "../../../src/core/noise/index.ts";
import { throwsLair } from "../../throws-lair.ts";

const psk = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => new Set(bytes).size >= 20);

function every(make: (i: number) => number): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => make(i));
}

describe("psk file", () => {
  it("is read from hex and from both alphabets of base64", () => {
    // base64.urlsafe_b64encode(psk) and base64.b64encode(psk) in Python
    for (const text of [
      "eddc73df24057e51c059b0ee397763af93a9d717cfce4d713a9ee7a7335e535f",
      "EDDC73DF24057E51C059B0EE397763AF93A9D717CFCE4D713A9EE7A7335E535F",
      "7dxz3yQFflHAWbDuOXdjr5Op1xfPzk1xOp7npzNeU18",
      "7dxz3yQFflHAWbDuOXdjr5Op1xfPzk1xOp7npzNeU18=",
      " \r\n\t7dxz3yQFflHAWbDuOXdjr5Op1xfPzk1xOp7npzNeU18 \n\n",
    ]) {
      assert.deepEqual(parsePsk(NOBLE_SUITE, text), somePsk);
      assert.deepEqual(parsePsk(NOBLE_SUITE, toUtf8(text)), somePsk);
    }
    // base64.b64encode(bytes.fromhex("fbeffff0e1...")) begins with letters that differ between the alphabets
    const others = fromHex("fbefffe1d2c3b4a5968778695a4b3c2d1e0f00112233445566778899aabbccdd")!;
    assert.deepEqual(parsePsk(NOBLE_SUITE, "++//4dLDtKWWh3hpWks8LR4PABEiM0RVZneImaq7zN0="), others);
    assert.deepEqual(parsePsk(NOBLE_SUITE, "--__4dLDtKWWh3hpWks8LR4PABEiM0RVZneImaq7zN0"), others);
  });

  it("is read back as it was written, with white space around it", () => {
    fc.assert(
      fc.property(psk, fc.string({ unit: fc.constantFrom(" ", "\t", "\r", "\n") }), (bytes, space) => {
        assert.deepEqual(parsePsk(NOBLE_SUITE, space + toHex(bytes) + space), bytes);
        assert.deepEqual(parsePsk(NOBLE_SUITE, space + toBase64Url(bytes) + space), bytes);
      }),
    );
  });

  it("is refused when cut short, too long or broken in the middle", () => {
    for (const whole of [toHex(somePsk), toBase64Url(somePsk)]) {
      for (let length = 0; length < whole.length; length++) {
        assert.equal(throwsLair(() => parsePsk(NOBLE_SUITE, whole.slice(0, length))).code, "psk-malformed");
      }
      for (const text of [`${whole}a`, `${whole}==`, `${whole.slice(0, 8)} ${whole.slice(8)}`, `\u{feff}${whole}`]) {
        assert.equal(throwsLair(() => parsePsk(NOBLE_SUITE, text)).code, "psk-malformed");
      }
    }
    assert.equal(throwsLair(() => parsePsk(NOBLE_SUITE, somePsk)).code, "psk-malformed");
  });

  it("does not erase the caller's text", () => {
    const text = toUtf8(toHex(somePsk));
    parsePsk(NOBLE_SUITE, text);
    assert.deepEqual(text, toUtf8(toHex(somePsk)));
  });

  it("never repeats any of the value in a message", () => {
    fc.assert(
      fc.property(psk, fc.nat(40), fc.boolean(), (bytes, cut, inHex) => {
        const text = (inHex ? toHex(bytes) : toBase64Url(bytes)).slice(0, cut);
        const fault = throwsLair(() => parsePsk(NOBLE_SUITE, text));
        const said = `${fault.message} ${fault.hint} ${String(fault.cause)}`;
        for (let i = 0; i + 6 <= text.length; i++) assert.ok(!said.includes(text.slice(i, i + 6)));
      }),
    );
  });
});

describe("strong psk", () => {
  it("is any that a generator draws", () => {
    fc.assert(fc.property(psk, (bytes) => requireStrongPsk(NOBLE_SUITE, bytes)));
  });

  const weak: Record<string, Uint8Array> = {
    "31 bytes": somePsk.slice(1),
    "33 bytes": new Uint8Array([...somePsk, 1]),
    "no byte": new Uint8Array(0),
    "all zero": every(() => 0),
    "one byte repeated": every(() => 0xa7),
    "counting from 0": every((i) => i),
    "counting from 1": every((i) => i + 1),
    "counting down over 0": every((i) => (5 - i) & 0xff),
    "counting in steps of 17": every((i) => (i * 17) & 0xff),
    "16 bytes twice": new Uint8Array([...somePsk.slice(0, 16), ...somePsk.slice(0, 16)]),
    "zeros and a one": every((i) => (i === 31 ? 1 : 0)),
    "a passphrase": toUtf8("i don't care for fidget spinners"),
    // printf '' | sha256sum; printf 'password' | sha256sum
    "SHA-256 of nothing": fromHex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")!,
    "SHA-256 of password": fromHex("5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8")!,
  };
  for (const [what, bytes] of Object.entries(weak)) {
    it(`is not ${what}`, () => assert.equal(throwsLair(() => requireStrongPsk(NOBLE_SUITE, bytes)).code, "psk-weak"));
  }

  it("is asked for by the psk file too", () => {
    assert.equal(throwsLair(() => parsePsk(NOBLE_SUITE, "0".repeat(64))).code, "psk-weak");
  });
});

/** Every array that is made meanwhile, as long as a psk. */
function arraysOf(action: () => void): Uint8Array[] {
  const made: Uint8Array[] = [];
  const plain = globalThis.Uint8Array;
  globalThis.Uint8Array = new Proxy(plain, {
    construct(target, parts: unknown[], newTarget) {
      const bytes = Reflect.construct(target, parts, newTarget) as Uint8Array;
      if (bytes.length === 32) made.push(bytes);
      return bytes;
    },
  });
  try {
    action();
  } finally {
    globalThis.Uint8Array = plain;
  }
  return made;
}

describe("a psk that is refused", () => {
  it("is not left in memory", () => {
    const weak = every((i) => i);
    let made = arraysOf(() => parsePsk(NOBLE_SUITE, toHex(somePsk)));
    assert.ok(
      made.some((bytes) => bytes.some((byte) => byte !== 0)),
      "arrays are seen",
    );
    for (const text of [toHex(weak), toBase64Url(weak)]) {
      made = arraysOf(() => assert.throws(() => parsePsk(NOBLE_SUITE, text), { code: "psk-weak" }));
      assert.ok(made.length > 0);
      assert.deepEqual(
        made.filter((bytes) => toHex(bytes) === toHex(weak)),
        [],
      );
    }
  });
});
