// A person at a terminal whose link breaks, or whose server is not there yet: what the prompt says, the one line that tells
// of the tries, and that typing is never disturbed by it. And how what was kept looks there.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Program } from "../e2e/program.ts";
import { heard } from "../e2e/restartable-pair.ts";
import { inviteOf } from "../e2e/fixture.ts";
import { isBackInShell, type Terminals, openTerminals } from "../e2e/terminals.ts";
import { type Terminal, WITHOUT_TMUX } from "../e2e/tmux.ts";

const ESCAPE = "\u001b[";
const TIME = String.raw`\d\d:\d\d`;
/** The line of the tries, perhaps over two rows, right above the prompt. */
const RETRY = String.raw` +· Nobody answers at [^·]* Trying again [^·]*\[ECONNREFUSED\]`;

interface ServerAndTerminal extends Terminals {
  readonly home: string;
  readonly bob: Terminal;
  readonly ada: Program;
  /** ada's lair-server again, at the same address. */
  readonly startAda: () => Promise<Program>;
}

/** ada's lair-server, speaking JSON, and bob's lair-client in a terminal, just paired. */
async function begin(ending: Parameters<typeof openTerminals>[0], args = ""): Promise<ServerAndTerminal> {
  const terminals = openTerminals(ending);
  const home = terminals.fixture.home();
  const start = { home, args: ["--name", "ada", ...(await terminals.fixture.ownListen())] };
  const ada = terminals.fixture.server(start);
  const [bob] = await Promise.all([terminals.tmux.terminal({ home }), inviteOf(ada)]);
  await bob.enter(`lair-client --name bob ${args}`);
  await Promise.all([bob.shows(/^ada ›$/m), ada.next("connected")]);
  const startAda = async (): Promise<Program> => {
    const again = terminals.fixture.server(start);
    await again.next("listening");
    return again;
  };
  return { ...terminals, home, bob, ada, startAda };
}

function count(text: string, piece: string): number {
  return text.split(piece).length - 1;
}

/** The program in the terminal leaves at once. */
async function quit(bob: Terminal, code: number): Promise<void> {
  await bob.enter("quit");
  await isBackInShell(bob, code);
  await bob.enter("clear");
}

describe("a client in a terminal whose server is not there", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  it("tries from its first start on, in one line below what is typed; what waits is kept and sent the next time", async (t) => {
    const { ada, bob, startAda } = await begin(t);
    await quit(bob, 0);
    ada.tell({ command: "quit" });
    await ada.leaves(0);

    await bob.enter("lair-client --once");
    await bob.shows(/^Nobody answers at [^]*\[unreachable\]$/m);
    await isBackInShell(bob, 3);

    await bob.enter("clear; lair-client");
    await bob.shows(new RegExp(`^${RETRY}\nada, offline ›$`, "m"));
    await bob.enter("first");
    await bob.shows(new RegExp(`^${TIME}  you  first\n${RETRY}\nada, offline, 1 waiting ›$`, "m"));
    await bob.enter("second");
    await bob.shows(
      new RegExp(`^${TIME}  you  first\n${TIME}  you  second\n${RETRY}\nada, offline, 2 waiting ›$`, "m"),
    );
    await bob.shows(/\((?:3rd|\d+th) try\)/);
    await bob.enter("status");
    const screen = await bob.shows(new RegExp(`^  traffic .*\n${RETRY}\nada, offline, 2 waiting ›$`, "m"));
    assert.match(screen, /^ {2}link +ws:\S+ · nobody connected · trying again (?:now|in \d+ s)$/m);
    assert.match(screen, /^ {2}messages +0 sent, 2 waiting \(2 queued\) · 0 received$/m);
    assert.match(screen, /^ {2}store +kept on disk, encrypted · history off$/m);
    assert.equal(count(await bob.history(), "Trying again"), 1, await bob.history());

    await bob.enter("quit");
    await bob.shows(
      /^2 messages were not delivered yet\.\nThey are kept and will be sent next time\. \[not-delivered\]$/m,
    );
    await isBackInShell(bob, 1);
    const again = await startAda();
    await bob.enter("clear; lair-client");
    await bob.shows(/ · 2 messages wait for ada\n[^]*^Connected to ada [^]*^ada ›$/m);
    assert.deepEqual(await heard(again, 2), ["first", "second"]);
  });

  it("stays after a goodbye, keeps what is being typed whole, and tries at once when it is woken by SIGCONT", async (t) => {
    const { ada, bob, startAda } = await begin(t);
    await bob.type("half a l");
    await bob.shows(/^ada › {2}half a l$/m);
    ada.tell({ command: "quit" });
    await ada.leaves(0);
    await bob.shows(new RegExp(`^ +· ada left\n${RETRY}\nada, offline ›  half a l$`, "m"));
    await bob.enter("ine");
    await bob.shows(/^ada, offline, 1 waiting ›$/m);
    // Each line that is said makes it try, up to a pause that no test would wait for.
    const waits = await bob.until("pauses for seconds", async () => {
      const now = await bob.screen();
      if (Number(/Trying again in (\d+) s/.exec(now)?.[1]) >= 5) return Number(/(\d+) waiting/.exec(now)?.[1]);
      await bob.enter("x");
      return undefined;
    });
    const again = await startAda();
    await bob.type("the next o");
    const since = performance.now();
    // Alone: behind a SIGSTOP the shell would have the terminal.
    process.kill(bob.pid, "SIGCONT");
    await again.next("connected");
    assert.ok(performance.now() - since < 3_000, `it took ${performance.now() - since} ms`);
    await bob.shows(/^ +· connected again\nada › {2}the next o$/m);
    // One line of the tries at most: whoever stopped the program may have written to the terminal since.
    assert.ok(count(await bob.history(), "Trying again") <= 1, await bob.history());
    await bob.enter("ne");
    assert.deepEqual((await heard(again, waits + 1)).at(-1), "the next one");
    assert.equal(again.all("message")[0]?.["text"], "half a line");
  });
});

