// The command line of lair-hub: its options, and every refusal.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type HubArguments, parseHubArguments } from "../../src/cli/hub-arguments.ts";
import { refuses } from "./command-lines.ts";

const DAY_MS = 86_400_000;

const HUB: HubArguments = {
  home: undefined,
  passphraseFile: undefined,
  json: false,
  plain: false,
  noColor: false,
  verbose: false,
  listen: { host: "127.0.0.1", port: 8080 },
  adminListen: { host: "127.0.0.1", port: 8081 },
  announce: undefined,
  rekeyWindow: { minMs: 30_000, maxMs: 120_000 },
  isOpen: false,
  linksBring: "anybody",
  keepMs: 30 * DAY_MS,
  duplicate: "takeover",
  maxMembers: 1_000,
  logJson: false,
  name: "hub",
  passphrase: false,
  crypto: "auto",
  allowOrigins: [],
  allowHosts: [],
  tlsCert: undefined,
  tlsKey: undefined,
};

describe("the arguments of lair-hub", () => {
  it("have defaults", () => {
    assert.deepEqual(parseHubArguments([]), HUB);
  });

  it("take everything at once", () => {
    const argv = [
      "--listen=0.0.0.0:9000",
      "--admin-listen",
      "[::1]:0",
      "--open",
      "--no-link-invites",
      "--keep",
      "7d",
      "--duplicate",
      "reject",
    ];
    const more = ["--max-members=10000", "--log-json", "--json", "--name", "ops", "--home", "h", "--passphrase-file=f"];
    const tls = ["--tls-cert", "c", "--tls-key", "k", "--allow-host", "a.example", "--allow-origin=https://a.example"];
    assert.deepEqual(parseHubArguments([...argv, ...more, ...tls, "--rekey", "high", "--crypto", "noble"]), {
      ...HUB,
      listen: { host: "0.0.0.0", port: 9_000 },
      adminListen: { host: "::1", port: 0 },
      isOpen: true,
      linksBring: "members",
      keepMs: 7 * DAY_MS,
      duplicate: "reject",
      maxMembers: 10_000,
      logJson: true,
      json: true,
      name: "ops",
      home: "h",
      passphraseFile: "f",
      rekeyWindow: { minMs: 15_000, maxMs: 60_000 },
      crypto: "noble",
      allowHosts: ["a.example"],
      allowOrigins: ["https://a.example"],
      tlsCert: "c",
      tlsKey: "k",
    });
  });

  it("have no operator's listener with --admin-listen off", () => {
    assert.deepEqual(parseHubArguments(["--admin-listen", "off"]), { ...HUB, adminListen: undefined });
  });

  it("ask for an invite", () => {
    const { home, passphraseFile, json, plain, noColor, verbose } = HUB;
    assert.deepEqual(parseHubArguments(["invite", "--uses", "50", "--expires", "7d", "--admin-listen", "9001"]), {
      home,
      passphraseFile,
      json,
      plain,
      noColor,
      verbose,
      command: "invite",
      adminListen: { host: "127.0.0.1", port: 9_001 },
      uses: 50,
      lifetimeMs: 7 * DAY_MS,
    });
  });

  it("ask for help, for the version, and for another passphrase", () => {
    assert.deepEqual(parseHubArguments(["--help"]), { asked: "help" });
    assert.deepEqual(parseHubArguments(["--version", "--json"]), { asked: "version" });
    const parsed = parseHubArguments(["passphrase", "add", "--home", "h"]);
    assert.ok("command" in parsed && parsed.command === "passphrase" && parsed.action === "add");
  });

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["chat"], /^lair-hub takes no "chat"\.$/],
    [["--uses", "5"], /^--uses belongs to lair-hub invite\.$/],
    [["--expires", "5d"], /^--expires belongs to lair-hub invite\.$/],
    [["invite", "bob"], /takes options only/],
    [["invite", "--open"], /^--open cannot be used with invite\.$/],
    [["invite", "--uses", "0"], /^--uses takes a number from 1 to 100000/],
    [["invite", "--uses", "100001"], /^--uses takes/],
    [["invite", "--expires", "59s"], /^--expires takes a time from 1m to 365d/],
    [["invite", "--admin-listen", "off"], /say where it is/],
    [["--keep", "23h"], /^--keep takes a time from 1d to 365d/],
    [["--keep", "forever"], /^--keep takes/],
    [["--keep", "366d"], /^--keep takes/],
    [["--duplicate", "both"], /^--duplicate takes takeover or reject/],
    [["--max-members", "10001"], /^--max-members takes a number from 1 to 10000/],
    [["--admin-listen", "::1"], /^--admin-listen takes HOST:PORT/],
    [["--listen", "nowhere"], /^--listen takes HOST:PORT/],
    [["--tls-cert", "c"], /go together/],
    [["--new-passphrase-file", "f"], /only be used with lair-hub passphrase/],
    [["--peer", "bob"], /^lair-hub has no option --peer\.$/],
    [["--history", "30d"], /^lair-hub has no option --history\.$/],
    [["--psk-file=x"], /^lair-hub has no option --psk-file/],
    [["a".repeat(64)], /^A secret was given/],
  ];
  for (const [argv, message] of wrong) {
    it(`refuse ${argv.join(" ").slice(0, 40)}`, () => {
      const { hint = "" } = refuses(parseHubArguments, argv, message);
      assert.doesNotMatch(hint, /lair-server|lair-client/);
    });
  }
});
