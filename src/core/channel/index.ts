// The interface of the channel for the layers above: the handshake, which returns a channel, and its types.

export { Admission, ADMITTED_KEY_BYTES, type AdmissionMemory, MAX_ADMITTED } from "./admission.ts";
export {
  Channel,
  CHANNEL_LIMITS,
  type ChannelEvent,
  type ChannelLimits,
  type ChannelState,
  CLOSE_REASON,
  type CloseReason,
} from "./channel.ts";
export { hourOf } from "./first-message.ts";
export {
  type Answer,
  type HandshakeParty,
  InitiatorHandshake,
  type Opened,
  protocolName,
  type PskHolder,
  ResponderHandshake,
} from "./handshake.ts";
export {
  type Hello,
  HUB,
  isHelloUrl,
  isName,
  isRekeyWindow,
  MAX_NAME_BYTES,
  type RekeyWindow,
  READS_ENTRIES,
  ROOMS,
} from "./hello.ts";
export { MAX_BODY_BYTES } from "./record.ts";
export { elapsedMs, type Instant, RELEASED_MS } from "../clock.ts";
