import { expect, test } from "@jest/globals";
import { initials } from "./initials.ts";

test.each([
  ["陈丽", "陈丽"],
  ["欧阳雪", "阳雪"],
  ["王姐-朝阳门店", "王姐"],
  ["文姐（口腔门诊）", "文姐"],
  ["李总 茶叶店", "李总"],
  ["宋先生", "宋"],
  ["先生", "先生"],
  ["Kevin 王", "K"],
  ["（未备注）", "备注"],
  ["linda", "L"],
  ["👨‍👩‍👧 一家", "👨‍👩‍👧"],
  ["🌸", "🌸"],
  ["  ", "?"],
])("「%s」的头像写「%s」", (name, expected) => {
  expect(initials(name)).toBe(expected);
});
