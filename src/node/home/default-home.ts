// Where the home directory is when no --home says so. Reads no file and creates none.

import { userInfo } from "node:os";
import { isAbsolute, join } from "node:path";

/** `$LAIR_HOME`, else `$XDG_CONFIG_HOME/lair`, else `~/.config/lair`. An empty variable counts as unset. */
export function defaultHome(env: Readonly<Record<string, string | undefined>>): string {
  const own = env["LAIR_HOME"];
  if (own !== undefined && own !== "") return own;
  const config = env["XDG_CONFIG_HOME"];
  // The XDG Base Directory Specification: a relative path in it is invalid and to be ignored.
  if (config !== undefined && isAbsolute(config)) return join(config, "lair");
  const home = env["HOME"];
  return join(home !== undefined && isAbsolute(home) ? home : userInfo().homedir, ".config", "lair");
}
