// What the operator's listener answers.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { INVITE_TEXT, NOW_MS } from "./fake-operator.ts";
import { openApp } from "./open-app.ts";

const ROOM = "bb".repeat(16);
const PEOPLE = ["ada", "bob", "cy", "dot", "eve"];

describe("what a monitor asks", () => {
  it("is whether the program runs, and whether the hub takes members", async () => {
    const { hub, ask } = openApp();
    const ready = async (): Promise<number> => (await ask("/readyz")).status;
    assert.equal(await ready(), 200);
    hub.failure = new Error("away");
    assert.equal(await ready(), 503);
    hub.failure = undefined;
    hub.isOpen = false;
    assert.equal(await ready(), 503);
    assert.deepEqual(await (await ask("/healthz")).json(), { status: "ok" });
    assert.equal((await ask("/healthz", { method: "HEAD" })).status, 200);
  });

  it("is the status, in short", async () => {
    const expected = { connected_clients: 3, rooms: 2, members: 5, uptime_s: 61, version: "1.2.3" };
    assert.deepEqual(await (await openApp().ask("/status")).json(), expected);
  });

  it("is the metrics, counted once however often they are read", async () => {
    const { ask } = openApp();
    await ask("/metrics");
    const response = await ask("/metrics");
    assert.match(response.headers.get("Content-Type") ?? "", /^text\/plain; version=0\.0\.4/);
    const lines = (await response.text()).split("\n");
    for (const line of [
      'lair_hub_info{version="1.2.3"} 1',
      "lair_hub_connected_clients 3",
      "lair_hub_members 5",
      "lair_hub_rooms 2",
      "lair_hub_store_up 1",
      'lair_hub_calls_total{call="post"} 7',
      'lair_hub_calls_total{call="fetch"} 11',
      'lair_hub_refusals_total{reason="full"} 1',
      'lair_hub_turned_away_total{reason="suspended"} 2',
      "lair_hub_entries_appended_total 13",
      "lair_hub_bytes_appended_total 1700",
      "lair_hub_entries_pruned_total 4",
      "lair_hub_news_sent_total 19",
      "lair_hub_store_failures_total 0",
    ]) {
      assert.ok(lines.includes(line), line);
    }
  });

  it("is that the store does not answer, beside what was counted last", async () => {
    const { hub, ask } = openApp();
    await ask("/metrics");
    hub.failure = new Error("away");
    const text = await (await ask("/metrics")).text();
    assert.match(text, /^lair_hub_store_up 0$/m);
    assert.match(text, /^lair_hub_entries_appended_total 13$/m);
  });
});

describe("the members", () => {
  it("are listed a page at a time, each once, and the last page says so", async () => {
    for (const limit of [1, 2, 5, 6]) {
      const { api } = openApp();
      const handles: string[] = [];
      let next: string | null = "";
      while (next !== null) {
        const after: string = next === "" ? "" : `&after=${encodeURIComponent(next)}`;
        const { json } = await api(`/api/v1/members?limit=${limit}${after}`);
        assert.ok(json.members.length > 0);
        handles.push(...json.members.map(({ handle }: { readonly handle: string }) => handle));
        next = json.next;
      }
      assert.deepEqual(handles, PEOPLE);
    }
  });

  it("are shown one by one, by any handle", async () => {
    const { hub, api } = openApp();
    const handle = "ünï/ço de?";
    hub.members.set(handle, { ...hub.members.get("ada")!, handle });
    const { json } = await api(`/api/v1/members/${encodeURIComponent(handle)}`);
    assert.deepEqual(json, {
      handle,
      fingerprint: "fingerprint of ada",
      role: "member",
      standing: "active",
      joined: "2026-11-27T12:00:00.000Z",
      connected: false,
      rooms: 1,
    });
    assert.equal((await api("/api/v1/members/nobody")).status, 404);
  });

  it("are suspended, let in again, and given a role", async () => {
    const { hub, api } = openApp();
    const change = async (json: unknown, who = "bob") => await api(`/api/v1/members/${who}`, { method: "PATCH", json });
    const suspended = await change({ standing: "suspended" });
    assert.equal(suspended.json.standing, "suspended");
    assert.equal(suspended.json.role, "member");
    const both = await change({ standing: "active", role: "operator" });
    assert.deepEqual([both.json.standing, both.json.role], ["active", "operator"]);
    assert.equal(hub.members.get("bob")?.role, "operator");
    for (const json of [{}, { standing: "away" }, { role: "admin" }, { handle: "x" }, []]) {
      assert.equal((await change(json)).status, 422, JSON.stringify(json));
    }
    assert.equal((await change({ role: "member" }, "nobody")).status, 404);
    assert.deepEqual(
      [...hub.members.values()].map(({ role, standing }) => `${role} ${standing}`),
      ["member active", "operator active", "member active", "member active", "member active"],
    );
  });

  it("are forgotten", async () => {
    const { hub, api } = openApp();
    const forget = async () => (await api("/api/v1/members/cy", { method: "DELETE" })).status;
    assert.equal(await forget(), 204);
    assert.deepEqual([...hub.members.keys()], ["ada", "bob", "dot", "eve"]);
    assert.equal(await forget(), 404);
  });
});

