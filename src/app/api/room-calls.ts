// The calls about rooms: making them, coming in, their members, and what the user wants of them. What a command about rooms
// takes, the table of commands says (`room-command-table.ts`).

import type { Members } from "../command-words.ts";
import { isoTime } from "../iso-time.ts";
import { roomRow } from "../rooms/room-command-table.ts";
import type { RoomCommand } from "../rooms/room-commands.ts";
import { type ApiGround, type Calls, NOTHING } from "./api-ground.ts";
import { roomPersonJson } from "./json-views.ts";
import { malformed } from "./problems.ts";

type Names =
  | "createRoom"
  | "listedRooms"
  | "askToJoin"
  | "direct"
  | "feed"
  | "members"
  | "answerInvitation"
  | "leave"
  | "inviteMember"
  | "setRole"
  | "removeMember"
  | "unban"
  | "describeRoom"
  | "makeLink"
  | "revokeLinks"
  | "follow"
  | "setMarks";

/** Throws ApiProblem for members that the command does not take. */
function made(name: string, members: Members): RoomCommand {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  const command = roomRow(name)?.make(Object.fromEntries(given));
  if (command !== undefined) return command;
  throw malformed("A value is empty or exceeds its limits, so nothing was done.", "docs/json.md has the limits.");
}

export function roomCalls(ground: ApiGround): Calls<Names> {
  return { ...comingCalls(ground), ...memberCalls(ground), ...settingCalls(ground) };
}

function comingCalls(
  ground: ApiGround,
): Calls<
  | "createRoom"
  | "listedRooms"
  | "askToJoin"
  | "direct"
  | "feed"
  | "answerInvitation"
  | "leave"
  | "makeLink"
  | "revokeLinks"
> {
  const entered = async (command: RoomCommand): Promise<{ readonly conversation: string }> => {
    const { room } = await ground.answer(command, "room-created", "joined");
    return { conversation: room.id };
  };
  return {
    createRoom: async (input) => await entered(made("create", input)),
    listedRooms: async () => {
      const { listed } = await ground.answer({ type: "rooms" }, "rooms");
      return { listed };
    },
    askToJoin: async ({ name, hub }) => {
      await ground.ask(made("join", { name, hub }));
      return NOTHING;
    },
    direct: async ({ who }) => await entered(made("dm", { who })),
    feed: async () => await entered({ type: "feed" }),
    answerInvitation: async ({ conversation, accept }) => {
      const { room } = await ground.room(conversation);
      await ground.ask({ type: "answer", room: room.id, isAccepted: accept });
      return NOTHING;
    },
    leave: async ({ conversation }) => {
      const { room } = await ground.room(conversation);
      await ground.ask({ type: "leave", room: room.id, keeps: true });
      return NOTHING;
    },
    makeLink: async ({ conversation, uses, expiresInSeconds: seconds }) => {
      const { room } = await ground.room(conversation);
      const command = made("room-link", { room: room.id, uses, seconds });
      const { link, uses: most, expiresAtMs } = await ground.answer(command, "room-link");
      return { link, uses: most, expires: isoTime(expiresAtMs) };
    },
    revokeLinks: async ({ conversation }) => {
      const { room } = await ground.room(conversation);
      await ground.ask({ type: "revoke-links", room: room.id });
      return NOTHING;
    },
  };
}

function memberCalls(
  ground: ApiGround,
): Calls<"members" | "inviteMember" | "setRole" | "removeMember" | "unban" | "describeRoom"> {
  /** Carries out a command about a room by its name in the table. */
  const about = async (name: string, conversation: string, members: Members): Promise<typeof NOTHING> => {
    const { room } = await ground.room(conversation);
    await ground.ask(made(name, { ...members, room: room.id }));
    return NOTHING;
  };
  return {
    members: async ({ conversation }) => {
      const { room } = await ground.room(conversation);
      const { topic, members } = await ground.answer({ type: "members", room: room.id }, "members");
      const json = members.map((one) => ({
        ...roomPersonJson(one),
        role: one.role,
        online: one.isOnline,
        ...(one.isFollowed === true ? { followed: true as const } : {}),
      }));
      return { topic, members: json };
    },
    inviteMember: async ({ conversation, who }) => await about("invite-to", conversation, { who }),
    setRole: async ({ conversation, who, role }) => await about("role", conversation, { who, role }),
    removeMember: async ({ conversation, who, ban }) =>
      await about(ban === true ? "ban" : "remove", conversation, { who }),
    unban: async ({ conversation, who }) => await about("unban", conversation, { who }),
    describeRoom: async ({ conversation, name, topic }) => {
      if (name !== undefined) await about("rename-room", conversation, { name });
      if (topic !== undefined) await about("topic", conversation, { topic });
      return NOTHING;
    },
  };
}

function settingCalls(ground: ApiGround): Calls<"follow" | "setMarks"> {
  return {
    follow: async ({ who, on }) => {
      const command = { ...made("follow", { who }), ...(on === undefined ? {} : { isOn: on }) };
      const { isFollowed } = await ground.answer(command, "followed");
      return { followed: isFollowed };
    },
    setMarks: async ({ typing, read, invisible }) => {
      if (typing !== undefined) await ground.ask({ type: "marks", what: "typing", isOn: typing });
      if (read !== undefined) await ground.ask({ type: "marks", what: "read", isOn: read });
      if (invisible !== undefined) await ground.ask({ type: "invisible", isOn: invisible });
      return NOTHING;
    },
  };
}
