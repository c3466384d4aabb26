// About a room: what it is about, who is in it, how others come in, and the way out.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ConversationJson, RoomLinkJson } from "../../app/api/views.ts";
import { comingMoment } from "../../ui/phrases.ts";
import { conversationName, shownName } from "../state/names.ts";
import { conversationWithId } from "../state/view.ts";
import { timerWords } from "../state/words.ts";
import { Confirm, Facts, Field, Section, TimerChoice } from "./controls.tsx";
import { Dialog } from "./dialog.tsx";
import { ExportButton } from "./export-button.tsx";
import { InviteCard } from "./invite-card.tsx";
import { Members } from "./members.tsx";
import { useAnswer } from "./use-answer.ts";
import { usePage } from "./use-page.ts";

export function RoomDialog({ id }: { readonly id: string }): JSX.Element | null {
  const { view } = usePage();
  const conversation = conversationWithId(view, id);
  if (conversation?.room === undefined) return null;
  const isIn = conversation.room.standing === "joined";
  return (
    <Dialog title={conversationName(conversation)} class="dialog-wide">
      {isIn && <Inside conversation={conversation} />}
      <Section title="History">
        <div class="buttons">
          <ExportButton id={id} />
        </div>
      </Section>
      <Leave conversation={conversation} />
    </Dialog>
  );
}

function Inside({ conversation }: { readonly conversation: ConversationJson }): JSX.Element {
  const { page } = usePage();
  const { id, name, room, kind, timerSeconds } = conversation;
  const [answer, ask] = useAnswer("members", { conversation: id });
  const mayLead = room?.role === "admin" || room?.role === "moderator";
  const describe = async (input: { readonly name?: string; readonly topic?: string }): Promise<void> => {
    await page.attempt("describeRoom", { conversation: id, ...input });
    await page.refresh();
  };
  return (
    <>
      <Facts
        facts={[
          ["Hub", shownName(room?.hub ?? "")],
          ["You are", room?.role ?? "member"],
          ...(room?.isAnnouncement === true ? [["Kind", "only admins and moderators speak"] as const] : []),
        ]}
      />
      {answer !== undefined && (
        <Section title={`Members (${answer.members.length})`}>
          <Members conversation={conversation} members={answer.members} changed={ask} />
        </Section>
      )}
      {kind === "room" && mayLead && (
        <>
          <Section title="Invite">
            <InvitePerson
              conversation={conversation}
              members={answer?.members.map((one) => one.fingerprint) ?? []}
              changed={ask}
            />
            <Links conversation={conversation} />
          </Section>
          <Section title="The room">
            <Field
              label="Name, for everybody"
              value={name}
              action="Rename"
              onSubmit={(next) => void describe({ name: next })}
            />
            <Field
              label="Topic"
              value={room?.topic ?? ""}
              action="Change"
              canBeEmpty
              onSubmit={(topic) => void describe({ topic })}
            />
          </Section>
        </>
      )}
      <Section title="Disappearing lines">
        <TimerChoice seconds={timerSeconds} words={timerWords} onChange={(seconds) => page.setTimer(id, seconds)} />
      </Section>
    </>
  );
}

interface InvitePersonProps {
  readonly conversation: ConversationJson;
  /** Fingerprints of those who are there. */
  readonly members: readonly string[];
  readonly changed: () => Promise<void>;
}

function InvitePerson({ conversation, members, changed }: InvitePersonProps): JSX.Element {
  const { page, view } = usePage();
  const others = view.peers.filter(({ hub, fingerprint }) => hub !== true && !members.includes(fingerprint));
  const invite = async (who: string): Promise<boolean> => {
    if ((await page.attempt("inviteMember", { conversation: conversation.id, who })) === undefined) return false;
    page.notice({ tone: "info", text: `${shownName(who)} is invited to ${conversationName(conversation)}.` });
    await changed();
    return true;
  };
  return (
    <Field
      label="Somebody by name"
      value=""
      action="Invite"
      clears
      list={others.map(({ name }) => name)}
      hint="A name that you know here, or the start of a fingerprint (eight characters or more)."
      onSubmit={invite}
    />
  );
}

function Links({ conversation }: { readonly conversation: ConversationJson }): JSX.Element {
  const { page, view } = usePage();
  const [made, setMade] = useState<RoomLinkJson | undefined>(undefined);
  const { id } = conversation;
  const revoke = async (): Promise<void> => {
    if ((await page.attempt("revokeLinks", { conversation: id })) === undefined) return;
    setMade(undefined);
    page.notice({ tone: "info", text: "The links to the room will no longer work." });
  };
  const uses = made?.uses === 1 ? "once" : `${made?.uses} times`;
  return (
    <>
      {made !== undefined && (
        <InviteCard
          text={made.link}
          label="Link to the room"
          intro={`Anybody who has this link can join. It works ${uses}, until ${comingMoment(Date.parse(made.expires), view.nowMs)}.`}
        />
      )}
      <div class="buttons">
        <button
          type="button"
          class="button"
          onClick={() => void page.attempt("makeLink", { conversation: id }).then((link) => link && setMade(link))}
        >
          Make a link
        </button>
        <Confirm
          label="Revoke all links"
          question="The existing links to this room will stop working. Revoke them?"
          onYes={() => void revoke()}
        />
      </div>
    </>
  );
}

function Leave({ conversation }: { readonly conversation: ConversationJson }): JSX.Element {
  const { page } = usePage();
  const { id, room } = conversation;
  const name = conversationName(conversation);
  const isOver = room?.standing === "over";
  const leave = async (): Promise<void> => {
    const call = isOver ? "forgetHistory" : "leave";
    if ((await page.attempt(call, { conversation: id })) === undefined) return;
    page.show(undefined);
    await page.refresh();
  };
  return (
    <Section title={isOver ? "Forget" : "Leave"}>
      <Confirm
        label={isOver ? `Forget ${name}` : `Leave ${name}`}
        question={
          isOver
            ? "Its history is deleted here. Forget the room?"
            : "You will get no more messages from this room. Its history stays here. Leave?"
        }
        onYes={() => void leave()}
      />
    </Section>
  );
}
