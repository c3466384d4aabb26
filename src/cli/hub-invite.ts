// `lair-hub invite`: asks the running hub of this home for an invite, through the operator's listener. Only that program may
// write the store, and only it can open the invite at once.

import { existsSync } from "node:fs";
import { formatHost, fromSystemHost } from "../core/address.ts";
import { LairError } from "../core/errors.ts";
import { wallMs } from "../node/clock.ts";
import { defaultHome, openHome } from "../node/home/home.ts";
import { chooseSuite } from "./crypto-choice.ts";
import type { HubInviteArguments } from "./hub-arguments.ts";
import { HubOutput } from "./hub-output.ts";
import { standardOutput } from "./standard-output.ts";

/** Ours. */
const PATIENCE_MS = 10_000;

/** Returns the exit code. Rejects with LairError unreachable, file-unreadable, usage, home-*. */
export async function runHubInvite(args: HubInviteArguments): Promise<number> {
  const directory = args.home ?? defaultHome(process.env);
  if (!existsSync(directory)) throw noHub(directory);
  const home = openHome(directory, "hub", { suite: await chooseSuite("auto") });
  const token = home.operatorToken(() => {
    throw noHub(directory);
  });
  const { host, port } = args.adminListen;
  const place = `${formatHost(fromSystemHost(host))}:${port}`;
  const response = await ask(place, token, { uses: args.uses, expires_in_s: Math.floor(args.lifetimeMs / 1_000) });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.status !== 201 || !isInvite(answer)) {
    throw new LairError("usage", `The program at ${place} answered with ${response.status}, not with an invite.`, {
      hint: "Is it the hub of this home? Give its --home and its --admin-listen.",
    });
  }
  const { invite, uses, expires, id } = answer;
  const output = standardOutput();
  const { json, verbose } = args;
  const shown = new HubOutput({
    json,
    logJson: false,
    verbose,
    output,
    error: process.stderr,
    nowMs: wallMs,
  });
  shown.invite({ id, text: invite, uses, expiresAtMs: Date.parse(expires) }, "new");
  return 0;
}

async function ask(place: string, token: string, body: object): Promise<Response> {
  try {
    return await fetch(`http://${place}/api/v1/invites`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (cause) {
    throw new LairError("unreachable", `No hub answers at ${place}.`, {
      hint: "Start lair-hub, or say where its operator's listener is: --admin-listen HOST:PORT.",
      cause,
    });
  }
}

interface InviteAnswer {
  readonly id: string;
  readonly invite: string;
  readonly uses: number;
  readonly expires: string;
}

function isInvite(answer: unknown): answer is InviteAnswer {
  if (typeof answer !== "object" || answer === null) return false;
  const { id, invite, uses, expires } = answer as Partial<Record<keyof InviteAnswer, unknown>>;
  const areTexts = [id, invite, expires].every((text) => typeof text === "string");
  return areTexts && typeof uses === "number";
}

function noHub(directory: string): LairError {
  return new LairError("file-unreadable", `There is no hub in ${directory}.`, {
    hint: "Check that --home is right, and start lair-hub first.",
  });
}
