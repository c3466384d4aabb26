// Who else of this machine could get at a path: owner and mode bits, and the command that shuts the door
// (docs/SECURITY.md, "Another user of your machine"). Judges what stat has found; opens nothing.

import { LairError } from "../../core/errors.ts";

/** What is looked at: Windows has neither mode bits nor user numbers, so there nothing is. */
export interface AccessRules {
  readonly checksModes: boolean;
  /** Whose the files must be; undefined: not checked. */
  readonly userId: number | undefined;
}

/** The part of `fs.Stats` that matters here. */
export interface Owned {
  readonly mode: number;
  readonly uid: number;
}

/** What is wrong with a path, and the command that mends it. */
interface Exposure {
  readonly what: string;
  readonly command: string;
}

/** The rules of a platform; `userId` is the effective user of this process unless a test says otherwise. */
export function accessRules(platform: string = process.platform, userId = process.geteuid?.()): AccessRules {
  if (platform === "win32") return { checksModes: false, userId: undefined };
  // Root reads everything anyway, and a service started by root may well use its user's home.
  return { checksModes: true, userId: userId === 0 ? undefined : userId };
}

/** Throws LairError home-mode when others have any permission on one of the paths, or one is another user's. */
export function refuseExposed(
  found: readonly { readonly path: string; readonly stats: Owned; readonly isDirectory: boolean }[],
  rules: AccessRules,
): void {
  if (!rules.checksModes) return;
  const exposures = found.flatMap(({ path, stats, isDirectory }) => exposuresOf(path, stats, isDirectory, rules));
  const first = exposures[0];
  if (first === undefined) return;
  throw new LairError("home-mode", `${first.what}, so its secrets are not safe.`, {
    hint: `Run: ${exposures.map((exposure) => exposure.command).join(" && ")}`,
  });
}

function exposuresOf(path: string, stats: Owned, isDirectory: boolean, rules: AccessRules): Exposure[] {
  const exposures: Exposure[] = [];
  const quoted = shellQuote(path);
  if (rules.userId !== undefined && stats.uid !== rules.userId) {
    exposures.push({
      what: `${path} belongs to another user (number ${stats.uid})`,
      command: `sudo chown ${rules.userId} ${quoted}`,
    });
  }
  if ((stats.mode & 0o077) !== 0) {
    const mode = (stats.mode & 0o777).toString(8).padStart(3, "0");
    exposures.push({
      what: `${path} is open to other users of this machine (mode ${mode})`,
      command: `chmod ${isDirectory ? "700" : "600"} ${quoted}`,
    });
  }
  return exposures;
}

/** The path as one word for a POSIX shell. */
export function shellQuote(path: string): string {
  // A word that begins with a hyphen would be an option of chmod.
  const word = path.startsWith("-") ? `./${path}` : path;
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
