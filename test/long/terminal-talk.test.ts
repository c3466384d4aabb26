// Two people at two terminals: pairing, talking, the commands, and what the prompt tells.
// More of test/e2e/terminal-talk.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { connected } from "../e2e/fixture.ts";
import { lastRow, leftInvite, terminalAndClient, pairOfTerminals, openTerminals } from "../e2e/terminals.ts";
import { WITHOUT_TMUX } from "../e2e/tmux.ts";

const TIME = String.raw`\d\d:\d\d`;

describe("pairing in a terminal", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  it("takes the invite that is pasted elsewhere, after a wrong paste too", async (t) => {
    const { fixture, tmux } = openTerminals(t);
    const home = fixture.home();
    const [ada, bob] = await Promise.all([tmux.terminal({ home }), tmux.terminal()]);
    await ada.enter("lair-server --listen 127.0.0.1:0 --name ada");
    await ada.shows(/^Waiting\./m);
    await bob.enter("lair-client --name bob");
    await bob.shows(/^invite: *$/m);
    await bob.paste("that is no invite");
    await bob.press("Enter");
    await bob.shows(/invite: that is no invite\nThis is not an invite: [^]*\ninvite:$/);
    await bob.paste(leftInvite(home));
    await bob.press("Enter");
    await Promise.all([bob.shows(/^ada ›$/m), ada.shows(/^bob ›$/m)]);
  });
});

describe("talking in two terminals", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  it("brings back what was said before, and the line that was not finished", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    await ada.enter("the first");
    await bob.next("message");
    await ada.enter("the second");
    await bob.next("message");
    await ada.type("unfinish");
    await ada.press("Up", "Up");
    await ada.shows(/^bob › {2}the first$/m);
    await ada.press("Down", "Down");
    await ada.shows(/^bob › {2}unfinish$/m);
    await ada.type("ed");
    await ada.press("Enter");
    assert.equal((await bob.next("message"))["text"], "unfinished");
  });

  it("says in one line how often the keys were renewed in a row", async (t) => {
    const { ada, bob } = await pairOfTerminals(t, { server: "--rekey 1-1" });
    await ada.type("half a l");
    const merged = /\n +· keys renewed \([2-9]\)\n/;
    const [screen] = await Promise.all([ada.shows(merged), bob.shows(merged)]);
    assert.equal(screen.split("keys renewed").length, 2, screen);
    assert.equal(lastRow(screen), "bob ›  half a l");
    await ada.type("ine");
    await ada.press("Enter");
    await bob.shows(new RegExp(`^${TIME}  ada  half a line$`, "m"));
  });
});

describe("the prompt", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  it("says offline once the other has left, and what waits", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    bob.tell({ command: "quit" });
    await ada.shows(/^ +· bob left\nbob, offline ›$/m);
    await ada.enter("hello?");
    await ada.shows(/ you {2}hello\?\nbob, offline, 1 waiting ›$/m);
  });

  it("says offline when the link was cut, and that he is back when he is", async (t) => {
    const { fixture, home, ada, bob } = await terminalAndClient(t);
    bob.kill();
    await ada.shows(/^ +· the link to bob was cut\nbob, offline ›$/m);
    const again = fixture.client({ home });
    await Promise.all([connected(again), ada.shows(/^ +· connected again\nbob ›$/m)]);
  });
});
