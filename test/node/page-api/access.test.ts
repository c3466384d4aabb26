// Who gets in at the page's listener, and what is refused.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CallName, CALLS } from "../../../src/app/api/calls.ts";
import { PROBLEM_JSON } from "../../../src/node/http/problem.ts";
import { SAMPLES } from "./fake-api.ts";
import { type Asked, BEARER, HOST, type Json, openPage, type OpenPage, requestOf, TOKEN } from "./open-page.ts";
import { signInWith } from "./sign-in.ts";

const STATUS = "/api/v1/status";

/** Asserts a problem document of a code. */
async function problem(response: Response, status: number, code: string): Promise<void> {
  assert.equal(response.headers.get("Content-Type"), PROBLEM_JSON);
  const document = (await response.json()) as Record<string, unknown>;
  assert.deepEqual([response.status, document["code"]], [status, code]);
}

describe("a program", () => {
  it("needs the token for every call, whole", async () => {
    const { api, ask } = openPage();
    for (const name of Object.keys(CALLS) as CallName[]) {
      const response = await ask(...requestOf(name, SAMPLES[name][0]));
      assert.match(response.headers.get("WWW-Authenticate") ?? "", /^Bearer /);
      await problem(response, 401, "token-needed");
    }
    for (const other of ["", TOKEN.slice(1), `${TOKEN}0`, TOKEN.toUpperCase(), `${TOKEN} ${TOKEN}`]) {
      const headers = { Authorization: `Bearer ${other}` };
      assert.equal((await ask(STATUS, { headers })).status, 401, other);
    }
    assert.equal((await ask(STATUS, { headers: { Authorization: `Basic ${TOKEN}` } })).status, 401);
    assert.equal((await ask(`${STATUS}?token=${TOKEN}`)).status, 401);
    assert.deepEqual(api.calls, []);
    assert.equal((await ask(STATUS, { headers: BEARER })).status, 200);
  });

  it("learns without it nothing of what is there, and no body is read before", async () => {
    const { ask } = openPage();
    for (const path of ["/api/v1/nothing", "/api/v1/openapi.json", "/api/v1/events", "/api/"]) {
      await problem(await ask(path), 401, "token-needed");
    }
    assert.equal((await ask("/api/v1/send", { method: "POST", body: "x".repeat(10 * 1_024 * 1_024) })).status, 401);
    await problem(await ask("/api/v1/nothing", { headers: BEARER }), 404, "not-found");
    const wrongMethod = await ask(STATUS, { method: "DELETE", headers: BEARER });
    assert.equal(wrongMethod.headers.get("Allow"), "GET");
    await problem(wrongMethod, 405, "method-not-allowed");
  });

  it("that tries many wrong tokens is told to wait, and the user hears of it; the right one still gets in", async () => {
    let nowMs = 0;
    let told = 0;
    const { ask } = openPage({ nowMs: () => nowMs, onWrongTokens: () => (told += 1) });
    const wrong = async (): Promise<number> =>
      (await ask(STATUS, { headers: { Authorization: "Bearer wrong" } })).status;
    for (let count = 0; count < 20; count += 1) assert.equal(await wrong(), 401);
    assert.equal(told, 0);
    assert.deepEqual([await wrong(), await wrong(), told], [429, 429, 1]);
    assert.equal((await ask(STATUS, { headers: BEARER })).status, 200);
    nowMs = 3_000;
    assert.deepEqual([await wrong(), await wrong(), told], [401, 429, 1]);
  });
});

/** Signs in, and gives what the page has sent at last. */
async function answered(post: OpenPage["post"]) {
  const sent: object[] = [];
  const answer = await signInWith(
    async (path, json) => {
      sent.push(json);
      return await post(path, json);
    },
    TOKEN,
    9,
  );
  return { answer, sent: sent.at(-1)! };
}

