import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatInvite, parseInvite } from "../../../src/core/identity/invite.ts";
import { askInvite, askTrust, askWhich } from "../../../src/node/terminal/ask.ts";

const INVITE = formatInvite({
  url: "ws://127.0.0.1:8080",
  psk: new Uint8Array(32).fill(7),
  serverKey: new Uint8Array(32).fill(9),
});

/** Answers in turn, and keeps the questions. */
function answers(...given: (string | undefined)[]): { put: (question: string) => string | undefined; asked: string[] } {
  const asked: string[] = [];
  return { asked, put: (question) => (asked.push(question), given.shift()) };
}

describe("askInvite", () => {
  it("gives the answer without blanks around it", async () => {
    assert.equal(await askInvite(answers(`  ${INVITE} `).put), INVITE);
  });

  it("asks again after an empty answer, three times in all", async () => {
    assert.equal(await askInvite(answers("", INVITE).put), INVITE);
    const { put, asked } = answers("", " ", "", "too late");
    assert.equal(await askInvite(put), undefined);
    assert.equal(asked.length, 3);
  });

  it("says what is wrong with a paste that is no invite, and asks again", async () => {
    const { put, asked } = answers("some text", "lair://x", INVITE);
    assert.equal(await askInvite(put), INVITE);
    assert.match(asked[1]!, /^This is not an invite: .* It was sent to nobody. .*\ninvite: $/);
    assert.match(asked[2]!, /^This invite was cut short: .*\ninvite: $/);
    assert.ok(!asked[2]!.includes("nobody"), "an invite, though cut short");
  });

  it("returns the third wrong paste for the caller to refuse", async () => {
    assert.equal(await askInvite(answers("one", "two", "three", INVITE).put), "three");
  });

  it("puts an invite together that was pasted in two lines", async () => {
    const given = await askInvite(answers(INVITE.slice(0, 70), INVITE.slice(70)).put);
    assert.deepEqual(parseInvite(given!), parseInvite(INVITE));
  });

  it("takes it out of a mail that was pasted, line by line", async () => {
    const lines = ["> Hello!", `> ${INVITE.slice(0, 30)}`, `> ${INVITE.slice(30, 60)}`, `> ${INVITE.slice(60, 90)}`];
    const given = await askInvite(answers(...lines, `> ${INVITE.slice(90)}`, "> Ada").put);
    assert.deepEqual(parseInvite(given!), parseInvite(INVITE));
    assert.equal(await askInvite(answers("Hello!", `here: <${INVITE}>, see you`).put), `here: <${INVITE}>, see you`);
  });

  it("does not put a broken one and a whole one together", async () => {
    assert.equal(await askInvite(answers(INVITE.slice(0, 70), INVITE).put), INVITE);
  });

  it("gives up at the end of the input", async () => assert.equal(await askInvite(answers(undefined).put), undefined));
});

describe("askWhich", () => {
  it("gives the index of the number, and asks again for anything else", async () => {
    assert.equal(await askWhich(["a", "b"], answers("2").put), 1);
    assert.equal(await askWhich(["a", "b"], answers("0", "3", "1").put), 0);
    assert.equal(await askWhich(["a", "b"], answers("x", "", "-1").put), undefined);
    assert.equal(await askWhich(["a", "b"], answers(undefined).put), undefined);
  });

  it("shows names made safe", async () => {
    const { put, asked } = answers("1");
    await askWhich(["ada\x1b[2J\n  2  bob"], put);
    assert.ok(asked[0]!.includes("  1  ada 2 bob\n"));
  });
});

describe("askTrust", () => {
  it("takes nothing but yes for a yes", async () => {
    assert.equal(await askTrust("7ufq", ["abandon"], answers("yes").put), true);
    assert.equal(await askTrust("7ufq", ["abandon"], answers(" YES ").put), true);
    for (const given of [["no"], ["n"], [undefined], ["", "y", "sure"]]) {
      assert.equal(await askTrust("7ufq", ["abandon"], answers(...given).put), false);
    }
  });

  it("shows the fingerprint and the words", async () => {
    const { put, asked } = answers("no");
    await askTrust("7ufq 3xkd", ["abandon", "ability"], put);
    assert.ok(asked[0]!.includes("7ufq 3xkd") && asked[0]!.includes("abandon ability"));
  });
});
