// Whether to use colours, decided once from the environment (no-color.org, force-color.org) and the options. Reads
// nothing by itself: the caller passes in what it knows.

interface ColorSituation {
  readonly isTerminal: boolean;
  /** `--plain` */
  readonly plain: boolean;
  /** `--no-color` */
  readonly noColor: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Options have priority over the environment, and a refusal over a request. TERM=dumb and `--plain` allow no escape
 * sequences at all.
 */
export function useColor(situation: ColorSituation): boolean {
  const { env } = situation;
  if (situation.plain || situation.noColor) return false;
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  const force = env["FORCE_COLOR"];
  if (force === "0" || force === "false") return false;
  if (env["TERM"] === "dumb") return false;
  if (force !== undefined && force !== "") return true;
  return situation.isTerminal;
}

/** Whether the locale in the environment uses UTF-8; POSIX order: LC_ALL, LC_CTYPE, LANG. */
export function useUnicode(env: ColorSituation["env"], platform: string): boolean {
  // Windows has no such variables, and its terminals understand UTF-8.
  if (platform === "win32") return true;
  const locale = env[localeVariable(env)];
  return locale !== undefined && /utf-?8/i.test(locale);
}

/** The variable that decides; an empty one counts as unset. */
function localeVariable(env: ColorSituation["env"]): "LC_ALL" | "LC_CTYPE" | "LANG" {
  return (["LC_ALL", "LC_CTYPE"] as const).find((name) => (env[name] ?? "") !== "") ?? "LANG";
}

/** What to tell a user whose locale is not UTF-8, and how to change it; undefined if it is. */
export function localeNotice(program: string, env: ColorSituation["env"], platform: string): string | undefined {
  if (useUnicode(env, platform)) return undefined;
  const variable = localeVariable(env);
  const locale = env[variable] ?? "";
  // Variables that have priority over LANG must be unset first.
  const settings = ["LC_ALL", "LC_CTYPE"].filter((name) => (env[name] ?? "") !== "").map((name) => `${name}= `);
  const which = locale === "" ? "No locale is set" : `The locale is ${locale}, not UTF-8`;
  return (
    `${which}: letters beyond ASCII are shown as numbers, and only UTF-8 is sent. ` +
    `In a UTF-8 terminal, start it like this: ${settings.join("")}LANG=C.UTF-8 ${program}`
  );
}
