// The routes of the operator's listener: what a monitor asks (/healthz, /readyz, /status, /metrics), and the API.

import { withDescription } from "../http/openapi.ts";
import { Problem } from "../http/problem.ts";
import { type Answer, type Route, route } from "../http/route.ts";
import type { Metrics } from "./metrics.ts";
import type { InviteView, MemberView, Operator, Page, RoomView } from "./operator.ts";
import * as schemas from "./schemas.ts";

const API = "/api/v1";
const DONE: Answer = { status: 204 };

/** Every route, the description of all others included. */
export function routesOf(operator: Operator, metrics: Metrics): readonly Route[] {
  const routes = [...watchRoutes(operator, metrics), ...memberRoutes(operator), ...roomRoutes(operator)];
  const described = [...routes, ...inviteRoutes(operator), numbersRoute(operator)];
  const { version } = operator;
  return withDescription(described, { path: `${API}/openapi.json`, needs: "open" }, { ...DESCRIPTION, version });
}

const DESCRIPTION = {
  title: "The operator's listener of lair-hub",
  description: "Members, rooms, invites and numbers of a hub. Messages are encrypted, and not part of this API.",
  token: "The content of operator.token in the hub's home.",
  components: schemas.COMPONENTS,
};

function watchRoutes(operator: Operator, metrics: Metrics): readonly Route[] {
  return [
    route({
      method: "get",
      path: "/healthz",
      operationId: "health",
      summary: "Whether the program runs.",
      needs: "public",
      gives: { status: 200, description: "It does.", schema: schemas.State },
      problems: [],
      run: async () => ok({ status: "ok" }),
    }),
    route({
      method: "get",
      path: "/readyz",
      operationId: "readiness",
      summary: "Whether the hub accepts members: it reads its store to find out.",
      needs: "open",
      gives: { status: 200, description: "It does.", schema: schemas.State },
      problems: ["not-ready"],
      run: async () => await readiness(operator),
    }),
    route({
      method: "get",
      path: "/status",
      operationId: "status",
      summary: "How it is, in short.",
      needs: "open",
      gives: { status: 200, description: "The numbers that matter most.", schema: schemas.Status },
      problems: ["store-failed"],
      run: async () => {
        const { connected, rooms, accounts } = await operator.admin.numbers();
        const { version } = operator;
        return ok({ connected_clients: connected, rooms, members: accounts, uptime_s: uptime(operator), version });
      },
    }),
    route({
      method: "get",
      path: "/metrics",
      operationId: "metrics",
      summary: "All numbers, for Prometheus.",
      needs: "open",
      gives: { status: 200, description: "Prometheus's text format.", contentType: "text/plain" },
      problems: [],
      run: async () => ({ status: 200, text: await metrics.text(), contentType: metrics.contentType }),
    }),
  ];
}

async function readiness(operator: Operator): Promise<Answer> {
  if (!operator.isOpen()) throw new Problem("not-ready", "The hub is shutting down.");
  try {
    await operator.admin.numbers();
  } catch {
    throw new Problem("not-ready", "The store does not answer: see the log.");
  }
  return ok({ status: "ready" });
}

function memberRoutes({ admin }: Operator): readonly Route[] {
  return [
    route({
      method: "get",
      path: `${API}/members`,
      operationId: "listMembers",
      summary: "The members, by handle, a page at a time.",
      needs: "token",
      query: schemas.MembersQuery,
      gives: { status: 200, description: "A page.", schema: schemas.MemberPage },
      problems: ["invalid", "store-failed"],
      run: async ({ query }) => {
        const { shown, next } = await page(
          query,
          (asked) => admin.members(asked),
          (member) => member.handle,
        );
        return ok({ members: shown.map((member) => memberJson(member)), next });
      },
    }),
    route({
      method: "get",
      path: `${API}/members/{handle}`,
      operationId: "getMember",
      summary: "One member.",
      needs: "token",
      params: schemas.HandleParameter,
      gives: { status: 200, description: "The member.", schema: schemas.Member },
      problems: ["not-found", "store-failed"],
      run: async ({ params }) => ok(memberJson(found(await admin.member(params.handle), NOBODY))),
    }),
    route({
      method: "patch",
      path: `${API}/members/{handle}`,
      operationId: "changeMember",
      summary: "Suspends a member, lifts that, or changes its role. A suspended member is disconnected at once.",
      needs: "token",
      params: schemas.HandleParameter,
      body: schemas.MemberChange,
      gives: { status: 200, description: "The member as it is now.", schema: schemas.Member },
      problems: ["not-found", "invalid", "store-failed"],
      run: async ({ params: { handle }, body: { role, standing } }) => {
        if (role !== undefined) require(await admin.setRole(handle, role), NOBODY);
        if (standing !== undefined) require(await admin.setStanding(handle, standing), NOBODY);
        return ok(memberJson(found(await admin.member(handle), NOBODY)));
      },
    }),
    route({
      method: "delete",
      path: `${API}/members/{handle}`,
      operationId: "forgetMember",
      summary: "Forgets a member and its seats in rooms; it needs a new invite to come back.",
      needs: "token",
      params: schemas.HandleParameter,
      gives: { status: 204, description: "It is forgotten." },
      problems: ["not-found", "store-failed"],
      run: async ({ params }) => done(await admin.forget(params.handle), NOBODY),
    }),
  ];
}

