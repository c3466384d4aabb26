// Two people at two terminals: pairing, talking, the commands, and what the prompt tells.
// test/long/terminal-talk.test.ts has more.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { terminalAndClient, pairOfTerminals } from "./terminals.ts";
import { WITHOUT_TMUX } from "./tmux.ts";

const TIME = String.raw`\d\d:\d\d`;

describe("two terminals", { skip: WITHOUT_TMUX, concurrency: 2 }, () => {
  it("need nothing typed on one account; each line gets its place in the conversation on both sides, once", async (t) => {
    const { ada, bob } = await pairOfTerminals(t);
    const server = await ada.history();
    assert.match(server, /^lair-server \S+ · ws:\/\/127\.0\.0\.1:\d+ · you are (?:[a-z2-7]{4} ){4}…$/m);
    assert.match(server, /^ {2}lair:\/\/127\.0\.0\.1:\d+\/#[\w-]{87}$/m);
    assert.match(server, /^Connected to bob · (?:[a-z2-7]{4} ){4}… · paired just now$/m);
    const client = await bob.history();
    assert.match(client, /^Found an invite of this account for 127\.0\.0\.1:\d+\.$/m);
    assert.match(client, /^Connected to ada · (?:[a-z2-7]{4} ){4}… · paired just now$/m);

    await ada.enter("can you see this?");
    await bob.shows(new RegExp(`^${TIME}  ada  can you see this\\?$`, "m"));
    await bob.enter("yes");
    const [adas, bobs] = await Promise.all([
      ada.shows(new RegExp(`^${TIME}  bob  yes\nbob ›$`, "m")),
      bob.shows(new RegExp(`^${TIME}  you  yes\nada ›$`, "m")),
    ]);
    assert.match(adas, new RegExp(`^${TIME}  you  can you see this\\?\n${TIME}  bob  yes$`, "m"));
    for (const screen of [adas, bobs]) {
      assert.equal(screen.split("can you see this?").length, 2, screen);
      assert.equal(screen.split(/\byes\b/).length, 2, screen);
    }
  });

  it("have a prompt that counts what is not delivered after two seconds, and answers commands, of which none is said", async (t) => {
    const { ada, bob } = await terminalAndClient(t);
    process.kill(bob.pid, "SIGSTOP");
    try {
      await ada.enter("are you there?");
      await ada.shows(new RegExp(`^${TIME}  you  are you there\\?\nbob(?:, 1 waiting)? ›$`, "m"));
      await ada.shows(/^bob, 1 waiting ›$/m);
      await ada.enter("and now?");
      await ada.shows(/^bob, 2 waiting ›$/m);
    } finally {
      process.kill(bob.pid, "SIGCONT");
    }
    await ada.shows(/^bob ›$/m);
    assert.deepEqual(
      (await bob.count("message", 2)).map((message) => message["text"]),
      ["are you there?", "and now?"],
    );
    const asks = async (command: string, answer: RegExp): Promise<void> => {
      await ada.enter(command);
      await ada.until(`answers ${command}`, async () => {
        const [, after = ""] = (await ada.history()).split(`›  ${command}\n`);
        return answer.test(after) && /^\S+ ›$/m.test(after) ? true : undefined;
      });
    };
    await asks(
      "status",
      /^ {2}with +bob · [^]*^ {2}link +ws:[^]*^ {2}messages +2 sent[^]*^ {2}keys [^]*^ {2}traffic /m,
    );
    await asks("/help", /^ {2}rename NAME +\S/m);
    await asks("verify", /^ {2}you +\S{4} [^]*^ {2}bob +\S{4} [^]*^ {2}words +1 [a-z]+[^]* 12 [a-z]+$/m);
    await asks("verify done", /^ +· Noted: you have compared the words with bob\.$/m);
    await asks("peers", /^ {2}bob · \S{4} [^]*words compared/m);
    await asks("invite", /^ {2}lair:\/\/127\.0\.0\.1:\d+\/#[\w-]{87}$/m);
    await asks("rename robert", /^ +· bob is called robert here\nrobert ›$/m);
    await asks("/nonsense", /^Not understood: \/nonsense\n.*\[unknown-command\]$/m);
    await ada.enter("/say status");
    await ada.shows(new RegExp(`^${TIME}  you +status\nrobert ›$`, "m"));
    assert.deepEqual(
      (await bob.count("message", 3)).map((message) => message["text"]),
      ["are you there?", "and now?", "status"],
    );
  });
});
