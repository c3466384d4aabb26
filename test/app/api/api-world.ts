// Two people whose programs are connected in memory; the program of the first has an API beside its terminal.

import assert from "node:assert/strict";
import type { ApiParts } from "../../../src/app/api/api-ground.ts";
import type { ApiProgram, ProgramInvite } from "../../../src/app/api/api-program.ts";
import { type ApiEvent, ApiProblem } from "../../../src/app/api/api.ts";
import { ApiMemory } from "../../../src/app/api/api-memory.ts";
import { LocalApi } from "../../../src/app/api/local-api.ts";
import type { ProgramEvent } from "../../../src/app/events.ts";
import { Frontends } from "../../../src/app/frontends.ts";
import { fingerprint } from "../../../src/core/identity/fingerprint.ts";
import { readCommand } from "../../../src/ui/json-commands.ts";
import { toJson } from "../../../src/ui/json-lines.ts";
import { TOY_SUITE as suite } from "../../core/channel/toy-suite.ts";
import type { ManualClock } from "../../node/manual-clock.ts";
import { newPlace, open } from "../../node/store/places.ts";
import type { Node } from "../node-in-memory.ts";
import { two } from "../two-nodes.ts";

/** The invites of a server, without any server. */
export class FakeInvites {
  readonly open: ProgramInvite[] = [];

  list(): readonly ProgramInvite[] {
    return this.open;
  }

  make(): ProgramInvite & { readonly text: string } {
    const invite = { id: `invite${this.open.length}`, expiresAtMs: 1_800_000_000_000 };
    this.open.push(invite);
    return { ...invite, text: "lair://example:1#secret" };
  }

  revoke(id: string): boolean {
    const index = this.open.findIndex((invite) => invite.id === id);
    return this.open.splice(Math.max(index, 0), index < 0 ? 0 : 1).length > 0;
  }
}

interface WorldOptions {
  /** Whether lines are kept. */
  readonly keeps?: boolean;
  readonly invites?: FakeInvites;
}

/** Puts an API beside the frontend of a node that is to be started; returns how to get it then. */
export function withApi(own: Node, clock: ManualClock, { keeps = false, invites }: WorldOptions = {}) {
  /** What the terminal shows. */
  const terminal: ProgramEvent[] = [];
  const keeping = keeps ? open(newPlace()) : undefined;
  own.keeping = keeping;
  const memory = new ApiMemory({ run: "run1", toJson, nowMs: () => clock.now().wallMs });
  const made: { frontends: Frontends | undefined } = { frontends: undefined };
  own.wrap = (frontend) => {
    const show = (event: ProgramEvent): void => {
      terminal.push(event);
      if (event.type !== "error") frontend.show(event);
    };
    made.frontends = new Frontends({ ...frontend, show }, [memory]);
    return made.frontends;
  };
  return () => {
    const frontends = made.frontends!;
    const program: ApiProgram = {
      name: "lair-server",
      version: "1.2.3",
      ownName: own.name,
      listening: () => own.url,
      command: (command) => own.messenger.command(command),
      ...(invites === undefined ? {} : { invites }),
    };
    const parts: ApiParts = {
      program,
      messenger: own.messenger,
      frontends,
      memory,
      history: keeping,
      receipts: keeping,
      isLasting: true,
      self: own.identity,
      suite,
      clock,
      toJson,
      readCommand,
    };
    const api = new LocalApi(parts);
    const told: ApiEvent[] = [];
    const stop = api.listen((event) => void told.push(event));
    return { api, parts, terminal, told, frontends, memory, stop };
  };
}

export async function apiWorld(options: WorldOptions = {}) {
  const { network, lower: own, higher: other, pass } = two();
  const { clock } = network;
  const opened = withApi(own, clock, options);
  for (const node of [own, other]) node.start();
  await pass(2_000);
  const { stop, ...parts } = opened();
  const close = (): void => {
    stop();
    for (const node of [own, other]) if (node.isRunning) node.kill();
  };
  return { own, other, id: idOf(other), pass, close, clock, ...parts };
}

export type ApiWorld = Awaited<ReturnType<typeof apiWorld>>;

function idOf({ identity }: Node): string {
  return fingerprint(suite, identity).replaceAll(" ", "");
}

/** The events of this name that the page was told. */
export function named(told: readonly ApiEvent[], name: string): readonly ApiEvent["event"][] {
  return told.flatMap(({ event }) => (event.event === name ? [event] : []));
}

/** The refusal that a call ends with. */
export async function refusal(call: Promise<unknown>): Promise<ApiProblem> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof ApiProblem, String(error));
    return error;
  }
  return assert.fail("the call was not refused");
}

export async function code(call: Promise<unknown>): Promise<string> {
  return (await refusal(call)).code;
}
