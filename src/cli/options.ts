// The options of all programs, one row each: the parser (`argument-reader.ts`), --help (`help.ts`) and the table in
// docs/cli.md are made of it. What a value may be is checked where it is read, in `arguments.ts` and `hub-arguments.ts`.

import type { ProgramName } from "../app/command-table.ts";

/** A program with a command line of its own. */
export type Program = ProgramName | "lair-hub";

/** Where an option may stand: at a start, with a command of the store (`history` and so on), with `passphrase`, with a hub's `invite`. */
type Place = "start" | "store" | "passphrase" | "invite";

interface OptionRow {
  /** Without the two dashes. */
  readonly name: string;
  /** What stands for its value in the help, in brackets if it need not be given; an option without one is a switch. */
  readonly value?: string;
  /** May be given several times. */
  readonly repeats?: true;
  /** Which programs have it. */
  readonly of: readonly Program[];
  readonly places: readonly Place[];
  /** The lines of --help. Without any, --help tells of it elsewhere. */
  readonly help: readonly string[];
  /** What docs/cli.md says of it, where that is not what --help says. */
  readonly doc?: string;
}

const EVERYWHERE: readonly Place[] = ["start", "store", "passphrase", "invite"];
const START: readonly Place[] = ["start"];

const SERVER: readonly Program[] = ["lair-server"];
const CLIENT: readonly Program[] = ["lair-client"];
const HUB: readonly Program[] = ["lair-hub"];
/** Those that wait for others. */
const WAITING: readonly Program[] = ["lair-server", "lair-hub"];
/** Those that a person talks with. */
const TALKING: readonly Program[] = ["lair-server", "lair-client"];
const ALL: readonly Program[] = ["lair-server", "lair-client", "lair-hub"];

