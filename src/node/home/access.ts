// Which other users of this machine could access a path: owner and mode bits, and the command that prevents it
// (docs/SECURITY.md, "Another user of your machine"). Judges the results of stat; opens none of the files.

import { readFileSync } from "node:fs";
import { LairError } from "../../core/errors.ts";

// Read once: it stays as it is for as long as the process runs.
const UNMAPPED_USER_ID = unmappedUserId();

/** What is checked: Windows has neither mode bits nor user numbers, so nothing is checked there. */
export interface AccessRules {
  readonly checksModes: boolean;
  /** The required owner of the files; undefined: not checked. */
  readonly userId: number | undefined;
  /** Whether the directories above the home are checked too. */
  readonly checksParents: boolean;
  /** The number that stands for every user outside of this container; undefined if there is none. */
  readonly unmappedUserId?: number | undefined;
}

/** The part of `fs.Stats` that matters here. */
interface Owned {
  readonly mode: number;
  readonly uid: number;
}

/** A problem of a path, and the command that fixes it; undefined if only the path's owner could fix it. */
export interface Exposure {
  readonly what: string;
  readonly command: string | undefined;
}

/** A path and the result of stat. */
export interface Found {
  readonly path: string;
  readonly stats: Owned;
  readonly isDirectory: boolean;
}

/** The rules of a platform; `userId` is the effective user of this process unless a test says otherwise. */
export function accessRules(platform: string = process.platform, userId = process.geteuid?.()): AccessRules {
  if (platform === "win32") return { checksModes: false, userId: undefined, checksParents: false };
  // Root reads everything anyway, and a service started by root may well use its user's home.
  const owner = userId === 0 ? undefined : userId;
  // Android gives each program a user and a directory of its own, below those of the system's users, who may do
  // everything.
  return { checksModes: true, userId: owner, checksParents: platform !== "android", unmappedUserId: UNMAPPED_USER_ID };
}

/** Throws LairError home-mode if others have any permission on one of the paths, or one belongs to another user. */
export function refuseExposed(found: readonly Found[], rules: AccessRules): void {
  refuseExposures(exposuresOf(found, rules));
}

/** The problems of the paths: open to others, or owned by another user. */
export function exposuresOf(found: readonly Found[], rules: AccessRules): readonly Exposure[] {
  return rules.checksModes ? found.flatMap((one) => exposureOf(one, rules) ?? []) : [];
}

/** Throws LairError home-mode with all commands in one, so that one round is enough. */
export function refuseExposures(exposures: readonly Exposure[]): void {
  // Problems that no command fixes come first: otherwise the commands would be useless.
  const first = exposures.find(({ command }) => command === undefined) ?? exposures[0];
  if (first === undefined) return;
  const more = exposures.length > 1 ? ` (and ${exposures.length - 1} more like it)` : "";
  // Never a chown: taking over a path of another user may mean taking over what that user has put there.
  const elsewhere =
    "Choose a directory of your own with --home (or another file), or start Lair as the user who owns it.";
  const commands = exposures.flatMap(({ command }) => command ?? []);
  throw new LairError("home-mode", `${first.what}, so its secrets are not safe${more}.`, {
    hint: first.command === undefined ? elsewhere : `Run: ${commands.join(" && ")}`,
  });
}

function exposureOf({ path, stats, isDirectory }: Found, rules: AccessRules): Exposure | undefined {
  if (rules.userId !== undefined && stats.uid !== rules.userId) {
    return { what: `${path} belongs to another user (number ${stats.uid})`, command: undefined };
  }
  if ((stats.mode & 0o077) === 0) return undefined;
  return {
    what: `${path} is open to other users of this machine (mode ${openModeOf(stats)})`,
    command: `chmod ${isDirectory ? "700" : "600"} ${shellQuote(path)}`,
  };
}

/** The permissions in octal, as chmod takes them. */
export function openModeOf({ mode }: Owned): string {
  return (mode & 0o777).toString(8).padStart(3, "0");
}

/** The path as one word for a POSIX shell. */
export function shellQuote(path: string): string {
  // A word that begins with a hyphen would be an option of chmod.
  const word = path.startsWith("-") ? `./${path}` : path;
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** user_namespaces(7): an unmapped user outside of the first namespace appears as the overflow user. */
function unmappedUserId(): number | undefined {
  try {
    const isFirst = /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync("/proc/self/uid_map", "latin1"));
    return isFirst ? undefined : Number(readFileSync("/proc/sys/kernel/overflowuid", "latin1"));
  } catch {
    return undefined;
  }
}
