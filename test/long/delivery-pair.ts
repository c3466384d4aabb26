// A server and a client, paired, with the faulty proxy between them: how they are started, killed and started again, and
// what both must have in the end. The client knows the proxy's address only, so the server may take another port each time.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SeededRandom } from "../core/channel/seeded-random.ts";
import { BIN } from "../e2e/build.ts";
import { FaultyProxy } from "../e2e/faulty-proxy.ts";
import type { Fixture } from "../e2e/fixture.ts";
import { Watch } from "../e2e/watch.ts";
import { type Role, Side } from "./delivery-side.ts";

export interface PairOptions {
  readonly server?: readonly string[];
  readonly client?: readonly string[];
}

interface ExportedLine {
  readonly from: "you" | "peer";
  readonly seq: number;
  readonly text: string;
  readonly delivered: boolean;
}

const PATIENCE_MS = 60_000;
const LETTERS = ["t", "o", " ", "é", "日", "🚀"];
const LISTEN = ["--listen", "127.0.0.1:0"];

export class DeliveryPair {
  readonly server: Side;
  readonly client: Side;
  readonly proxy: FaultyProxy;
  readonly #fixture: Fixture;
  readonly #random: SeededRandom;
  readonly #args: Record<Role, readonly string[]>;
  readonly #watch: Watch;
  #lines = 0;

  private constructor(fixture: Fixture, random: SeededRandom, proxy: FaultyProxy, watch: Watch, options: PairOptions) {
    this.server = new Side(fixture, "server", fixture.home(), watch);
    this.client = new Side(fixture, "client", fixture.home(), watch);
    this.proxy = proxy;
    this.#watch = watch;
    this.#fixture = fixture;
    this.#random = random;
    this.#args = { server: [...LISTEN, ...(options.server ?? [])], client: options.client ?? [] };
    this.server.onEvent = ({ event, url }) => {
      if (event === "listening") proxy.target = Number(new URL(String(url)).port);
    };
  }

  /** Both are running, connected and paired. */
  static async begin(fixture: Fixture, random: SeededRandom, options: PairOptions = {}): Promise<DeliveryPair> {
    const watch = new Watch();
    const proxy = await FaultyProxy.open(fixture, random, watch);
    const pair = new DeliveryPair(fixture, random, proxy, watch, options);
    pair.start(pair.server);
    const { invite } = await pair.server.until("an invite", () => pair.server.seen("invite"));
    const file = fixture.file(String(invite));
    pair.client.start({ args: [pair.proxy.url, "--invite-file", file, ...pair.#args.client] });
    await pair.connected();
    return pair;
  }

  get sides(): readonly [Side, Side] {
    return [this.server, this.client];
  }

  other(side: Side): Side {
    return side === this.server ? this.client : this.server;
  }

  /** Whether all that was said has been delivered, where no program was killed. */
  get isQuiet(): boolean {
    return this.sides.every(({ record }) => record.delivered === record.saidCount);
  }

  /** Waits until `look` finds something; it is asked whenever anything happens on either side or between them. */
  async until<T>(what: string, look: () => T | undefined): Promise<T> {
    const checked = (): T | undefined => {
      for (const side of this.sides) side.check();
      return look();
    };
    const describeAll = () => [this.server.describe(), this.client.describe(), this.proxy.describe()].join("\n");
    return await this.#watch.until(what, checked, PATIENCE_MS, describeAll);
  }

  /** Starts it on its home, where it finds its peer. */
  start(side: Side, wrapper?: readonly string[]): void {
    side.start({ args: this.#args[side.role], ...(wrapper === undefined ? {} : { wrapper }) });
  }

  async kill(side: Side): Promise<void> {
    if (side === this.server) this.proxy.target = undefined;
    await side.kill();
  }

  /** Both have been told in this life that they are. */
  async connected(): Promise<void> {
    await this.until("that both are connected", () =>
      this.sides.every((side) => side.seen("connected") !== undefined) ? true : undefined,
    );
  }

  /** So many new lines of one side; no two are the same. */
  say(side: Side, count: number): void {
    for (let left = count; left > 0; left--) side.say(this.#line(side));
  }

  /** One last line each way, and everything before it, has been heard and delivered. */
  async settle(): Promise<void> {
    const last = this.sides.map((side) => {
      const text = `${this.#line(side)} (the last one)`;
      side.say(text);
      return { side, text };
    });
    await this.until("that the last lines are delivered", () => {
      const isDone = last.every(({ side, text }) => {
        const { heard } = this.other(side).record;
        return heard.at(-1) === text && side.record.delivered === heard.length;
      });
      return isDone ? true : undefined;
    });
    for (const side of this.sides) {
      const status = await side.status();
      assert.deepEqual([status["undelivered"], status["queued"]], [0, 0], side.describe());
    }
  }

  /** Both leave of their own accord. */
  async quit(): Promise<void> {
    assert.equal(await this.client.quit(), 0, this.client.describe());
    assert.equal(await this.server.quit(), 0, this.server.describe());
  }

  /** With --history forever, once both have left: what each has kept is what was said and heard. */
  checkHistories(): void {
    for (const side of this.sides) {
      const other = this.other(side);
      const file = this.#fixture.path(`${side.role}.jsonl`);
      const launcher = join(BIN, `lair-${side.role}.js`);
      execFileSync(process.execPath, [launcher, "export", file, "--home", side.home], { stdio: "pipe" });
      const kept = readFileSync(file, "utf8").split("\n").slice(0, -1);
      const lines = kept.map((line) => JSON.parse(line) as ExportedLine);
      for (const [from, expected] of [
        ["you", other.record.heard],
        ["peer", side.record.heard],
      ] as const) {
        const found = lines.filter((line) => line.from === from);
        const what = `lair-${side.role}'s history, from "${from}"`;
        assert.equal(found.length, expected.length, what);
        for (const [seq, line] of found.entries()) {
          assert.deepEqual([line.seq, line.text, line.delivered], [seq, expected[seq], true], what);
        }
      }
    }
  }

  /** Lines of many lengths; mostly short, as people's are. */
  #line(side: Side): string {
    const kind = this.#random.below(200);
    const length = kind === 0 ? this.#random.below(4_000) : this.#random.below(kind < 20 ? 600 : 60);
    const words = Array.from({ length }, (_, at) => LETTERS[at % LETTERS.length]).join("");
    return `${side.role} ${side.record.life}.${this.#lines++} ${words}`;
  }
}
