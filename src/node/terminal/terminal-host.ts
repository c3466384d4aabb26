// What a frontend needs from the process, in one place, so that tests can pass in their own. Knows no screen.

/** The parts of the process that touch its terminal. Each `on...` returns how to stop listening. */
export interface ProcessHooks {
  /** Stops this process and the others of its job, as Ctrl-Z does in a terminal that is not in raw mode. */
  suspend(): void;
  onContinue(listener: () => void): () => void;
  /** At every end that the process can notice, uncaught errors included. */
  onExit(listener: () => void): () => void;
}

export const systemHooks: ProcessHooks = {
  suspend() {
    // 0 means our process group: a launcher (npm, npx) has to stop too, or the shell waits for it.
    if (process.platform !== "win32") process.kill(0, "SIGTSTP");
  },
  onContinue(listener) {
    process.on("SIGCONT", listener);
    return () => void process.off("SIGCONT", listener);
  },
  onExit(listener) {
    process.on("exit", listener);
    process.on("uncaughtExceptionMonitor", listener);
    return () => {
      process.off("exit", listener);
      process.off("uncaughtExceptionMonitor", listener);
    };
  },
};