describe("what was kept, in a terminal", { skip: WITHOUT_TMUX }, () => {
  it("is shown dimmed at the start, marked where it was searched, and forgotten after a question", async (t) => {
    const { ada, bob } = await begin(t, "--history forever");
    await bob.enter("said before");
    await ada.next("message");
    await quit(bob, 0);
    await bob.enter("clear; lair-client");
    await bob.shows(/^ada ›$/m);
    const [kept = ""] = (await bob.painted()).split("\n").filter((row) => row.includes("said before"));
    // All but the blanks between: the time stands in what was dim above it already.
    const [time, ...pieces] = kept.split(ESCAPE);
    assert.match(String(time), new RegExp(`^(?:${TIME})?$`));
    const bright = pieces.filter((piece) => !piece.startsWith("2m")).map((piece) => piece.replace(/^[\d;]*m/, ""));
    assert.equal(bright.join("").trim(), "", JSON.stringify(kept));

    await bob.enter("search BEF");
    await bob.shows(/· 1 line with "BEF"\n\d\d:\d\d {2}you {2}said before\nada ›$/m);
    const [found = ""] = (await bob.painted())
      .split("\n")
      .filter((row) => row.includes("said"))
      .slice(-1);
    assert.match(found.replaceAll(ESCAPE, "<"), /said <[\d;]+mbefore/);
    await bob.enter("forget");
    await bob.shows(/· Type yes to remove the 1 line kept with ada, or no\./);
    await bob.enter("yes");
    await bob.shows(/· 1 line removed; what ada keeps stays$/m);
    await bob.enter("history");
    await bob.shows(/· nothing is kept with ada$/m);

    await bob.enter("timer 1s");
    await bob.shows(/· messages disappear 1 s after they were delivered, set by you$/m);
    const { seconds, by } = await ada.next("timer");
    assert.deepEqual([seconds, by], [1, "peer"]);
    ada.tell({ command: "timer", seconds: 0 });
    await bob.shows(/· messages no longer disappear, set by ada$/m);
    // A sentence all the same, if the person says so.
    await bob.enter("timer please");
    await bob.shows(/Enter sends it as it is/);
    await bob.press("Enter");
    assert.equal((await ada.next("message"))["text"], "timer please");
  });
});
