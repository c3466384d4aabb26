// Stores that are put back from an old copy or taken away, with two real programs: both people are told, nothing is shown
// twice, and the two go on. What is played for either role, here and in the long runs.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type { JsonEvent, Program } from "./program.ts";
import { heard, RestartablePair, type Role, settled, textsOf } from "./restartable-pair.ts";
import type { Fixture } from "./fixture.ts";

const OTHER = { server: "client", client: "server" } as const;

/** What a program was told of stores, without whom it is about. */
export function memories(program: Program): readonly unknown[] {
  return program.all("memory").map(({ whose, what, missing }: JsonEvent) => ({ whose, what, missing }));
}

/** Each says something, and it arrives. */
export async function conversation(pair: RestartablePair, text: string): Promise<void> {
  const { server, client } = pair;
  const before = { server: textsOf(server).length, client: textsOf(client).length };
  server.tell({ send: `${text} from the server` });
  client.tell({ send: `${text} from the client` });
  await Promise.all([
    heard(server, before.server + 1),
    heard(client, before.client + 1),
    server.count("delivered", server.all("sent").length),
  ]);
  await Promise.all([settled(server), settled(client)]);
}

export async function bothQuit(pair: RestartablePair): Promise<void> {
  await pair.quit("client");
  await pair.quit("server");
}

/** Puts an old copy of a role's store back, with a line in it that was delivered since. */
export async function playOldCopy(fixture: Fixture, role: Role): Promise<void> {
  const other = OTHER[role];
  const pair = await RestartablePair.begin(fixture);
  await conversation(pair, "first");
  await pair.kill(other);
  pair[role].tell({ send: "queued when it was copied" });
  await pair[role].next("queued");
  await pair.kill(role);
  const putBack = pair.backUp(role);

  await pair.meet();
  assert.deepEqual(await heard(pair[other], 1), ["queued when it was copied"]);
  await pair[role].next("delivered");
  await conversation(pair, "second");
  await conversation(pair, "third");
  await bothQuit(pair);

  putBack();
  await pair.meet();
  await Promise.all([pair.server.count("memory", 1), pair.client.count("memory", 1)]);
  await conversation(pair, "fourth");
  await conversation(pair, "fifth");
  assert.deepEqual(textsOf(pair[other]), [`fourth from the ${role}`, `fifth from the ${role}`]);
  assert.deepEqual(textsOf(pair[role]), [`fourth from the ${other}`, `fifth from the ${other}`]);
  // Once.
  assert.deepEqual(memories(pair[role]), [{ whose: "own", what: "older", missing: 2 }]);
  assert.deepEqual(memories(pair[other]), [{ whose: "peer", what: "older", missing: 2 }]);
}

/** Takes the stores of these roles away, and with them the pairings: who they are stays. */
export async function playGone(fixture: Fixture, roles: readonly Role[]): Promise<void> {
  const pair = await RestartablePair.begin(fixture);
  await conversation(pair, "first");
  await conversation(pair, "second");
  await bothQuit(pair);
  for (const role of roles) for (const file of pair.storeFiles(role)) rmSync(file);
  await pair.pairAnew();
  await conversation(pair, "third");
  await conversation(pair, "fourth");
  for (const role of ["server", "client"] as const) {
    assert.deepEqual(textsOf(pair[role]), [`third from the ${OTHER[role]}`, `fourth from the ${OTHER[role]}`]);
    // Of what neither of them remembers there is nothing to tell.
    const whose = roles.length === 2 ? undefined : roles[0] === role ? "own" : "peer";
    assert.deepEqual(memories(pair[role]), whose === undefined ? [] : [{ whose, what: "new", missing: 2 }]);
  }
}
