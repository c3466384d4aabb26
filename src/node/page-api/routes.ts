// The routes of the page's listener: one for each call of `src/app/api/calls.ts`, the session of a page, the events, and the
// description of them all.

import { type TObject, type TProperties, Type } from "@sinclair/typebox";
import type { Api } from "../../app/api/api.ts";
import { type CallName, CALLS } from "../../app/api/calls.ts";
import { type Description, withDescription } from "../http/openapi.ts";
import { Problem } from "../http/problem.ts";
import { type Asker, type Route, route } from "../http/route.ts";
import { EVENT_STREAM } from "../http/serve-fetch.ts";
import { type Access, API, EVENTS_PATH } from "./access.ts";
import { type CallSchemas, SCHEMAS } from "./call-schemas.ts";
import type { Readers } from "./readers.ts";
import { COMPONENTS, NumberedEvent } from "./view-schemas.ts";

interface RoutesOptions {
  readonly api: Api;
  readonly version: string;
  readonly access: Access;
  readonly readers: Readers;
}

const DESCRIPTION: Omit<Description, "version"> = {
  title: "The API of lair-server and lair-client",
  description: "The conversations of one user, on this machine: docs/api.md. Events are docs/json.md's.",
  token: "The part after # of the link that the program shows, or what is in the file of --http-token-file.",
  components: COMPONENTS,
};

/** Every route, the description of all others included. */
export function routesOf(options: RoutesOptions): readonly Route[] {
  const calls = CALL_NAMES.map((name) => callRoute(name, options.api));
  const described = [...calls, ...sessionRoutes(options.access), eventsRoute(options.readers)];
  const { version } = options;
  return withDescription(described, { path: `${API}/openapi.json`, needs: "token" }, { ...DESCRIPTION, version });
}

const CALL_NAMES = Object.keys(CALLS).filter((name): name is CallName => Object.hasOwn(SCHEMAS, name));

const IDEMPOTENCY_KEY = "Idempotency-Key";
const IDEMPOTENCY = Type.Object({
  [IDEMPOTENCY_KEY]: Type.Optional(
    Type.String({
      maxLength: 64,
      description: "A text of your own: the same call with the same key is executed once.",
    }),
  ),
});

function callRoute(name: CallName, api: Api): Route {
  const { method, path, summary } = CALLS[name];
  const { input, output }: CallSchemas = SCHEMAS[name];
  const inPath = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, member]) => member));
  const params = partOf(input, (member) => inPath.has(member));
  const rest = partOf(input, (member) => !inPath.has(member));
  const isRead = method === "GET";
  return route({
    method: METHODS[method],
    path: `${API}${path}`,
    operationId: name,
    summary,
    needs: "token",
    ...(params === undefined ? {} : { params }),
    ...(rest === undefined ? {} : isRead ? { query: rest } : { body: rest }),
    ...(isRead ? {} : { headers: IDEMPOTENCY }),
    gives:
      output === undefined
        ? { status: 204, description: "It is done, or has begun." }
        : { status: 200, description: "The answer.", schema: output },
    problems: params === undefined && rest === undefined ? [] : ["invalid"],
    otherRefusals: "A refusal of the program: `code` is one of docs/errors.md.",
    run: async ({ params: inAddress, query, body, asker }) => {
      const given = { ...(isRead ? query : body), ...inAddress };
      const key = isRead ? undefined : asker.header(IDEMPOTENCY_KEY.toLowerCase());
      // The schema has checked it; the compiler, that it is the schema of the call.
      const answer = await api.call(name, given, key === undefined ? {} : { idempotencyKey: key });
      return output === undefined ? { status: 204 } : { status: 200, json: answer };
    },
  });
}

const METHODS = { GET: "get", POST: "post", PUT: "put", PATCH: "patch", DELETE: "delete" } as const;

