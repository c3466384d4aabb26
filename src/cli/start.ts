// What both programs do before and after their main work: version, frontend, and an end that restores the terminal. No
// stack trace for a user's mistake.

import { randomBytes } from "node:crypto";
import { fstatSync } from "node:fs";
import { userInfo } from "node:os";
import type { ProgramName } from "../app/command-table.ts";
import type { Command } from "../app/events.ts";
import { LairError } from "../core/errors.ts";
import { chosenName, cleanName } from "../core/identity/peer-name.ts";
import { JsonFrontend, JsonReport } from "../ui/json-lines.ts";
import { wallMs } from "../node/clock.ts";
import { LineReader, terminalLineBytes } from "../node/line-reader.ts";
import { closeDeadTerminals, ownTerminals } from "../node/terminal/dead-terminal.ts";
import { PipeFrontend } from "../node/terminal/pipe-frontend.ts";
import { createStyle } from "../node/terminal/create-style.ts";
import { PrintFrontend } from "../ui/print-frontend.ts";
import { sanitiseText } from "../ui/sanitise.ts";
import { createTerminalFrontend } from "../node/terminal/terminal-frontend.ts";
import { isReaderGone, outputFailed } from "../node/output-error.ts";
import { localeNotice, useColor, useUnicode } from "../node/terminal/use-color.ts";
import type { CommonArguments } from "./arguments.ts";
import { version } from "./version.ts";
import { errorEvent, exitCodeOf, type Frontend, type Report } from "../app/frontend.ts";
import { ignoreHangUp } from "./signals.ts";
import { divertWarnings } from "./node-warnings.ts";
import { tellError, tellErrorEvent } from "./tell-error.ts";
import { WatchedFrontend } from "./watched-frontend.ts";
import { finishOutput, flushed, LONGEST_FLUSH_MS, standardOutput } from "./standard-output.ts";

/** `length` bytes of the system's CSPRNG. */
export function random(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}

/** How this side introduces itself. */
export function ownName(given: string | undefined): string {
  if (given !== undefined) {
    const name = chosenName(given);
    if (name !== undefined) return name;
    throw new LairError("usage", "--name takes 1 to 64 bytes of text, without invisible characters.");
  }
  try {
    return cleanName(userInfo().username) || "somebody";
  } catch {
    // An account without an entry, as in some containers.
    return "somebody";
  }
}

export const isInteractive = (): boolean => process.stdin.isTTY && process.stdout.isTTY;

/** Lines of standard input where no frontend reads its keys; made once, since a client may take its first line apart. */
export function standardInput(): LineReader {
  const { stdin, platform } = process;
  return new LineReader(stdin, { cutBytes: stdin.isTTY ? terminalLineBytes(platform) : undefined });
}

/** Whether standard input is empty (/dev/null), as for a service; then its end means nothing. */
export function hasNoInput(): boolean {
  if (process.stdin.isTTY) return false;
  try {
    return fstatSync(0).isCharacterDevice();
  } catch {
    return true;
  }
}

interface FrontendRequest {
  readonly program: ProgramName;
  readonly args: CommonArguments;
  readonly lines: LineReader | undefined;
  /** Of --queue. */
  readonly isQueueing?: boolean;
  readonly onCommand: (command: Command) => void;
  /** Whether standard output accepts what is shown; if not, nothing more should arrive to be shown. */
  readonly onOutput: (isTaken: boolean) => void;
  /** Standard output has failed, or its reader has gone: nothing is shown any more. */
  readonly onOutputFailed: () => void;
}

/** The frontend that fits the options and the standard streams. */
export function createFrontend(request: FrontendRequest): Frontend {
  const { program, args, onOutput, onOutputFailed } = request;
  const frontend = chooseFrontend(request);
  const output = standardOutput();
  output.onFailure(onOutputFailed);
  return new WatchedFrontend({
    frontend,
    output,
    // If errors are shown only on standard output, they go to standard error once it has failed.
    repeatsErrors: args.json || (isInteractive() && process.stderr.isTTY),
    localeNotice: hasTerminal() && !args.json ? ownLocaleNotice(program) : undefined,
    onOutput,
  });
}

const hasTerminal = (): boolean => process.stdin.isTTY || process.stdout.isTTY;

function ownLocaleNotice(program: ProgramName): string | undefined {
  return localeNotice(program, process.env, process.platform);
}

