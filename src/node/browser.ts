// The user's browser, asked to open a file. Without a shell; what comes of it is not waited for.

import { spawn } from "node:child_process";

interface BrowserOptions {
  readonly platform?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly start?: typeof spawn;
}

/** Opens a file, by its path. `onFailed` gets what is missing, in a few words. */
export function openInBrowser(
  path: string,
  onFailed: (why: string) => void,
  { platform = process.platform, env = process.env, start = spawn }: BrowserOptions = {},
): void {
  const hasDesktop = platform === "darwin" || platform === "win32" || Boolean(env["DISPLAY"] ?? env["WAYLAND_DISPLAY"]);
  if (!hasDesktop) {
    onFailed("there is no desktop here");
    return;
  }
  const [command, ...args] = commandFor(platform, path);
  const child = start(command, args, { detached: true, stdio: "ignore" });
  child.once("error", () => onFailed(`${command} cannot be started`));
  child.once("exit", (code) => {
    if (code !== 0 && code !== null) onFailed(`${command} knows no browser`);
  });
  child.unref();
}

function commandFor(platform: string, path: string): readonly [string, ...string[]] {
  if (platform === "darwin") return ["open", path];
  // `start` is a command of the shell.
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler", path];
  return ["xdg-open", path];
}
