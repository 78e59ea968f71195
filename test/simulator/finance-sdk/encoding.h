/* The three encodings that the library reads: base64, a little protobuf, and one level of JSON. */
#ifndef ENCODING_H
#define ENCODING_H

#include <stddef.h>

/* Strict base64; returns the size in `into` (3/4 of `length` at most), or -1. */
long base64_decode(const char *text, size_t length, unsigned char *into);
/* Writes a terminated text of 4 * ceil(size / 3) characters. */
void base64_encode(const unsigned char *bytes, size_t size, char *into);

/* Bytes that belong to somebody else; `bytes` is null when there are none. */
typedef struct {
  const unsigned char *bytes;
  size_t size;
} Span;

typedef struct {
  unsigned field;
  long long number;
  Span bytes;
} ProtobufField;

/* Reads the next field (varint or length-delimited): 1, 0 at the end, -1 when it is cut short or of another kind. */
int protobuf_next(Span *rest, ProtobufField *field);

/* Finds a field of a JSON object: 1, 0 when it has none, -1 when the text is no JSON object. A text's value comes
 * without its quotes and with its escapes as they stand; any other value as it is written. */
int json_find(const char *text, size_t length, const char *name, Span *value);

#endif
