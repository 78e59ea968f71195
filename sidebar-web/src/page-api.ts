/** The API client of the page that is open. */
import { createApi } from "./api.ts";
import { nextSignIn } from "./sign-in.ts";
import { askForStepUp } from "./step-up.ts";

const timeoutMs = 15_000;

function goToSignIn(): boolean {
  const target = nextSignIn(sessionStorage, location.pathname + location.search, Date.now());
  if (target === null) return false;
  location.assign(target);
  return true;
}

export const api = createApi({
  fetch: (...request) => fetch(...request),
  goToSignIn,
  stepUp: askForStepUp,
  timeoutMs,
});
