// Whether to colour, decided once from the environment (no-color.org, force-color.org) and the options given.
// Reads nothing by itself: the caller hands in what it knows.

export interface ColorSituation {
  readonly isTerminal: boolean;
  /** `--plain` */
  readonly plain: boolean;
  /** `--no-color` */
  readonly noColor: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Options win over the environment, a refusal wins over a wish; TERM=dumb and `--plain` take no sequence at all. */
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

/** Whether the locale of the environment is one of UTF-8; POSIX order: LC_ALL, LC_CTYPE, LANG. */
export function useUnicode(env: ColorSituation["env"], platform: string): boolean {
  // Windows has no such variables, and its terminals take UTF-8.
  if (platform === "win32") return true;
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((value) => value !== undefined && value !== "");
  return locale !== undefined && /utf-?8/i.test(locale);
}
