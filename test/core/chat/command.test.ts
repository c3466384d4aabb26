import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parseCommand } from "../../../src/core/chat/command.ts";

const SERVER = "lair-server";
const CLIENT = "lair-client";

describe("parseCommand", () => {
  const words = [
    ["status", { type: "status" }],
    ["quit", { type: "quit" }],
    ["help", { type: "help" }],
    ["peers", { type: "peers" }],
    ["verify", { type: "verify", compared: false }],
    ["verify done", { type: "verify", compared: true }],
    ["rename ada", { type: "rename", name: "ada" }],
  ] as const;

  for (const [line, command] of words) {
    it(`knows ${line} on both sides, with and without a slash, whatever blanks surround it`, () => {
      for (const program of [SERVER, CLIENT] as const) {
        for (const spelled of [line, `/${line}`, `  ${line}\t`, ` /${line} `]) {
          assert.deepEqual(parseCommand(spelled, program), command);
        }
      }
    });
  }

  it("knows invite on the server only", () => {
    assert.deepEqual(parseCommand("invite", SERVER), { type: "invite" });
    assert.deepEqual(parseCommand("/invite", SERVER), { type: "invite" });
    assert.equal(parseCommand("invite", CLIENT).type, "unknown");
    assert.deepEqual(parseCommand("invite him", CLIENT), { type: "say", text: "invite him" });
    const refused = parseCommand("/invite", CLIENT);
    assert.ok(refused.type === "unknown" && refused.hint.includes("lair-server"));
  });

  it("takes the start of a fingerprint on the server only, in one word without a slash, in groups with one", () => {
    assert.deepEqual(parseCommand("trust Q4WM7C2E", SERVER), { type: "trust", who: "q4wm7c2e" });
    assert.deepEqual(parseCommand("/trust q4wm 7c2e", SERVER), { type: "trust", who: "q4wm7c2e" });
    assert.equal(parseCommand("trust q4wm", SERVER).type, "unknown");
    assert.equal(parseCommand("/trust q4wm", SERVER).type, "unknown");
    assert.deepEqual(parseCommand("trust me", SERVER), { type: "say", text: "trust me" });
    assert.deepEqual(parseCommand("trust that this will work", SERVER), {
      type: "say",
      text: "trust that this will work",
    });
    assert.deepEqual(parseCommand("trust them", CLIENT), { type: "say", text: "trust them" });
    assert.equal(parseCommand("/trust q4wm", CLIENT).type, "unknown");
    assert.equal(parseCommand("/trust", SERVER).type, "unknown");
  });

  it("takes several words after /rename, one after rename", () => {
    assert.deepEqual(parseCommand("/rename Ada  Lovelace", CLIENT), { type: "rename", name: "Ada Lovelace" });
    assert.deepEqual(parseCommand("rename it please", CLIENT), { type: "say", text: "rename it please" });
    assert.equal(parseCommand("rename", CLIENT).type, "unknown");
    assert.equal(parseCommand("/rename", CLIENT).type, "unknown");
  });

  it("says what is not exactly a command", () => {
    for (const line of ["status of the build?", "quit now", "Status", "statuses", "verify that", "help!", "hello"]) {
      assert.deepEqual(parseCommand(line, SERVER), { type: "say", text: line });
    }
  });

  it("says the words of commands after /say, with the blanks inside", () => {
    assert.deepEqual(parseCommand("/say status", SERVER), { type: "say", text: "status" });
    assert.deepEqual(parseCommand("/say   a  b", SERVER), { type: "say", text: "  a  b" });
    assert.deepEqual(parseCommand("/say /quit", SERVER), { type: "say", text: "/quit" });
    assert.equal(parseCommand("/say", SERVER).type, "unknown");
  });

  it("refuses other words with a slash and points to /say", () => {
    for (const line of ["/etc/passwd is broken", "/", "//", "/QUIT", "/ quit", "/help me", "/quit now"]) {
      assert.equal(parseCommand(line, SERVER).type, "unknown", line);
    }
    const refused = parseCommand("/etc/passwd is broken", SERVER);
    assert.ok(refused.type === "unknown" && refused.word === "/etc/passwd" && refused.hint.includes("/say"));
  });

  it("never takes several lines for a command", () => {
    for (const line of ["quit\nquit", "/quit\nnow", "status\r\nplease", "/say a\nb"]) {
      assert.deepEqual(parseCommand(line, SERVER), { type: "say", text: line });
    }
  });

  it("does nothing for an empty line", () => {
    for (const line of ["", "   ", "\t", "\n\n"]) assert.deepEqual(parseCommand(line, CLIENT), { type: "nothing" });
  });

  it("keeps the blanks at the start of what is said", () => {
    assert.deepEqual(parseCommand("  indented ", CLIENT), { type: "say", text: "  indented" });
  });

  it("lets everything be said through /say, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        fc.pre(text.trim() !== "" && !/[\n\r\u2028\u2029]/u.test(text.trim()));
        assert.deepEqual(parseCommand(`/say ${text}`, SERVER), { type: "say", text: text.trimEnd() });
      }),
    );
  });
});
