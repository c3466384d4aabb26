// The styles of a terminal. The only file that imports chalk.

import { Chalk } from "chalk";
import type { Paint, Style } from "../../ui/style.ts";

export function createStyle(color: boolean, unicode: boolean): Style {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  // Red is for errors; black or white may be the background.
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
