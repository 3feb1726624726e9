/** Runs beside the pages, as browsers of phones want it for notifications: a tap on one brings a tab to what it is about. */

interface Tap extends Event {
  notification: Notification;
  waitUntil(done: Promise<unknown>): void;
}

interface Tab {
  url: string;
  focused: boolean;
  visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

declare const clients: {
  matchAll(which: { type: "window"; includeUncontrolled: boolean }): Promise<Tab[]>;
  openWindow(address: string): Promise<unknown>;
};

addEventListener("notificationclick", (event) => {
  const { notification, waitUntil } = event as Tap;
  notification.close();
  waitUntil.call(event, open((notification.data as { to: string }).to));
});

// Pages that are none of the console: the description of the API, what a link in a message opens, and figures.
const OTHERS = /^\/(api|p|-|metrics)(\/|$)/;

async function open(to: string): Promise<void> {
  const all = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const tabs = all.filter((one) => !OTHERS.test(new URL(one.url).pathname));
  const tab =
    tabs.find((one) => one.focused) ?? tabs.find((one) => one.visibilityState === "visible") ?? tabs[0];
  if (!tab) {
    await clients.openWindow(to);
    return;
  }
  tab.postMessage({ to });
  await tab.focus();
}
