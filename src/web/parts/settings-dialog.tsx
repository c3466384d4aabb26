// Settings: what others are told, notifications of this browser, the end of this page.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Confirm, Section, Switch } from "./controls.tsx";
import { Dialog } from "./dialog.tsx";
import { usePage } from "./use-page.ts";

export function SettingsDialog(): JSX.Element {
  const { page, view } = usePage();
  const { marks } = view.status ?? {};
  const set = async (change: { readonly typing?: boolean; readonly read?: boolean; readonly invisible?: boolean }) => {
    await page.attempt("setMarks", change);
    await page.refresh();
  };
  return (
    <Dialog title="Settings">
      {marks !== undefined && (
        <Section title="What others see of you in rooms">
          <Switch label="That you are typing" isOn={marks.typing} onChange={(typing) => set({ typing })} />
          <Switch label="What you have read" isOn={marks.read} onChange={(read) => set({ read })} />
          <Switch
            label="That you are online"
            isOn={!marks.invisible}
            onChange={(isSeen) => set({ invisible: !isSeen })}
          />
        </Section>
      )}
      <Section title="Notifications of this browser">
        <Notifications />
      </Section>
      <Section title="This page">
        <p class="hint">
          Drafts are kept unencrypted in this tab until you close it. The page follows the light or dark setting of your
          system.
        </p>
        <Confirm
          label="Sign out"
          question="This closes the page; the program keeps running. You need its link to sign in again. Sign out?"
          onYes={() => void page.ports.link.signOut()}
        />
      </Section>
    </Dialog>
  );
}

type Permission = NotificationPermission | "impossible";

function permissionNow(): Permission {
  return "Notification" in globalThis ? Notification.permission : "impossible";
}

function Notifications(): JSX.Element {
  const { settings } = usePage().page.ports;
  const [permission, setPermission] = useState<Permission>(permissionNow());
  const [isOn, setOn] = useState(settings.get("notify") === "on");
  const [hasText, setText] = useState(settings.get("notify-text") === "on");
  const change = async (on: boolean): Promise<void> => {
    // The browser asks only because the person wants it.
    const answer = on && permission === "default" ? await Notification.requestPermission() : permission;
    setPermission(answer);
    const isNow = on && answer === "granted";
    settings.set("notify", isNow ? "on" : "");
    setOn(isNow);
  };
  if (permission === "impossible") return <p class="hint">This browser does not support them.</p>;
  return (
    <>
      <Switch
        label="When a message arrives while you look elsewhere"
        {...(permission === "denied"
          ? { hint: "The browser blocks notifications: allow them for this page in its settings." }
          : {})}
        isOn={isOn}
        onChange={(on) => change(on)}
      />
      {isOn && (
        <Switch
          label="Show the text"
          hint="Otherwise only the name. Your system may keep notifications."
          isOn={hasText}
          onChange={(on) => {
            settings.set("notify-text", on ? "on" : "");
            setText(on);
          }}
        />
      )}
    </>
  );
}
