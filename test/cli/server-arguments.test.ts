// The command line of lair-server: its own options, and every refusal.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseClientArguments, parseServerArguments } from "../../src/cli/arguments.ts";
import { refuses, SERVER, server } from "./command-lines.ts";

describe("the arguments of lair-server", () => {
  it("take everything at once", () => {
    const argv = ["--listen", "0.0.0.0:9000", "--rekey", "high", "--invite", "--allow-origin", "https://a.example"];
    const more = ["--allow-origin=https://b.example", "--allow-host", "chat.example", "--allow-host", "b.example"];
    assert.deepEqual(server(...argv, ...more, "--tls-cert", "cert.pem", "--tls-key", "key.pem"), {
      ...SERVER,
      host: "0.0.0.0",
      port: 9_000,
      rekeyWindow: { minMs: 15_000, maxMs: 60_000 },
      invite: true,
      allowOrigins: ["https://a.example", "https://b.example"],
      allowHosts: ["chat.example", "b.example"],
      tlsCert: "cert.pem",
      tlsKey: "key.pem",
    });
  });

  const places: Record<string, [string, number]> = {
    "127.0.0.1:0": ["127.0.0.1", 0],
    "127.0.0.1:65535": ["127.0.0.1", 65_535],
    "localhost:8080": ["localhost", 8_080],
    "my-host.example:1": ["my-host.example", 1],
    "[::1]:8080": ["::1", 8_080],
    "[::]:8080": ["::", 8_080],
    "[::ffff:127.0.0.1]:8080": ["::ffff:7f00:1", 8_080],
    "[fe80::1%eth0]:8080": ["fe80::1%eth0", 8_080],
    "[fe80::1%25eth0]:8080": ["fe80::1%eth0", 8_080],
    "bücher.example:8080": ["xn--bcher-kva.example", 8_080],
    "localhost.:8080": ["localhost", 8_080],
    "chat.localhost:8080": ["localhost", 8_080],
    "9000": ["127.0.0.1", 9_000],
    "0": ["127.0.0.1", 0],
  };
  for (const [text, [host, port]] of Object.entries(places)) {
    it(`listen at ${text}`, () => {
      assert.deepEqual(server("--listen", text), { ...SERVER, host, port });
    });
  }

  const nowhere = ["", "localhost", "localhost:", ":8080", "::1:8080", "[::1]", "[::1:8080", "localhost:65536"].concat([
    "localhost:123456",
    "localhost:80a",
    "localhost:-1",
    "localhost:1.5",
    "a b:80",
    "ws://localhost:80",
    "user@[::1]:80",
    "localhost:80/",
  ]);
  for (const text of nowhere) {
    it(`do not listen at "${text}"`, () => {
      refuses(parseServerArguments, [`--listen=${text}`], /^--listen takes HOST:PORT/);
    });
  }

  it("do not listen at a name of Tor's, which a resolver would be asked for", () => {
    for (const name of ["abc.onion", "ABC.Onion."]) {
      const { hint } = refuses(parseServerArguments, [`--listen=${name}:80`], /^A server cannot listen at abc\.onion/);
      assert.match(hint!, /--announce/);
    }
  });

  it("are refused with --allow-host for what no Host header says", () => {
    for (const host of ["https://chat.example", "a b", "", "chat.example/lair"]) {
      refuses(parseServerArguments, ["--allow-host", host], /^--allow-host takes a name/);
    }
  });

  it("take --announce, and nothing that is nowhere", () => {
    const place = { host: "chat.example", zone: undefined, path: "/lair" };
    assert.deepEqual(server("--announce", "chat.example/lair").announce, {
      ...place,
      isTls: undefined,
      port: undefined,
    });
    assert.deepEqual(server("--announce", "wss://chat.example/lair").announce, { ...place, isTls: true, port: 443 });
    const nowhereElse = [
      "",
      "0.0.0.0",
      "[::]:80",
      "chat.example:0",
      "http://chat.example",
      "a b",
      "ws://",
      "u@a",
      "::1",
    ];
    for (const text of nowhereElse) {
      const { hint } = refuses(parseServerArguments, [`--announce=${text}`], /^--announce takes HOST/);
      assert.match(hint!, text === "::1" ? /in brackets: \[::1\]$/ : /--help/);
    }
  });

  const windows: Record<string, [number, number]> = {
    high: [15_000, 60_000],
    balanced: [30_000, 120_000],
    performance: [60_000, 300_000],
    "1-2": [1_000, 2_000],
    "1-1": [1_000, 1_000],
    "1.5-2.25": [1_500, 2_250],
    "1-3600": [1_000, 3_600_000],
    "3600-3600": [3_600_000, 3_600_000],
    "1.0005-1.0014": [1_001, 1_001],
  };
  for (const [text, [minMs, maxMs]] of Object.entries(windows)) {
    it(`renew the keys within ${text}`, () => {
      assert.deepEqual(server("--rekey", text).rekeyWindow, { minMs, maxMs });
    });
  }

  const noWindows = [
    "",
    "30",
    "30-",
    "-30",
    "120-30",
    "0-10",
    "0.5-10",
    "1-3601",
    "1-1e3",
    "a-b",
    "1 - 2",
    "1-2-3",
  ].concat(["High", "constructor", "__proto__", "toString", "1,5-2", "Infinity-Infinity", "+1-2", ".5-2"]);
  for (const text of noWindows) {
    it(`do not renew the keys within "${text}"`, () => {
      refuses(parseServerArguments, [`--rekey=${text}`], /^--rekey takes MIN-MAX/);
    });
  }

  it("are refused with one of --tls-cert and --tls-key alone", () => {
    refuses(parseServerArguments, ["--tls-cert", "a"], /go together/);
    refuses(parseServerArguments, ["--tls-key", "a"], /go together/);
  });

  it("are refused with anything that is no option", () => {
    refuses(parseServerArguments, ["start"], /takes no "start"/);
    refuses(parseServerArguments, ["--", "--json"], /takes no "--json"/);
    refuses(parseServerArguments, ["ws://127.0.0.1:8080"], /takes no/);
  });

  it("are refused with what only lair-client takes", () => {
    refuses(parseServerArguments, ["--once"], /--once/);
    refuses(parseServerArguments, ["--peer", "ada"], /^--peer can be used with/);
  });

  it("name the program whose help to read", () => {
    assert.match(refuses(parseServerArguments, ["start"], /start/).hint!, /lair-server --help/);
    assert.match(refuses(parseClientArguments, ["a", "b"], /one name or URL/).hint!, /lair-client --help/);
  });
});

describe("--max-peers", () => {
  it("takes a number from 1 to 4000", () => {
    for (const text of ["12", "4000"]) assert.equal(server("--max-peers", text).maxPeers, Number(text));
    for (const text of ["0", "4001", "-1", "1.5", "many", ""]) {
      refuses(parseServerArguments, ["--max-peers", text], /--max-peers/);
    }
  });
});

describe("--allow-origin", () => {
  it("takes what a browser sends, and nothing that would never be that", () => {
    for (const origin of ["nonsense", "https://a.example/", "a.example", "https://a b"]) {
      refuses(parseServerArguments, ["--allow-origin", origin], /--allow-origin takes an origin/);
    }
  });
});
