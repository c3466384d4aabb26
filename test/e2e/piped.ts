// A client that is a pipe, and a server that speaks JSON: for the tests of standard input and output.

import type { Program } from "./program.ts";
import { Proxy } from "./proxy.ts";
import { connected, inviteOf, portOf, type Fixture } from "./fixture.ts";

/** A server that speaks JSON and a client that is a pipe, connected, with a wire in between. */
export async function piped(fixture: Fixture, clientArgs: readonly string[] = [], serverArgs: readonly string[] = []) {
  const server = fixture.server({ args: serverArgs });
  const proxy = await Proxy.to(fixture, await portOf(server));
  const file = fixture.file(await inviteOf(server));
  const client = fixture.client({ args: [proxy.url, "--invite-file", file, ...clientArgs], json: false });
  await connected(server, client);
  return { server, client, proxy };
}

/** What the server has been told. */
export function textsOf(server: Program): readonly unknown[] {
  return server.all("message").map(({ text }) => text);
}
