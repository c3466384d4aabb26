// A person at a terminal who forgets the only peer: what is typed next must not go to the shell, and the screen says how to
// go on.

import { describe, it } from "node:test";
import { isBackInShell, pairOfTerminals } from "../e2e/terminals.ts";
import { WITHOUT_TMUX } from "../e2e/tmux.ts";

describe("a client whose only peer is forgotten", { skip: WITHOUT_TMUX }, () => {
  it("stays at the prompt, and says how to pair anew", async (t) => {
    const { ada, bob } = await pairOfTerminals(t);
    await bob.enter("forget-peer ada");
    await bob.shows(/Type yes to end the pairing with ada/);
    await bob.enter("yes");
    await bob.shows(
      /the session with ada has ended\n +· Nobody is paired here any more\. Type quit to leave;[^]*asks for a new invite[^]*\nnobody ›$/,
    );
    await bob.enter("is anybody there?");
    await bob.shows(/nobody ›$/);
    await bob.enter("quit");
    await isBackInShell(bob, 0);
    await ada.enter("forget-peer bob");
    await ada.shows(/Type yes/);
    await ada.enter("yes");
    await ada.shows(/^nobody ›$/m);
    await ada.enter("invite");
    await ada.showed(/Give this invite[^]*Give this invite[^]*lair:/);
    // One of the same account is found.
    await bob.enter("lair-client --name bob");
    await Promise.all([bob.shows(/^ada ›$/m), ada.shows(/^bob ›$/m)]);
  });
});
