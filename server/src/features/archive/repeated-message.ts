/** Something became known between its inspection and its storing; the next try sees it. */
export class RepeatedMessageError extends Error {
  override name = "RepeatedMessageError";
}
