// The public name of a room, as a hub accepts it. Pure.

import { cleanName } from "../core/identity/peer-name.ts";
import { CallRefused } from "./refused.ts";

/** The name, which all may see. Throws CallRefused for one that could disturb a list. */
export function listedName(name: string | undefined): string | undefined {
  if (name === undefined || (name !== "" && cleanName(name) === name)) return name;
  throw new CallRefused("not-allowed", {
    sentence: "The name of a listed room cannot be empty or have invisible characters. Choose another name.",
  });
}
