// The library's settings, and what it is handed where there are no psks.

import {
  defaultKeyPackageEqualityConfig,
  defaultLifetimeConfig,
  defaultPaddingConfig,
  makePskIndex,
  type ClientConfig,
} from "ts-mls";
import { PAST_EPOCHS } from "../core/room/limits.ts";
import { isOurCredential } from "./leaves.ts";

export const CONFIG: ClientConfig = {
  keyRetentionConfig: {
    // The log has one order and each sender's messages keep theirs: few are ever skipped.
    retainKeysForGenerations: 16,
    // Ours: a sender whose messages never arrived (crashes, quotas) may have skipped so many; each costs one HKDF.
    maximumForwardRatchetSteps: 1_000,
    retainKeysForEpochs: PAST_EPOCHS,
  },
  // Receivers look at no clock: they would come to different results. The library uses Date.now() when somebody is added.
  lifetimeConfig: defaultLifetimeConfig,
  keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
  paddingConfig: defaultPaddingConfig,
  authService: {
    validateCredential: async (credential, signatureKey) => isOurCredential(credential, signatureKey),
  },
};

export const NO_PSKS = makePskIndex(undefined, {});
