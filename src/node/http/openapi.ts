// The description of a listener: OpenAPI 3.1 (its schemas are JSON Schema 2020-12), made of the table of routes and of the
// schemas that check what comes in.

import { type TObject, type TSchema, Type } from "@sinclair/typebox";
import { PROBLEM_JSON, PROBLEMS, type ProblemCode } from "./problem.ts";
import { type Route, route } from "./route.ts";

const strict = { additionalProperties: false } as const;

const ProblemDocument = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: "For programs: which case this is." }),
    hint: Type.Optional(Type.String({ description: "What to do." })),
    errors: Type.Optional(
      Type.Array(Type.Object({ where: Type.String(), detail: Type.String() }, strict), {
        description: "Each value that is not allowed.",
      }),
    ),
  },
  { $id: "Problem", ...strict },
);

export interface Description {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Where the token is. */
  readonly token: string;
  /** The schemas that have names, by their $id, but for that of a problem. */
  readonly components: readonly TSchema[];
}

/** The routes, and one more that gives their description at this path. */
export function withDescription(
  routes: readonly Route[],
  { path, needs }: Pick<Route, "path" | "needs">,
  description: Description,
): readonly Route[] {
  const describe = route({
    method: "get",
    path,
    operationId: "describe",
    summary: "This description.",
    needs,
    gives: { status: 200, description: "OpenAPI 3.1." },
    problems: [],
    run: async () => ({ status: 200, json: openApi(routes, description) }),
  });
  return [...routes, describe];
}

/** The document, as plain data. */
function openApi(routes: readonly Route[], { token, components, ...info }: Description): object {
  return new Writer([...components, ProblemDocument]).write(routes, token, info);
}

class Writer {
  readonly #components: readonly TSchema[];
  readonly #names: ReadonlyMap<object, string>;

  constructor(components: readonly TSchema[]) {
    this.#components = components;
    this.#names = new Map(components.map((schema) => [schema, String(schema.$id)]));
  }

  write(routes: readonly Route[], token: string, info: object): object {
    const paths: Record<string, Record<string, object>> = {};
    for (const route of routes) (paths[route.path] ??= {})[route.method] = this.#operation(route);
    return {
      openapi: "3.1.0",
      info,
      paths,
      components: {
        securitySchemes: { token: { type: "http", scheme: "bearer", description: token } },
        schemas: Object.fromEntries(this.#components.map((schema) => [schema.$id, this.#plain(schema)])),
      },
    };
  }

  #operation(route: Route): object {
    const { operationId, summary, needs, body, gives } = route;
    const { status, description, schema, contentType = "application/json" } = gives;
    const content =
      status === 204 ? {} : { content: { [contentType]: schema === undefined ? {} : { schema: this.#ref(schema) } } };
    return {
      operationId,
      summary,
      ...(needs === "token" ? { security: [{ token: [] }] } : {}),
      ...this.#parameters(route),
      ...(body === undefined ? {} : { requestBody: { content: { "application/json": { schema: this.#ref(body) } } } }),
      responses: { [status]: { description, ...content }, ...this.#refusals(route) },
    };
  }

  #parameters({ params, query, headers }: Route): object {
    const all = [
      ...this.#parametersIn("path", params),
      ...this.#parametersIn("query", query),
      ...this.#parametersIn("header", headers),
    ];
    return all.length === 0 ? {} : { parameters: all };
  }

  #parametersIn(place: "path" | "query" | "header", schema: TObject | undefined): readonly object[] {
    return Object.entries(schema?.properties ?? {}).map(([name, value]) => {
      const { description, default: filled } = value;
      const required = filled === undefined && schema?.required?.includes(name) === true;
      const told = description === undefined ? {} : { description };
      return { name, in: place, required, ...told, schema: this.#plain(value) };
    });
  }

  #refusals({ problems, needs, body, otherRefusals }: Route): object {
    const codes: readonly ProblemCode[] = [
      ...(body !== undefined ? (["bad-request", "body-too-large", "not-json"] as const) : []),
      ...(needs === "public" ? [] : (["token-needed"] as const)),
      ...problems,
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
    const content = { [PROBLEM_JSON]: { schema: this.#ref(ProblemDocument) } };
    const other = otherRefusals === undefined ? {} : { default: { description: otherRefusals, content } };
    return {
      ...Object.fromEntries([...byStatus].map(([status, description]) => [status, { description, content }])),
      ...other,
    };
  }

  /** A component where it has a name. */
  #ref(schema: TSchema): unknown {
    const name = this.#names.get(schema);
    return name === undefined ? this.#plain(schema) : referenceTo(name);
  }

  /** Without what only the library reads, and with its components as references. */
  #plain(schema: TSchema): unknown {
    return this.#strip(schema, true);
  }

  #strip(value: unknown, isTop: boolean): unknown {
    if (Array.isArray(value)) return value.map((one) => this.#strip(one, false));
    if (typeof value !== "object" || value === null) return value;
    const name = isTop ? undefined : this.#names.get(value);
    if (name !== undefined) return referenceTo(name);
    // Its names are symbols, which entries leaves out; an id would change what a reference means.
    const entries = Object.entries(value).filter(([member]) => member !== "$id");
    return Object.fromEntries(entries.map(([member, one]) => [member, this.#strip(one, false)]));
  }
}

function referenceTo(name: string): object {
  return { $ref: `#/components/schemas/${name}` };
}
