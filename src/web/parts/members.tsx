// The members of a room, and what can be done about each.

import type { JSX } from "preact";
import type { ConversationJson, MemberJson, RoleJson } from "../../app/api/views.ts";
import { personName, shownName } from "../state/names.ts";
import { Avatar } from "./avatar.tsx";
import { Confirm, Field } from "./controls.tsx";
import { Icon } from "./icon.tsx";
import { usePage } from "./use-page.ts";
import { useWish } from "./use-wish.ts";

const ROLES: readonly RoleJson[] = ["admin", "moderator", "member"];

interface MembersProps {
  readonly conversation: ConversationJson;
  readonly members: readonly MemberJson[];
  /** Asks for them again. */
  readonly changed: () => Promise<void>;
}

export function Members({ conversation, members, changed }: MembersProps): JSX.Element {
  const { page } = usePage();
  const { role } = conversation.room ?? {};
  const mayLead = conversation.kind === "room" && (role === "admin" || role === "moderator");
  const unban = async (who: string): Promise<boolean> => {
    if ((await page.attempt("unban", { conversation: conversation.id, who })) === undefined) return false;
    page.notice({ tone: "info", text: `${shownName(who)} can come back.` });
    return true;
  };
  return (
    <>
      <ul class="members">
        {members.map((member) => (
          <Member key={member.fingerprint} conversation={conversation} member={member} changed={changed} />
        ))}
      </ul>
      {mayLead && (
        <details>
          <summary>Let somebody come back</summary>
          <Field
            label="Who was banned"
            value=""
            action="Let come back"
            clears
            hint="The name, or the start of the fingerprint."
            onSubmit={unban}
          />
        </details>
      )}
    </>
  );
}

interface MemberProps extends Pick<MembersProps, "conversation" | "changed"> {
  readonly member: MemberJson;
}

function Member({ conversation, member, changed }: MemberProps): JSX.Element {
  const { name, fingerprint, role, online, self, followed } = member;
  const shown = personName(member);
  const below = `${role}${online ? ", online" : ""}${followed === true ? ", followed" : ""}`;
  return (
    <li class="member">
      <Avatar name={shownName(name)} id={fingerprint} isConnected={online && self !== true} />
      <div class="member-middle">
        {self === true ? (
          <div class="member-head">
            <MemberHead name={shown} below={role} />
          </div>
        ) : (
          <details>
            <summary class="member-head">
              <MemberHead name={shown} below={below} />
              <Icon name="unfold" />
            </summary>
            <MemberActions conversation={conversation} member={member} changed={changed} />
          </details>
        )}
      </div>
    </li>
  );
}

function MemberHead({ name, below }: { readonly name: string; readonly below: string }): JSX.Element {
  return (
    <span>
      <bdi>{name}</bdi>
      <span class="unseen">, </span>
      <span class="hint">{below}</span>
    </span>
  );
}

function MemberActions({ conversation, member, changed }: MemberProps): JSX.Element {
  const { page } = usePage();
  const { id: room, kind } = conversation;
  const own = conversation.room?.role;
  const who = member.fingerprint.replaceAll(" ", "");
  const name = shownName(member.name);
  const done = async (call: Promise<unknown>, text?: string): Promise<void> => {
    if ((await call) === undefined) return;
    if (text !== undefined) page.notice({ tone: "info", text });
    await changed();
  };
  const direct = async (): Promise<void> => {
    const made = await page.attempt("direct", { who });
    if (made === undefined) return;
    page.show(undefined);
    await page.refresh();
    await page.open(made.conversation);
  };
  const follow = async (): Promise<void> => {
    const on = member.followed !== true;
    const words = on ? "highlighted from now on" : "no longer highlighted";
    await done(page.attempt("follow", { who, on }), `What ${name} says in any room is ${words}.`);
  };
  const [role, setRole] = useWish<RoleJson>(member.role, (next) =>
    done(page.attempt("setRole", { conversation: room, who, role: next })),
  );
  const isAbove = own === "admin" || (own === "moderator" && member.role === "member");
  return (
    <div class="member-actions">
      <p class="fingerprint">{member.fingerprint}</p>
      <div class="buttons">
        {kind === "room" && (
          <button type="button" class="button" onClick={() => void direct()}>
            Room of two
          </button>
        )}
        <button type="button" class="button" onClick={() => page.show({ kind: "verify", who })}>
          Compare words
        </button>
        <button type="button" class="button" onClick={() => void follow()}>
          {member.followed === true ? "No longer follow" : "Follow"}
        </button>
      </div>
      {kind === "room" && own === "admin" && (
        <label class="field">
          <span class="hint">Role of {name}</span>
          <select
            value={role}
            onChange={({ currentTarget }) => {
              const next = ROLES.find((one) => one === currentTarget.value);
              if (next !== undefined) setRole(next);
            }}
          >
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
      )}
      {kind === "room" && isAbove && (
        <div class="buttons">
          <Confirm
            label="Remove"
            question={`Remove ${name}? A new invite lets ${name} come back.`}
            onYes={() =>
              void done(page.attempt("removeMember", { conversation: room, who }), `You have removed ${name}.`)
            }
          />
          <Confirm
            label="Ban"
            question={`Ban ${name}? ${name} then cannot come back.`}
            onYes={() =>
              void done(
                page.attempt("removeMember", { conversation: room, who, ban: true }),
                `${name} cannot come back.`,
              )
            }
          />
        </div>
      )}
    </div>
  );
}
