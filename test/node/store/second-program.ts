// Starts program.ts and talks to it line by line.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { bundled } from "../../bundled.ts";

const PROGRAM = new URL("program.ts", import.meta.url);

export interface SecondProgram {
  /** The next answer; the first one comes without having asked. */
  answer(): Promise<unknown>;
  ask(task: string): Promise<unknown>;
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>;
}

/** `limit`: a shell command to run before it, such as "ulimit -f 100". */
export function startProgram(directory: string, mode: "read" | "write", limit = ":"): SecondProgram {
  const argv = ["-c", `${limit}; exec "$@"`, "sh", process.execPath, bundled(PROGRAM), directory, mode];
  const child: ChildProcess = spawn("sh", argv, { stdio: ["pipe", "pipe", "inherit"] });
  after(() => child.kill("SIGKILL"));
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the program has ended");
    return JSON.parse(value);
  };
  return {
    answer,
    ask(task) {
      child.stdin!.write(`${task}\n`);
      return answer();
    },
    async kill() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}
