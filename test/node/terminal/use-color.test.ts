import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { localeNotice, useColor, useUnicode } from "../../../src/node/terminal/use-color.ts";

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

function told(env: Record<string, string>): string {
  return localeNotice("lair-client", env, "linux") ?? "nothing";
}

describe("localeNotice", () => {
  it("is for a locale that is not UTF-8, and says what to set, and what to unset first", () => {
    assert.match(told({}), /^No locale is set: .* start it like this: LANG=C\.UTF-8 lair-client$/);
    assert.match(told({ LANG: "de_DE@euro" }), /^The locale is de_DE@euro, .* like this: LANG=C\.UTF-8 lair-client$/);
    assert.match(
      told({ LC_ALL: "C", LANG: "C.UTF-8" }),
      /locale is C, .* like this: LC_ALL= LANG=C\.UTF-8 lair-client$/,
    );
    assert.match(told({ LC_CTYPE: "ru_RU.KOI8-R" }), /this: LC_CTYPE= LANG=C\.UTF-8 lair-client$/);
    assert.equal(told({ LC_ALL: "en_GB.UTF-8" }), "nothing");
    assert.equal(localeNotice("lair-client", {}, "win32"), undefined);
    // What it tells to set is enough.
    for (const env of [{ LC_ALL: "C", LC_CTYPE: "POSIX" }, { LC_CTYPE: "C" }, {}]) {
      const settings = / this: (.*) lair-client$/
        .exec(told(env))![1]!
        .split(" ")
        .map((part) => part.split("="));
      assert.equal(useUnicode({ ...env, ...(Object.fromEntries(settings) as object) }, "linux"), true);
    }
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
