// The defaults of both command lines, and how their arguments are tried.

import assert from "node:assert/strict";
import type { LairError } from "../../src/core/errors.ts";
import {
  type ClientArguments,
  parseClientArguments,
  parseServerArguments,
  type ServerArguments,
} from "../../src/cli/arguments.ts";
import { throwsLair } from "../throws-lair.ts";

export const COMMON = {
  name: undefined,
  to: undefined,
  acceptFrom: [],
  pskFile: undefined,
  home: undefined,
  passphrase: false,
  passphraseFile: undefined,
  json: false,
  plain: false,
  noColor: false,
  bell: false,
  trustFirst: false,
  noStore: false,
  history: undefined,
  historyLimit: undefined,
  http: undefined,
  crypto: "auto" as const,
  verbose: false,
};
export const SERVER: ServerArguments = {
  ...COMMON,
  host: "127.0.0.1",
  port: 8080,
  maxPeers: 64,
  dial: false,
  inviteFile: undefined,
  announce: undefined,
  rekeyWindow: { minMs: 30_000, maxMs: 120_000 },
  invite: false,
  allowOrigins: [],
  allowHosts: [],
  tlsCert: undefined,
  tlsKey: undefined,
};
export const CLIENT: ClientArguments = {
  ...COMMON,
  url: undefined,
  nameOrHost: undefined,
  inviteFile: undefined,
  peer: undefined,
  proxy: undefined,
  once: false,
  queue: false,
};

export function server(...argv: readonly string[]): ServerArguments {
  const parsed = parseServerArguments(argv);
  assert.ok(!("asked" in parsed || "command" in parsed || "subcommand" in parsed), "it is to start");
  return parsed;
}

export function client(...argv: readonly string[]): ClientArguments {
  const parsed = parseClientArguments(argv);
  assert.ok(!("asked" in parsed || "command" in parsed || "subcommand" in parsed), "it is to start");
  return parsed;
}

/** A refusal says what is wrong, in one line, and what to do. */
export function refuses(
  parse: (argv: readonly string[]) => unknown,
  argv: readonly string[],
  message: RegExp,
): LairError {
  const error = throwsLair(() => parse(argv), "usage", argv.join(" "));
  assert.match(error.message, message);
  assert.doesNotMatch(error.message, /\n/);
  assert.ok(error.hint !== undefined && error.hint !== "");
  return error;
}

export const BOTH = [
  ["lair-server", parseServerArguments],
  ["lair-client", parseClientArguments],
] as const;
