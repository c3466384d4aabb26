// The looks: 16-colour palette only, so that the user's theme decides, and the few symbols with their ASCII spelling.
// Meaning never hangs on a colour alone. The only file that knows chalk.

import { Chalk } from "chalk";

export type Paint = (text: string) => string;

export interface Style {
  readonly dim: Paint;
  readonly strong: Paint;
  readonly warning: Paint;
  /** What was looked for. Without looks it stands between stars, and takes two columns more. */
  readonly found: Paint;
  /** Whether there are no looks at all: nothing is dim, and what matters must be said in characters. */
  readonly isPlain: boolean;
  /** The colour of a peer, always the same one for the same fingerprint. */
  peer(fingerprint: string): Paint;
  /** Begins the program's own lines. */
  readonly dot: string;
  readonly promptMark: string;
  readonly ellipsis: string;
}

export function createStyle(color: boolean, unicode: boolean): Style {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  // Red is for errors, black and white may be the background.
  const palette: readonly Paint[] = [chalk.cyan, chalk.green, chalk.magenta, chalk.yellow, chalk.blue];
  return {
    dim: chalk.dim,
    strong: chalk.bold,
    warning: chalk.red,
    found: color ? chalk.bold.underline : (text) => `*${text}*`,
    isPlain: !color,
    peer(fingerprint) {
      let sum = 0;
      for (let i = 0; i < fingerprint.length; i++) sum = (sum * 31 + fingerprint.charCodeAt(i)) >>> 0;
      return palette[sum % palette.length]!;
    },
    dot: unicode ? "·" : "-",
    promptMark: unicode ? "›" : ">",
    ellipsis: unicode ? "…" : "...",
  };
}
