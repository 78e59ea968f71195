#!/usr/bin/env python3
"""Verifies evidence packages: python3 verify.py [--key <指纹>] <包.zip 或解压后的文件夹> …

Needs nothing but Python 3.8 or newer. It shares no code with the product or with verify.mjs, so that a mistake in one
of them shows as a difference. What each file holds is written down in README.zh.md of the package.
"""
import base64
import binascii
import functools
import hashlib
import json
import os
import re
import struct
import sys
import time

FORMAT = "wecom-guard-evidence/1"
REQUIRED = ("README.zh.md checkpoint.txt consents.json consistency.json custody.jsonl env.json gaps.json "
            "manifest.json manifest.sig messages.jsonl report.html verify.mjs verify.py").split()


class Unreadable(Exception):
    """Nothing that stands behind it can be checked."""


class Report:
    def __init__(self):
        self.problems, self.facts = [], []

    def fail(self, where, what):
        self.problems.append("%s：%s" % (where, what))


def verify_package(files, expected_key=None):
    report = Report()
    try:
        Package(files, report).check(expected_key)
    except Unreadable as trouble:
        report.problems.append(str(trouble))
    except Exception:  # Of what has an unexpected shape, the machine's own words are of no use.
        report.fail("包", "结构与规定的不同，无法核验")
    return report


