// `npm run demo`: the two real programs against each other over loopback, with the keys renewed every second or two. Both
// transcripts stand side by side. Ends by itself once three renewals and every line have been seen on both sides.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const LINES: readonly (readonly ["ada" | "bob", string])[] = [
  ["ada", "can you see this?"],
  ["bob", "yes. Is anybody in between?"],
  ["ada", "nobody, and these keys are a second old"],
  ["bob", "and now?"],
  ["ada", "other ones"],
  ["bob", "what was said before?"],
  ["ada", "gone with its keys: whoever recorded it has nothing to open it with"],
  ["bob", "bye"],
];
const COLUMN = 46;
const TIME_LIMIT_MS = 60_000;

interface Side {
  readonly name: "ada" | "bob";
  readonly process: ChildProcessWithoutNullStreams;
  rekeys: number;
  received: number;
  isConnected: boolean;
}

const home = mkdtempSync(join(tmpdir(), "lair-demo-"));
const bin = (program: string): string => fileURLToPath(new URL(`../../bin/${program}.js`, import.meta.url));

function print(name: "ada" | "bob", text: string): void {
  console.log(name === "ada" ? text : `${" ".repeat(COLUMN)}${text}`);
}

function start(name: "ada" | "bob", program: string, args: readonly string[]): Side {
  const child = spawn(process.execPath, [bin(program), "--json", "--home", home, "--name", name, ...args]);
  const side: Side = { name, process: child, rekeys: 0, received: 0, isConnected: false };
  createInterface({ input: child.stdout }).on("line", (line) => onEvent(side, JSON.parse(line) as Event));
  child.stderr.pipe(process.stderr);
  return side;
}

interface Event {
  readonly event: string;
  readonly url?: string;
  readonly text?: string;
  readonly epoch?: number;
  readonly peer?: { readonly name: string; readonly fingerprint: string };
  readonly message?: string;
}

const sides: Partial<Record<"ada" | "bob", Side>> = {};
let nextLine = 0;

function onEvent(side: Side, event: Event): void {
  switch (event.event) {
    case "listening":
      print(side.name, `lair-server at ${event.url}`);
      sides.bob = start("bob", "lair-client", []);
      sides.bob.process.on("exit", (code) => finish(code ?? 1));
      break;
    case "connected":
      side.isConnected = true;
      print(side.name, `connected to ${event.peer!.name}`);
      if (sides.ada?.isConnected && sides.bob?.isConnected) say();
      break;
    case "message":
      side.received += 1;
      print(side.name, `${side.name === "ada" ? "bob" : "ada"}  ${event.text}`);
      say();
      break;
    case "rekeyed":
      side.rekeys += 1;
      print(side.name, `· keys renewed (${event.epoch})`);
      // The last lines wait for renewals, so that there is something to see.
      if (nextLine < LINES.length) say();
      finishIfDone();
      break;
    case "error":
      print(side.name, `error: ${event.message}`);
      break;
    default:
  }
}

/** The next line, once both sides have seen the one before and enough renewals have passed for it. */
function say(): void {
  const { ada, bob } = sides;
  const line = LINES[nextLine];
  if (ada === undefined || bob === undefined || line === undefined) return;
  const said = ada.received + bob.received;
  const isTurn = said === nextLine && Math.min(ada.rekeys, bob.rekeys) >= Math.floor(nextLine / 3);
  if (!isTurn) return;
  nextLine += 1;
  const [name, text] = line;
  print(name, `you  ${text}`);
  sides[name]!.process.stdin.write(`${JSON.stringify({ send: text })}\n`);
}

function finishIfDone(): void {
  const { ada, bob } = sides;
  if (ada === undefined || bob === undefined || ada.received + bob.received < LINES.length) return;
  if (Math.min(ada.rekeys, bob.rekeys) >= 3) bob.process.stdin.write('{"command":"quit"}\n');
}

console.log(`${"lair-server".padEnd(COLUMN)}lair-client\n`);
const ada = start("ada", "lair-server", ["--listen", "127.0.0.1:0", "--rekey", "1-2"]);
sides.ada = ada;
const limit = setTimeout(() => finish(1), TIME_LIMIT_MS);
ada.process.on("exit", () => finish(1));

function finish(code: number): void {
  clearTimeout(limit);
  for (const side of Object.values(sides)) side.process.kill("SIGTERM");
  ada.process.removeAllListeners("exit");
  const leave = (): void => {
    rmSync(home, { recursive: true, force: true });
    process.exit(code);
  };
  if (ada.process.exitCode === null) ada.process.on("exit", leave);
  else leave();
}
