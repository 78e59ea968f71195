import { decryptCallback, encryptCallback, signCallback } from "./crypto/callback-crypto.ts";
import { sealChat, type SealChoices } from "./crypto/archive-crypto.ts";
import { encryptMedia, formatSdkFileId } from "./crypto/media-crypto.ts";
import { signPage } from "./crypto/js-signature.ts";
import { openChat } from "./testing/archive-reader.ts";

const VERIFY = {
  token: "kjr2TKI8umCBfVF3wAHk8JiPwma5VBme",
  encodingAesKey: "4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws",
  receiveId: "ww6a112864f8022910",
  echostr:
    "6KmUQuPVu7UhjyVqRdbo5SfcRqaHvbUlKSHFvBV2ZuR6TIlKsygcfeSd1GDplg1C5KSKr6UPHCaC/nIX3ZNt9w==",
};
const POST = {
  token: "kz7Yx62CH8SaLN",
  encodingAesKey: "cD0d7jx4tYvVtzqrmh3Dm3QFCXe6f8SlHoMtMh3qQEP",
  receiveId: "ww6a112864f8022910",
  encrypted:
    "EUCt7xMcNiyASzZj0Hjc5yDjFQrCum6AfQ3ntHiUzjGQ51xieKmbvtrZ40/EcB2W/W8yH0n4Lqx48gJl/T9HD/R309I0P/r5pIZucK3lyEn48FYMr4YdE0QdL2jIJ3xkcXUr6uzefzCxG6lMvwpAJaOyVCzN7sRRw47njfxy5EIqU6R9ZBhlTzfdnhhOhK/nTwzrZX3SoGlXFA9OBeZ6ru1NWpXFk76x9DUMe0lcxPPiUqK8ctnQcYXSGUHVqC6DfG7E7mab0OmruNN8cBZY5d3dYOBA4OgaH55Q0AJmUpdT8vNiXpXx+6TxT3TIjySXpDrHVyrsb772aYywgg/Nu4kUmGkALwFZlzhjNegR7wDwb9lr4ERXsSSS8JZ8lbBmaQ3F2Tq584xoPj5rIhXAF734ynm4no1g+SdHiNqR328=",
  plain:
    "<xml><ToUserName><![CDATA[ww6a112864f8022910]]></ToUserName><FromUserName><![CDATA[foobar]]></FromUserName><CreateTime>1583995625</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[x123]]></Content><MsgId>2018405441</MsgId><AgentID>1000002</AgentID></xml>",
};

describe("callback crypto", () => {
  test("matches the published URL-verification vector", () => {
    expect(signCallback(VERIFY.token, "1583940690", "VHh7ymSeb0jc4lSb", VERIFY.echostr)).toBe(
      "1ba3cb09c0d2c2b3ed6900d37f91a6efae6cb011",
    );
    expect(decryptCallback(VERIFY.encodingAesKey, VERIFY.echostr)).toEqual({
      message: "94966531020182955848408",
      receiveId: VERIFY.receiveId,
      padLength: 3,
    });
    const prefix = Buffer.from("35514d735963776a5239357432766d43", "hex");
    expect(encryptCallback(VERIFY, "94966531020182955848408", prefix)).toBe(VERIFY.echostr);
  });

  test("matches the published message vector, whose prefix is not text", () => {
    expect(signCallback(POST.token, "1583995625", "1584392382", POST.encrypted)).toBe(
      "f265ae551b1932727204c3d707628d01376a6940",
    );
    expect(decryptCallback(POST.encodingAesKey, POST.encrypted).message).toBe(POST.plain);
    const prefix = Buffer.from("21e33070c56d1ca4e4fa84ace71334f6", "hex");
    expect(encryptCallback(POST, POST.plain, prefix)).toBe(POST.encrypted);
  });

  test("uses every pad length from 1 to 32, so a reader that unpads by 16 is found out", () => {
    const pads = new Set<number>();
    for (let length = 0; length < 32; length += 1) {
      const message = "字".repeat(length) + "x".repeat(length % 3);
      const opened = decryptCallback(POST.encodingAesKey, encryptCallback(POST, message));
      expect(opened.message).toBe(message);
      pads.add(opened.padLength);
    }
    for (let length = 0; length < 32; length += 1) {
      const encrypted = encryptCallback(POST, "x".repeat(length));
      pads.add(decryptCallback(POST.encodingAesKey, encrypted).padLength);
    }
    expect([...pads].sort((a, b) => a - b)).toEqual(Array.from({ length: 32 }, (_, i) => i + 1));
  });
});

const hexRange = (from: number) => Buffer.from(Array.from({ length: 16 }, (_, i) => from + i));

