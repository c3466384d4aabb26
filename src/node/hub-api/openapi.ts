// The description of the operator's listener: OpenAPI 3.1, made of the table of routes and of the schemas that check what
// comes in.

import { type TObject, type TSchema } from "@sinclair/typebox";
import { PROBLEM_JSON, PROBLEMS, type ProblemCode } from "./problem.ts";
import type { Route } from "./route.ts";
import { COMPONENTS, ProblemDocument } from "./schemas.ts";

const NAMES: ReadonlyMap<object, string> = new Map(COMPONENTS.map((schema) => [schema, String(schema.$id)]));

/** The document, as plain data. */
export function openApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operation(route);
  return {
    openapi: "3.1.0",
    info: {
      title: "The operator's listener of lair-hub",
      version,
      description: "Members, rooms, invites and numbers of a hub. What is said in the rooms is sealed, and not here.",
    },
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "The content of operator.token in the hub's home." },
      },
      schemas: Object.fromEntries(COMPONENTS.map((schema) => [schema.$id, plain(schema)])),
    },
  };
}

function operation({ operationId, summary, needs, params, query, body, gives, problems }: Route): object {
  const { status, description, schema, contentType = "application/json" } = gives;
  const content =
    status === 204 ? {} : { content: { [contentType]: schema === undefined ? {} : { schema: ref(schema) } } };
  return {
    operationId,
    summary,
    ...(needs === "token" ? { security: [{ token: [] }] } : {}),
    ...parameters(params, query),
    ...(body === undefined ? {} : { requestBody: { content: { "application/json": { schema: ref(body) } } } }),
    responses: { [status]: { description, ...content }, ...refusals(problems, needs, body !== undefined) },
  };
}

function parameters(params: TObject | undefined, query: TObject | undefined): object {
  const all = [...parametersIn("path", params), ...parametersIn("query", query)];
  return all.length === 0 ? {} : { parameters: all };
}

function parametersIn(place: "path" | "query", schema: TObject | undefined): readonly object[] {
  return Object.entries(schema?.properties ?? {}).map(([name, value]) => {
    const { description } = value;
    const required = place === "path";
    return { name, in: place, required, ...(description === undefined ? {} : { description }), schema: plain(value) };
  });
}

function refusals(own: readonly ProblemCode[], needs: Route["needs"], hasBody: boolean): object {
  const codes: readonly ProblemCode[] = [
    ...(hasBody ? (["bad-request", "body-too-large", "not-json"] as const) : []),
    ...(needs === "public" ? [] : (["token-needed"] as const)),
    ...own,
  ];
  // Two codes may have one status.
  const byStatus = new Map<number, string>();
  for (const code of codes) {
    const { status, meaning } = PROBLEMS[code];
    byStatus.set(
      status,
      [byStatus.get(status), `${meaning} (\`${code}\`).`].filter((part) => part !== undefined).join(" "),
    );
  }
  const content = { [PROBLEM_JSON]: { schema: ref(ProblemDocument) } };
  return Object.fromEntries([...byStatus].map(([status, description]) => [status, { description, content }]));
}

/** A component where it has a name. */
function ref(schema: TSchema): unknown {
  const name = NAMES.get(schema);
  return name === undefined ? plain(schema) : referenceTo(name);
}

function referenceTo(name: string): object {
  return { $ref: `#/components/schemas/${name}` };
}

/** Without what only the library reads, and with its components as references. */
function plain(schema: TSchema): unknown {
  return strip(schema, true);
}

function strip(value: unknown, isTop: boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => strip(one, false));
  if (typeof value !== "object" || value === null) return value;
  const name = isTop ? undefined : NAMES.get(value);
  if (name !== undefined) return referenceTo(name);
  // Its names are symbols, which entries leaves out; an id would change what a reference means.
  const entries = Object.entries(value).filter(([member]) => member !== "$id");
  return Object.fromEntries(entries.map(([member, one]) => [member, strip(one, false)]));
}
