// Where a real lair-hub listens: with TLS for its members, and for its operator on another address than loopback.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, it } from "node:test";
import { HubHome, statusOf, stopped } from "./hub-home.ts";
import { HubMemberPerson } from "./hub-member.ts";

const home = new HubHome();
after(() => home.end());

it("talks TLS with a certificate, and has no operator's listener with --admin-listen off", async () => {
  const [cert, key] = [join(home.folder, "cert.pem"), join(home.folder, "key.pem")];
  const what = ["-subj", "/CN=lair", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync("openssl", ["req", "-x509", ...kind, ...what, "-keyout", key, "-out", cert], { stdio: "pipe" });
  const hub = await home.start("--tls-cert", cert, "--tls-key", key, "--admin-listen", "off");
  assert.match(hub.url, /^wss:/);
  assert.match(hub.invite ?? "", /^lairs:/);
  assert.equal(hub.admin, "");
  const member = await new HubMemberPerson("ada").connect(hub.invite!, readFileSync(cert, "utf8"));
  assert.equal((await member.call("rooms", {})).type, "answered");
  await assert.rejects(new HubMemberPerson("eve").connect(hub.invite!), /self-signed/);
  member.leave();
  await member.ended;
  await stopped(hub);
  const refused = home.launch("--tls-cert", key, "--tls-key", key);
  assert.equal((await refused.exited).code, 2);
});

it("warns of an operator's listener that other machines reach; all but /healthz then needs the token", async () => {
  const hub = await home.start("--admin-listen", "0.0.0.0:0");
  await hub.program.next("notice", ({ message }) => String(message).includes("not encrypted"));
  const admin = `http://127.0.0.1:${new URL(hub.admin).port}`;
  const Authorization = `Bearer ${home.token}`;
  assert.equal(await statusOf(`${admin}/healthz`), 200);
  for (const path of ["/readyz", "/status", "/metrics", "/api/v1/members", "/elsewhere"]) {
    assert.equal(await statusOf(`${admin}${path}`), 401, path);
    assert.equal(await statusOf(`${admin}${path}`, { Authorization }), path === "/elsewhere" ? 404 : 200, path);
  }
  await stopped(hub);
});
