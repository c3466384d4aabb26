import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { ProgramEvent, StatusReport } from "../../src/app/events.ts";
import type { PeerView } from "../../src/core/identity/peer-view.ts";
import { cleanName } from "../../src/core/identity/peer-name.ts";
import { createStyle } from "../../src/node/terminal/create-style.ts";
import { View } from "../../src/ui/view.ts";
import type { ViewOptions } from "../../src/ui/view-options.ts";

const NOW = new Date(2026, 10, 20, 14, 3).getTime();
const ADA: PeerView = {
  name: "ada",
  fingerprint: "7ufq 3xkd m2pa 5t6h q2qq w3ww e4ee r5rr",
  pairedAtMs: NOW,
  comparedAtMs: undefined,
};
const STATUS: StatusReport = {
  state: "open",
  peer: ADA,
  others: [],
  url: "ws://127.0.0.1:8080",
  connectedAtMs: NOW - 180_000,
  sent: 12,
  received: 9,
  undelivered: 0,
  queued: 0,
  rekeys: 4,
  epoch: 4,
  keyAgeMs: 41_000,
  rekeyWindowS: [30, 120],
  roundTripMs: 0.6,
  bytesSent: 18_000,
  bytesReceived: 14_000,
  suite: "Noise_XXpsk2_25519_AESGCM_SHA256",
  cryptography: "openssl",
  store: "file",
  history: "off",
  historyLimitBytes: undefined,
  timerS: 0,
  retryInMs: undefined,
};
const RETRY: ProgramEvent = {
  type: "reconnecting",
  peer: ADA,
  url: "ws://10.0.0.7:8080",
  attempt: 1,
  inMs: 3_600,
  message: "Nobody answers at ws://10.0.0.7:8080.",
  code: "ECONNREFUSED",
};

interface Setting extends Partial<Omit<ViewOptions, "columns">> {
  readonly columns?: number;
  readonly color?: boolean;
}

function createView(setting: Setting = {}): View {
  const { columns = 80, color = false, unicode = true, program = "lair-client", merges = true } = setting;
  const nowMs = setting.nowMs ?? ((): number => NOW);
  const { maxRows, hasPrompt, isTyping } = setting;
  return new View({
    ...(maxRows === undefined ? {} : { maxRows }),
    ...(hasPrompt === undefined ? {} : { hasPrompt }),
    ...(isTyping === undefined ? {} : { isTyping }),
    program,
    unicode,
    merges,
    nowMs,
    columns: () => columns,
    style: createStyle(color, unicode),
  });
}

function connectedView(setting: Setting = {}, peer: PeerView = ADA): View {
  const view = createView(setting);
  view.render({ type: "connected", peer, pairedNow: false });
  return view;
}

function said(text: string, atMs = NOW): Extract<ProgramEvent, { type: "message" }> {
  return { type: "message", peer: ADA, seq: 0, atMs, text };
}

function rowsOf(text: string, setting: Setting = {}): readonly string[] {
  return connectedView(setting).render(said(text)).rows;
}

/** The rows of a status that differs in this. */
function statusWith(change: Partial<StatusReport>): string {
  const view = connectedView({ columns: 120 });
  return view.render({ type: "status", status: { ...STATUS, ...change } }).rows.join("\n");
}

/** The notice of a store that has lost something. */
function lost(whose: "own" | "peer", what: "new" | "older", missing: number): string {
  const event: ProgramEvent = { type: "memory", whose, what, peer: ADA, missing };
  const { rows } = connectedView({ columns: 300 }).render(event);
  assert.equal(rows.length, 1);
  return rows[0]!.slice("       · ".length);
}

describe("people whose cut names look alike", () => {
  it("are told apart in front of messages and at a narrow prompt", () => {
    const people = ["A", "B"].map((end) => ({
      ...ADA,
      name: `Ada Lovelace of ${end}`,
      fingerprint: ADA.fingerprint.replace("7ufq", end.toLowerCase().repeat(4)),
    }));
    for (const columns of [100, 30]) {
      const view = createView({ columns });
      view.render({ type: "people", peers: people });
      const heads = people.map((peer) => {
        const { rows } = view.render({ type: "message", peer, seq: 1, atMs: NOW, text: "hi" });
        view.render({ type: "selected", peer, by: "user" });
        return [rows.at(-1)!, view.selectedName];
      });
      assert.deepEqual(
        heads,
        columns === 100
          ? people.map(({ name }) => [`14:03  Ada Lovelac…${name.slice(-4)}  hi`, name])
          : people.map(({ name }) => [`14:03  Ada…${name.slice(-4)}  hi`, `Ada…${name.slice(-4)}`]),
      );
    }
  });
});