function roomRoutes({ admin }: Operator): readonly Route[] {
  return [
    route({
      method: "get",
      path: `${API}/rooms`,
      operationId: "listRooms",
      summary: "The rooms, by id, a page at a time. Their messages are encrypted.",
      needs: "token",
      query: schemas.RoomsQuery,
      gives: { status: 200, description: "A page.", schema: schemas.RoomPage },
      problems: ["invalid", "store-failed"],
      run: async ({ query }) => {
        const { shown, next } = await page(
          query,
          (asked) => admin.rooms(asked),
          ({ room }) => room,
        );
        return ok({ rooms: shown.map((room) => roomJson(room)), next });
      },
    }),
    route({
      method: "get",
      path: `${API}/rooms/{room}`,
      operationId: "getRoom",
      summary: "One room.",
      needs: "token",
      params: schemas.RoomParameter,
      gives: { status: 200, description: "The room.", schema: schemas.Room },
      problems: ["not-found", "store-failed"],
      run: async ({ params }) => ok(roomJson(found(await admin.room(params.room), NO_ROOM))),
    }),
    route({
      method: "delete",
      path: `${API}/rooms/{room}`,
      operationId: "closeRoom",
      summary: "Closes a room: the hub deletes all of it, and informs its members.",
      needs: "token",
      params: schemas.RoomParameter,
      gives: { status: 204, description: "It is closed." },
      problems: ["not-found", "store-failed"],
      run: async ({ params }) => done(await admin.closeRoom(params.room), NO_ROOM),
    }),
  ];
}

function inviteRoutes(operator: Operator): readonly Route[] {
  return [
    route({
      method: "get",
      path: `${API}/invites`,
      operationId: "listInvites",
      summary: "The invites of the hub, without their secrets.",
      needs: "token",
      gives: { status: 200, description: "All of them.", schema: schemas.InviteList },
      problems: ["store-failed"],
      run: async () => ok({ invites: (await operator.admin.invites()).map((invite) => inviteJson(invite)) }),
    }),
    route({
      method: "post",
      path: `${API}/invites`,
      operationId: "makeInvite",
      summary: "Makes an invite. Its text is only in this answer.",
      needs: "token",
      body: schemas.InviteRequest,
      gives: { status: 201, description: "The invite.", schema: schemas.NewInvite },
      problems: ["invalid", "store-failed"],
      run: async ({ body }) => {
        const expiresAtMs = operator.nowMs() + body.expires_in_s * 1_000;
        const { text, ...invite } = await operator.makeInvite({ uses: body.uses, expiresAtMs });
        return { status: 201, json: { ...inviteJson(invite), invite: text } };
      },
    }),
    route({
      method: "delete",
      path: `${API}/invites/{id}`,
      operationId: "revokeInvite",
      summary: "Revokes an invite. People who joined with it stay.",
      needs: "token",
      params: schemas.InviteParameter,
      gives: { status: 204, description: "Nobody can join with it any more." },
      problems: ["not-found", "store-failed"],
      run: async ({ params }) => done(await operator.admin.revokeInvite(params.id), "There is no such invite."),
    }),
  ];
}

function numbersRoute(operator: Operator): Route {
  return route({
    method: "get",
    path: `${API}/numbers`,
    operationId: "numbers",
    summary: "What the hub has counted since its start.",
    needs: "token",
    gives: { status: 200, description: "The numbers.", schema: schemas.Numbers },
    problems: ["store-failed"],
    run: async () => {
      const numbers = await operator.admin.numbers();
      const json: schemas.NumbersJson = {
        connected_clients: numbers.connected,
        members: numbers.accounts,
        rooms: numbers.rooms,
        uptime_s: uptime(operator),
        calls: { ...numbers.calls },
        refusals: { ...numbers.refusals },
        turned_away: { ...numbers.turnedAway },
        entries_appended: numbers.entriesAppended,
        bytes_appended: numbers.bytesAppended,
        entries_pruned: numbers.entriesPruned,
        news_sent: numbers.newsSent,
        store_failures: numbers.storeFailures,
      };
      return ok(json);
    },
  });
}

// --- answers --------------------------------------------------------------------------------------------------------

const NOBODY = "Nobody here has this handle.";
const NO_ROOM = "There is no room with this id.";

function ok(json: object): Answer {
  return { status: 200, json };
}

/** Throws Problem `not-found` for undefined. */
function found<Thing>(thing: Thing | undefined, otherwise: string): Thing {
  if (thing === undefined) throw new Problem("not-found", otherwise);
  return thing;
}

function require(isThere: boolean, otherwise: string): void {
  if (!isThere) throw new Problem("not-found", otherwise);
}

function done(isThere: boolean, otherwise: string): Answer {
  require(isThere, otherwise);
  return DONE;
}

/** One more is asked for than is shown: so the last page says that it is the last. */
async function page<Thing>(
  { limit, after }: Page,
  list: (asked: Page) => Promise<readonly Thing[]>,
  nameOf: (thing: Thing) => string,
): Promise<{ readonly shown: readonly Thing[]; readonly next: string | null }> {
  const things = await list({ limit: limit + 1, ...(after === undefined ? {} : { after }) });
  const shown = things.slice(0, limit);
  const last = shown.at(-1);
  return { shown, next: things.length > limit && last !== undefined ? nameOf(last) : null };
}

function uptime(operator: Operator): number {
  return Math.floor(operator.uptimeMs() / 1_000);
}

function memberJson({ joinedAtMs, isConnected, ...member }: MemberView): schemas.MemberJson {
  return { ...member, joined: isoTime(joinedAtMs), connected: isConnected };
}

function roomJson({ listedName, ...room }: RoomView): schemas.RoomJson {
  return { ...room, listed_name: listedName ?? null };
}

function inviteJson({ id, uses, expiresAtMs }: InviteView): schemas.InviteJson {
  return { id, uses, expires: isoTime(expiresAtMs) };
}

/** Ours: the last moment of a four-digit year; an invite may have no end. */
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59);

function isoTime(ms: number): string {
  return new Date(Math.min(ms, LAST_MS)).toISOString();
}
