// Turns the changes of a commit into reports for the user.

import { toHex } from "../../core/bytes.ts";
import type { TakenCommit } from "../../core/room/group-crypto.ts";
import { decodeRoomContext } from "../../core/room/room-context.ts";
import type { RoomNames } from "./room-names.ts";
import { noticesOf } from "./room-notices.ts";
import type { PersonView, RoomReport, RoomView } from "./room-reports.ts";

type Telling = (room: RoomView) => RoomReport;

/** In the order in which a person would tell them. */
export async function noticeReports(
  taken: Pick<TakenCommit, "before" | "after" | "sender" | "proposals">,
  names: RoomNames,
): Promise<readonly Telling[]> {
  const { before, after, sender } = taken;
  const people = new Map([...before.roster, ...after.roster].map((one) => [toHex(one.signatureKey), one] as const));
  const viewOf = async (signatureKey: Uint8Array): Promise<PersonView> => {
    const member = people.get(toHex(signatureKey)) ?? (await names.withSignatureKey(signatureKey));
    return member === undefined ? { name: "somebody who is gone", fingerprint: "" } : await names.view(member);
  };
  const wasLeaving = decodeRoomContext(before.context).leaving;
  const was = decodeRoomContext(before.context).name;
  const by = await names.view(sender);
  const reports: Telling[] = [];
  for (const notice of noticesOf(taken)) {
    switch (notice.kind) {
      case "added":
      case "came-by-link":
      case "came-back": {
        const who = await names.view(notice.who);
        reports.push((room) =>
          notice.kind === "came-back"
            ? { type: "came-back", room, who }
            : { type: "joined", room, who, ...(notice.kind === "added" ? { by } : {}) },
        );
        break;
      }
      case "removed": {
        // Who said that they leave was told of then.
        if (wasLeaving.has(toHex(notice.who.signatureKey))) break;
        const who = await names.view(notice.who);
        reports.push((room) => ({ type: "removed", room, who, by }));
        break;
      }
      case "role": {
        const who = await viewOf(notice.who);
        reports.push((room) => ({ type: "role-changed", room, who, role: notice.role, by }));
        break;
      }
      case "banned":
      case "unbanned":
      case "leaving": {
        const [who, type] = [await viewOf(notice.who), notice.kind];
        reports.push((room) => (type === "leaving" ? { type: "left", room, who } : { type, room, who, by }));
        break;
      }
      case "renamed":
        reports.push((room) => ({ type: "room-renamed", room, was, by }));
        break;
      case "topic":
        reports.push((room) => ({ type: "topic-changed", room, topic: notice.topic, by }));
    }
  }
  return reports;
}