describe("View", () => {
  it("shows the link to the page in one piece, and how to open it where there is a prompt", () => {
    const event: ProgramEvent = { type: "http", url: `http://127.0.0.1:40123/#${"A".repeat(43)}` };
    const link = `Page: ${event.url}`;
    assert.deepEqual(createView({ columns: 40 }).render(event).rows, [link]);
    assert.deepEqual(createView({ columns: 80, hasPrompt: true }).render(event).rows, [
      link,
      "Type open to open it in your browser.",
    ]);
  });

  it("shows a token that lasts where there is a prompt, and not in the log of a service", () => {
    const token = "A".repeat(43);
    const event: ProgramEvent = { type: "http", url: `http://127.0.0.1:8090/#${token}`, tokenFile: "/srv/lair/token" };
    assert.deepEqual(createView({ columns: 80 }).render(event).rows, [
      "Page: http://127.0.0.1:8090/#TOKEN",
      "TOKEN is in /srv/lair/token.",
    ]);
    assert.match(createView({ columns: 80, hasPrompt: true }).render(event).rows[0] ?? "", new RegExp(`#${token}$`));
  });

  it("begins quietly, on the server", () => {
    const view = createView({ program: "lair-server" });
    const { fingerprint } = ADA;
    const events: ProgramEvent[] = [
      { type: "started", program: "lair-server", version: "0.1.0", fingerprint },
      { type: "listening", url: "ws://127.0.0.1:8080", fingerprint },
      { type: "invite", invite: `lair://127.0.0.1:8080/#${"A".repeat(87)}`, expiresAtMs: NOW + 86_400_000 - 60_000 },
    ];
    assert.deepEqual(
      events.flatMap((event) => view.render(event).rows),
      [
        "lair-server 0.1.0 · ws://127.0.0.1:8080 · you are 7ufq 3xkd m2pa 5t6h …",
        "",
        "Give this invite to one person. It works once, until tomorrow 14:02.",
        "It works on this machine; for others, start with --listen 0.0.0.0:8080.",
        "",
        `  lair://127.0.0.1:8080/#${"A".repeat(87)}`,
        "",
        "Waiting. Type help to see the commands.",
      ],
    );
  });

  it("begins quietly, on the client", () => {
    const view = createView();
    const events: ProgramEvent[] = [
      { type: "started", program: "lair-client", version: "0.1.0", fingerprint: "q4wm 7c2e" },
      { type: "connecting", peer: ADA, url: "ws://127.0.0.1:8080", how: "found-invite" },
      { type: "connected", peer: ADA, pairedNow: true },
    ];
    assert.deepEqual(
      events.flatMap((event) => view.render(event).rows),
      [
        "lair-client 0.1.0 · you are q4wm 7c2e",
        "Found an invite of this account for 127.0.0.1:8080.",
        "Connected to ada · 7ufq 3xkd m2pa 5t6h … · paired just now",
        "Type verify once, and compare the words by phone or face to face.",
      ],
    );
  });

  it("does not hold the server's first line back when there is no address to come", () => {
    const view = createView({ program: "lair-server" });
    view.render({ type: "started", program: "lair-server", version: "0.1.0", fingerprint: "q4wm" });
    const { rows } = view.render({ type: "error", code: "address-in-use", message: "Taken.", hint: "Try another." });
    assert.deepEqual(rows, ["lair-server 0.1.0 · you are q4wm", "Taken.", "Try another. [address-in-use]"]);
  });

  it("puts time, who and text in columns, at 80 and at 40", () => {
    const text = "here is the log:\nfirst line\nand a second line that is long enough to be broken at forty columns";
    assert.deepEqual(connectedView().render(said(text)).rows, [
      "14:03  ada  here is the log:",
      "            first line",
      "            and a second line that is long enough to be broken at forty columns",
    ]);
    assert.deepEqual(connectedView({ columns: 40 }).render(said(text)).rows, [
      "14:03  ada  here is the log:",
      "            first line",
      "            and a second line that is",
      "            long enough to be broken at",
      "            forty columns",
    ]);
    assert.deepEqual(connectedView().render({ type: "sent", peer: ADA, seq: 0, atMs: NOW, text: "yes" }).rows, [
      "14:03  you  yes",
    ]);
  });

  it("aligns you with a longer name, and cuts one that is too long", () => {
    const grace = { ...ADA, name: "grace" };
    const view = connectedView({}, grace);
    assert.deepEqual(view.render({ ...said("hi"), peer: grace }).rows, ["14:03  grace  hi"]);
    assert.deepEqual(view.render({ type: "sent", peer: grace, seq: 0, atMs: NOW, text: "yes" }).rows, [
      "14:03  you    yes",
    ]);
    const bartholomew = { ...ADA, name: "Bartholomew" };
    const narrow = connectedView({ columns: 40 }, bartholomew);
    assert.deepEqual(narrow.render({ ...said("hi"), peer: bartholomew }).rows, ["14:03  Barthol…  hi"]);
  });

  it("lets nothing that a peer sends begin a row", () => {
    const text = fc.array(
      fc.constantFrom("14:05  you  yes", "\n", "ada ›", " ", "\r", "\x1b[A", "\u2028", "漢".repeat(20), "x".repeat(90)),
    );
    fc.assert(
      fc.property(text, fc.constantFrom(40, 80), (parts, columns) => {
        const [first, ...more] = connectedView({ columns }).render(said(parts.join(""))).rows;
        assert.ok(first!.startsWith("14:03  ada  "));
        for (const row of more) assert.ok(row.startsWith(" ".repeat(12)), row);
      }),
    );
  });

  it("shows the joiners and selectors that a clean name keeps, and no number for one", () => {
    const names = ["علی\u200cرضا", "क्\u200dष", "क्\u200cषमा", "র\u200d্যাচেল", "രാജന്\u200d", "ශ්\u200dරී", "ᠨᠠ\u180bᠮ"];
    for (const name of [...names, "葛\u{e0100}城", "羽\ufe00", "Eva 👩\u200d💻", "Eva ❤\ufe0f"]) {
      assert.equal(cleanName(name), name);
      assert.equal(createView().peerName({ ...ADA, name }), name);
    }
    // Whatever is clean: what nobody sees never came so far that it must be told by its number.
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from(names.join("a\u200c\u200f\ufe0f\u3164\u00ad"))) }),
        (text) => {
          assert.doesNotMatch(createView().peerName({ ...ADA, name: cleanName(text) }), /<U\+/);
        },
      ),
    );
  });

  it("does not let a peer pass for somebody else, or for nobody", () => {
    const ours = [
      "you",
      "YOU",
      "nobody",
      "offline",
      "you yes",
      "you.",
      "y\u043eu",
      "\uff59\uff4f\uff55",
      "y\u03bfu",
      "14:03 you",
    ];
    const alike = ["yσu", "ʏou", "уоu", "ყօս", "y\u0308ou", "offIine", "offl1ne", "offliпe", "рееr", "ΝΟΒΟDΥ"];
    const marks = [
      "\u00b7 keys renewed",
      "\u203a",
      "\ua78f keys renewed",
      "\u1433 x",
      "\u01c3",
      "l4:O3 you",
      "１４：０３",
      "१४:०३",
    ];
    for (const name of [...ours, ...alike, ...marks, "n0body"]) {
      assert.equal(createView().peerName({ ...ADA, name }), `?${name}`);
    }
    for (const name of ["Young", "\u041e\u043b\u044c\u0433\u0430", "j\u00f6rg", "7even", "yousef", "\u738b"]) {
      assert.equal(createView().peerName({ ...ADA, name }), name);
    }
    assert.equal(createView().peerName({ ...ADA, name: "\u001b\n" }), "peer");
    assert.equal(createView().peerName({ ...ADA, name: "a\n14:03  you" }), "a 14:03 you");
  });

  it("counts renewals in a row, until something else is shown", () => {
    const view = connectedView();
    const renewed: ProgramEvent = { type: "rekeyed", peer: ADA, epoch: 1 };
    assert.deepEqual(view.render(renewed), { rows: ["       · keys renewed"], replacesLast: false });
    view.render({ type: "delivered", peer: ADA, seq: 0 });
    assert.deepEqual(view.render(renewed), { rows: ["       · keys renewed (2)"], replacesLast: true });
    view.help();
    assert.deepEqual(view.render(renewed), { rows: ["       · keys renewed"], replacesLast: false });
  });

  it("shows the status block", () => {
    assert.deepEqual(connectedView({ columns: 100 }).render({ type: "status", status: STATUS }).rows, [
      "  with       ada · 7ufq 3xkd m2pa 5t6h … · paired 20 Nov 2026, words not compared yet",
      "  link       ws://127.0.0.1:8080 · open · for 3 min · round trip 0.6 ms",
      "  messages   12 sent, all delivered · 9 received",
      "  store      kept on disk, encrypted · history off",
      "  keys       4th renewal 41 s ago · next within 79 s (every 30-120 s)",
      "  suite      Noise_XXpsk2_25519_AESGCM_SHA256 by openssl",
      "  traffic    18 kB out · 14 kB in",
    ]);
  });

  it("has a line for each of the others in the status", () => {
    const bob = {
      peer: { ...ADA, name: "bob", fingerprint: "q4wm 7c2e" },
      waiting: 2,
      unread: 1,
      isMuted: false,
    } as const;
    const others = [{ ...bob, state: "away", lastSeenMs: NOW - 60_000 }] as const;
    const rows = connectedView().render({ type: "status", status: { ...STATUS, others } }).rows;
    assert.equal(rows.at(-1), "  bob        away · last seen 60 s ago · 2 waiting · 1 unread");
    assert.match(rows[0]!, /^ {2}with {7}ada /);
  });

  it("shows the status of nobody", () => {
    const status: StatusReport = {
      ...STATUS,
      state: "nobody",
      peer: undefined,
      connectedAtMs: undefined,
      rekeyWindowS: undefined,
      roundTripMs: undefined,
      sent: 0,
    };
    assert.deepEqual(connectedView().render({ type: "status", status }).rows.slice(0, 5), [
      "  with       nobody",
      "  link       ws://127.0.0.1:8080 · nobody connected",
      "  messages   0 sent · 9 received",
      "  store      kept on disk, encrypted · history off",
      "  keys       none",
    ]);
  });

  it("tells in the status what waits, what is kept, and when it tries again", () => {
    const waiting = statusWith({ undelivered: 3, queued: 2 });
    assert.match(waiting, /^ {2}messages {3}10 sent, 3 waiting \(2 queued\) · 9 received$/m);
    assert.match(statusWith({ undelivered: 3 }), /^ {2}messages {3}12 sent, 3 waiting · 9 received$/m);
    assert.match(
      statusWith({ sent: 0, undelivered: 1, queued: 1 }),
      /^ {2}messages {3}0 sent, 1 waiting \(1 queued\)/m,
    );
    assert.match(statusWith({ store: "memory" }), /^ {2}store {6}memory only \(--no-store\) · history off$/m);
    const kept = statusWith({ history: { ms: 30 * 86_400_000 }, timerS: 600 });
    assert.match(kept, /^ {2}store {6}kept on disk, encrypted · history for 30 d · messages disappear after 10 min$/m);
    const forEver = statusWith({ history: "forever", historyLimitBytes: 300 * 2 ** 20 });
    assert.match(forEver, /· history for ever, 300 MiB at most$/m);
    assert.match(statusWith({ state: "nobody", retryInMs: 3_200 }), /nobody connected · .*trying again in 4 s$/m);
    assert.match(
      statusWith({ state: "connecting", retryInMs: 0 }),
      /^ {2}link .* · connecting( · for| · round|$)(?!.*again)/m,
    );
  });

  it("shows what to compare, in 40 columns too", () => {
    const words = "abandon ability able about above absent absorb abstract absurd abuse access accident".split(" ");
    const event: ProgramEvent = { type: "verify", own: "q4wm 7c2e", peer: ADA, words };
    assert.deepEqual(connectedView({ columns: 52 }).render(event).rows, [
      "  you        q4wm 7c2e",
      "  ada        7ufq 3xkd m2pa 5t6h q2qq w3ww e4ee r5rr",
      "  words       1 abandon    2 ability    3 able",
      "              4 about      5 above      6 absent",
      "              7 absorb     8 abstract   9 absurd",
      "             10 abuse     11 access    12 accident",
      "  Read the words to ada through another channel. If",
      "  they match, type verify done.",
    ]);
    const joined = connectedView({ columns: 40 }).render(event).rows.join(" ");
    for (const word of words) assert.ok(joined.includes(word));
  });

  it("says what happened and what to do, the code at the end", () => {
    const changed = {
      message: "This is not the ada you were paired with: the key changed.",
      details: ["paired   7ufq", "now      m1xc"],
      hint: "Ask ada by another way.",
      code: "peer-key-changed",
    };
    assert.deepEqual(createView().problem(changed), [
      "This is not the ada you were paired with: the key changed.",
      "  paired   7ufq",
      "  now      m1xc",
      "Ask ada by another way. [peer-key-changed]",
    ]);
    assert.deepEqual(createView().problem({ message: "It broke.", code: "internal" }), ["It broke. [internal]"]);
    assert.deepEqual(createView().problem({ message: "a\n14:03  you  yes", code: "x" }), [
      "a",
      "  14:03  you  yes",
      "[x]",
    ]);
  });

  it("tells every end, and what waits since", () => {
    const view = connectedView();
    const end = (reason: "cut" | "closed" | "forgotten", undelivered: number): readonly string[] =>
      view.render({ type: "disconnected", reason, peer: ADA, undelivered }).rows;
    assert.deepEqual(end("closed", 0), ["       · ada left"]);
    assert.deepEqual(end("forgotten", 0), ["       · the session with ada has ended"]);
    assert.deepEqual(end("cut", 1), ["       · the link to ada was cut; 1 message waits for the next time"]);
    assert.deepEqual(end("cut", 3), ["       · the link to ada was cut; 3 messages wait for the next time"]);
  });

  it("tells once that it tries again and again", () => {
    const view = createView();
    const event: ProgramEvent = { type: "connecting", peer: ADA, url: "ws://127.0.0.1:8080", how: "known" };
    assert.deepEqual(view.render(event).rows, ["       · connecting to ws://127.0.0.1:8080"]);
    assert.deepEqual(view.render(event).rows, []);
  });

  it("tells each try to connect in the place of the one before, and of the connection at last", () => {
    const view = connectedView({ columns: 100 });
    view.render({ type: "disconnected", reason: "cut", peer: ADA, undelivered: 0 });
    assert.deepEqual(view.render(RETRY), {
      rows: ["       · Nobody answers at ws://10.0.0.7:8080. Trying again in 4 s. [ECONNREFUSED]"],
      replacesLast: false,
    });
    assert.deepEqual(view.render({ type: "connecting", peer: ADA, url: RETRY.url, how: "known" }).rows, []);
    assert.deepEqual(view.render({ ...RETRY, attempt: 5, inMs: 0 }), {
      rows: ["       · Nobody answers at ws://10.0.0.7:8080. Trying again now (5th try). [ECONNREFUSED]"],
      replacesLast: true,
    });
    const again = { type: "connected", peer: ADA, pairedNow: false } as const;
    assert.deepEqual(view.render(again), { rows: ["       · connected again"], replacesLast: true });
    assert.deepEqual(view.render(again), { rows: ["       · connected again"], replacesLast: false });
  });

  it("leaves what was said between two tries where it is", () => {
    const view = connectedView();
    view.render(RETRY);
    assert.deepEqual(view.render({ type: "queued", peer: ADA, seq: 3, atMs: NOW, text: "hello?" }), {
      rows: ["14:03  you  hello?"],
      replacesLast: false,
    });
    assert.equal(view.render({ ...RETRY, attempt: 2 }).replacesLast, false);
    view.endLast();
    assert.equal(view.render({ ...RETRY, attempt: 3 }).replacesLast, false);
  });

  it("says in full who it is when that is news", () => {
    const bob = { ...ADA, name: "bob", fingerprint: "q4wm 7c2e" };
    const view = connectedView();
    for (const [peer, pairedNow] of [
      [ADA, true],
      [bob, false],
    ] as const) {
      assert.match(view.render({ type: "connected", peer, pairedNow }).rows[0]!, /^Connected to/);
    }
    assert.deepEqual(view.render({ type: "connected", peer: ADA, pairedNow: false }).rows, [
      "       · connected to ada again",
    ]);
  });

  it("tells where nothing is redrawn only another reason", () => {
    const view = connectedView({ merges: false });
    const told = (change: object): boolean => {
      const { rows, replacesLast } = view.render({ ...RETRY, ...change });
      assert.equal(replacesLast, false);
      return rows.length > 0;
    };
    assert.equal(told({}), true);
    assert.equal(told({ attempt: 2 }), false);
    view.render(said("meanwhile"));
    assert.equal(told({ attempt: 3, inMs: 30_000 }), false);
    assert.equal(told({ attempt: 4, code: "ETIMEDOUT" }), true);
    const again = view.render({ type: "connected", peer: ADA, pairedNow: false });
    assert.deepEqual(again, { rows: ["       · connected again"], replacesLast: false });
    assert.equal(told({ code: "ETIMEDOUT" }), true);
  });

  it("leaves a word that no row holds to the terminal, alone in its row", () => {
    const url = `https://example.org/${"a".repeat(90)}`;
    assert.deepEqual(connectedView({ columns: 40 }).render(said(`look: ${url} 14:05  you  yes`)).rows, [
      "14:03  ada  look:",
      `            ${url}`,
      "            14:05  you  yes",
    ]);
    const plain = connectedView({ columns: Number.POSITIVE_INFINITY });
    assert.deepEqual(plain.render(said(`look: ${url} x`)).rows, [`14:03  ada  look: ${url} x`]);
  });

  it("shows 200 rows of a message and says what is missing; a file gets all of it", () => {
    const lines = rowsOf("x\n".repeat(8_191) + "x");
    assert.equal(lines.length, 201);
    assert.equal(lines.at(-1), "            [7992 more lines not shown]");
    const words = rowsOf("word ".repeat(3_200), { columns: 40 });
    assert.equal(words.length, 201);
    assert.equal(words.at(-1), "            [11000 more characters not shown]");
    const word = rowsOf("x".repeat(16_384), { columns: 40 });
    assert.deepEqual([word.length, word.at(-1)], [201, "            [10784 more characters not shown]"]);
    const file = rowsOf("x\n".repeat(8_191) + "x", { columns: Number.POSITIVE_INFINITY });
    assert.equal(file.length, 8_192);
    const plain = rowsOf("x\n".repeat(8_191) + "x", { columns: Number.POSITIVE_INFINITY, maxRows: 200 });
    assert.equal(plain.length, 201);
  });

  it("says of a kept line where all of it is", () => {
    const entry = { from: "peer", seq: 0, atMs: NOW, text: "x\n".repeat(300), isDelivered: true } as const;
    const entries = [{ ...entry, expiresAtMs: undefined }];
    const { rows } = createView().render({ type: "history", peer: ADA, entries, occasion: "asked" });
    assert.equal(rows.at(-1), "            [101 more lines not shown; export FILE has all of it]");
  });

  it("prints the date wherever the day is not that of the row before, forward and back", () => {
    let now = NOW;
    const view = connectedView({ nowMs: () => now });
    now += 86_400_000;
    assert.deepEqual(view.render(said("a", now)).rows, ["       · 21 Nov 2026", "14:03  ada  a"]);
    assert.deepEqual(view.render(said("b", now)).rows, ["14:03  ada  b"]);
    assert.deepEqual(view.render(said("waited", NOW)).rows, ["       · 20 Nov 2026", "14:03  ada  waited"]);
    assert.deepEqual(view.render(said("too", NOW)).rows, ["14:03  ada  too"]);
    const answer: ProgramEvent = { type: "sent", peer: ADA, seq: 0, atMs: now, text: "now" };
    assert.deepEqual(view.render(answer).rows, ["       · 21 Nov 2026", "14:03  you  now"]);
  });

  it("says so at once of what waited since yesterday, where nothing is replaced or broken either", () => {
    const view = connectedView({ columns: Number.POSITIVE_INFINITY, merges: false });
    const before = new Date(2026, 10, 19, 23, 50).getTime();
    assert.deepEqual(view.render(said("good night", before)).rows, ["       · 19 Nov 2026", "23:50  ada  good night"]);
    assert.deepEqual(view.render(said("hi")).rows, ["       · 20 Nov 2026", "14:03  ada  hi"]);
  });

  it("does not repeat a time that has not come yet, or is none", () => {
    for (const atMs of [NOW + 3_600_000, Number.NaN, -1, 1e300]) {
      assert.deepEqual(connectedView().render(said("hi", atMs)).rows, ["14:03  ada  hi"]);
    }
  });

  it("does without UTF-8", () => {
    const view = connectedView({ unicode: false });
    assert.deepEqual(view.render({ type: "rekeyed", peer: ADA, epoch: 1 }).rows, ["       - keys renewed"]);
    assert.deepEqual(view.render(said("süß …")).rows, ["14:03  ada  su<U+00DF> ..."]);
    for (const event of [
      { type: "status", status: STATUS },
      { type: "connected", peer: ADA, pairedNow: true },
    ] as const) {
      assert.match(view.render(event).rows.join("\n"), /^[\n\x20-\x7e]*$/);
    }
  });

  it("colours by the 16-colour palette, the same peer always alike, and says the same without", () => {
    const rows = connectedView({ color: true }).render(said("hi\nthere")).rows;
    // oxlint-disable-next-line no-control-regex
    assert.match(rows[0]!, /^\x1b\[2m14:03\x1b\[22m {2}\x1b\[3[2-6]mada\x1b\[39m {2}hi$/);
    // oxlint-disable-next-line no-control-regex
    const stripped = rows.map((row) => row.replaceAll(/\x1b\[\d+m/g, ""));
    assert.deepEqual(stripped, connectedView().render(said("hi\nthere")).rows);
    assert.deepEqual(connectedView({ color: true }).render(said("hi\nthere")).rows, rows);
  });

  it("knows a peer by a new name once it has been seen", () => {
    const view = connectedView();
    const lovelace = { ...ADA, name: "lovelace" };
    view.render({ type: "peers", peers: [lovelace], connected: [ADA.fingerprint] });
    assert.equal(view.selectedName, "lovelace");
    assert.deepEqual(view.render({ ...said("hi"), peer: lovelace }).rows, ["14:03  lovelace  hi"]);
    const renamed = view.render({ type: "renamed", was: "lovelace", peer: { ...ADA, name: "al" } });
    assert.deepEqual(renamed.rows, ["       · lovelace is called al here"]);
    assert.equal(view.selectedName, "al");
    assert.deepEqual(view.render({ ...said("hi"), peer: { ...ADA, name: "al" } }).rows, ["14:03  al   hi"]);
  });

  it("marks the peer who is connected", () => {
    const view = connectedView({ columns: 120 });
    const { rows } = view.render({ type: "peers", peers: [ADA], connected: [ADA.fingerprint] });
    assert.deepEqual(rows, ["  ada · 7ufq 3xkd m2pa 5t6h … · paired 20 Nov 2026, words not compared yet · connected"]);
  });

  it("puts a name that is more than a word into quotation marks, wherever a sentence of ours holds it", () => {
    const peer = { ...ADA, name: 'bob" left · ada' };
    const view = connectedView({ columns: 200 }, peer);
    const events: ProgramEvent[] = [
      { type: "connected", peer: { ...peer, fingerprint: "gwix" }, pairedNow: true },
      ...(["closed", "cut", "busy", "silent"] as const).map((reason): ProgramEvent => ({
        type: "disconnected",
        reason,
        peer,
        undelivered: 0,
      })),
      { type: "timer", peer, seconds: 60, by: "peer" },
      { type: "unreadable-message", peer, seq: 0 },
      { type: "unknown-message", peer, seq: 0, kind: 'x") · ada left (' },
      { type: "muted", peer, isMuted: true },
      { type: "introduction", id: "1", peer, by: ADA },
      { type: "introduction", id: "2", peer: { ...ADA, fingerprint: "gwix" }, by: peer },
      { type: "introduction-answered", id: "1", isAccepted: true, peer, by: ADA },
      { type: "introduction-answered", id: "2", isAccepted: false, peer: ADA, by: peer },
      { type: "introduced", id: "3", who: [peer, ADA] },
      { type: "peers", peers: [{ ...ADA, introducedBy: peer.name }], connected: [] },
      { type: "address", peer, url: "ws://a:1" },
      { type: "selected", peer, by: "user" },
      { type: "say-all-asked", peers: [peer], text: "hi" },
      { type: "memory", whose: "peer", what: "new", peer, missing: 0 },
      { type: "renamed", was: "ada", peer },
      { type: "forgotten", peer, count: 1 },
      { type: "forget-asked", peer, count: 1 },
      { type: "backlog", peer, seqs: [1] },
      { type: "history", peer, entries: [], occasion: "asked" },
      { type: "peers", peers: [peer], connected: [] },
    ];
    for (const event of events) {
      const text = view.render(event).rows.join("\n");
      assert.ok(text.includes(`"bob' left · ada"`), text);
      assert.equal((text.match(/"/g) ?? []).length % 2, 0, text);
    }
  });

  it("says what became of an introduction", () => {
    const view = createView({ columns: 100 });
    const peer = { ...ADA, name: "cora", fingerprint: "7ufq" };
    const answered = (isAccepted: boolean) =>
      view.render({ type: "introduction-answered", id: "1", isAccepted, peer, by: ADA }).rows;
    assert.deepEqual(answered(true), [
      "       · accepted: cora, introduced by ada; you are connected when cora accepts too",
    ]);
    assert.deepEqual(answered(false), ["       · declined: cora, introduced by ada"]);
    assert.deepEqual(view.render({ type: "introduced", id: "1", who: [peer, ADA] }).rows, [
      "       · cora and ada are asked whether they want to know each other",
    ]);
  });

  it("asks about somebody who is introduced with the keys, the way there, and what to type", () => {
    const view = connectedView({ columns: 100 });
    const peer = { ...ADA, name: "cora", fingerprint: "7ufq 3xkd m2pa 5t6h aaaa bbbb cccc dddd" };
    const rows = (changed: object) => view.render({ type: "introduction", id: "1", peer, by: ADA, ...changed }).rows;
    assert.deepEqual(rows({ url: "ws://c.example:1" }), [
      "ada introduces cora. Accept?",
      "  7ufq 3xkd m2pa 5t6h aaaa bbbb cccc dddd",
      "  If both accept, you connect to ws://c.example:1.",
      "Type accept cora, or decline cora.",
    ]);
    const two = rows({ peer: { ...peer, name: "cora b" } });
    assert.deepEqual(two.slice(2), [
      '  If both accept, "cora b" connects to you.',
      "Type accept 7ufq3xkd, or decline 7ufq3xkd.",
    ]);
    const awaited = { ...peer, introducedBy: "ada", isAwaited: true } as const;
    assert.deepEqual(view.render({ type: "peers", peers: [awaited], connected: [] }).rows, [
      "  cora · 7ufq 3xkd m2pa 5t6h … · has not accepted yet · introduced by ada",
    ]);
  });

  it("shows a message of an unknown kind as such", () => {
    const { rows } = connectedView().render({ type: "unknown-message", peer: ADA, seq: 0, kind: "wave\x1b[2J" });
    assert.deepEqual(rows, ['       · ada sent something that this version can\'t show ("wave")']);
  });

  it("shows a queued line like one that was sent, and nothing when a link takes it", () => {
    const view = connectedView();
    const line = { seq: 3, atMs: NOW, text: "yes" };
    assert.deepEqual(
      view.render({ type: "queued", peer: ADA, ...line }),
      view.render({ type: "sent", peer: ADA, ...line }),
    );
    assert.deepEqual(view.render({ type: "released", peer: ADA, seq: 4, was: 3 }).rows, []);
  });

  it("says how much waits while there is no link, and for whom from the start", () => {
    const view = createView();
    assert.deepEqual(view.render({ type: "backlog", peer: ADA, seqs: [] }).rows, []);
    assert.equal(view.selection.peer, undefined, "no prompt turns to somebody because of what waits");
    const waiting: ProgramEvent = { type: "backlog", peer: ADA, seqs: [4, 5, 6] };
    assert.deepEqual(view.render(waiting).rows, ["       · 3 messages wait for ada"]);
    assert.deepEqual(view.render({ ...waiting, seqs: [4] }).rows, ["       · 1 message waits for ada"]);
    view.render({ type: "connected", peer: ADA, pairedNow: false });
    // The prompt tells it.
    assert.deepEqual(view.render(waiting).rows, []);
  });

  it("says once that messages may have been seen before", () => {
    const view = createView();
    view.render({ type: "backlog", peer: ADA, seqs: [] });
    const again = { ...said("hi"), again: true } as ProgramEvent;
    assert.deepEqual(
      [again, again, said("new")].flatMap((event) => view.render(event).rows),
      [
        "       · stored when the program stopped; you may have seen these",
        "14:03  ada  hi",
        "14:03  ada  hi",
        "14:03  ada  new",
      ],
    );
  });

  it("tells what a store has lost, each way, in sentences", () => {
    assert.equal(lost("own", "new", 0), "The store here is new. Nothing is missing.");
    assert.equal(
      lost("own", "older", 1),
      "The store here is an older copy. 1 message from ada had reached it and is not in it now.",
    );
    assert.equal(
      lost("peer", "new", 3),
      "The store of ada is new. Up to 3 messages of yours had reached it and are not in it now.",
    );
    assert.equal(lost("peer", "older", 0), "The store of ada is an older copy. Nothing is missing.");
  });

  it("tells the timer, what went and what was written", () => {
    const events: [ProgramEvent, string][] = [
      [
        { type: "timer", peer: ADA, seconds: 600, by: "peer" },
        "messages disappear 10 min after they were delivered, set by ada",
      ],
      [
        { type: "timer", peer: ADA, seconds: 90, by: "you" },
        "messages disappear 90 s after they were delivered, set by you",
      ],
      [{ type: "timer", peer: ADA, seconds: 0, by: "you" }, "messages no longer disappear, set by you"],
      [{ type: "exported", peer: ADA, file: "a\u001b[2J.jsonl", count: 120 }, "120 lines written to a.jsonl"],
      [
        { type: "history-limit", peer: ADA, limitBytes: 268_435_456 },
        "The history with ada has reached 256 MiB: its oldest lines are deleted. Change the limit with --history-limit.",
      ],
      [
        { type: "history-limit", peer: ADA, limitBytes: 2 ** 40 },
        "The history with ada has reached 1024 GiB: its oldest lines are deleted. Change the limit with --history-limit.",
      ],
      [
        { type: "history-limit", peer: ADA, limitBytes: 512_000 },
        "The history with ada has reached 500 KiB: its oldest lines are deleted. Change the limit with --history-limit.",
      ],
      [
        { type: "forget-asked", peer: ADA, count: 120 },
        "Type yes to remove all 120 lines kept with ada, or no. Only on this side: what ada keeps stays.",
      ],
      [
        { type: "forget-asked", peer: ADA, count: 1 },
        "Type yes to remove the 1 line kept with ada, or no. Only on this side: what ada keeps stays.",
      ],
      [{ type: "forget-asked", peer: ADA, count: 0 }, "nothing is kept with ada"],
      [{ type: "forgotten", peer: ADA, count: 1 }, "1 line removed; what ada keeps stays"],
      [
        { type: "forget-peer-asked", peer: ADA, history: false, count: 2 },
        "Type yes to end the pairing with ada, or no. To talk again you need a new invite. The history and what is waiting stay; --with-history removes them too.",
      ],
      [
        { type: "forget-peer-asked", peer: ADA, history: true, count: 2 },
        "Type yes to end the pairing with ada, or no. To talk again you need a new invite. This also removes all 2 lines kept with ada and what is waiting.",
      ],
      [
        { type: "peer-forgotten", peer: ADA, history: false },
        "ada is forgotten, and a stranger from now on; the history stays",
      ],
      [
        { type: "peer-forgotten", peer: ADA, history: true },
        "ada is forgotten, and a stranger from now on; the history was removed too",
      ],
      [{ type: "forgotten", peer: ADA, count: 0 }, "nothing was kept with ada"],
      [{ type: "unreadable-message", peer: ADA, seq: 3 }, "ada sent something that is not a message"],
    ];
    for (const [event, text] of events) {
      assert.deepEqual(connectedView({ columns: 200 }).render(event).rows, [`       · ${text}`]);
    }
  });

  it("offers in help what the program has, within 80 columns and 24 rows", () => {
    for (const program of ["lair-server", "lair-client"] as const) {
      const help = createView({ program }).help();
      for (const word of [
        "history N",
        "search WORDS",
        "export FILE",
        "forget",
        "forget-peer NAME",
        "timer 10m",
        "to NAME",
        "who",
      ]) {
        assert.ok(
          help.some((row) => row.startsWith(`  ${word} `)),
          word,
        );
      }
      assert.ok(help.length <= 22 && help.every((row) => row.length <= 80), help.join("\n"));
    }
    assert.ok(
      createView({ program: "lair-server" })
        .help()
        .some((row) => row.includes("invite")),
    );
    assert.ok(
      !createView({ program: "lair-client" })
        .help()
        .some((row) => row.includes("invite")),
    );
  });
});

const BOB: PeerView = { ...ADA, name: "bob", fingerprint: "q4wm 7c2e x2kd o3va" };
const CY: PeerView = { ...ADA, name: "cy", fingerprint: "m1xc 7c2e x2kd o3va" };

/** A prompt that is at ada, where bob is connected too. */
function viewOfTwo(setting: Setting = {}): View {
  const view = createView({ columns: 100, hasPrompt: true, ...setting });
  for (const event of [
    { type: "people", peers: [ADA, BOB, CY] },
    { type: "selected", peer: ADA, by: "user" },
    { type: "connected", peer: ADA, pairedNow: false },
    { type: "connected", peer: BOB, pairedNow: false },
  ] as const) {
    view.render(event);
  }
  return view;
}

function rowsFrom(view: View, peer: PeerView): readonly string[] {
  return view.render({ ...said("hi"), peer }).rows;
}

function hint(name: string): string {
  return `       · @${name} TEXT answers once; to ${name} switches the prompt`;
}

describe("a View of several people", () => {
  it("says once how to answer somebody that the prompt is not at, until it turns", () => {
    const view = viewOfTwo();
    assert.deepEqual(rowsFrom(view, ADA), ["14:03  ada  hi"]);
    assert.deepEqual(rowsFrom(view, BOB), ["14:03  bob  hi", hint("bob")]);
    assert.deepEqual(rowsFrom(view, BOB), ["14:03  bob  hi"]);
    assert.deepEqual(rowsFrom(view, CY).slice(-1), [hint("cy")]);
    view.render({ type: "selected", peer: BOB, by: "user" });
    assert.deepEqual(rowsFrom(view, BOB), ["14:03  bob  hi"]);
    assert.deepEqual(rowsFrom(view, ADA), ["14:03  ada  hi", hint("ada")]);
    view.render({ type: "selected", peer: ADA, by: "user" });
    assert.deepEqual(rowsFrom(view, BOB), ["14:03  bob  hi", hint("bob")]);
  });

  it("puts a name that another's begins into quotation marks, as an answer must", () => {
    const view = viewOfTwo();
    const second = { ...CY, name: "Bob cyab" };
    view.render({ type: "people", peers: [ADA, BOB, second] });
    assert.deepEqual(rowsFrom(view, second).slice(-1), [hint('"Bob cyab"')]);
    assert.deepEqual(rowsFrom(view, BOB).slice(-1), [hint("bob")]);
  });

  it("says nothing of answers where nobody can type, or before the prompt is at somebody", () => {
    assert.deepEqual(rowsFrom(viewOfTwo({ hasPrompt: false }), BOB), ["14:03  bob  hi"]);
    assert.deepEqual(rowsFrom(createView({ hasPrompt: true }), BOB), ["14:03  bob  hi"]);
  });

  it("names the one to whom a line of ours went, if that is not the one at the prompt", () => {
    const view = viewOfTwo();
    for (const type of ["sent", "queued"] as const) {
      assert.deepEqual(view.render({ type, peer: BOB, seq: 0, atMs: NOW, text: "yes" }).rows, ["14:03  you  @bob yes"]);
      assert.deepEqual(view.render({ type, peer: ADA, seq: 0, atMs: NOW, text: "yes" }).rows, ["14:03  you  yes"]);
    }
    assert.equal(view.selection.peer, ADA, "saying something to bob leaves the prompt where it is");
  });

  it("tells renewals of the one at the prompt only", () => {
    const view = viewOfTwo();
    assert.deepEqual(view.render({ type: "rekeyed", peer: BOB, epoch: 1 }).rows, []);
    assert.deepEqual(view.render({ type: "rekeyed", peer: ADA, epoch: 1 }).rows, ["       · keys renewed"]);
    assert.deepEqual(view.render({ type: "rekeyed", peer: BOB, epoch: 2 }), { rows: [], replacesLast: false });
    assert.deepEqual(view.render({ type: "rekeyed", peer: ADA, epoch: 2 }), {
      rows: ["       · keys renewed (2)"],
      replacesLast: true,
    });
  });

  it("tells each reason of another's failed tries once, with the name, and replaces nothing by it", () => {
    const view = viewOfTwo();
    view.render({ ...RETRY, peer: ADA });
    const row = "       · bob: Nobody answers at ws://10.0.0.7:8080. Trying again in 4 s. [ECONNREFUSED]";
    assert.deepEqual(view.render({ ...RETRY, peer: BOB }), { rows: [row], replacesLast: false });
    assert.deepEqual(view.render({ ...RETRY, peer: BOB, attempt: 2 }).rows, []);
    assert.equal(view.render({ ...RETRY, peer: ADA, attempt: 2 }).replacesLast, false);
  });

  it("names whom an error is about, if that is not the one at the prompt", () => {
    const view = viewOfTwo();
    const problem = { code: "x", message: "It broke." };
    assert.deepEqual(view.problem({ ...problem, peer: BOB }), ["bob: It broke. [x]"]);
    assert.deepEqual(view.problem({ ...problem, peer: ADA }), ["It broke. [x]"]);
    assert.deepEqual(view.problem(problem), ["It broke. [x]"]);
  });

  it("says whose lines a search has found", () => {
    const found = { type: "found", words: "hi", entries: [], total: 0 } as const;
    const view = viewOfTwo();
    assert.match(view.render({ ...found, peer: BOB }).rows.join(" "), /, with bob$/);
    assert.match(view.render({ ...found, peer: ADA }).rows.join(" "), /, with ada$/);
    assert.doesNotMatch(view.render({ ...found, peer: undefined }).rows.join(" "), /ada|bob/);
    assert.doesNotMatch(
      createView()
        .render({ ...found, peer: ADA })
        .rows.join(" "),
      /ada/,
    );
  });

  it("switches the prompt with one line that says so, and at the start without", () => {
    const view = viewOfTwo();
    const turned = view.render({ type: "selected", peer: BOB, by: "user" });
    assert.deepEqual(turned.rows, ["       · what you type goes to bob now"]);
    assert.deepEqual(createView().render({ type: "selected", peer: BOB, by: "start" }).rows, []);
  });
});
