// Checks the directories above the home, or above a secret file: somebody who can write to one of them, or owns it, can
// replace it (docs/SECURITY.md, "Another user of your machine"). The rule is that of ssh's StrictModes. Opens and
// creates nothing.

import * as fs from "node:fs";
import { dirname, isAbsolute, join, parse, resolve, sep } from "node:path";
import { type AccessRules, type Exposure, openModeOf, shellQuote } from "./access.ts";

/** As many links as Linux follows; opening the path then reports a loop. */
const MAX_LINKS = 40;
const STICKY = 0o1000;

/** The goal of the path, in a message. */
interface Goal {
  readonly name: string;
  readonly other: string;
}

const THE_HOME: Goal = { name: "the home", other: "another home" };

/** A directory on the path, or a link (`isLink`) that leads on. */
interface Step {
  readonly path: string;
  readonly stats: fs.Stats;
  readonly isLink: boolean;
}

/**
 * The problems above `path`, as far as it exists: a directory in which others can rename files that are not theirs, or
 * a directory or link that belongs to neither this user nor root. `but` is skipped: it has its own rules.
 */
export function exposedParents(path: string, but: string, rules: AccessRules, goal = THE_HOME): readonly Exposure[] {
  if (!rules.checksParents) return [];
  return stepsTo(path)
    .filter((step) => step.path !== but)
    .flatMap((step) => exposureOf(step, rules, goal) ?? []);
}

function exposureOf({ path, stats, isLink }: Step, rules: AccessRules, goal: Goal): Exposure | undefined {
  const { userId } = rules;
  // In a container with its own users, those outside share one number; the outermost directories are theirs.
  if (userId !== undefined && ![0, userId, rules.unmappedUserId].includes(stats.uid)) {
    return {
      what: `${path}, on the way to ${goal.name}, belongs to another user (number ${stats.uid}), who could put ${goal.other} there`,
      command: undefined,
    };
  }
  if (isLink || (stats.mode & 0o022) === 0 || (stats.mode & STICKY) !== 0) return undefined;
  return {
    what: `${path}, on the way to ${goal.name}, can be changed by other users of this machine (mode ${openModeOf(stats)})`,
    command: stats.uid === (userId ?? 0) ? `chmod go-w ${shellQuote(path)}` : undefined,
  };
}

/** Every directory in which a name of the path is looked up, and every link that is followed, the last name's too. */
function stepsTo(path: string): readonly Step[] {
  const whole = resolve(path);
  const { root } = parse(whole);
  const steps = new Map<string, Step>();
  const names = whole.slice(root.length).split(sep);
  let directory = root;
  try {
    for (let links = 0; names.length > 0 && links <= MAX_LINKS;) {
      steps.set(directory, { path: directory, stats: fs.statSync(directory), isLink: false });
      const name = names.shift()!;
      if (name === "" || name === ".") continue;
      const next = name === ".." ? dirname(directory) : join(directory, name);
      const stats = fs.lstatSync(next);
      if (!stats.isSymbolicLink()) {
        directory = next;
        continue;
      }
      links += 1;
      steps.set(next, { path: next, stats, isLink: true });
      const target = fs.readlinkSync(next);
      if (isAbsolute(target)) directory = parse(target).root;
      names.unshift(...target.split(sep));
    }
  } catch {
    // Missing, or closed to us: the next step reports that.
  }
  return [...steps.values()];
}
