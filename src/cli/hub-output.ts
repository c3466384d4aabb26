// What lair-hub shows: where it listens and its invites on standard output, for a person or with --json; and the log on
// standard error, one line for each event. The log has no text, no invite and no key.

import { errorEvent } from "../app/frontend.ts";
import type { HubEvent } from "../hub/events.ts";
import { comingMoment, reachPhrase } from "../ui/phrases.ts";
import { JsonReport } from "../ui/json-lines.ts";
import { sanitiseLine, sanitiseText } from "../ui/sanitise.ts";
import type { ShownInvite } from "./hub-invites.ts";

/** A line of the log; its other members are texts and numbers. */
type LogEvent =
  | HubEvent
  | { readonly type: "not-a-member" | "stopping"; readonly detail?: string }
  | { readonly type: "failed" | "stranger"; readonly code: string; readonly detail: string; readonly stack?: string };

interface HubOutputOptions {
  readonly json: boolean;
  readonly logJson: boolean;
  /** Whether a bug of ours is logged with its stack. */
  readonly verbose: boolean;
  readonly output: { write(text: string): unknown };
  readonly error: { write(text: string): unknown };
  readonly nowMs: () => number;
}

interface HubStarted {
  readonly version: string;
  readonly fingerprint: string;
  readonly url: string;
  readonly admin: { readonly url: string; readonly tokenFile: string } | undefined;
}

const UNICODE = { unicode: true };

export class HubOutput {
  readonly #options: HubOutputOptions;
  readonly #json: JsonReport | undefined;

  constructor(options: HubOutputOptions) {
    this.#options = options;
    this.#json = options.json ? new JsonReport(options.output) : undefined;
  }

  started({ version, fingerprint, url, admin }: HubStarted): void {
    if (this.#json !== undefined) {
      this.#json.show({ type: "started", program: "lair-hub", version, fingerprint });
      this.#json.show({ type: "listening", url, fingerprint, ...(admin === undefined ? {} : { admin }) });
      return;
    }
    const operator =
      admin === undefined ? [] : [`operator's listener at ${admin.url}, its token in ${admin.tokenFile}`];
    this.#print(`lair-hub ${version} listening at ${url}`, `fingerprint ${fingerprint}`, ...operator);
  }

  invite(invite: ShownInvite, whose: "operator" | "anybody" | "new"): void {
    const { text, uses, expiresAtMs } = invite;
    if (this.#json !== undefined) {
      this.#json.show({ type: "invite", invite: text, expiresAtMs, ...(whose === "anybody" ? {} : { uses }), whose });
      return;
    }
    this.#print(
      "",
      introduction(whose, uses, comingMoment(Math.min(expiresAtMs, LAST_MS), this.#options.nowMs())),
      ...reachPhrase(text),
      "",
      `  ${text}`,
      "",
    );
  }

  notice(text: string): void {
    if (this.#json === undefined) this.#print(text);
    else this.#json.show({ type: "notice", text });
  }

  fault(error: unknown): void {
    const { code, message } = errorEvent(error);
    const stack = this.#options.verbose && error instanceof Error ? { stack: String(error.stack) } : {};
    this.log({ type: "failed", code, detail: message, ...stack });
  }

  /** One line of the log. */
  log(event: LogEvent): void {
    const { type, ...members } = event;
    const at = new Date(this.#options.nowMs()).toISOString();
    const fields = Object.entries(members).filter(([, value]) => value !== undefined);
    const line = this.#options.logJson
      ? JSON.stringify({ at, event: type, ...Object.fromEntries(fields) })
      : [at, type, ...fields.flatMap(([name, value]) => plainFields(name, value))].join(" ");
    this.#options.error.write(`${line}\n`);
  }

  #print(...lines: readonly string[]): void {
    this.#options.output.write(`${sanitiseText(lines.join("\n"))}\n`);
  }
}

/** `until`: in local time. */
function introduction(whose: "operator" | "anybody" | "new", uses: number, until: string): string {
  switch (whose) {
    case "operator":
      return `This invite is the operator's: the first person to use it becomes the operator of this hub. It works once, until ${until}.`;
    case "anybody":
      return "This hub is open: anybody may use this invite, any number of times.";
    case "new":
      return `This invite is for ${uses === 1 ? "one person" : `${uses} people`}, until ${until}.`;
  }
}

/** Ours: the last moment of a four-digit year, and a day less for any time zone. */
const LAST_MS = Date.UTC(9999, 11, 30, 23, 59, 59);

/** As in logfmt: `who.handle=ada times=3`. */
function plainFields(name: string, value: unknown): readonly string[] {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([inner, one]) => plainFields(`${name}.${inner}`, one));
  }
  const text = sanitiseLine(String(value), 300, UNICODE);
  return [`${name}=${/^[\w.:-]+$/.test(text) ? text : JSON.stringify(text)}`];
}