class Package:
    def __init__(self, files, report):
        self.files, self.report, self.fail = files, report, report.fail

    def check(self, expected_key):
        for name in REQUIRED:
            if name not in self.files:
                raise Unreadable(name + "：文件缺失")
        self.manifest = self.read_json("manifest.json")
        ledger = self.manifest.get("ledger", {})
        self.key = Key(ledger.get("origin"), ledger.get("publicKey"))
        if expected_key is not None and expected_key.lower() != self.key.fingerprint:
            self.fail("manifest.json", "签名公钥不是指定的那一把，包里的指纹是 " + self.key.fingerprint)
        self.check_seal()
        self.check_files()
        self.head = self.key.open_checkpoint(self.text("checkpoint.txt"))
        if self.head is None:
            raise Unreadable("checkpoint.txt：校验值的签名不成立")
        counts = self.check_messages()
        counts["custody"] = self.check_custody()
        said = self.manifest.get("counts", {})
        for name in sorted(set(counts) | set(said)):
            if counts.get(name) != said.get(name):
                self.fail("manifest.json", "%s 应为 %s，清单写的是 %s" % (name, counts.get(name), said.get(name)))
        published = self.check_consistency()
        self.report.facts += [
            "公钥指纹 %s（请与公司对外公布的、或每日校验消息里的指纹核对）" % self.key.fingerprint,
            "消息 %(messages)d 条，范围外只证明时间的 %(outlines)d 条，已销毁的 %(gone)d 条，文件 %(media)d 个，"
            "查看与处理记录 %(custody)d 条" % counts,
            "留痕校验值：共 %d 条记录，根 %s" % (self.head[0], base64.b64encode(self.head[1]).decode()),
            published,
        ]

    def check_seal(self):
        """The manifest's own signature; it names every other file by its hash."""
        if self.manifest.get("format") != FORMAT:
            raise Unreadable("manifest.json：不认识的格式")
        digest = hashlib.sha256(self.files["manifest.json"]).hexdigest()
        if self.key.open_note(self.text("manifest.sig")) != "%s\n%s\n%s\n" % (FORMAT, self.key.name, digest):
            self.fail("manifest.sig", "清单 manifest.json 的签名不成立，清单或签名被改动过")

    def check_files(self):
        listed = self.manifest.get("files", {})
        for name, data in self.files.items():
            if name in ("manifest.json", "manifest.sig"):
                continue
            if name not in listed:
                self.fail(name, "清单里没有这个文件")
            elif listed[name] != {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}:
                self.fail(name, "内容与清单记载的不一致，被改动过")
        for name in listed:
            if name not in self.files:
                self.fail(name, "文件缺失")

    def check_messages(self):
        """Every message of the conversation within the range is there, as recorded, in order, and no other."""
        selection = self.manifest["selection"]
        counts = dict(messages=0, outlines=0, gone=0, media=0)
        unnamed = {name for name in self.files if name.startswith("media/")}
        records = self.read_lines("messages.jsonl")
        if not records:
            self.fail("messages.jsonl", "没有任何消息")
            return counts
        expected, position = records[0][1]["ordinal"], -1
        for where, record in records:
            try:
                if not same(record["ordinal"], expected):
                    self.fail(where, "会话内序号应为 %s，这里是 %s：有消息缺失、多余或换了位置" % (expected, record["ordinal"]))
                expected = record["ordinal"] + 1
                if "gone" in record:
                    counts["gone"] += 1
                    continue
                inside = selection["fromMs"] <= record["sentAtMs"] < selection["toMs"]
                whole = "content" in record
                if inside != whole:
                    self.fail(where, "在所选时间内，却没有内容" if inside else "不在所选时间内，却带有内容")
                counts["messages" if whole else "outlines"] += 1
                if record["position"] <= position:
                    self.fail(where, "在留痕记录中的位置没有递增，次序被改动过")
                position = record["position"]
                if not is_included(message_leaf(selection["conversation"], record), record, self.head):
                    self.fail(where, "会话内第 %s 条消息与留痕记录不符，被改动过" % record["ordinal"])
                for media in record.get("media", []):
                    counts["media"] += 1
                    self.check_media(where, media, record, unnamed)
            except (KeyError, TypeError, ValueError, AttributeError):
                raise Unreadable(where + "：结构与规定的不同，无法核验")
        for name in sorted(unnamed):
            self.fail(name, "没有消息引用这个文件")
        self.check_edges(records, selection["total"])
        return counts

    def check_media(self, where, media, record, unnamed):
        name = media["file"]
        if name not in unnamed:
            self.fail(where, "文件 %s 缺失或被重复引用" % name)
            return
        unnamed.remove(name)
        # WeCom says a file's MD5 in the message itself.
        if media["isBound"] and md5(self.files[name]) not in record["content"]["json"].lower():
            self.fail(name, "不是消息里说的那个文件")

    def check_edges(self, records, total):
        """Outside of the range stands a neighbour that says so, or the conversation begins or ends there."""
        (first_at, first), (last_at, last) = records[0], records[-1]
        if first["ordinal"] != 1 and "content" in first:
            self.fail(first_at, "之前的消息缺失：不是会话的第一条，也没有范围外的前一条")
        if last["ordinal"] != total and "content" in last:
            self.fail(last_at, "之后的消息缺失：不是会话的最后一条，也没有范围外的后一条")

    def check_custody(self):
        """Who read, decided and exported."""
        position = -1
        records = self.read_lines("custody.jsonl")
        for where, record in records:
            try:
                if record["position"] <= position:
                    self.fail(where, "在留痕记录中的位置没有递增，次序被改动过")
                position = record["position"]
                if not is_included(leaf_of(record["entry"]), record, self.head):
                    self.fail(where, "与留痕记录不符，被改动过")
            except (KeyError, TypeError, ValueError):
                raise Unreadable(where + "：结构与规定的不同，无法核验")
        return len(records)

    def check_consistency(self):
        """The head that people were given earlier belongs to the same history."""
        record = self.read_json("consistency.json")
        published = record["published"]
        if not published:
            return "还没有向人员公布过校验值，所以无法与更早的校验值核对"
        old = self.key.open_checkpoint(published["note"])
        if old is None:
            self.fail("consistency.json", "公布过的校验值的签名不成立")
        elif not is_consistent(old, self.head, [bytes_of(one) for one in record["proof"]]):
            self.fail("consistency.json", "公布过的校验值与这次的不是同一份记录，历史被改动过")
        stamp = self.files.get("stamp.tsr")
        if stamp is not None and hashlib.sha256(published["note"].encode()).digest() not in stamp:
            self.fail("stamp.tsr", "时间戳不是给公布过的校验值的")
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(published["publishedAtMs"] // 1000))
        stamped = "，该校验值有可信时间戳（用 openssl ts -verify 核验，见 README）" if stamp is not None else ""
        return "与 %s 公布的校验值一致%s" % (at, stamped)

    def text(self, name):
        return decode(self.files[name], name)

    def read_json(self, name):
        lines = self.text(name).split("\n")
        if len(lines) != 2 or lines[1] != "":
            raise Unreadable(name + "：应只有一行")
        return parse(lines[0], name)

    def read_lines(self, name):
        lines = self.text(name).split("\n")
        if lines.pop() != "":
            raise Unreadable(name + "：最后一行不完整")
        places = ["%s 第 %d 行" % (name, index + 1) for index in range(len(lines))]
        return [(where, parse(line, where)) for where, line in zip(places, lines)]


def message_leaf(conversation, record):
    whole = "content" in record
    secret = bytes_of(record["salt"] if whole else record["outlineSalt"])
    outline = {
        "conversation": conversation,
        "ordinal": record["ordinal"],
        "sentAtMs": record["sentAtMs"],
        "content": salted(secret, record["content"]) if whole else record["contentHash"],
    }
    outline_key = hashlib.sha256(secret + b"outline").digest() if whole else secret
    return leaf_of({"v": 1, "kind": "message", "commitment": salted(outline_key, outline)})


def salted(salt, record):
    return hashlib.sha256(salt + canonical(record).encode()).hexdigest()


def md5(data):
    digest = hashlib.new("md5", usedforsecurity=False) if sys.version_info >= (3, 9) else hashlib.md5()
    digest.update(data)
    return digest.hexdigest()


# RFC 6962 / RFC 9162

def leaf_of(record):
    return hashlib.sha256(b"\x00" + canonical(record).encode()).digest()


def node_of(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def is_included(leaf, record, head):
    size, root = head
    node, last, joined = record["position"], size - 1, leaf
    if type(node) is not int or not 0 <= node < size:
        return False
    for sibling in record["proof"]:
        if last == 0:
            return False
        if node & 1 or node == last:
            joined = node_of(bytes_of(sibling), joined)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            joined = node_of(joined, bytes_of(sibling))
        node, last = node >> 1, last >> 1
    return last == 0 and joined == root


def is_consistent(old, head, proof):
    (old_size, old_root), (size, root) = old, head
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == root
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    path = list(proof) if node else [old_root] + proof
    if not path:
        return False
    left = right = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            left, right = node_of(sibling, left), node_of(sibling, right)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            right = node_of(right, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and left == old_root and right == root


# Signed notes (C2SP)

class Key:
    def __init__(self, origin, encoded):
        self.name = origin
        self.bytes = unbase64(encoded) if isinstance(encoded, str) else None
        if self.bytes is None or len(self.bytes) != 32 or not re.fullmatch(r"\S+", str(origin or "")):
            raise Unreadable("manifest.json：没有可用的公钥")
        self.hint = hashlib.sha256(origin.encode() + b"\n\x01" + self.bytes).digest()[:4]
        self.fingerprint = hashlib.sha256(self.bytes).hexdigest()

    def open_note(self, note):
        """The text that was signed; None when it was not signed by this key."""
        found = re.fullmatch(r"([\s\S]+\n)\n— (\S+) (\S+)\n", note)
        if not found or found.group(2) != self.name:
            return None
        sealed = unbase64(found.group(3))
        if sealed is None or sealed[:4] != self.hint:
            return None
        return found.group(1) if ed25519_verify(self.bytes, found.group(1).encode(), sealed[4:]) else None

    def open_checkpoint(self, note):
        found = re.fullmatch(r"(\S+)\n(0|[1-9][0-9]{0,15})\n(\S+)\n", self.open_note(note) or "")
        if not found or found.group(1) != self.name:
            return None
        return int(found.group(2)), base64.b64decode(found.group(3))


def unbase64(text):
    """None unless it is the one text of its bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


# Ed25519 (RFC 8032, section 5.1.7): Python's library has none.

P = 2 ** 255 - 19
L = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def x_of(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return x if x & 1 == sign else P - x


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = x_of(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def add(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(factor, point):
    total = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            total = add(total, point)
        point, factor = add(point, point), factor >> 1
    return total


def point_of(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = x_of(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


@functools.lru_cache(maxsize=4096)
def ed25519_verify(public, message, signature):
    if len(signature) != 64:
        return False
    key, nonce, factor = point_of(public), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or nonce is None or factor >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = multiply(factor, BASE), add(nonce, multiply(challenge, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# Reading

def bytes_of(text):
    """Hashes and salts are 32 bytes in lower-case hexadecimal; anything else hashes to nothing that fits."""
    return bytes.fromhex(text) if isinstance(text, str) and re.fullmatch(r"[0-9a-f]{64}", text) else b""


def same(one, other):
    return type(one) is type(other) and one == other


def decode(data, name):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable(name + "：无法读取，被改动过")


LONE = re.compile("[\ud800-\udfff]")


def quote(text):
    return LONE.sub(lambda found: "\\u%04x" % ord(found.group()), json.dumps(text, ensure_ascii=False))


def canonical(value):
    """The one text of a value: names in order, no white space, whole numbers only."""
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(quote(name) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, str):
        return quote(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and abs(value) < 2 ** 53:
        return str(value)
    return "?"


def parse(text, where):
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable(where + "：无法读取，被改动过")
    if not isinstance(value, (dict, list)) or canonical(value) != text:
        raise Unreadable(where + "：写法与规定的不同，被改动过")
    return value


def read_package(path):
    """Name → bytes, of a zip or an unpacked folder."""
    if not os.path.isdir(path):
        with open(path, "rb") as file:
            return read_zip(file.read())
    files = {}
    for folder, _, names in os.walk(path):
        for name in names:
            full = os.path.join(folder, name)
            with open(full, "rb") as file:
                files[os.path.relpath(full, path).replace(os.sep, "/")] = file.read()
    return dict(sorted(files.items()))


def read_zip(data):
    """Every byte of the container is determined by names and contents, and is compared with what it must be."""
    files, directory, at = {}, b"", 0
    while data[at:at + 4] == b"PK\x03\x04" and at + 30 <= len(data):
        size, name_length = struct.unpack_from("<I", data, at + 18)[0], struct.unpack_from("<H", data, at + 26)[0]
        start = at + 30 + name_length
        name, content = data[at + 30:start].decode("latin-1"), data[start:start + size]
        # Stored, UTF-8, 1980-01-01, no extra field.
        fields = struct.pack("<HHHHHIIIHH", 20, 0x0800, 0, 0, 0x21, binascii.crc32(content), len(content),
                             len(content), name_length, 0)
        if data[at + 4:at + 30] != fields:
            raise Unreadable(name + "：压缩包里的这个文件被改动过")
        if files and next(reversed(files)) >= name:
            raise Unreadable(name + "：压缩包里的文件次序不对")
        files[name] = content
        directory += b"PK\x01\x02\x14\x00" + fields + struct.pack("<HHHII", 0, 0, 0, 0, at) + name.encode("latin-1")
        at = start + size
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(directory), at, 0)
    if data[at:] != directory + end:
        raise Unreadable("压缩包目录：被改动过，或压缩包不完整")
    return files


def main(args):
    expected_key = None
    if "--key" in args:
        at = args.index("--key")
        expected_key = args[at + 1]
        args = args[:at] + args[at + 2:]
    failed = 0
    for path in args or [os.path.dirname(os.path.abspath(__file__))]:
        try:
            report = verify_package(read_package(path), expected_key)
        except (Unreadable, OSError) as trouble:
            report = Report()
            report.problems.append(str(trouble))
        failed += bool(report.problems)
        print("%s %s" % ("不通过" if report.problems else "通过", path))
        for line in report.problems or report.facts:
            print("  " + line)
    return 1 if failed else 0


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main(sys.argv[1:]))