/** In the order of --help: a program's own, those of several, those of the store's commands. */
export const OPTIONS = [
  {
    name: "listen",
    value: "HOST:PORT",
    of: WAITING,
    places: START,
    help: ["where to listen (default 127.0.0.1:8080; port 0 takes a free one)"],
  },
  {
    name: "announce",
    value: "HOST[:PORT]",
    of: WAITING,
    places: START,
    help: [
      "the address to put into invites, if this server is behind NAT, a reverse proxy",
      "or in a container; also a URL such as wss://chat.example/lair",
    ],
  },
  { name: "invite", of: SERVER, places: START, help: ["make a new invite, for one more person"] },
  {
    name: "rekey",
    value: "MIN-MAX",
    of: WAITING,
    places: START,
    help: [
      "renew the keys at random intervals of MIN to MAX seconds (1 or more), or",
      "high (15-60), balanced (30-120, the default), performance (60-300)",
    ],
  },
  {
    name: "tls-cert",
    value: "FILE",
    of: WAITING,
    places: START,
    help: ["with --tls-key FILE: wss:// instead of ws:// (PEM)"],
  },
  {
    name: "tls-key",
    value: "FILE",
    of: WAITING,
    places: START,
    help: [],
    doc: "the private key of the certificate in --tls-cert (PEM)",
  },
  {
    name: "allow-host",
    value: "NAME",
    repeats: true,
    of: WAITING,
    places: START,
    help: ["also accept this Host header when bound to loopback (a proxy's name)"],
  },
  {
    name: "allow-origin",
    value: "URL",
    repeats: true,
    of: WAITING,
    places: START,
    help: ["also accept web pages of this origin; by default none is accepted"],
  },
  {
    name: "dial",
    of: SERVER,
    places: START,
    help: ["also connect to the people whose address is known and who are not muted"],
  },
  {
    name: "max-peers",
    value: "N",
    of: SERVER,
    places: START,
    help: [
      "how many people may be connected at the same time (1 to 4000, default: 64);",
      "anybody else sees that you are busy",
    ],
  },
  {
    name: "admin-listen",
    value: "HOST:PORT",
    of: HUB,
    places: ["start", "invite"],
    help: ["where the operator's listener is: health, metrics and the API (default", "127.0.0.1:8081; off: none)"],
  },
  {
    name: "open",
    of: HUB,
    places: START,
    help: ["one permanent invite, for anybody, any number of times; printed at each start"],
  },
  {
    name: "no-link-invites",
    of: HUB,
    places: START,
    help: ["links to rooms work for members of the hub only, not for new people"],
  },
  {
    name: "keep",
    value: "SPAN",
    of: HUB,
    places: START,
    help: ["how long the hub keeps what a member has not received (1d to 365d, default: 30d)"],
  },
  {
    name: "duplicate",
    value: "WHAT",
    of: HUB,
    places: START,
    help: [
      "if a connected member logs in again: takeover (the default) ends the first",
      "session, reject refuses the second",
    ],
  },
  {
    name: "max-members",
    value: "N",
    of: HUB,
    places: START,
    help: ["how many members may be connected at the same time (1 to 10000, default: 1000)"],
  },
  {
    name: "log-json",
    of: HUB,
    places: START,
    help: ["write the log (standard error) as one JSON object per line"],
  },
  {
    name: "uses",
    value: "N",
    of: HUB,
    places: ["invite"],
    help: [],
    doc: "with invite: how many people may use it (1 to 100000, default: 1)",
  },
  {
    name: "expires",
    value: "SPAN",
    of: HUB,
    places: ["invite"],
    help: [],
    doc: "with invite: how long it is valid (1m to 365d, default: 1d)",
  },
  {
    name: "invite-file",
    value: "FILE",
    of: TALKING,
    places: START,
    help: [
      "pair with the invite in FILE (mode 0600); never give it as an argument;",
      "lair-server needs --dial, unless it is a hub's",
    ],
  },
  {
    name: "peer",
    value: "WHO",
    of: CLIENT,
    places: ["start", "store"],
    help: [
      "which server, if you know several or if it has moved to URL: its name, or the",
      "start of its fingerprint (8 characters or more)",
    ],
    doc: "which server, if you know several or if it has moved to URL; or whose history: a name, or the start of a fingerprint (8 characters or more)",
  },
  {
    name: "proxy",
    value: "URL",
    of: CLIENT,
    places: START,
    help: [
      "connect through socks5h://HOST:PORT or http://HOST:PORT, which resolves the",
      "name (Tor: socks5h://127.0.0.1:9050); default: what ALL_PROXY, HTTPS_PROXY,",
      "HTTP_PROXY and NO_PROXY say",
    ],
  },
  {
    name: "once",
    of: CLIENT,
    places: START,
    help: ["connect once, and do not reconnect; exit code 3 if the server is unreachable"],
  },
  {
    name: "queue",
    of: CLIENT,
    places: START,
    help: [
      "keep each line of a pipe for the server, and deliver what it can within 10 s",
      "of the end of the input; exit code 0 even if some lines are only kept",
    ],
  },
  {
    name: "to",
    value: "WHO",
    of: TALKING,
    places: START,
    help: [
      "who gets the lines of a pipe, if you know several people: a name, or the",
      "start of a fingerprint (8 characters or more)",
    ],
  },
  {
    name: "accept-introductions-from",
    value: "WHO",
    repeats: true,
    of: TALKING,
    places: START,
    help: [
      "accept this person's introductions without asking: the exact name, or better",
      "the start of the fingerprint (8 characters or more)",
    ],
  },
  {
    name: "name",
    value: "NAME",
    of: ALL,
    places: START,
    help: ["how you introduce yourself (default: your account's name; a hub's is \"hub\")"],
  },
  {
    name: "psk-file",
    value: "FILE",
    of: TALKING,
    places: START,
    help: [
      "use the secret in FILE (32 bytes as hex or base64url, mode 0600) instead of",
      "an invite; both sides need the same secret",
    ],
  },
  {
    name: "trust-first",
    of: TALKING,
    places: START,
    help: ["with --psk-file: accept the first key without asking, and no other key later"],
  },
  {
    name: "home",
    value: "DIR",
    of: ALL,
    places: EVERYWHERE,
    help: [
      "where your identity and pairings are kept: a new directory, or one that only",
      "you can open (chmod 700)",
      "(default: $LAIR_HOME, else $XDG_CONFIG_HOME/lair, else ~/.config/lair)",
    ],
  },
  {
    name: "http",
    value: "[HOST:PORT]",
    of: TALKING,
    places: START,
    help: [
      "also serve a page for your browser, and an API for programs, on this machine",
      "only (default 127.0.0.1:0, a free port); the program shows the link",
    ],
  },
  {
    name: "http-token-file",
    value: "FILE",
    of: TALKING,
    places: START,
    help: [
      "with --http: read the link's token from FILE (mode 0600), which is created if",
      "it does not exist; without this option, each start makes a new token",
    ],
  },
  {
    name: "history",
    value: "SPAN",
    of: TALKING,
    places: START,
    help: [
      "keep the conversation: forever, off, or a time such as 30d or 12h; remembered",
      "for this peer (default: off)",
    ],
  },
  {
    name: "history-limit",
    value: "SIZE",
    of: TALKING,
    places: START,
    help: [
      "how much of it to keep, such as 500K, 256M or 1G; beyond that the oldest lines",
      "are deleted; remembered for this peer (default: 256M)",
    ],
    doc: "how much of the history to keep, from 64K to 1024G, such as 500K, 256M or 1G; beyond that the oldest lines are deleted; remembered for this peer (default: 256M)",
  },
  {
    name: "no-store",
    of: TALKING,
    places: START,
    help: ["keep no messages on disk: what is waiting is lost when the program ends"],
  },
  {
    name: "passphrase",
    of: ALL,
    places: START,
    help: ["protect the new identity with a passphrase, and ask for it at every start"],
  },
  {
    name: "passphrase-file",
    value: "FILE",
    of: ALL,
    places: EVERYWHERE,
    help: ["read that passphrase from FILE (mode 0600), if there is no terminal"],
  },
  {
    name: "new-passphrase-file",
    value: "FILE",
    of: ALL,
    places: ["passphrase"],
    help: [],
    doc: "with passphrase add and passphrase change: read the new one from FILE (mode 0600)",
  },
  { name: "json", of: ALL, places: EVERYWHERE, help: ["for programs: one JSON object per line, in and out"] },
  { name: "plain", of: TALKING, places: EVERYWHERE, help: ["redraw nothing: for screen readers and logs"] },
  {
    name: "no-color",
    of: TALKING,
    places: EVERYWHERE,
    help: ["no colours (NO_COLOR and FORCE_COLOR work too)"],
  },
  { name: "bell", of: TALKING, places: START, help: ["ring the terminal's bell when a message arrives"] },
  {
    name: "crypto",
    value: "WHO",
    of: ALL,
    places: START,
    help: [
      "which cryptographic library to use: openssl, noble, or auto (the default),",
      "which takes OpenSSL if it passes a self-test",
    ],
  },
  { name: "verbose", of: ALL, places: EVERYWHERE, help: ["show more details"] },
  { name: "help", of: ALL, places: EVERYWHERE, help: [], doc: "print the help and exit" },
  { name: "version", of: ALL, places: EVERYWHERE, help: [], doc: "print the version and exit" },
  {
    name: "with-history",
    of: TALKING,
    places: ["store"],
    help: [],
    doc: "with forget-peer: also delete the history and what is waiting",
  },
  { name: "yes", of: TALKING, places: ["store"], help: [], doc: "with forget and forget-peer: do not ask" },
] as const satisfies readonly OptionRow[];

