// Warnings of Node itself, such as of too many listeners: they report a bug of ours or a problem of the environment,
// are written for developers, and would appear in the middle of a conversation. Only --verbose shows them. Lair itself
// raises no MaxListenersExceededWarning: no emitter gets more listeners when more is fed to --json
// (docs/decisions/node-warnings.md).

type WarningSource = Pick<NodeJS.Process, "env" | "removeAllListeners"> & {
  on(event: "warning", listener: (warning: Error) => void): unknown;
};

/**
 * From now on they go to `tell`, one sentence each; without it, nowhere. A file that the environment names for them
 * still gets them.
 */
export function divertWarnings(tell: ((text: string) => void) | undefined, emitter: WarningSource = process): void {
  // https://nodejs.org/api/cli.html#node_redirect_warningsfile
  if (emitter.env["NODE_REDIRECT_WARNINGS"] !== undefined) return;
  emitter.removeAllListeners("warning");
  if (tell !== undefined) emitter.on("warning", ({ name, message }) => tell(`${name}: ${message}`));
}
