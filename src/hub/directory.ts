// The directory: who is at the hub, and the key packages with which others can add somebody who is away.

import { isSameKey } from "./same-key.ts";
import type { Ground, HandlersOf } from "./handlers.ts";
import { ration } from "./handlers.ts";
import { CallRefused } from "./refused.ts";
import { toHex } from "../core/bytes.ts";

export function directoryHandlers(ground: Ground): HandlersOf<"find" | "publish" | "take"> {
  const { store, clock, quotas } = ground;
  const { accounts, keyPackages } = store;
  return {
    async find(_caller, { key, handle }) {
      const byKey = key === undefined ? undefined : await accounts.account(key);
      const byHandle = key !== undefined || handle === undefined ? undefined : await accounts.accountOf(handle);
      const account = byKey ?? byHandle;
      // With both, both must fit.
      const fits = handle === undefined || account?.handle === handle;
      return { account: fits ? account : undefined };
    },

    async publish({ key }, { packages }) {
      const nowMs = clock.now().wallMs;
      const lastMs = nowMs + quotas.packageLifetimeMs;
      const limited = packages.map((one) => ({ ...one, expiresAtMs: Math.min(one.expiresAtMs, lastMs) }));
      return { count: await keyPackages.addKeyPackages(key, limited, quotas.packages, nowMs) };
    },

    async take(caller, { key }) {
      if (isSameKey(key, caller.key)) {
        throw new CallRefused("not-allowed", { sentence: "You cannot add yourself to a room." });
      }
      if ((await accounts.account(key)) === undefined) throw new CallRefused("unknown-person");
      ration(ground, caller, "takesOfOne", toHex(key));
      ration(ground, caller, "takes");
      return { package: (await keyPackages.takeKeyPackage(key, clock.now().wallMs))?.bytes };
    },
  };
}
