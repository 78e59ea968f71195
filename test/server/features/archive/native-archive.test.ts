import { readdirSync, readFileSync } from "node:fs";
import type { UndecodableList } from "#shared/contract/health";
import {
  archivedHashes,
  casesOf,
  CHAT,
  countRows,
  healthLine,
  settle,
  storedHashes,
  VIOLATION,
} from "../../../support/main-job-world.ts";
import { wrapRandom } from "../../../simulator/crypto/archive-crypto.ts";
import { smallCompany } from "../../../simulator/testing/small-company.ts";
import { describeNative, doubleLibrary, hostProgram } from "../../../support/native.ts";
import { eventually } from "../../../support/eventually.ts";
import { startCompany } from "../../../support/running-company.ts";
import type { RunningCompany } from "../../../support/running-company.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { signIn } from "../../../support/web-client.ts";
import type { WebClient } from "../../../support/web-client.ts";
import { poison } from "../../wecom/sdk-world.ts";

/** The hosts that this process has started. */
function hostPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
        const program = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0];
        return Number(parent) === process.pid && program === hostProgram;
      } catch {
        // It ended while we were looking.
        return false;
      }
    })
    .map(Number);
}

const onLinux = process.platform === "linux" ? it : it.skip;

describeNative("through WeCom's library", () => {
  forEachDatabase("the archive of a company", (open) => {
    let company: RunningCompany;
    let admin: WebClient;

    beforeAll(async () => {
      company = await startCompany({
        company: smallCompany(),
        databaseUrl: open.url(),
        settings: { WECOM_ARCHIVE_SDK_LIB: doubleLibrary },
        notifyIntervalMs: 20,
      });
      admin = await signIn(company.twin, "liuyang");
      await settle(company);
    });
    afterAll(() => company.close());

    const say = (text: string) =>
      company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text });

    const expectWhole = async () => {
      await settle(company);
      expect(await storedHashes(company)).toEqual(archivedHashes(company.twin));
      expect(await countRows(company, "undecodable", "resolved_at_ms IS NULL")).toBe(0);
    };

    it("stores what is said, and a breach becomes a case", async () => {
      say(VIOLATION);
      await expectWhole();
      const manager = await signIn(company.twin, "zhangwei");
      await eventually(
        () => casesOf(manager),
        (cases) => cases.length === 1,
      );
      expect(await healthLine(admin, "archive-component")).toMatchObject({
        status: "ok",
        detail: expect.stringMatching(/^已加载，自检通过（[\d.]+ MB），.+调用过，重启 0 次。$/),
      });
    });

    it("goes on when its token is refused", async () => {
      company.twin.setFaults({ expireTokens: true });
      say("令牌过期之后");
      await expectWhole();
      company.twin.setFaults({ expireTokens: false });
    });

    onLinux("loses nothing when the host is killed again and again", async () => {
      for (let kill = 1; kill <= 5; kill += 1) {
        for (let index = 0; index < 40; index += 1) say(`第${kill}次之前的第${index}条`);
        const [pid] = await eventually(hostPids, (pids) => pids.length > 0);
        process.kill(pid!, "SIGKILL");
        await company.twin.settled();
      }
      // A message at which it was killed twice waits beside the others until it is tried again.
      await settle(company);
      await admin.post("/api/admin/archive/undecodable/retry");
      await expectWhole();
      expect(await healthLine(admin, "archive-component")).toMatchObject({
        status: "attention",
        detail: expect.stringContaining("崩溃过，会自动重启（SIGKILL）"),
      });
    });

    it("puts a message aside that kills the host", async () => {
      const { store, keys } = company.twin.world;
      const { randomKey, encryptedMessage } = poison();
      const wrapped = wrapRandom(keys.current().publicKey, randomKey);
      // All three or none: the product must not meet the message before it is poison.
      const seq = store.transaction(() => {
        say("之前");
        say("致命的一条");
        const last = company.twin.archiveItems().at(-1)!.seq;
        store
          .prepare("UPDATE archiveItems SET encryptRandomKey = ?, encryptChatMsg = ? WHERE seq = ?")
          .run(wrapped, encryptedMessage, last);
        say("之后");
        return last;
      })();
      await settle(company);
      const { body } = await admin.get<UndecodableList>("/api/admin/archive/undecodable");
      expect(body.items).toMatchObject([{ seq, reason: "host_crashed" }]);
      expect(await countRows(company, "message")).toBe(archivedHashes(company.twin).size - 1);
      expect(await healthLine(admin, "undecodable")).toMatchObject({
        status: "attention",
        detail: expect.stringContaining("存档组件处理时崩溃"),
      });
    });
  });
});