export type OptionName = (typeof OPTIONS)[number]["name"];

/** What was given for the options: text for one with a value, a list for one that repeats, true for a switch. */
export type OptionValues = {
  readonly [Name in OptionName]?: string | boolean | readonly (string | boolean)[] | undefined;
};

const ROWS: readonly (OptionRow & { readonly name: OptionName })[] = OPTIONS;

/** The options that one program reads, for parseArgs of node:util. */
export function parserOptions(program: Program) {
  return Object.fromEntries(
    ROWS.filter(({ of, places }) => of.includes(program) || isOfStore(program, places)).map(
      ({ name, value, repeats }) => [
        name,
        { type: value === undefined ? ("boolean" as const) : ("string" as const), multiple: repeats === true },
      ],
    ),
  );
}

/** The options that may stand without their value. */
export function optionalValues(program: Program): ReadonlySet<string> {
  return new Set(
    ROWS.filter(({ of, value }) => of.includes(program) && value?.startsWith("[") === true).map(({ name }) => name),
  );
}

/** Both programs of a pair have the commands of the store. */
function isOfStore(program: Program, places: readonly Place[]): boolean {
  return program !== "lair-hub" && places.includes("store");
}

/** Whether an option may stand in a place; whatever concerns a connection may stand at a start only. */
export function fits(name: string, place: Place): boolean {
  return ROWS.some((row) => row.name === name && row.places.includes(place));
}

/** The lines of --help for the options that all of these programs have, and none of the others. */
export function helpLines(programs: readonly Program[], others: readonly Program[] = []): string {
  const told = ROWS.filter(
    ({ of, help }) =>
      help.length > 0 &&
      programs.every((program) => of.includes(program)) &&
      !others.some((other) => of.includes(other)),
  );
  return told.map(({ name, value, help }) => helpEntry(labelOf(name, value), help)).join("");
}

/** The table of docs/cli.md. */
export function documentedOptions(): string {
  const rows = ROWS.map(({ name, value, of, help, doc }) => {
    const programs = of.length === ALL.length ? "all" : of.map((program) => `\`${program}\``).join(", ");
    return `| \`${labelOf(name, value)}\` | ${programs} | ${doc ?? help.join(" ")} |`;
  });
  return ["| option | program | what it does |", "| --- | --- | --- |", ...rows].join("\n");
}

const LABEL_LETTERS = 18;

/** A label, and what is said of it from the 22nd column on. */
export function helpEntry(label: string, [first = "", ...more]: readonly string[]): string {
  const begun = label.length <= LABEL_LETTERS ? `  ${label.padEnd(LABEL_LETTERS)} ` : `  ${label}\n${" ".repeat(21)}`;
  return `${begun}${[first, ...more].join(`\n${" ".repeat(21)}`)}\n`;
}

function labelOf(name: string, value: string | undefined): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}
