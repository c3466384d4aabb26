// docs/HUB.md has the limits of a hub as the code has them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { DEFAULT_QUOTAS, type HubQuotas, type Ration } from "../../src/hub/quotas.ts";

const DOCUMENT = readFileSync(new URL("../../docs/HUB.md", import.meta.url), "utf8");
const DAY_MS = 86_400_000;

const number = (value: number): string => value.toLocaleString("en");
const mebibytes = (value: number): string => `${number(value / 2 ** 20)} MiB`;
const ration = ({ atOnce, everyMs }: Ration): string => `${number(atOnce)}, one more after ${number(everyMs)} ms`;

/** One for each quota: the compiler says if one is missing. */
const ROWS: { readonly [Name in keyof HubQuotas]: (quota: HubQuotas[Name]) => Readonly<Record<string, string>> } = {
  accounts: (most) => ({ "accounts of a hub": number(most) }),
  rooms: (most) => ({ "rooms of a member": number(most) }),
  unreadRooms: (most) => ({ "unread rooms of a member": number(most) }),
  room: ({ entries, bytes, posterEntries, posterBytes }) => ({
    "entries stored for a room": number(entries),
    "bytes stored for a room": mebibytes(bytes),
    "entries stored for one poster in a room": number(posterEntries),
    "bytes stored for one poster in a room": mebibytes(posterBytes),
  }),
  links: (most) => ({ "links of a room, including used and expired ones": number(most) }),
  letters: (most) => ({ "waiting letters of a member": number(most) }),
  packages: (most) => ({ "key packages of a member, without the last resort": number(most) }),
  packageLifetimeMs: (ms) => ({ "days for which a key package is handed out": number(ms / DAY_MS) }),
  calls: (one) => ({ calls: ration(one) }),
  commits: (one) => ({ "commits by a member": ration(one) }),
  takes: (one) => ({ "key packages that a member takes": ration(one) }),
  takesOfOne: (one) => ({ "key packages that a member takes of one person": ration(one) }),
  seatsOfOne: (one) => ({ "rooms to which a member adds one person": ration(one) }),
  knocks: (one) => ({ knocks: ration(one) }),
  signals: (one) => ({ signals: ration(one) }),
};

function rowsOf<Name extends keyof HubQuotas>(rows: Pick<typeof ROWS, Name>, name: Name): [string, string][] {
  return Object.entries(rows[name](DEFAULT_QUOTAS[name]));
}

it("docs/HUB.md has the limits of a hub", () => {
  const made = Object.keys(ROWS)
    .filter((name): name is keyof HubQuotas => Object.hasOwn(ROWS, name))
    .flatMap((name) => rowsOf(ROWS, name))
    .map(([what, most]) => `|${what}|${most}|`);
  const section = DOCUMENT.slice(DOCUMENT.indexOf("## 6. Limits")).split("\n## ")[0]!.split("\n");
  const rows = section.map((line) => line.replaceAll(/ *\| */g, "|")).filter((line) => line.startsWith("|"));
  assert.deepEqual(rows.slice(2), made);
});
