// docs/json.schema.json as a judge of lines: what is wrong with an event, a command or a line of an export.

import { readFileSync } from "node:fs";
import { type Schema, Validator } from "@cfworker/json-schema";

const SCHEMA = JSON.parse(readFileSync(new URL("../docs/json.schema.json", import.meta.url), "utf8")) as Schema & {
  readonly $defs: { readonly [name: string]: Schema };
};
const validators = new Map<string, Validator>();

/** The names of all events or commands that the schema has, in its order. */
export function namesInSchema(kind: "event" | "command"): readonly string[] {
  const references = (SCHEMA.$defs[kind]?.["anyOf"] ?? []) as readonly { readonly $ref: string }[];
  return references.map(({ $ref }) => $ref.slice(`#/$defs/${kind}-`.length));
}

/** What is wrong with an object that a program has written; undefined for nothing. */
export function faultOfEvent(value: { readonly event: string }): string | undefined {
  // By its name: otherwise the fault would be that it is none of all events.
  const definition = `event-${value.event}`;
  return definition in SCHEMA.$defs ? faultOf(definition, value) : `There is no event ${value.event}.`;
}

/** What is wrong with a value as a command; undefined for nothing. */
export function faultOfCommand(value: unknown): string | undefined {
  const { command } = Object(value) as { readonly command?: unknown };
  const definition = `command-${typeof command === "string" ? command : "send"}`;
  return definition in SCHEMA.$defs ? faultOf(definition, value) : `There is no command ${String(command)}.`;
}

/** What is wrong with a value as this definition of the schema; undefined for nothing. */
export function faultOf(definition: string, value: unknown): string | undefined {
  const { valid, errors } = validatorOf(definition).validate(value);
  if (valid) return undefined;
  const faults = errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`);
  return [...faults, JSON.stringify(value)].join("\n");
}

/** Whether a value is a line of either direction, judged by the schema as a whole. */
export function isLine(value: unknown): boolean {
  return new Validator(SCHEMA, "2020-12").validate(value).valid;
}

function validatorOf(definition: string): Validator {
  const existing = validators.get(definition);
  if (existing !== undefined) return existing;
  const validator = new Validator({ $ref: `#/$defs/${definition}`, $defs: SCHEMA.$defs }, "2020-12", false);
  validators.set(definition, validator);
  return validator;
}