describe("the page", () => {
  it("gets a cookie that no script reads and no other site sends, and a key, for its proof", async () => {
    const { ask, post, signIn } = openPage();
    const response = await signInWith(post, TOKEN, 9);
    assert.equal(response.status, 200);
    const cookie = response.headers.get("Set-Cookie") ?? "";
    assert.match(cookie, /^lair-9=[\w-]{43}; Path=\/api\/v1; HttpOnly; SameSite=Strict$/);
    const session = await signIn();
    assert.equal((await ask(STATUS, { headers: session })).status, 200);
    // Neither tells the token or the other.
    assert.equal(new Set([TOKEN, session["Lair-Page"], session.Cookie.split("=")[1]]).size, 3);
  });

  it("is told what proves the program, on this port and in this run alone, and the page's proof is good for a minute", async () => {
    let nowMs = 0;
    const clock = { nowMs: () => nowMs };
    const { post } = openPage(clock);
    const pageNonce = "n".repeat(43);
    const told = async (page: OpenPage): Promise<Json> =>
      await (await page.post("/api/v1/session/proof", { pageNonce })).json();
    const proofs = await Promise.all([openPage(clock), openPage({ ...clock, port: 10 })].map(told));
    const { nonce, proof } = await told(openPage(clock));
    assert.equal(new Set([proof, ...proofs.map((one: Json) => one.proof)]).size, 3);
    // A proof of the program is none of the page, nor is one for the nonce of another run.
    await problem(await post("/api/v1/session", { pageNonce, nonce, proof }), 401, "token-needed");
    const { answer, sent } = await answered(post);
    assert.equal(answer.status, 200);
    await problem(await openPage(clock).post("/api/v1/session", sent), 401, "token-needed");
    nowMs = 60_001;
    await problem(await post("/api/v1/session", sent), 401, "token-needed");
  });

  it("is not let in for a wrong proof, and those are counted like wrong tokens", async () => {
    const { ask, post } = openPage();
    for (const [token, port] of [
      ["wrong", 9],
      [TOKEN, 10],
    ] as const) {
      await problem(await signInWith(post, token, port), 401, "token-needed");
    }
    for (let count = 0; count < 18; count += 1) await signInWith(post, "wrong", 9);
    assert.equal((await signInWith(post, "wrong", 9)).status, 429);
    assert.equal((await signInWith(post, TOKEN, 9)).status, 200);
    const long = { pageNonce: "n".repeat(2_000) };
    await problem(await post("/api/v1/session/proof", long), 413, "body-too-large");
    assert.equal((await post("/api/v1/session/proof", { pageNonce: "a b" })).status, 422);
    await problem(await ask("/api/v1/session", { method: "POST", headers: BEARER }), 422, "invalid");
  });

  it("needs the cookie and the key, of this program and this token", async () => {
    const { api, ask, signIn } = openPage();
    const { Cookie, "Lair-Page": key } = await signIn();
    const old = await openPage({ token: `${TOKEN}-of-before` }).signIn();
    for (const headers of [
      { Cookie },
      { "Lair-Page": key },
      { Cookie, "Lair-Page": `${key}x` },
      { Cookie: `${Cookie}x`, "Lair-Page": key },
      { Cookie: `${Cookie}x; ${Cookie}y`, "Lair-Page": key },
      { Cookie: Cookie.replace("lair-9", "lair-10"), "Lair-Page": key },
      { Cookie: old.Cookie, "Lair-Page": key },
      { Cookie, "Lair-Page": old["Lair-Page"] },
      old,
      { Cookie: `lair-9=${TOKEN}`, "Lair-Page": TOKEN },
    ] as Record<string, string>[]) {
      await problem(await ask(STATUS, { headers }), 401, "token-needed");
    }
    assert.deepEqual(api.calls, []);
    // The server of another port can set cookies here, of this name, too.
    for (const cookies of [`other=1; ${Cookie}; more=2`, `lair-9=planted; ${Cookie}`, `${Cookie}; lair-9=planted`]) {
      assert.equal((await ask(STATUS, { headers: { Cookie: cookies, "Lair-Page": key } })).status, 200);
    }
  });

  it("cannot make a new session out of its own, and signs out", async () => {
    const { ask, signIn } = openPage();
    const session = await signIn();
    const made = await ask("/api/v1/session", { method: "POST", headers: session, json: {} });
    await problem(made, 422, "invalid");
    const response = await ask("/api/v1/session", { method: "DELETE", headers: session });
    assert.equal(response.status, 204);
    assert.match(response.headers.get("Set-Cookie") ?? "", /^lair-9=; .*Max-Age=0$/);
    assert.equal((await ask("/api/v1/session", { method: "DELETE" })).status, 401);
  });

  it("has a cookie and a key of this run alone: who has taken the port meanwhile has nothing of them", async () => {
    const session = await openPage().signIn();
    assert.equal((await openPage().ask(STATUS, { headers: session })).status, 401);
  });
});