/** The members of an input that are in one place; undefined if there is none, and none may be added. */
function partOf(input: TObject, isThere: (member: string) => boolean): TObject | undefined {
  const { additionalProperties } = input;
  const members: TProperties = Object.fromEntries(Object.entries(input.properties).filter(([name]) => isThere(name)));
  if (Object.keys(members).length === 0 && additionalProperties !== true) return undefined;
  return Type.Object(members, { additionalProperties: additionalProperties ?? false });
}

/** Ours: 32 bytes are 43 letters; a nonce of the program has its end beside them. */
const letters = (description: string) => Type.String({ pattern: "^[\\w.-]{43,64}$", description });
const strict = { additionalProperties: false } as const;
/** Ours: anybody may send it. */
const MOST_PROOF_BYTES = 1_024;
const pageNonce = letters("43 random letters of the page.");
const nonce = letters("The program's answer to it.");

function sessionRoutes(access: Access): readonly Route[] {
  return [
    route({
      method: "post",
      path: `${API}/session/proof`,
      operationId: "proveProgram",
      summary: "The program proves to its page that it knows the token, before the page sends anything else.",
      needs: "public",
      body: Type.Object({ pageNonce }, strict),
      gives: {
        status: 200,
        description: "The proof, and what the page's own proof needs.",
        schema: Type.Object({ nonce, proof: letters("Of the program.") }, strict),
      },
      problems: ["invalid"],
      mostBodyBytes: MOST_PROOF_BYTES,
      run: async ({ body }) => ({ status: 200, json: access.proveTo(body.pageNonce) }),
    }),
    route({
      method: "post",
      path: `${API}/session`,
      operationId: "signIn",
      summary: "The page signs in with its own proof: it gets a cookie, and a key for the header Lair-Page.",
      needs: "public",
      body: Type.Object({ pageNonce, nonce, proof: letters("Of the page.") }, strict),
      gives: { status: 200, description: "It is in.", schema: Type.Object({ key: Type.String() }) },
      problems: ["invalid", "token-needed", "too-many"],
      mostBodyBytes: MOST_PROOF_BYTES,
      run: async ({ body }) => {
        access.requireProof(body);
        return { status: 200, json: { key: access.key }, headers: { "Set-Cookie": access.setCookie } };
      },
    }),
    route({
      method: "delete",
      path: `${API}/session`,
      operationId: "signOut",
      summary: "The page signs out: its cookie is deleted.",
      needs: "token",
      gives: { status: 204, description: "It is out." },
      problems: [],
      run: async () => ({ status: 204, headers: { "Set-Cookie": access.dropCookie } }),
    }),
  ];
}

/** The same address with an upgrade is a WebSocket. */
function eventsRoute(readers: Readers): Route {
  return route({
    method: "get",
    path: EVENTS_PATH,
    operationId: "events",
    summary: "The events as they come: a WebSocket, or without an upgrade server-sent events.",
    needs: "token",
    query: Type.Object(
      { since: Type.Optional(Type.String({ maxLength: 128, description: "Continues after this event." })) },
      { additionalProperties: false },
    ),
    headers: Type.Object({
      "Last-Event-ID": Type.Optional(Type.String({ description: "The same, as browsers send it." })),
    }),
    gives: {
      status: 200,
      description:
        "Server-sent events: the id, and as data the event. A message of a WebSocket has both in one object, NumberedEvent.",
      schema: NumberedEvent.properties.event,
      contentType: EVENT_STREAM,
    },
    problems: ["invalid", "too-many"],
    run: async ({ query, asker }) => ({
      status: 200,
      // To HEAD nothing is sent, so nobody would read it.
      text: asker.method === "GET" ? readers.stream(sinceOf(asker) ?? query.since) : "",
      contentType: EVENT_STREAM,
    }),
  });
}

/** Throws Problem `bad-request`. */
function sinceOf(asker: Asker): string | undefined {
  const last = asker.header("last-event-id");
  if (last === undefined || last.length <= 128) return last === "" ? undefined : last;
  throw new Problem("bad-request", "This is the id of no event.");
}
