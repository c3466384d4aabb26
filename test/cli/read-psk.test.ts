// The psk of --psk-file, and what is left of the file.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isAllZero, toHex, toUtf8 } from "../../src/core/bytes.ts";
import { readPsk } from "../../src/cli/read-psk.ts";
import { somePsk } from "../core/identity/known-keys.ts";
import { OPENSSL_SUITE } from "../../src/node/openssl-suite/suite.ts";

describe("readPsk", () => {
  it("returns the psk and overwrites the letters of the file", () => {
    const letters = toUtf8(`${toHex(somePsk)}\n`);
    const named: string[] = [];
    const psk = readPsk(OPENSSL_SUITE, "some/path", (path, what) => {
      named.push(path, what);
      return letters;
    });
    assert.deepEqual(psk, somePsk);
    assert.equal(isAllZero(letters), true);
    assert.deepEqual(named, ["some/path", "the psk file"]);
  });

  it("takes it from behind a byte order mark", () => {
    const letters = toUtf8(`\ufeff${toHex(somePsk)}\r\n`);
    assert.deepEqual(
      readPsk(OPENSSL_SUITE, "path", () => letters),
      somePsk,
    );
    assert.equal(isAllZero(letters), true);
  });

  it("says of a file that is not UTF-8 that it is not", () => {
    const text = `${toHex(somePsk)}\n`;
    const marked = Buffer.from(`\ufeff${text}`, "utf16le");
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [marked, /^path, named as the psk file, is UTF-16, not UTF-8\.$/],
      [Buffer.from(marked).swap16(), /is UTF-16/],
      [Buffer.from(text, "utf16le"), /is UTF-16/],
      [Buffer.from(`${text}\u00e9`, "latin1"), /is not text in UTF-8/],
    ];
    for (const [letters, message] of cases) {
      assert.throws(() => readPsk(OPENSSL_SUITE, "path", () => letters), { code: "psk-malformed", message });
      assert.equal(isAllZero(letters), true);
    }
  });

  it("overwrites them too when they are no psk, or none to be used", () => {
    for (const [text, code] of [
      ["00".repeat(32), "psk-weak"],
      ["no psk at all", "psk-malformed"],
    ] as const) {
      const letters = toUtf8(text);
      assert.throws(() => readPsk(OPENSSL_SUITE, "path", () => letters), { code });
      assert.equal(isAllZero(letters), true);
    }
  });
});
