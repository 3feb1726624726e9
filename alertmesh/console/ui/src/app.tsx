import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { watch } from "./alerting";
import { signedOut } from "./api";
import { AREAS, type Area, page } from "./areas";
import { Failure, Loading } from "./kit/states";
import { Frame } from "./frame";
import { follow, stop } from "./live";
import { fit, path } from "./route";
import { t } from "./words";

/**
 * The whole console: the frame, and in it the page that the address asks for. When the session ends, the sign-in lies
 * over what was open, which is as it was once somebody is back.
 */
export function App() {
  const out = signedOut.value;
  useEffect(() => {
    if (out) stop();
    else void follow();
  }, [out]);
  useEffect(watch, []);
  const been = useRef(false);
  been.current ||= !out;
  const [area, parts] = find(path.value);
  return (
    <>
      {been.current && (
        <Frame area={area}>
          {area ? <Late key={area.at} load={area.load} parts={parts} /> : <Nowhere />}
        </Frame>
      )}
      {out && <Late load={signIn} parts={{}} />}
    </>
  );
}

const signIn = page(() => import("./pages/signin"));

function find(at: string): [Area | null, Record<string, string>] {
  for (const area of AREAS) {
    const parts = fit(area.at, at === "/incidents" ? "/" : at);
    if (parts) return [area, parts];
  }
  return [null, {}];
}

/** A page that is loaded when it is first shown. */
function Late({ load, parts }: { load: Area["load"]; parts: Record<string, string> }) {
  const loaded = useSignal<ComponentType<Record<string, string>> | Error | null>(null);
  const fetchPage = () => {
    loaded.value = null;
    load().then(
      (module) => {
        loaded.value = module.default;
      },
      (error: unknown) => {
        loaded.value = error instanceof Error ? error : new Error(String(error));
      },
    );
  };
  useEffect(fetchPage, [load]);
  const Page = loaded.value;
  if (Page === null) return <Loading />;
  if (Page instanceof Error) return <Failure why={t("kit.notLoaded")} retry={() => location.reload()} />;
  return <Page {...parts} />;
}

function Nowhere() {
  return <Failure why={t("kit.nowhere")} />;
}
