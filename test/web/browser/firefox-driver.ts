// Firefox, driven by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/) over its own WebSocket: no driver program is needed.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";

export const FIREFOX = "/usr/bin/firefox-esr";
export const hasFirefox = existsSync(FIREFOX);

/** It starts slowly on a busy machine. */
const START_MS = 90_000;
const LISTENING = /WebDriver BiDi listening on (ws:\/\/\S+)/u;

interface Answer {
  readonly id?: number;
  readonly type: string;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: string;
  readonly message?: string;
}

export class Firefox {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;
  #context = "";

  private constructor(process: ChildProcess, profile: string, socket: WebSocket) {
    this.#process = process;
    this.#profile = profile;
    this.#socket = socket;
    socket.on("message", (data: Buffer) => {
      const answer = JSON.parse(data.toString()) as Answer;
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
    });
  }

  static async start(): Promise<Firefox> {
    const profile = mkdtempSync(join(tmpdir(), "lair-firefox-"));
    const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank"];
    const child = spawn(FIREFOX, args, {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, HOME: profile, MOZ_HEADLESS: "1" },
    });
    const address = await new Promise<string>((resolve, reject) => {
      let told = "";
      const timer = setTimeout(() => reject(new Error(`Firefox does not listen: ${told}`)), START_MS);
      child.stderr.on("data", (data: Buffer) => {
        told += data.toString();
        const found = LISTENING.exec(told)?.[1];
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      });
      child.once("exit", () => reject(new Error(`Firefox has ended: ${told}`)));
    });
    const socket = new WebSocket(`${address}/session`);
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const firefox = new Firefox(child, profile, socket);
    await firefox.#ask("session.new", { capabilities: {} });
    const { contexts } = await firefox.#ask("browsingContext.getTree", {});
    firefox.#context = (contexts as readonly { readonly context: string }[])[0]!.context;
    return firefox;
  }

  /** Resolves once the page is loaded. */
  async open(url: string): Promise<void> {
    await this.#ask("browsingContext.navigate", { context: this.#context, url, wait: "complete" });
  }

  /** The value of an expression in the page, as JSON; a promise is awaited. */
  async evaluate(expression: string): Promise<unknown> {
    const params = {
      expression: `Promise.resolve(${expression}).then((value) => JSON.stringify(value ?? null))`,
      target: { context: this.#context },
      awaitPromise: true,
    };
    const answer = (await this.#ask("script.evaluate", params)) as {
      readonly type: string;
      readonly result?: { readonly value?: string };
      readonly exceptionDetails?: { readonly text: string };
    };
    if (answer.type !== "success") throw new Error(answer.exceptionDetails?.text ?? "the page has thrown");
    return JSON.parse(answer.result?.value ?? "null") as unknown;
  }

  /** Types where the focus is, key by key; "\uE007" is Enter. */
  async type(text: string): Promise<void> {
    const keys = Array.from(text).flatMap((value) => [
      { type: "keyDown", value },
      { type: "keyUp", value },
    ]);
    await this.#ask("input.performActions", {
      context: this.#context,
      actions: [{ type: "key", id: "keyboard", actions: keys }],
    });
  }

  /** Waits until an expression is true; `what` is for the error. */
  async until(expression: string, what: string, withinMs = 30_000): Promise<void> {
    for (const end = performance.now() + withinMs; ;) {
      if ((await this.evaluate(`Boolean(${expression})`)) === true) return;
      if (performance.now() > end) throw new Error(`this never happened in Firefox: ${what}`);
      await this.evaluate("new Promise((resolve) => setTimeout(resolve, 50))");
    }
  }

  async close(): Promise<void> {
    this.#socket.terminate();
    const hasEnded = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await hasEnded;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  async #ask(method: string, params: object): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#last;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params }));
    const answer = await answered;
    this.#waiting.delete(id);
    if (answer.type === "error") throw new Error(`${method}: ${answer.error}: ${answer.message}`);
    return answer.result ?? {};
  }
}