describe("archive crypto", () => {
  // Accepted by the real library with these lengths: before 8, tail 8, gap 16.
  const key =
    "AAECAwQFBgcICQoLDA0OD8ZWa/+JExArT9R2EpqSengSopysn5DZTRzH6S0AeF2HBpBLguHJG8HLu3qGaXPZJg==";
  const message =
    "er/BH3M1XS0DREqV8ib8HDy88YtDtXbiufMdI8X2Y4rUmdJuPnBIKEBESExQVFhcYGRobpi99lSi0tcL21pffHB0eHyYSh1dtKWI324kxoxfUZH5jCaOUzp1vTsMy2OPjVaja8hiUA+EZDBWUMkpBfBmhMISM1P/cm7Q0Mdp2LkrDTKrbUVthZdNhuzFNYhe2bw2WYx3Hw1kB7VgViqfFO4pkcfE54Le9FJ0l5gfy/M+4ZKlh4Hytz4ApogfKUrmDkMAVhWP+YD9/NuGQsAktAbWZt9NXQWK1oyqhDamQsh9xf2rrWaA87BFIKmMrrEKPSHKr9nJwrzrJJ7bKcmMBIVJQeA==WQJEeNaj";
  const plain =
    '{"msgid":"10001_1700000000001_external","action":"send","from":"zhangsan","tolist":["wmAAA"],"roomid":"","msgtime":1700000000001,"msgtype":"text","text":{"content":"hello 世界"}}';

  test("produces, byte for byte, the text that the real library accepts", () => {
    const choices: SealChoices = {
      bodyKey: "0123456789ABCDEF0123456789abcdef",
      infoKey: message.slice(13, 45),
      infoIv: hexRange(0),
      bodyIv: hexRange(16),
      head: message.slice(0, 13),
      before: message.slice(45, 53),
      gap: message.slice(69, 85),
      tail: message.slice(-8),
    };
    expect(sealChat(plain, choices)).toEqual({ random: key, encryptChatMsg: message });
  });

  test.each([
    [
      "AspLU2JVDXnlxkAafpStr1G4UDEmtcp1Uzww5e9AAQWZpjht4JmzY0FEmqVUcZy7o8Idl/ZLyHfeQHTQRi7ljA==",
      "erBlpGiZe285RgJpgCNBTQ6bo8ypAfXnZt9e4ug8gzFum6yG1sA0juffNHzOZ3oF63/yCIZHmyDgXIaIMedLDSx2nVBNQDYi9y77K/IJoJJBTp5V0go0JjOmCd9KGxa3pGrojbLTEjpr/Wde5mqokEkcdmaviBbfyIuoQjT0lvJccwweMEt0AHMw2hDgxs6/LToB5AyBeh93wFiRZE+L4BwOfE6WT3oAlJp2TvgRPJwvUykhegI912ZEgusjfZf4kTR67ck2jV9busdIqMMS8xwQNhvEmk5bMU2Ahk1don7s8jms2Vx1lFMnqkG6Q5RdMK+QvpENxgav9U/+ZxOxYBwbm/A==ZbkCMclT",
      plain,
    ],
    [
      "iMrCddgnz9YD7W4wsAu9uBzK89/N75FtULgAQWdSfuVxZoSp1ojQYlNyNZoycNSQz+fBKCgMMGvHA0/Qcukt0A==",
      "2oOFmJwbbY6fRakieS4p6rwz5rktNRWihS7hyJPlJtG7AEI8zOBIZOEd1cjQcrKSUZZgiFNz7nzVf+fXMEsiDTKvUaxr3Z+aSIFyzHaR3ByRSCniwKPK9IsKB17BwUJ0/oH47QeOurIxNod+d0Mia515vCXQG4z6txV7eqle7imWLQpMQEX4U6TOLSSJ1qmm+FBg9qbjbjYGCOEPQ==CiBspsR",
      '{"msgid":"2_1700000000002","action":"switch","time":1700000000002,"user":"lisi"}',
    ],
  ])("the reader of the tests opens what the real library opens (%#)", (random, text, expected) => {
    expect(openChat(random, text)).toBe(expected);
  });

  test("media: id and ciphertext match the known vector", () => {
    const ticket = {
      fileId: "*1*FILEID0001",
      authKey: "AUTHKEY",
      aesKeyHex: "00112233445566778899aabbccddeeff",
    };
    expect(formatSdkFileId(ticket)).toBe(
      "Cg0qMSpGSUxFSUQwMDAxEgdBVVRIS0VZGiAwMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJjY2RkZWVmZg==",
    );
    const content = encryptMedia(ticket.aesKeyHex, Buffer.from("hello media"));
    expect(content.toString("base64")).toBe("uwiXQyrhKr6ZU26WPw2XnA==");
  });
});

test("the JS-SDK signature matches the published vector", () => {
  const signature = signPage({
    ticket:
      "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg",
    nonce: "Wm3WZYTPz0wzccnW",
    timestamp: "1414587457",
    url: "http://mp.weixin.qq.com?params=value",
  });
  expect(signature).toBe("0f9de62fce790f9a083d5c99e95740ceb90c27ed");
});
