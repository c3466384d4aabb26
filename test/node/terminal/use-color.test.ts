import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { useColor, useUnicode } from "../../../src/node/terminal/use-color.ts";

const TERMINAL = { isTerminal: true, plain: false, noColor: false, env: { TERM: "xterm" } };

describe("useColor", () => {
  it("colours a terminal and nothing else", () => {
    assert.equal(useColor(TERMINAL), true);
    assert.equal(useColor({ ...TERMINAL, isTerminal: false }), false);
  });

  it("honours NO_COLOR unless it is empty, also against FORCE_COLOR", () => {
    assert.equal(useColor({ ...TERMINAL, env: { NO_COLOR: "1" } }), false);
    assert.equal(useColor({ ...TERMINAL, env: { NO_COLOR: "" } }), true);
    assert.equal(useColor({ ...TERMINAL, env: { NO_COLOR: "1", FORCE_COLOR: "1" } }), false);
  });

  it("honours FORCE_COLOR both ways", () => {
    assert.equal(useColor({ ...TERMINAL, isTerminal: false, env: { FORCE_COLOR: "1" } }), true);
    assert.equal(useColor({ ...TERMINAL, env: { FORCE_COLOR: "0" } }), false);
  });

  it("obeys --plain, --no-color and TERM=dumb before all else", () => {
    const env = { FORCE_COLOR: "1" };
    assert.equal(useColor({ ...TERMINAL, env, plain: true }), false);
    assert.equal(useColor({ ...TERMINAL, env, noColor: true }), false);
    assert.equal(useColor({ ...TERMINAL, env: { ...env, TERM: "dumb" } }), false);
  });
});

describe("useUnicode", () => {
  it("reads the locale in the order of POSIX", () => {
    assert.equal(useUnicode({ LANG: "de_DE.UTF-8" }, "linux"), true);
    assert.equal(useUnicode({ LANG: "C.utf8" }, "linux"), true);
    assert.equal(useUnicode({ LANG: "de_DE.UTF-8", LC_ALL: "C" }, "linux"), false);
    assert.equal(useUnicode({ LC_ALL: "", LC_CTYPE: "en_GB.UTF-8", LANG: "C" }, "linux"), true);
    assert.equal(useUnicode({}, "linux"), false);
    assert.equal(useUnicode({}, "win32"), true);
  });
});
