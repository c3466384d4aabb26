// TLS: the real server with a certificate, and what a client says that does not trust it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { connected, inviteOf, Fixture, urlOf } from "../e2e/fixture.ts";

describe("wss://", { concurrency: 3 }, () => {
  const fixture = new Fixture();
  const [cert, key] = [fixture.path("cert.pem"), fixture.path("key.pem")];
  before(() => {
    const what = ["-subj", "/CN=lair", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    execFileSync("openssl", ["req", "-x509", ...kind, ...what, "-keyout", key, "-out", cert], { stdio: "pipe" });
  });
  after(() => fixture.clear());

  it("connects where the certificate is known to the system", async () => {
    const server = fixture.server({ args: ["--tls-cert", cert, "--tls-key", key] });
    const invite = await inviteOf(server);
    assert.match(await urlOf(server), /^wss:\/\/127\.0\.0\.1:\d+$/);
    assert.match(invite, /^lairs:\/\//);
    const file = fixture.file(invite);
    const client = fixture.client({ args: ["--invite-file", file], env: { NODE_EXTRA_CA_CERTS: cert } });
    await connected(server, client);
    client.tell({ send: "through TLS" });
    assert.equal((await server.next("message"))["text"], "through TLS");
  });

  it("is not trusted otherwise: 3, and what to do", async () => {
    const server = fixture.server({ args: ["--tls-cert", cert, "--tls-key", key] });
    const client = fixture.client({ args: ["--invite-file", fixture.file(await inviteOf(server))], json: false });
    await client.leaves(3);
    assert.match(client.stderr, /certificate of wss:\/\/127\.0\.0\.1:\d+ cannot be trusted[^]*NODE_EXTRA_CA_CERTS/);
    assert.deepEqual(server.all("connected"), []);
  });

  it("is not what a server without TLS speaks: 3", async () => {
    const server = fixture.server();
    const file = fixture.file(await inviteOf(server));
    const url = (await urlOf(server)).replace("ws:", "wss:");
    const client = fixture.client({ args: [url, "--invite-file", file], json: false });
    await client.leaves(3);
    assert.match(client.stderr, /\[[A-Z_]+\] \[unreachable\]/);
  });

  it("needs a certificate and a key that can be used: 2", async () => {
    chmodSync(cert, 0o600);
    const server = fixture.server({ args: ["--tls-cert", key, "--tls-key", cert], json: false });
    await server.leaves(2);
    assert.match(server.stderr, /certificate and key cannot be used/);
    const missing = fixture.server({ args: ["--tls-cert", fixture.path("none"), "--tls-key", key], json: false });
    await missing.leaves(2);
    assert.match(missing.stderr, /none cannot be read/);
  });
});