function chooseFrontend({ program, args, lines, isQueueing = false, onCommand }: FrontendRequest): Frontend {
  const { env, platform, stdin, stdout, stderr } = process;
  const output = standardOutput();
  if (args.json) {
    const frontend = new JsonFrontend({ input: lines, output, onCommand });
    lines?.resume();
    return frontend;
  }
  const unicode = useUnicode(env, platform);
  if (!isInteractive()) {
    return new PipeFrontend({
      program,
      input: lines,
      hasCommands: stdin.isTTY,
      isQueueing,
      isQuiet: isQueueing && !args.verbose,
      output,
      error: stderr,
      unicode,
      place: stdout.isTTY ? "terminal" : isErrorThere() ? "with-errors" : "own",
      nowMs: wallMs,
      onCommand,
    });
  }
  const plain = args.plain || env["TERM"] === "dumb";
  return createTerminalFrontend({
    program,
    version: version(),
    input: stdin,
    output,
    error: stderr,
    plain,
    color: useColor({ isTerminal: true, plain, noColor: args.noColor, env }),
    unicode,
    bell: args.bell,
    onCommand,
  });
}

/** Whether standard output and standard error go to the same file or pipe, as after `2>&1`. */
function isErrorThere(): boolean {
  try {
    const [output, error] = [fstatSync(1), fstatSync(2)];
    return output.dev === error.dev && output.ino === error.ino;
  } catch {
    // One of them is closed.
    return false;
  }
}

/** The output of a subcommand: rows or JSON lines on standard output, without a prompt. */
export function createReport(program: ProgramName, args: Pick<CommonArguments, "json" | "plain" | "noColor">): Report {
  const { env, platform, stdout, stderr } = process;
  const output = standardOutput();
  if (args.json) return new JsonReport(output);
  const plain = args.plain || env["TERM"] === "dumb";
  const color = useColor({ isTerminal: stdout.isTTY, plain, noColor: args.noColor, env }) && !plain;
  const unicode = useUnicode(env, platform) || !stdout.isTTY;
  const frontend = new PrintFrontend({
    program,
    output,
    error: stderr,
    style: createStyle(color, unicode),
    unicode,
    columns: () => (stdout.isTTY && stdout.columns) || Number.POSITIVE_INFINITY,
    nowMs: wallMs,
  });
  const text = stdout.isTTY ? ownLocaleNotice(program) : undefined;
  if (text !== undefined) frontend.show({ type: "notice", text });
  return frontend;
}

/** Runs a program and returns its exit code. Any error that it throws becomes a line for the user. */
export async function run(argv: readonly string[], main: (argv: readonly string[]) => Promise<number>): Promise<void> {
  ignoreHangUp();
  const isJson = argv.includes("--json");
  divertWarnings(
    argv.includes("--verbose") ? (text) => void process.stderr.write(`${sanitiseText(text)}\n`) : undefined,
  );
  const terminals = ownTerminals();
  process.on("exit", () => closeDeadTerminals(terminals));
  const output = standardOutput();
  // What is said beside the conversation may be lost; the conversation goes on.
  process.stderr.on("error", () => {});
  output.onFailure(() => {
    if (!isReaderGone(output.failure)) tellError(outputFailed(output.failure));
  });
  const fail = (error: unknown): number => {
    report(error, isJson, argv.includes("--verbose"));
    return exitCodeOf(error);
  };
  process.once("uncaughtException", (error) => {
    // Listeners for "exit" restore the terminal.
    process.exit(fail(error));
  });
  let code: number;
  try {
    code = await main(argv);
  } catch (error) {
    code = fail(error);
  }
  const error = await finishOutput(output, LONGEST_FLUSH_MS);
  // A failure is told when it happens; what nobody has read, now.
  if (error !== undefined && output.failure === undefined) tellError(error);
  await flushed(process.stderr, LONGEST_FLUSH_MS);
  process.exit(error === undefined ? code : code || 1);
}

function report(error: unknown, isJson: boolean, isVerbose: boolean): void {
  const event = errorEvent(error);
  if (isJson) new JsonReport(standardOutput()).show(event);
  tellErrorEvent(event);
  if (isVerbose && error instanceof Error) process.stderr.write(`${error.stack ?? error.message}\n`);
}
