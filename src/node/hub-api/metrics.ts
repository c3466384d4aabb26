// The hub's numbers for Prometheus. They are read when somebody asks, and counted nowhere twice.

import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { Numbers, Operator, Tally } from "./operator.ts";

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

/** `ofProcess`: also memory, CPU time and the event loop of the process. */
export function createMetrics({ admin, version }: Pick<Operator, "admin" | "version">, ofProcess: boolean): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (ofProcess) collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "lair_hub_info",
    help: "Always 1; the version is a label.",
    labelNames: ["version"],
    registers,
  }).set({ version }, 1);
  const gauges = {
    connected: gauge("lair_hub_connected_clients", "Members who are connected."),
    accounts: gauge("lair_hub_members", "Members."),
    rooms: gauge("lair_hub_rooms", "Rooms."),
    up: gauge("lair_hub_store_up", "Whether the store answers."),
  };
  const calls = counter("lair_hub_calls_total", "Calls of members.", "call");
  const refusals = counter("lair_hub_refusals_total", "Calls that were refused.", "reason");
  const turnedAway = counter("lair_hub_turned_away_total", "People who authenticated and were not admitted.", "reason");
  const totals = {
    entriesAppended: counter("lair_hub_entries_appended_total", "Entries posted to rooms."),
    bytesAppended: counter("lair_hub_bytes_appended_total", "Bytes of these entries, encrypted."),
    entriesPruned: counter("lair_hub_entries_pruned_total", "Entries that were deleted."),
    newsSent: counter("lair_hub_news_sent_total", "Notices to members."),
    storeFailures: counter("lair_hub_store_failures_total", "Failures of the store."),
  };

  function gauge(name: string, help: string): Gauge {
    return new Gauge({ name, help, registers });
  }

  function counter(name: string, help: string, label?: string): Counter {
    return new Counter({ name, help, registers, labelNames: label === undefined ? [] : [label] });
  }

  function set(numbers: Numbers): void {
    gauges.connected.set(numbers.connected);
    gauges.accounts.set(numbers.accounts);
    gauges.rooms.set(numbers.rooms);
    setCounts(calls, "call", numbers.calls);
    setCounts(refusals, "reason", numbers.refusals);
    setCounts(turnedAway, "reason", numbers.turnedAway);
    for (const name of ["entriesAppended", "bytesAppended", "entriesPruned", "newsSent", "storeFailures"] as const) {
      totals[name].reset();
      totals[name].inc(numbers[name]);
    }
  }

  return {
    contentType: registry.contentType,
    async text() {
      try {
        set(await admin.numbers());
        gauges.up.set(1);
      } catch {
        // What was counted last is still there.
        gauges.up.set(0);
      }
      return await registry.metrics();
    },
  };
}

function setCounts(target: Counter, label: string, counts: Tally): void {
  target.reset();
  for (const [name, value] of Object.entries(counts)) target.inc({ [label]: name }, value);
}
