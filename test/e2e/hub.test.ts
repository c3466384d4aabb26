// lair-hub as it is started: its operator comes by the invite that it prints, calls are answered, and its operator's listener
// tells and does what it should, with the token and without.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { nameOfNews } from "../../src/core/hub/calls.ts";
import { CLOSE_REASON, READS_ENTRIES, ROOMS } from "../../src/index.ts";
import { faultOfEvent } from "../json-schema.ts";
import { logOf, statusOf } from "./hub-home.ts";
import { HubMemberPerson, reasonOf } from "./hub-member.ts";
import { Program } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "lair-hub-"));
const home = join(folder, "home");

function startHub(...args: readonly string[]): Program {
  const always = ["--home", home, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--json", "--log-json"];
  return new Program("lair-hub", [...always, ...args], { env: {}, input: "ignore" });
}

describe("lair-hub", () => {
  let hub: Program;
  let admin = "";
  let token = "";
  let invite = "";
  const ada = new HubMemberPerson("ada");

  async function ask(path: string, init: RequestInit = {}): Promise<{ status: number; json: Record<string, unknown> }> {
    const response = await fetch(`${admin}${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    });
    const text = await response.text();
    return { status: response.status, json: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>) };
  }

  async function setStanding(handle: string, standing: string) {
    return await ask(`/api/v1/members/${handle}`, { method: "PATCH", body: JSON.stringify({ standing }) });
  }

  before(async () => {
    hub = startHub();
    const listening = await hub.next("listening");
    admin = String(listening["admin"]);
    token = readFileSync(String(listening["tokenFile"]), "utf8").trim();
    assert.equal(statSync(String(listening["tokenFile"])).mode & 0o777, 0o600);
    const operator = await hub.next("invite");
    assert.equal(operator["for"], "operator");
    assert.equal(operator["uses"], 1);
    invite = String(operator["invite"]);
  });
  after(() => {
    if (hub.isRunning) process.kill(hub.pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  it("tells a monitor how it is, without a token", async () => {
    for (const [path, expected] of [
      ["/healthz", { status: "ok" }],
      ["/readyz", { status: "ready" }],
    ] as const) {
      const response = await fetch(`${admin}${path}`);
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), expected);
    }
    const status = (await (await fetch(`${admin}/status`)).json()) as Record<string, unknown>;
    assert.equal(status["connected_clients"], 0);
    assert.equal(status["rooms"], 0);
    assert.match(String(status["version"]), /^\d+\.\d+\.\d+/);
    assert.equal(typeof status["uptime_s"], "number");
    assert.match(await (await fetch(`${admin}/metrics`)).text(), /^lair_hub_connected_clients 0$/m);
  });

  it("tells nothing of the API to who has no token", async () => {
    for (const headers of [{}, { Authorization: `Bearer ${"A".repeat(43)}` }, { Authorization: "Basic YTpi" }]) {
      const response = await fetch(`${admin}/api/v1/members`, { headers });
      assert.equal(response.status, 401);
      assert.equal(response.headers.get("content-type"), "application/problem+json");
    }
  });

  it("tells nothing under a foreign name, and a web page nothing", async () => {
    const { port } = new URL(admin);
    assert.equal(await statusOf(`${admin}/status`), 200);
    assert.equal(await statusOf(`${admin}/status`, { Host: `localhost:${port}` }), 200);
    const Authorization = `Bearer ${token}`;
    assert.equal(await statusOf(`${admin}/api/v1/members`, { Authorization }), 200);
    for (const [status, headers] of [
      [421, { Host: "evil.example" }],
      [403, { Origin: "https://evil.example" }],
    ] as const) {
      assert.equal(await statusOf(`${admin}/healthz`, headers), status);
      assert.equal(await statusOf(`${admin}/api/v1/members`, { ...headers, Authorization }), status);
    }
  });

  it("makes the first who uses the invite its operator, and answers calls", async () => {
    const connection = await ada.connect(invite);
    const found = await connection.call("find", { key: undefined, handle: "ada" });
    assert.equal(found.type, "answered");
    const { json } = await ask("/api/v1/members");
    const [member] = json["members"] as { handle: string; role: string; connected: boolean }[];
    assert.equal(member?.handle, "ada");
    assert.equal(member?.role, "operator");
    assert.equal(member?.connected, true);
    assert.equal(json["next"], null);
    connection.leave();
    assert.equal(reasonOf(await connection.ended), CLOSE_REASON.goodbye);
  });

  it("lets nobody in by an invite that was used, and a member without one", async () => {
    const stranger = await new HubMemberPerson("eve").connect(invite);
    assert.notEqual(reasonOf(await stranger.ended), CLOSE_REASON.goodbye);
    const again = await ada.connect(invite);
    assert.equal((await again.call("rooms", {})).type, "answered");
    again.leave();
    await again.ended;
  });

  it("makes an invite for several, which ends when it is used up", async () => {
    const made = new Program(
      "lair-hub",
      ["invite", "--uses", "2", "--json", "--home", home, "--admin-listen", admin.slice(7)],
      {
        env: {},
        input: "ignore",
      },
    );
    assert.equal((await made.exited).code, 0, made.stderr);
    const text = String(made.all("invite")[0]?.["invite"]);
    for (const name of ["bob", "cleo"]) {
      const connection = await new HubMemberPerson(name).connect(text);
      assert.equal((await connection.call("rooms", {})).type, "answered");
      connection.leave();
      await connection.ended;
    }
    const late = await new HubMemberPerson("dan").connect(text);
    assert.notEqual(reasonOf(await late.ended), CLOSE_REASON.goodbye);
    const { json } = await ask("/api/v1/members?limit=2");
    assert.equal(json["next"], "bob");
  });

  it("ends the session of a member who is suspended, and lets it in again", async () => {
    const connection = await ada.connect(invite);
    await connection.call("rooms", {});
    const { json } = await setStanding("ada", "suspended");
    assert.equal(json["standing"], "suspended", JSON.stringify(json));
    assert.equal(reasonOf(await connection.ended), CLOSE_REASON.notTrusted);
    const refused = await ada.connect(invite);
    assert.equal(reasonOf(await refused.ended), CLOSE_REASON.notTrusted);
    await setStanding("ada", "active");
    const back = await ada.connect(invite);
    assert.equal((await back.call("rooms", {})).type, "answered");
    back.leave();
    await back.ended;
  });

  it("tells an entry itself to a member whose program says that it reads such news, and others where to look", async () => {
    const connection = await ada.connect(invite);
    const [room, bytes] = [new Uint8Array(16).fill(5), new Uint8Array(512)];
    await connection.call("create", { room, listedName: undefined });
    const people = [new HubMemberPerson("new", [ROOMS, READS_ENTRIES]), ada];
    connection.leave();
    await connection.ended;
    const news: (string | undefined)[] = [];
    for (const person of people) {
      const { json } = await ask("/api/v1/invites", { method: "POST", body: "{}" });
      const member = await person.connect(String(json["invite"]));
      const own = person === ada ? room : new Uint8Array(16).fill(6);
      if (person !== ada) await member.call("create", { room: own, listedName: undefined });
      await member.call("read", { room: own, from: 0 });
      const heard = new Promise<Uint8Array>((resolve) => (member.onNews = resolve));
      const posted = await member.call("post", { room: own, type: "message", id: own, epoch: 0, bytes });
      assert.equal(posted.type, "answered");
      news.push(nameOfNews(await heard));
      member.leave();
      await member.ended;
    }
    assert.deepEqual(news, ["entry", "entries"]);
  });

  it("turns away a program that makes no calls", async () => {
    const { json } = await ask("/api/v1/invites", { method: "POST", body: "{}" });
    const talker = await new HubMemberPerson("talker", []).connect(String(json["invite"]));
    assert.equal(reasonOf(await talker.ended), CLOSE_REASON.notTrusted);
    // Its use is not counted.
    const invites = (await ask("/api/v1/invites")).json["invites"] as { id: string; uses: number }[];
    assert.equal(invites.find(({ id }) => id === json["id"])?.uses, 1);
  });

  it("says goodbye to its members when it is told to end, and shows no secret in its log", async () => {
    const connection = await ada.connect(invite);
    await connection.call("rooms", {});
    process.kill(hub.pid, "SIGTERM");
    assert.equal(reasonOf(await connection.ended), CLOSE_REASON.shuttingDown);
    assert.equal((await hub.exited).code, 143);
    for (const event of hub.events) assert.equal(faultOfEvent(event), undefined);
    const log = logOf(hub);
    assert.ok(log.some(({ event }) => event === "member-arrived"));
    assert.ok(log.some(({ event }) => event === "not-a-member"));
    assert.ok(!log.some(({ event }) => event === "failed"), hub.stderr);
    for (const secret of [token, invite.split("#")[1]!]) assert.ok(!hub.stderr.includes(secret));
  });

  it("has no other invite for an operator later, and with --open one for anybody", async () => {
    hub = startHub("--open");
    await hub.next("listening");
    const standing = await hub.next("invite");
    assert.equal(standing["for"], "anybody");
    for (const name of ["finn", "gus"]) {
      const connection = await new HubMemberPerson(name).connect(String(standing["invite"]));
      assert.equal((await connection.call("rooms", {})).type, "answered");
      connection.leave();
      await connection.ended;
    }
    assert.equal(hub.all("invite").length, 1);
    process.kill(hub.pid, "SIGINT");
    assert.equal((await hub.exited).code, 130);
  });
});
