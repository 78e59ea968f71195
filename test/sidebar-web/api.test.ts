import { createApi, type Api, type ApiError } from "../../sidebar-web/src/api.ts";
import { fakeFetch, type FakeFetch } from "./fake-fetch.ts";

function apiOf(
  fake: FakeFetch,
  goToSignIn = (): boolean => true,
  timeoutMs = 5000,
  stepUp = (): Promise<boolean> => Promise.resolve(false),
): Api {
  return createApi({ fetch: fake.fetch, goToSignIn, stepUp, timeoutMs });
}

async function failureOf(work: Promise<unknown>): Promise<ApiError> {
  return (await work.then(
    () => Promise.reject(new Error("It should have failed.")),
    (error: unknown) => error,
  )) as ApiError;
}

test("every request carries the header that no cross-site form can set", async () => {
  const fake = fakeFetch({ body: { a: 1 } }, { status: 204 }, { body: {} });
  const api = apiOf(fake);
  expect(await api.get("/api/x", { cursor: "甲&b", state: undefined })).toEqual({ a: 1 });
  expect(await api.post("/api/y")).toBeUndefined();
  await api.put("/api/z", { b: 2 });
  expect(fake.requests.map(({ url }) => url)).toEqual([
    "/api/x?cursor=%E7%94%B2%26b",
    "/api/y",
    "/api/z",
  ]);
  for (const { init } of fake.requests) {
    expect(init.headers).toMatchObject({ "x-requested-with": "wecom-guard" });
    expect(init.credentials).toBe("same-origin");
  }
  expect(fake.requests[1]?.init.body).toBeUndefined();
  expect(fake.requests[2]?.init).toMatchObject({
    method: "PUT",
    body: '{"b":2}',
    headers: { "content-type": "application/json" },
  });
});

test("what asks for a fresh sign-in goes on after one, and only then", async () => {
  const refusal = {
    status: 403,
    body: { code: "step_up_needed", message: "请重新登录", requestId: "r" },
  };
  const fake = fakeFetch(refusal, { body: { a: 1 } }, refusal, refusal, refusal);
  const apiWith = (isDone: boolean) =>
    apiOf(
      fake,
      () => true,
      5000,
      () => Promise.resolve(isDone),
    );
  expect(await apiWith(true).post("/api/x", { text: "写好的" })).toEqual({ a: 1 });
  expect(fake.requests.map(({ init }) => init.body)).toEqual(Array(2).fill('{"text":"写好的"}'));
  expect((await failureOf(apiWith(false).post("/api/x"))).code).toBe("step_up_needed");
  expect(fake.requests.length).toBe(3);
  // Refused once more: no circles.
  expect((await failureOf(apiWith(true).post("/api/x"))).code).toBe("step_up_needed");
  expect(fake.requests.length).toBe(5);
});

test("a refusal carries the server's sentence, fields and request id", async () => {
  const body = {
    code: "invalid_request",
    message: "填写的内容有误",
    requestId: "r1",
    fields: { title: "请填写规则名称" },
  };
  const error = await failureOf(apiOf(fakeFetch({ status: 400, body })).post("/api/x", {}));
  expect(error).toMatchObject({ ...body, name: "ApiError" });
});

test("a code that this page does not know keeps its sentence", async () => {
  const body = { code: "from_the_future", message: "新的情况", requestId: "r2" };
  const error = await failureOf(apiOf(fakeFetch({ status: 418, body })).get("/api/x"));
  expect(error).toMatchObject({ code: "internal", message: "新的情况", requestId: "r2" });
});

test.each([
  ["no network", new TypeError("Failed to fetch"), "no_connection"],
  ["a proxy's HTML page", { status: 502, isBroken: true }, "bad_answer"],
  ["an error of another shape", { status: 500, body: { error: "x" } }, "bad_answer"],
  ["a page instead of data", { status: 200, isBroken: true }, "bad_answer"],
] as const)("%s becomes a sentence", async (_name, answer, code) => {
  const error = await failureOf(apiOf(fakeFetch(answer)).get("/api/x"));
  expect(error.code).toBe(code);
  expect(error.message).not.toBe("");
  expect(error.requestId).toBeNull();
});

test("a server that does not answer is given up", async () => {
  const error = await failureOf(apiOf(fakeFetch("hang"), undefined, 5).get("/api/x"));
  expect(error.code).toBe("too_slow");
});

test("a session that is over goes to sign in, and nothing is shown meanwhile", async () => {
  const goToSignIn = jest.fn(() => true);
  const settled = jest.fn();
  const fake = fakeFetch({ status: 401, body: {} });
  void apiOf(fake, goToSignIn).get("/api/x").then(settled, settled);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(goToSignIn).toHaveBeenCalledTimes(1);
  expect(settled).not.toHaveBeenCalled();
});

test("when signing in runs in circles the error is shown instead", async () => {
  const body = { code: "not_signed_in", message: "登录已过期，请重新打开页面。", requestId: "r3" };
  const fake = fakeFetch({ status: 401, body });
  const error = await failureOf(apiOf(fake, () => false).get("/api/x"));
  expect(error.code).toBe("not_signed_in");
});
