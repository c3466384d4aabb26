// A picture of somebody: the first letters of the name, in a colour that belongs to the key.

import type { JSX } from "preact";
import { colourOf, initials } from "../state/names.ts";

export const COLOURS = 8;

interface AvatarProps {
  readonly name: string;
  /** A fingerprint, or the id of a room. */
  readonly id: string;
  readonly isRoom?: boolean;
  readonly isConnected?: boolean;
}

export function Avatar({ name, id, isRoom = false, isConnected = false }: AvatarProps): JSX.Element {
  const shape = isRoom ? "avatar avatar-room" : "avatar";
  return (
    <span class={`${shape} colour-${colourOf(id, COLOURS)}`} aria-hidden="true">
      <span>{initials(name)}</span>
      {isConnected && <span class="avatar-connected" />}
    </span>
  );
}
