import { RETENTION_MS } from "../archive.ts";
import { disturbPage } from "../page-faults.ts";
import { readFieldsList, readNumber, readText, requireText, type Handler } from "./endpoint.ts";
import { WecomError } from "./wecom-error.ts";

/** The SDK's chunk of a file. */
const CHUNK_BYTES = 524_288;

/** Every member here has an archive seat. */
export const getPermitUserList: Handler = (_, { directory }) => ({
  ids: directory.members.map(({ id }) => id),
});

export const checkSingleAgree: Handler = ({ body }, { directory }) => {
  const pairs = readFieldsList(body, "info");
  if (pairs.length === 0) throw new WecomError(40058);
  if (pairs.length > 100) throw new WecomError(301060);
  return {
    agreeinfo: pairs.flatMap((pair) => {
      // The misspelt name is WeCom's own.
      const customerId = requireText(pair, "exteranalopenid");
      const follow = directory.findFollow(requireText(pair, "userid"), customerId);
      const customer = directory.findCustomer(customerId);
      if (follow === undefined || customer === undefined) return [];
      return [
        {
          userid: follow.memberId,
          exteranalopenid: customerId,
          agree_status: customer.consent,
          status_change_time: Math.floor(follow.createdAtMs / 1000),
        },
      ];
    }),
  };
};

export const checkRoomAgree: Handler = ({ body }, { directory }) => {
  const room = directory.findRoom(requireText(body, "roomid"));
  if (room === undefined) throw new WecomError(40050);
  return {
    agreeinfo: room.customerIds.map((id) => ({
      exteranalopenid: id,
      agree_status: directory.findCustomer(id)?.consent ?? "Disagree",
      status_change_time: Math.floor(directory.foundedAtMs / 1000),
    })),
  };
};

/** Knows internal groups only, and this corp's groups are all with customers. */
export const getInternalGroup: Handler = ({ body }) => {
  requireText(body, "roomid");
  throw new WecomError(301059);
};

/** The wire side of the SDK's GetChatData. `encrypt_sign` and `version` are the SDK's own business. */
export const getChatData: Handler = ({ body }, { archive, faults, now }) => {
  const seq = readNumber(body, "seq") ?? 0;
  const limit = readNumber(body, "limit") ?? 0;
  if (seq < 0 || limit < 1 || limit > 1000) throw new WecomError(40058);
  const read = (after: number, count: number) => archive.page(after, count, now());
  return { chatdata: disturbPage(faults.pageFault(), read, seq, limit) };
};

/** The wire side of the SDK's GetMediaData: a range of the ciphertext. */
export const getChatMediaData: Handler = (call, { media, now }) => {
  const fileId = requireText(call.body, "fileid");
  const authKey = readText(call.body, "authkey") ?? "";
  const file = media.find(fileId, authKey, now() - RETENTION_MS);
  if (file === undefined) throw new WecomError(301048);
  const range = /^bytes=(\d+)-(\d+)$/.exec(call.header("range"));
  const from = Number(range?.[1] ?? 0);
  const to = Math.min(Number(range?.[2] ?? CHUNK_BYTES - 1), file.length - 1);
  if (from > to) throw new WecomError(40058, "invalid range");
  // The SDK looks for this name and unit in capitals only.
  call.setHeader("CONTENT-RANGE", `BYTES ${from}-${to}/${file.length}`);
  return { content: file.subarray(from, to + 1).toString("base64") };
};
