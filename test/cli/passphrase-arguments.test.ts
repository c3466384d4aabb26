// Passphrases on the command lines of both programs: where they may come from, and that they are never an argument.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { throwsLair } from "../throws-lair.ts";
import { BOTH, CLIENT, client, refuses, SERVER, server } from "./command-lines.ts";

const NONE = { home: undefined, passphraseFile: undefined, newPassphraseFile: undefined, json: false };

describe("--passphrase and --passphrase-file", () => {
  it("are taken by both programs", () => {
    const expected = { passphrase: true, passphraseFile: "secret.txt" };
    const argv = ["--passphrase", "--passphrase-file", "secret.txt"];
    assert.deepEqual(server(...argv), { ...SERVER, ...expected });
    assert.deepEqual(client(...argv), { ...CLIENT, ...expected });
    assert.equal(client("--passphrase-file=a").passphrase, false);
  });

  it("leave an address in its place, in front or behind when nobody could take it for a passphrase", () => {
    assert.equal(client("chat.example:9", "--passphrase").url, "ws://chat.example:9");
    assert.equal(client("--passphrase", "wss://chat.example").url, "wss://chat.example:443");
    assert.equal(client("--passphrase", "--json", "chat.example:9").url, "ws://chat.example:9");
  });
});

describe("a passphrase among the arguments", () => {
  it("is refused and not repeated, and nobody looks it up as a host", () => {
    for (const [name, parse] of BOTH) {
      for (const argv of [
        ["--passphrase", "hunter2"],
        ["--passphrase=hunter2"],
        ["--json", "--passphrase", "hunter2", "two"],
        ["passphrase", "add", "--passphrase", "hunter2"],
        ["passphrase", "hunter2"],
        ["passphrase", "add", "hunter2"],
      ]) {
        const error = throwsLair(() => parse(argv), "usage", name);
        const said = [error.message, error.hint, ...error.details, inspect(error.cause)].join("\n");
        assert.ok(!said.includes("hunter2"), `${name} ${argv.join(" ")}: ${said}`);
      }
      for (const argv of [["--passphrase", "x"], ["--passphrase=x"]]) {
        assert.match(throwsLair(() => parse(argv), "usage", name).hint!, /stop using it/i);
      }
    }
  });
});

describe("passphrase add, change and remove", () => {
  for (const [name, parse] of BOTH) {
    it(`are taken by ${name}, with files and a home`, () => {
      for (const action of ["add", "change", "remove"]) {
        assert.deepEqual(parse(["passphrase", action]), { command: "passphrase", action, ...NONE });
      }
      const files = ["--passphrase-file", "old", "--new-passphrase-file", "new"];
      assert.deepEqual(parse(["passphrase", "change", ...files, "--home", "there", "--json", "--verbose"]), {
        command: "passphrase",
        action: "change",
        home: "there",
        passphraseFile: "old",
        newPassphraseFile: "new",
        json: true,
      });
      assert.deepEqual(parse(["--home=a", "passphrase", "add", "--new-passphrase-file=b"]), {
        ...NONE,
        command: "passphrase",
        action: "add",
        home: "a",
        newPassphraseFile: "b",
      });
    });

    it(`are refused by ${name} with what does not belong to them`, () => {
      refuses(parse, ["passphrase"], /passphrase add, change or remove/);
      refuses(parse, ["passphrase", "ADD"], /passphrase add, change or remove/);
      refuses(parse, ["passphrase", "add", "change"], /passphrase add, change or remove/);
      refuses(parse, ["passphrase", "add", "--name", "ada"], /takes no --name/);
      refuses(parse, ["passphrase", "add", "--passphrase"], /takes no --passphrase\./);
      refuses(parse, ["passphrase", "add", "--passphrase-file", "f"], /--new-passphrase-file FILE/);
      refuses(parse, ["passphrase", "remove", "--new-passphrase-file", "f"], /can only be used with .* add and change/);
      refuses(parse, ["passphrase", "add", "--home="], /--home/);
      refuses(parse, ["--new-passphrase-file", "f"], /can only be used with .* add and change/);
    });
  }

  it("are no host; one of that name has an address", () => {
    assert.equal(client("ws://passphrase").url, "ws://passphrase:8080");
    assert.equal(client("passphrase:8080").url, "ws://passphrase:8080");
  });
});
