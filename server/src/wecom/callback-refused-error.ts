/** A callback that is not WeCom's or not whole. On purpose without a reason: every fault looks the same. */
export class CallbackRefusedError extends Error {
  override name = "CallbackRefusedError";

  constructor() {
    super("the callback was refused");
  }
}
