// What both command lines share, and that a secret is never taken and never repeated.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import type { Retention } from "../../src/core/chat/history.ts";
import { CLIENT_HELP, SERVER_HELP } from "../../src/cli/help.ts";
import { parseServerArguments } from "../../src/cli/arguments.ts";
import { throwsLair } from "../throws-lair.ts";
import { BOTH, CLIENT, client, refuses, SERVER, server } from "./command-lines.ts";

describe("the arguments of both programs", () => {
  it("have defaults", () => {
    assert.deepEqual(server(), SERVER);
    assert.deepEqual(client(), CLIENT);
  });

  it("suggest the option that an unknown one was probably meant as", () => {
    for (const [program, parse] of BOTH) {
      for (const [typed, meant] of [
        ["--hom", "--home"],
        ["--plian", "--plain"],
        ["--jsonn=x", "--json"],
        ["--Version", "--version"],
      ] as const) {
        const { hint } = refuses(parse, [typed], new RegExp(`^${program} has no option ${typed.split("=")[0]!}\\.$`));
        assert.ok(hint?.startsWith(`Did you mean ${meant}? `), hint);
      }
      for (const typed of ["--frobnicate", "-x"]) {
        assert.equal(refuses(parse, ["--json", typed], /has no option/).hint, `${program} --help lists the options.`);
      }
    }
    assert.match(refuses(parseServerArguments, ["--lsten", ":0"], /--lsten/).hint ?? "", /^Did you mean --listen\? /);
  });

  it("take values, behind a blank or behind =", () => {
    const values = ["--name", "Anna B", "--psk-file=/run/a b", "--home", "./there"];
    const expected = { name: "Anna B", pskFile: "/run/a b", home: "./there" };
    assert.deepEqual(server(...values), { ...SERVER, ...expected });
    assert.deepEqual(client(...values), { ...CLIENT, ...expected });
  });

  const switches = {
    "--json": "json",
    "--plain": "plain",
    "--no-color": "noColor",
    "--bell": "bell",
    "--trust-first": "trustFirst",
    "--no-store": "noStore",
    "--passphrase": "passphrase",
    "--verbose": "verbose",
  } as const;
  for (const [option, member] of Object.entries(switches)) {
    it(`take ${option}`, () => {
      assert.deepEqual(server(option), { ...SERVER, [member]: true });
      assert.deepEqual(client(option), { ...CLIENT, [member]: true });
    });
  }

  const spans: Record<string, Retention> = {
    forever: "forever",
    off: "off",
    "30d": { ms: 2_592_000_000 },
    "12h": { ms: 43_200_000 },
    "1s": { ms: 1_000 },
  };
  for (const [text, history] of Object.entries(spans)) {
    it(`keep the history as --history ${text} says`, () => {
      assert.deepEqual(server("--history", text), { ...SERVER, history });
      assert.deepEqual(client(`--history=${text}`), { ...CLIENT, history });
    });
  }

  for (const text of ["", "always", "30", "0d", "-1d", "1.5h", "30 d", "30D", "1w", "99999999d"]) {
    it(`do not keep the history for "${text}"`, () => {
      for (const [, parse] of BOTH) refuses(parse, [`--history=${text}`], /^--history takes forever, off/);
    });
  }

  const sizes: Record<string, number> = {
    "64K": 65_536,
    "500k": 512_000,
    "256M": 268_435_456,
    "1g": 1_073_741_824,
    "1024G": 1_099_511_627_776,
  };
  for (const [text, historyLimit] of Object.entries(sizes)) {
    it(`limit the history as --history-limit ${text} says`, () => {
      assert.deepEqual(server("--history-limit", text), { ...SERVER, historyLimit });
      assert.deepEqual(client(`--history-limit=${text}`), { ...CLIENT, historyLimit });
    });
  }

  for (const text of ["", "off", "256", "0M", "63K", "1025G", "-1M", "1.5G", "1 G", "1MB", "1T", "99999999999K"]) {
    it(`do not limit the history to "${text}"`, () => {
      for (const [, parse] of BOTH)
        refuses(parse, [`--history-limit=${text}`], /^--history-limit takes a size from 64K/);
    });
  }

  it("say who computes", () => {
    for (const crypto of ["auto", "openssl", "noble"] as const) {
      assert.deepEqual(server("--crypto", crypto), { ...SERVER, crypto });
      assert.deepEqual(client(`--crypto=${crypto}`), { ...CLIENT, crypto });
    }
    for (const [, parse] of BOTH) refuses(parse, ["--crypto", "OpenSSL"], /^--crypto takes auto, openssl, noble/);
  });

  it("are refused with a history and --no-store at once", () => {
    for (const [, parse] of BOTH) {
      refuses(parse, ["--no-store", "--history", "30d"], /choose one/);
      refuses(parse, ["--no-store", "--history-limit", "1G"], /choose one/);
    }
    assert.deepEqual(server("--no-store", "--history", "off"), { ...SERVER, noStore: true, history: "off" });
  });

  for (const [program, parse] of BOTH) {
    it(`ask ${program} for its help or its version, whatever else stands there`, () => {
      assert.deepEqual(parse(["--help"]), { asked: "help" });
      assert.deepEqual(parse(["--version"]), { asked: "version" });
      assert.deepEqual(parse(["--json", "--version", "--help"]), { asked: "help" });
      assert.deepEqual(parse(["something", "else", "--help"]), { asked: "help" });
    });

    const refused: Record<string, [readonly string[], RegExp]> = {
      "an unknown option": [["--frobnicate"], /--frobnicate/],
      "an unknown short option": [["-x"], /-x/],
      "an option of the wrong case": [["--JSON"], /--JSON/],
      "an option without its value": [["--name"], /--name/],
      "an option in the place of a value": [["--name", "--json"], /--name.*ambiguous$|--name.*ambiguous\.$/],
      "a value where there is none": [["--json=yes"], /--json/],
      "a negated switch": [["--no-json"], /--no-json/],
    };
    for (const [what, [argv, message]] of Object.entries(refused)) {
      it(`are refused by ${program} with ${what}`, () => {
        refuses(parse, argv, message);
      });
    }
  }

  it("are told in the help of each program, every one of them", () => {
    const common = ["name", "psk-file", "home", "json", "plain", "no-color", "bell", "trust-first", "verbose"].concat([
      "history",
      "history-limit",
      "no-store",
      "peer",
      "yes",
      "passphrase",
      "passphrase-file",
      "new-passphrase-file",
    ]);
    const own = {
      [SERVER_HELP]: ["listen", "announce", "rekey", "invite", "allow-origin", "allow-host", "tls-cert", "tls-key"],
      [CLIENT_HELP]: ["invite-file", "proxy", "once", "queue"],
    };
    for (const [help, options] of Object.entries(own)) {
      for (const option of [...common, ...options, "help", "version"]) assert.ok(help.includes(`--${option}`), option);
      for (const subcommand of [/^ {2}history \[N\]/m, /^ {2}search WORDS/m, /^ {2}export FILE/m, /^ {2}forget /m]) {
        assert.match(help, subcommand);
      }
      assert.match(help, /Windows/);
      assert.match(help, /Exit codes/);
      for (const line of help.split("\n")) assert.ok(line.length <= 100, line);
    }
  });
});

