import { nextSignIn } from "../../sidebar-web/src/sign-in.ts";

beforeEach(() => sessionStorage.clear());

test("signing in comes back to the same page, with its query", () => {
  expect(nextSignIn(sessionStorage, "/manager/cases/c1?from=card", 0)).toBe(
    "/sign-in?returnTo=%2Fmanager%2Fcases%2Fc1%3Ffrom%3Dcard",
  );
});

test("the fourth try within a minute is not made; a minute later it is", () => {
  const at = (atMs: number): string | null => nextSignIn(sessionStorage, "/sidebar/", atMs);
  expect([at(0), at(1000), at(2000)]).not.toContain(null);
  expect(at(3000)).toBeNull();
  expect(at(61_500)).not.toBeNull();
});
