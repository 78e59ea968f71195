import type { Stamps } from "../../platform/ledger/stamps.ts";
import type { StampFailure } from "../../platform/time-stamp/stamp-error.ts";
import { attention, broken, ok } from "./health-line.ts";
import type { HealthCheck } from "./health-line.ts";
import { sayAgo } from "./spoken-time.ts";

const DAY_MS = 24 * 3600_000;

const asked = "检查 TSA_URL 和到时间戳机构的网络；每小时会自动重试。";
const failures: Record<StampFailure, readonly [what: string, remedy: string]> = {
  unreachable: ["连不上时间戳机构，或它没有及时回答", asked],
  refused: ["时间戳机构拒绝了请求", "向时间戳机构确认服务是否开通、是否限制了来源地址。"],
  not_a_stamp: ["时间戳机构的回答看不懂", "确认 TSA_URL 是 RFC 3161 时间戳服务的地址。"],
  other_hash: ["回答不是给这次校验值的", "不要采用它的时间戳，联系时间戳机构。"],
  other_nonce: ["回答不是这次请求的", "不要采用它的时间戳，联系时间戳机构。"],
  wrong_time: [
    "时间戳的时间和服务器相差超过 10 分钟",
    "先校准服务器时间；仍不对就联系时间戳机构。",
  ],
  wrong_signature: ["时间戳的签名不对", "不要采用它的时间戳，联系时间戳机构。"],
  untrusted: ["时间戳的证书不可信", "把时间戳机构公布的根证书（PEM）写进 TSA_CA_FILE，再重启。"],
};

/** Whether a stranger has confirmed the newest head that people were given. */
export function timeStampCheck(stamps: Pick<Stamps, "isSet" | "state">): HealthCheck {
  return {
    id: "time_stamp",
    title: "可信时间戳",
    async look(nowMs) {
      if (!stamps.isSet) return ok("没有设置时间戳机构（可选，见 TSA_URL）。");
      const state = await stamps.state();
      if (!state) return ok("还没有公布过校验值，每天 9 点公布后会去盖时间戳。");
      if (state.stampedAtMs !== null) {
        return ok(
          `${state.authority ?? ""} ${sayAgo(state.stampedAtMs, nowMs)}为最近的校验值盖了时间戳。`,
        );
      }
      if (!state.failure) return ok("最近的校验值正在等待时间戳。");
      const [what, remedy] = failures[state.failure.reason];
      const say = nowMs - state.publishedAtMs > DAY_MS ? broken : attention;
      return say(`${sayAgo(state.failure.atMs, nowMs)}没有取得时间戳：${what}。`, remedy);
    },
  };
}
