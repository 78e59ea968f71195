#include "encoding.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The value of a character plus 1; 0 for what is none of the alphabet. */
static unsigned char values[256];

static void make_values(void) {
  for (unsigned char i = 0; alphabet[i]; i++) values[(unsigned char)alphabet[i]] = (unsigned char)(i + 1);
}

long base64_decode(const char *text, size_t length, unsigned char *into) {
  if (!values['A']) make_values();
  if (length == 0 || length % 4 != 0) return -1;
  size_t padding = text[length - 1] != '=' ? 0 : text[length - 2] != '=' ? 1 : 2;
  unsigned char *out = into;
  unsigned bits = 0;
  for (size_t i = 0; i < length; i++) {
    unsigned char value = values[(unsigned char)text[i]];
    if (!value && i < length - padding) return -1;
    bits = bits << 6 | (i < length - padding ? value - 1u : 0);
    if (i % 4 != 3) continue;
    for (int k = 2; k >= 0; k--) *out++ = (unsigned char)(bits >> (8 * k));
  }
  return (long)(out - into) - (long)padding;
}

void base64_encode(const unsigned char *bytes, size_t size, char *into) {
  for (size_t i = 0; i < size; i += 3) {
    unsigned bits = 0;
    for (size_t k = 0; k < 3; k++) bits = bits << 8 | (i + k < size ? bytes[i + k] : 0u);
    for (size_t k = 0; k < 4; k++) *into++ = i + k <= size ? alphabet[bits >> (18 - 6 * k) & 63] : '=';
  }
  *into = 0;
}

static int take_varint(Span *rest, unsigned long long *value) {
  *value = 0;
  for (int shift = 0; shift < 64 && rest->size > 0; shift += 7) {
    unsigned char byte = *rest->bytes++;
    rest->size--;
    *value |= (unsigned long long)(byte & 127) << shift;
    if (byte < 128) return 1;
  }
  return 0;
}

int protobuf_next(Span *rest, ProtobufField *field) {
  unsigned long long tag, value;
  if (rest->size == 0) return 0;
  if (!take_varint(rest, &tag) || !take_varint(rest, &value)) return -1;
  field->field = (unsigned)(tag >> 3);
  field->number = (long long)value;
  field->bytes = (Span){NULL, 0};
  if ((tag & 7) == 0) return 1;
  if ((tag & 7) != 2 || value > rest->size) return -1;
  field->bytes = (Span){rest->bytes, (size_t)value};
  rest->bytes += value;
  rest->size -= (size_t)value;
  return 1;
}

/* ---- JSON: each skip_* returns what follows the value, or null when there is none. */

enum { MAX_DEPTH = 64 };

static const char *skip_space(const char *at, const char *end) {
  while (at < end && memchr(" \t\r\n", *at, 4)) at++;
  return at;
}

static const char *skip_text(const char *at, const char *end) {
  if (at >= end || *at != '"') return NULL;
  for (at++; at < end && *at != '"'; at++) {
    if (*at == '\\' && ++at == end) return NULL;
  }
  return at < end ? at + 1 : NULL;
}

/* A number or a word; its letters are not looked at closely. */
static const char *skip_plain(const char *at, const char *end) {
  const char *start = at;
  if (at >= end || !strchr("-0123456789tfn", *at)) return NULL;
  while (at < end && *at && strchr("+-.0123456789aefllnrstuE", *at)) at++;
  return at > start ? at : NULL;
}

static const char *skip_value(const char *at, const char *end, int depth);

/* The members of an object or an array, from its bracket on; `wanted` is found among an object's. */
static const char *skip_members(const char *at, const char *end, int depth, const char *wanted,
                                Span *value) {
  char closing = *at == '{' ? '}' : ']';
  int is_object = closing == '}';
  at = skip_space(at + 1, end);
  if (at < end && *at == closing) return at + 1;
  while (at && at < end) {
    const char *name = at;
    size_t name_size = 0;
    if (is_object) {
      at = skip_text(at, end);
      if (!at) return NULL;
      name_size = (size_t)(at - name);
      at = skip_space(at, end);
      if (at >= end || *at != ':') return NULL;
      at = skip_space(at + 1, end);
    }
    const char *start = at;
    at = skip_value(at, end, depth + 1);
    if (!at) return NULL;
    if (wanted && name_size == strlen(wanted) + 2 && memcmp(name + 1, wanted, name_size - 2) == 0) {
      int is_text = *start == '"';
      *value = (Span){(const unsigned char *)start + is_text, (size_t)(at - start) - 2 * (size_t)is_text};
    }
    at = skip_space(at, end);
    if (at < end && *at == closing) return at + 1;
    if (at >= end || *at != ',') return NULL;
    at = skip_space(at + 1, end);
  }
  return NULL;
}

static const char *skip_value(const char *at, const char *end, int depth) {
  if (at >= end || depth > MAX_DEPTH) return NULL;
  if (*at == '"') return skip_text(at, end);
  if (*at == '{' || *at == '[') return skip_members(at, end, depth, NULL, NULL);
  return skip_plain(at, end);
}

int json_find(const char *text, size_t length, const char *name, Span *value) {
  const char *end = text + length, *at = skip_space(text, end);
  *value = (Span){NULL, 0};
  if (at >= end || *at != '{') return -1;
  at = skip_members(at, end, 0, name, value);
  if (!at || skip_space(at, end) != end) return -1;
  return value->bytes != NULL;
}
