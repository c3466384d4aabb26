// The home directory if there is no --home. Reads no file and creates none.

import { userInfo } from "node:os";
import { isAbsolute, join } from "node:path";
import { LairError } from "../../core/errors.ts";

/**
 * `$LAIR_HOME`, else `$XDG_CONFIG_HOME/lair`, else `~/.config/lair`. An empty variable counts as unset; `accountHome`
 * is the system's answer. Throws LairError usage if none of them names a directory: a user id in a container may have
 * no entry in the password file, or an empty one.
 */
export function defaultHome(
  env: Readonly<Record<string, string | undefined>>,
  accountHome: () => string = () => userInfo().homedir,
): string {
  const own = env["LAIR_HOME"];
  if (own !== undefined && own !== "") return own;
  const config = env["XDG_CONFIG_HOME"];
  // The XDG Base Directory Specification: a relative path in it is invalid and to be ignored.
  if (config !== undefined && isAbsolute(config)) return join(config, "lair");
  const home = env["HOME"];
  return join(home !== undefined && isAbsolute(home) ? home : homeOfAccount(accountHome), ".config", "lair");
}

function homeOfAccount(accountHome: () => string): string {
  let cause: unknown;
  try {
    const home = accountHome();
    if (isAbsolute(home)) return home;
  } catch (error) {
    cause = error;
  }
  throw new LairError("usage", "There is no directory for the identity: your account has no home on this system.", {
    hint: "Name one with --home DIR, or in LAIR_HOME.",
    ...(cause === undefined ? {} : { cause }),
  });
}
