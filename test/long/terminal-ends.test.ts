// Every way out of the prompt: how long it takes, what the other side learns, and that the terminal is given back.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  isBackInShell,
  terminalAndClient,
  type TerminalAndClient,
  pairOfTerminals,
  openTerminals,
} from "../e2e/terminals.ts";
import { hasGone, WITHOUT_TMUX } from "../e2e/tmux.ts";

/** The longest wait that there is: for what the end of an input leaves to deliver. Leaving by a key takes 3 s at most. */
const LONGEST_WAIT_MS = 10_000;
/** For the goodbye after one Ctrl-C. */
const GOODBYE_MS = 2_400;

/** With a message that can't be delivered, so that leaving takes as long as it ever may. */
async function withStoppedPeer(both: TerminalAndClient, action: () => Promise<void>): Promise<void> {
  process.kill(both.bob.pid, "SIGSTOP");
  try {
    await both.ada.enter("are you there?");
    await both.ada.shows(/ {2}you {2}are you there\?\nbob(?:, 1 waiting)? ›$/);
    await action();
  } finally {
    process.kill(both.bob.pid, "SIGCONT");
  }
}

describe("leaving the prompt", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  for (const [how, key, code, reason] of [
    ["quit", ["q", "u", "i", "t", "Enter"], 0, "closed"],
    ["Ctrl-D", ["C-d"], 0, "closed"],
    ["Ctrl-C", ["C-c"], 130, "closed"],
  ] as const) {
    it(`by ${how} says goodbye, gives the terminal back and leaves with ${code}`, async (t) => {
      const { ada, bob } = await terminalAndClient(t);
      await ada.press(...key);
      assert.equal((await bob.next("disconnected"))["reason"], reason);
      await isBackInShell(ada, code);
    });
  }

  it("by SIGTERM in the middle of a wrapped line leaves nothing of it behind, and 143", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    await ada.type("half a line ".repeat(20));
    await ada.shows(/^bob › {2}half a line[^]*(?:\n {2}.*){2}$/m);
    process.kill(ada.pid, "SIGTERM");
    assert.equal((await bob.next("disconnected"))["reason"], "shutting-down");
    assert.doesNotMatch(await ada.shows(/^\$$/m), /half/);
    await isBackInShell(ada, 143);
  });

  it("by SIGHUP too, and 129", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    process.kill(ada.pid, "SIGHUP");
    assert.equal((await bob.next("disconnected"))["reason"], "shutting-down");
    await isBackInShell(ada, 129);
  });

  it("by a window that is closed ends the program, and the other side learns that it has left", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    await ada.close();
    await ada.hasEnded();
    // The end of the input and the signal come together; either is told, and neither is a cut.
    assert.match(String((await bob.next("disconnected"))["reason"]), /^(?:closed|shutting-down)$/);
  });

  it("by Ctrl-C once says what is happening, and takes 3 s at most though nothing is delivered", async (t) => {
    const both = await terminalAndClient(t);
    const { ada } = both;
    await withStoppedPeer(both, async () => {
      const since = Date.now();
      await ada.press("C-c");
      await ada.shows(/· Saying goodbye\. Ctrl-C again leaves at once\./);
      await ada.hasEnded();
      assert.ok(Date.now() - since < LONGEST_WAIT_MS, `it took ${Date.now() - since} ms`);
    });
    await ada.shows(/^1 message was not delivered yet\./m);
    await isBackInShell(ada, 130);
  });

  it("by Ctrl-C twice leaves at once", async (t) => {
    const both = await terminalAndClient(t);
    const { ada } = both;
    await withStoppedPeer(both, async () => {
      const since = Date.now();
      await ada.press("C-c");
      await ada.shows(/· Saying goodbye\./);
      await ada.press("C-c");
      await ada.hasEnded();
      assert.ok(Date.now() - since < GOODBYE_MS, `it took ${Date.now() - since} ms`);
    });
    await isBackInShell(ada, 130);
  });

  it("waits for the person when the server was killed: the half line is still there, and nothing goes to the shell", async (t) => {
    const { ada, bob } = await pairOfTerminals(t);
    await bob.type("half a line");
    await bob.shows(/^ada › {2}half a line$/m);
    process.kill(ada.pid, "SIGKILL");
    await bob.shows(/^ +· the link to ada was cut$[^]*\nada, offline › {2}half a line$/m);
    await bob.enter(" and its end");
    await bob.shows(/ you {2}half a line and its end$[^]*\nada, offline, 1 waiting ›$/m);
    await bob.enter("quit");
    await bob.shows(/^1 message was not delivered yet\.\nIt is kept and will be sent next time\./m);
    await isBackInShell(bob, 1);
  });
});

describe("a window that is closed", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  it("takes no program with it that nohup has started", async (t) => {
    const { fixture, tmux } = openTerminals(t);
    const home = fixture.home();
    const ada = await tmux.terminal({ home });
    // By itself nohup would write into the current directory.
    await ada.enter(`nohup lair-server --listen 127.0.0.1:0 >${fixture.path("out")} 2>&1`);
    await ada.until("has left an invite", async () => existsSync(join(home, "invite")) || undefined);
    const first = fixture.client({ home });
    await first.next("connected");
    const shell = Number(await ada.property("pane_pid"));
    await ada.close();
    await hasGone(shell);
    first.tell({ command: "quit" });
    await first.leaves(0);
    await fixture.client({ home }).next("connected");
    process.kill(ada.pid, "SIGTERM");
    await ada.hasEnded();
  });

  const WITHOUT_PROC = existsSync("/proc/self/status") ? false : "there is no /proc";
  it(
    "takes none with it whose parent ignores the signal, as long as its input lasts",
    { skip: WITHOUT_PROC },
    async (t) => {
      const { fixture, tmux } = openTerminals(t);
      const home = fixture.home();
      const ada = await tmux.terminal({ home });
      await ada.enter("trap '' HUP; lair-server --listen 127.0.0.1:0 --name ada");
      await ada.shows(/^Waiting\./m);
      process.kill(ada.pid, "SIGHUP");
      await fixture.client({ home }).next("connected");
      await ada.press("C-c");
      await isBackInShell(ada, 130);
    },
  );
});

describe("Ctrl-Z", { skip: WITHOUT_TMUX }, () => {
  it("stops the program; fg brings back the line, and what has arrived meanwhile", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    await ada.type("half a li");
    await ada.shows(/^bob › {2}half a li$/m);
    await ada.press("C-z");
    await ada.shows(/^\$$/m);
    await ada.enter("stty -a");
    await ada.shows(/ icanon [^]* echo /);
    bob.tell({ send: "while you were away" });
    await bob.next("sent");
    await ada.enter("clear; fg");
    await ada.shows(/^\d\d:\d\d {2}bob {2}while you were away\nbob › {2}half a li$/m);
    await ada.enter("ne");
    assert.equal((await bob.next("message"))["text"], "half a line");
    await ada.press("C-d");
    await isBackInShell(ada, 0);
  });
});
