// What a route of a listener is: its address, what it takes and gives as schemas, and what it does. The server and the
// description are made of the same table.

import type { Static, TObject, TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { type Fault, Problem, type ProblemCode } from "./problem.ts";

/** What a route answers: JSON, nothing (204), or a text of its own type, which may go on. */
export type Answer = { readonly headers?: Readonly<Record<string, string>> } & (
  | { readonly status: 200 | 201; readonly json: object }
  | { readonly status: 204 }
  | { readonly status: 200; readonly text: string | ReadableStream<Uint8Array>; readonly contentType: string }
);

/** What a request says beside its input. */
export interface Asker {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** A header, by its name in small letters; undefined without it. */
  header(name: string): string | undefined;
  /** To be called if it has access: its connection is no stranger's then. */
  onAccess?(): void;
}

/** What came, unchecked. */
export interface RawInput {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Of JSON; undefined without a body. */
  readonly body: unknown;
  readonly asker: Asker;
}

interface Described {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** With its parameters in braces, as OpenAPI writes them. */
  readonly path: `/${string}`;
  readonly operationId: string;
  readonly summary: string;
  /** `open`: on a loopback listener without the token. `public`: nobody needs it. */
  readonly needs: "token" | "open" | "public";
  readonly gives: {
    readonly status: 200 | 201 | 204;
    readonly description: string;
    readonly schema?: TSchema;
    readonly contentType?: string;
  };
  readonly problems: readonly ProblemCode[];
  /** The longest body, in bytes. Absent: the listener's. */
  readonly mostBodyBytes?: number;
  /** For the description: headers that mean something here. */
  readonly headers?: TObject;
  /** For the description: it refuses with codes that are not a listener's own, too. */
  readonly otherRefusals?: string;
}

interface Specified<Params extends TObject, Query extends TObject, Body extends TSchema> extends Described {
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly run: (input: {
    readonly params: Static<Params>;
    readonly query: Static<Query>;
    readonly body: Static<Body>;
    readonly asker: Asker;
  }) => Promise<Answer>;
}

export interface Route extends Described {
  readonly params?: TObject;
  readonly query?: TObject;
  readonly body?: TSchema;
  /** Checks what came, and does it. Rejects with a {@link Problem}, and with LairError store-*. */
  answer(raw: RawInput): Promise<Answer>;
}

/** A route whose input has the types of its schemas. */
export function route<
  Params extends TObject = TObject<{}>,
  Query extends TObject = TObject<{}>,
  Body extends TSchema = TObject<{}>,
>(spec: Specified<Params, Query, Body>): Route {
  const { run, ...described } = spec;
  const { params, query, body } = spec;
  return {
    ...described,
    answer: async (raw) =>
      await run({
        params: checked(params, raw.params, ""),
        query: checked(query, withNumbers(query, raw.query), ""),
        body: checked(body, raw.body, "body"),
        asker: raw.asker,
      }),
  };
}

/** All that comes in an address is text: digits become a number where the schema wants one. */
function withNumbers(schema: TObject | undefined, query: RawInput["query"]): Record<string, unknown> {
  const converted: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(query)) {
    const isNumber = schema?.properties[name]?.["type"] === "integer" && /^\d+$/.test(text);
    converted[name] = isNumber ? Number(text) : text;
  }
  return converted;
}

/** Throws Problem `invalid`. */
function checked<Schema extends TSchema>(schema: Schema | undefined, value: unknown, place: string): Static<Schema> {
  // Without a schema nothing is read of it.
  if (schema === undefined) return {};
  const filled = Value.Default(schema, value === undefined ? {} : value);
  if (Value.Check(schema, filled)) return filled;
  throw new Problem("invalid", "A value is missing, unknown, or not as the description says.", {
    faults: faultsOf(schema, filled, place),
  });
}

const MOST_FAULTS = 10;

function faultsOf(schema: TSchema, value: unknown, place: string): Fault[] {
  const faults: Fault[] = [];
  for (const { path, message } of Value.Errors(schema, value)) {
    faults.push({ where: `${place}${place === "" ? path.slice(1) : path}`, detail: message });
    if (faults.length === MOST_FAULTS) break;
  }
  return faults;
}