describe("the page of somebody else", () => {
  const paths = ["/", "/assets/page-1234.js", STATUS, "/api/v1/session", "/nothing"];

  it("is refused for the name that it asked for: DNS rebinding", async () => {
    const { ask } = openPage();
    for (const Host of ["evil.example", "evil.example:9", "127.0.0.1.evil.example", "", `${HOST}, ${HOST}`]) {
      for (const path of paths) await problem(await ask(path, { headers: { ...BEARER, Host } }), 421, "foreign-host");
    }
  });

  it("is refused for its origin, with everything that lets the user in, too", async () => {
    const { ask, signIn } = openPage();
    const session = await signIn();
    for (const Origin of [
      "https://evil.example",
      "null",
      "http://127.0.0.1:10",
      "http://localhost:9",
      `https://${HOST}`,
    ]) {
      for (const path of paths) {
        const headers = { ...BEARER, ...session, Origin };
        await problem(await ask(path, { headers }), 403, "foreign-page");
      }
    }
    const own = { ...session, Origin: `http://${HOST}`, "Sec-Fetch-Site": "same-origin" };
    assert.equal((await ask(STATUS, { headers: own })).status, 200);
    // Another port of this machine is the same site, and another program.
    for (const site of ["cross-site", "same-site", "anything"]) {
      for (const path of paths) {
        const headers = { ...BEARER, ...session, "Sec-Fetch-Site": site };
        await problem(await ask(path, { headers }), 403, "foreign-page");
      }
    }
  });

  it("may lead to this page by a link, and not show it in a frame, load its files or post a form to it", async () => {
    const { ask } = openPage();
    const visit = { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" };
    const site = async (path: string, headers: object, asked: Asked = {}) =>
      (await ask(path, { ...asked, headers: { ...visit, ...headers } })).status;
    assert.equal(await site("/", {}), 200);
    assert.equal(await site("/", { "Sec-Fetch-Dest": "iframe" }), 403);
    assert.equal(await site("/assets/page-1234.js", { "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script" }), 403);
    assert.equal(await site("/", {}, { method: "POST" }), 403);
    assert.equal(await site(STATUS, BEARER), 403);
  });

  it("gets no leave of CORS", async () => {
    const { ask } = openPage();
    const headers = { Origin: "https://evil.example", "Access-Control-Request-Method": "POST" };
    const response = await ask("/api/v1/send", { method: "OPTIONS", headers });
    assert.equal(response.status, 403);
    for (const [name] of response.headers) assert.doesNotMatch(name, /^access-control/i);
  });
});

describe("what the listener sends", () => {
  it("keeps out of caches, frames, other sites and other kinds of content, whatever it is", async () => {
    const { ask } = openPage();
    const answers = [
      await ask("/"),
      await ask("/assets/page-1234.js"),
      await ask(STATUS, { headers: BEARER }),
      await ask(STATUS),
      await ask("/nothing"),
      await ask("/", { headers: { Host: "evil.example" } }),
    ];
    for (const { headers } of answers) {
      const policy = headers.get("Content-Security-Policy") ?? "";
      assert.match(policy, /^default-src 'none'; /);
      assert.match(policy, /frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'$/);
      assert.doesNotMatch(policy, /unsafe|\*|https?:/);
      assert.equal(headers.get("Referrer-Policy"), "no-referrer");
      assert.equal(headers.get("X-Content-Type-Options"), "nosniff");
      assert.equal(headers.get("Cross-Origin-Opener-Policy"), "same-origin");
      assert.equal(headers.get("Cross-Origin-Resource-Policy"), "same-origin");
      assert.match(headers.get("Cache-Control") ?? "", /^(?:no-store|private, max-age=31536000, immutable)$/);
    }
    assert.match(answers[1]!.headers.get("Cache-Control") ?? "", /immutable/);
  });

  it("is the page's files at their addresses, for reading, and nothing beside them", async () => {
    const { ask } = openPage();
    const page = await ask("/?x=1");
    assert.equal(page.headers.get("Content-Type"), "text/html; charset=utf-8");
    assert.match(await page.text(), /<title>Lair/);
    const head = await ask("/assets/page-1234.js", { method: "HEAD" });
    assert.deepEqual([head.status, await head.text(), head.headers.get("Content-Length")], [200, "", "7"]);
    await problem(await ask("/", { method: "POST" }), 404, "not-found");
    for (const path of [
      "/index.html",
      "/assets/",
      "/assets/page-1234.js/",
      "/assets/PAGE-1234.js",
      "//assets/page-1234.js",
      "/assets//page-1234.js",
      "/assets%2fpage-1234.js",
      "/assets/..%2f..%2fetc%2fpasswd",
      "/assets/%2e%2e%2fpackage.json",
      "/assets/page-1234.js%00",
      "/assets/%zz",
      "/__proto__",
    ]) {
      await problem(await ask(path), 404, "not-found");
    }
  });

  it("is for an id that looks like a path whatever the program says of it, and for no other call", async () => {
    const { api, ask } = openPage();
    await ask("/api/v1/conversations/..%2f..%2fstatus/messages", { headers: BEARER });
    assert.deepEqual(api.calls.at(-1)?.input, { conversation: "../../status" });
    assert.equal(api.calls.at(-1)?.name, "messages");
  });
});