describe("the rooms", () => {
  it("are listed, shown and closed", async () => {
    const { hub, api } = openApp();
    const first = await api("/api/v1/rooms?limit=2");
    assert.equal(first.json.next, ROOM);
    const rest = await api(`/api/v1/rooms?limit=2&after=${ROOM}`);
    assert.equal(rest.json.next, null);
    assert.deepEqual([first.json.rooms.length, rest.json.rooms.length], [2, 1]);
    assert.deepEqual((await api(`/api/v1/rooms/${ROOM}`)).json, {
      room: ROOM,
      listed_name: null,
      members: 2,
      epoch: 3,
      posted: 9,
      kept: 5,
      bytes: 800,
    });
    assert.equal((await api(`/api/v1/rooms/${ROOM}`, { method: "DELETE" })).status, 204);
    assert.equal(hub.rooms.has(ROOM), false);
    assert.equal((await api(`/api/v1/rooms/${ROOM}`)).status, 404);
    assert.equal((await api(`/api/v1/rooms/${ROOM}`, { method: "DELETE" })).status, 404);
  });

  it("are asked for within the limits of a page", async () => {
    const { api } = openApp();
    for (const query of ["limit=0", "limit=501", "limit=many", "limit=1.5", "after=xyz", "order=size"]) {
      assert.equal((await api(`/api/v1/rooms?${query}`)).status, 422, query);
    }
    assert.equal((await api("/api/v1/rooms?limit=500")).status, 200);
  });
});

describe("the invites", () => {
  it("are made, for one person and one day if nothing is said, and the secret is told once", async () => {
    const { hub, api } = openApp();
    const { status, json } = await api("/api/v1/invites", { method: "POST" });
    const made = { id: "19", uses: 1, expires: "2026-11-28T12:00:00.000Z" };
    assert.deepEqual([status, json], [201, { ...made, invite: INVITE_TEXT }]);
    const more = await api("/api/v1/invites", { method: "POST", json: { uses: 30, expires_in_s: 60 } });
    assert.equal(more.json.uses, 30);
    assert.equal(hub.invites.get(more.json.id)?.expiresAtMs, NOW_MS + 60_000);
    const listed = await api("/api/v1/invites");
    assert.ok(!JSON.stringify(listed.json).includes(INVITE_TEXT));
    assert.deepEqual(listed.json.invites[1], made);
    // It has no end.
    assert.equal(listed.json.invites[0].expires, "9999-12-31T23:59:59.000Z");
  });

  it("are revoked", async () => {
    const { hub, api } = openApp();
    assert.equal((await api("/api/v1/invites/17", { method: "DELETE" })).status, 204);
    assert.equal(hub.invites.size, 0);
    assert.equal((await api("/api/v1/invites/17", { method: "DELETE" })).status, 404);
  });
});

describe("the numbers", () => {
  it("are those of the hub, by name", async () => {
    assert.deepEqual((await openApp().api("/api/v1/numbers")).json, {
      connected_clients: 3,
      members: 5,
      rooms: 2,
      uptime_s: 61,
      calls: { post: 7, fetch: 11 },
      refusals: { full: 1 },
      turned_away: { suspended: 2 },
      entries_appended: 13,
      bytes_appended: 1_700,
      entries_pruned: 4,
      news_sent: 19,
      store_failures: 0,
    });
  });
});
