// A server with several people: clients that are paired with it one after another, each in a home of its own.

import type { Program } from "./program.ts";
import { connected, type Fixture } from "./fixture.ts";

export interface Person {
  readonly name: string;
  readonly home: string;
  readonly program: Program;
  /** How a command names this person, whatever the name is. */
  readonly fingerprint: string;
}

/** Pairs one more person with a server that speaks JSON. */
export async function joinServer(
  fixture: Fixture,
  server: Program,
  name: string,
  home = fixture.home(),
): Promise<Person> {
  const [invites, meetings] = [server.all("invite").length, server.all("connected").length];
  server.tell({ command: "invite" });
  const invite = String((await server.count("invite", invites + 1)).at(-1)!["invite"]);
  const program = fixture.client({ home, args: ["--name", name, "--invite-file", fixture.file(invite)] });
  await connected(program);
  const meeting = (await server.count("connected", meetings + 1)).at(-1)!;
  return { name, home, program, fingerprint: (meeting["peer"] as { fingerprint: string }).fingerprint };
}

/** A server that speaks JSON, with these people connected. */
export async function serverWith(
  fixture: Fixture,
  names: readonly string[],
  args: readonly string[] = [],
): Promise<{ readonly server: Program; readonly people: readonly Person[] }> {
  const server = fixture.server({ args });
  await server.next("listening");
  const people: Person[] = [];
  for (const name of names) people.push(await joinServer(fixture, server, name));
  return { server, people };
}

/** The texts that a program has received. */
export function receivedBy(program: Program): readonly unknown[] {
  return program.all("message").map(({ text }) => text);
}
