// Executes the commands about rooms. All of them reject with LairError. A report that only answers is returned; an
// event is shown to everybody, and is also returned where it is the answer.

import type { ActionParts } from "./action-parts.ts";
import { EnteringActions } from "./entering-actions.ts";
import { LineActions } from "./line-actions.ts";
import { MemberActions } from "./member-actions.ts";
import type { RoomCommand } from "./room-commands.ts";
import type { RoomReport } from "./room-reports.ts";
import { SettingActions } from "./setting-actions.ts";

export class RoomActions {
  readonly entering: EnteringActions;
  readonly members: MemberActions;
  readonly lines: LineActions;
  readonly settings: SettingActions;

  constructor(parts: ActionParts) {
    this.members = new MemberActions(parts);
    this.entering = new EnteringActions(parts, this.members);
    this.lines = new LineActions(parts);
    this.settings = new SettingActions(parts);
  }

  async do(command: RoomCommand): Promise<RoomReport | undefined> {
    const { entering, members, lines, settings } = this;
    switch (command.type) {
      case "rooms":
        return await entering.rooms();
      case "create":
        return await entering.create(command);
      case "join":
        return await entering.knock(command);
      case "join-link":
        return await entering.joinByLink(command);
      case "leave":
        await entering.leave(command);
        return undefined;
      case "answer":
        return await entering.answer(command);
      case "direct":
        return await entering.direct(command);
      case "feed":
        return await entering.feed();
      case "members":
        return await members.members(command);
      case "status":
        return await members.status(command);
      case "invite":
        await members.invite(command);
        return undefined;
      case "link":
        return await members.link(command);
      case "revoke-links":
        return await members.revokeLinks(command);
      case "role":
        await members.role(command);
        return undefined;
      case "remove":
      case "ban":
      case "unban":
        await members.remove(command);
        return undefined;
      case "topic":
      case "rename":
        await members.describe(command);
        return undefined;
      case "say":
      case "edit":
      case "delete":
      case "reply":
      case "react":
      case "timer":
        return await lines.say(command);
      case "history":
      case "search":
      case "export":
        return await lines.look(command);
      case "noted":
        await lines.note(command);
        return undefined;
      case "follow":
        return await settings.follow(command);
      case "marks":
      case "invisible":
        return await settings.mark(command);
      case "verify":
        return await settings.verify(command);
    }
  }
}