describe("what is no secret among the arguments", () => {
  it("is a path, however long and dense", () => {
    const folder = "/srv/the-home-of-a-lair-that-has-exactly-43-le";
    assert.equal(server("--home", folder).home, folder);
    assert.equal(server("--home", `/srv/${"a".repeat(43)}`).home, `/srv/${"a".repeat(43)}`);
  });
});

describe("an empty directory for --home", () => {
  it("is refused, since it would be the current one", () => {
    for (const [, parse] of BOTH) refuses(parse, ["--home="], /--home/);
  });
});

describe("a secret among the arguments", () => {
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => (index * 73 + 41) & 0xff));
  const payload = Buffer.concat([Buffer.of(1), bytes, bytes]).toString("base64url");
  const secrets: Record<string, string> = {
    "an invite": `lair://127.0.0.1:8080/#${payload}`,
    "an invite for TLS": `lairs://chat.example:443/#${payload}`,
    "an invite in capitals": `LAIR://127.0.0.1:8080/#${payload}`,
    "an invite with blanks around it": `  lair://127.0.0.1:8080/#${payload}\n`,
    "an invite that is broken": `lair:${payload.slice(5)}`,
    "an invite behind another word": `invite=lair://127.0.0.1:8080/#${payload}`,
    "the secret part of an invite in a URL": `ws://127.0.0.1:8080/#${payload}`,
    "the secret part of an invite alone": payload,
    "a psk in hex behind another word": `x=${bytes.toString("hex")}`,
    "a psk in hex behind 0x": `0x${bytes.toString("hex")}`,
    "a psk in hex": bytes.toString("hex"),
    "a psk in capital hex": bytes.toString("hex").toUpperCase(),
    "a psk in base64url": bytes.toString("base64url"),
    "a psk in base64": bytes.toString("base64"),
  };
  const forms: Record<string, (secret: string) => readonly string[]> = {
    "by itself": (secret) => [secret],
    "as a value": (secret) => ["--psk-file", secret],
    "behind =": (secret) => [`--name=${secret}`],
    "behind = of an option that does not exist": (secret) => [`--psk=${secret}`],
    "of an option that does not exist": (secret) => ["--psk", secret],
    "behind --": (secret) => ["--", secret],
    "beside --help": (secret) => ["--help", secret],
  };
  for (const [program, parse] of BOTH) {
    for (const [what, secret] of Object.entries(secrets)) {
      it(`is refused by ${program} and not repeated: ${what}`, () => {
        for (const [form, argv] of Object.entries(forms)) {
          const error = throwsLair(() => parse(argv(secret)), "usage", form);
          assert.match(error.message, /secret.*argument/);
          assert.match(error.hint!, /stop using it/i);
          assert.match(error.hint!, /--invite-file FILE/);
          assert.match(error.hint!, /--psk-file FILE/);
          const said = [error.message, error.hint, ...error.details, inspect(error.cause)].join("\n");
          for (const part of [secret.trim().slice(-20), secret.trim().slice(0, 30)]) {
            assert.ok(!said.includes(part), form);
          }
        }
      });
    }
  }

  it("is not what ordinary arguments are taken for", () => {
    assert.equal(client("--home", "/home/anna/.config/lair").home, "/home/anna/.config/lair");
    assert.equal(client("--name", "Anna").name, "Anna");
    assert.equal(server("--allow-host", "lair.example").allowHosts[0], "lair.example");
    assert.equal(client("lair.example:8080").url, "ws://lair.example:8080");
  });
});
