#include "media-file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aes.h"
#include "encoding.h"
#include "result-codes.h"

enum { CHUNK_SIZE = 524288, MAX_FILE_ID = 4096 };

static int copy_text(Span span, char *into, size_t capacity) {
  if (!span.bytes || span.size >= capacity) return 0;
  memcpy(into, span.bytes, span.size);
  into[span.size] = 0;
  return 1;
}

static int read_hex_key(Span hex, unsigned char *key) {
  if (!hex.bytes || hex.size != 2 * MEDIA_KEY_SIZE) return 0;
  for (size_t i = 0; i < MEDIA_KEY_SIZE; i++) {
    unsigned value;
    char pair[3] = {(char)hex.bytes[2 * i], (char)hex.bytes[2 * i + 1], 0};
    if (sscanf(pair, "%2x", &value) != 1) return 0;
    key[i] = (unsigned char)value;
  }
  return 1;
}

/* Protobuf { 1 file id, 2 authkey, 3 aes key as hexadecimal text } in base64. */
int read_ticket(const char *sdk_file_id, FileTicket *ticket) {
  unsigned char bytes[MAX_FILE_ID];
  size_t length = strlen(sdk_file_id);
  long size = length <= MAX_FILE_ID ? base64_decode(sdk_file_id, length, bytes) : -1;
  if (size < 0) return 0;
  Span rest = {bytes, (size_t)size};
  ProtobufField field;
  int found = 0, state;
  while ((state = protobuf_next(&rest, &field)) > 0) {
    if (field.field == 1) found += copy_text(field.bytes, ticket->file_id, sizeof ticket->file_id);
    if (field.field == 2) found += copy_text(field.bytes, ticket->auth_key, sizeof ticket->auth_key);
    if (field.field == 3) found += read_hex_key(field.bytes, ticket->key);
  }
  return state == 0 && found == 3;
}

/* Every refusal but two looks like an answer that cannot be read. */
static int code_of(const Response *response) {
  Span errcode;
  if (json_find(response->body, response->body_size, "errcode", &errcode) < 0) return BAD_ANSWER;
  switch (errcode.bytes ? atoi((const char *)errcode.bytes) : 0) {
    case 0: return OK;
    case 301042: return ADDRESS_NOT_ALLOWED;
    case 301048: return EXPIRED;
    default: return BAD_ANSWER;
  }
}

/* The header counts in this dress only; without it the chunk is taken for the last. */
static void read_range(const Response *response, FileChunk *chunk) {
  const char *range = http_header(response, "CONTENT-RANGE: BYTES ");
  long from, to, total;
  chunk->is_last = !range || sscanf(range, "%ld-%ld/%ld", &from, &to, &total) != 3 || to + 1 >= total;
  if (chunk->is_last) return;
  long next_to = to + CHUNK_SIZE < total - 1 ? to + CHUNK_SIZE : total - 1;
  snprintf(chunk->next_index, sizeof chunk->next_index, "Range:bytes=%ld-%ld", to + 1, next_to);
}

int read_chunk(const FileTicket *ticket, const Response *response, FileChunk *chunk) {
  int code = code_of(response);
  Span content;
  if (code != OK) return code;
  if (json_find(response->body, response->body_size, "content", &content) != 1) return BAD_ANSWER;
  read_range(response, chunk);
  chunk->bytes = malloc(content.size + 1);
  if (!chunk->bytes) abort();
  long size = base64_decode((const char *)content.bytes, content.size, chunk->bytes);
  /* Only the end of the file is padded: of a file of whole chunks nothing but padding is in the last one. */
  if (size > 0) {
    size = aes_ecb_decrypt(ticket->key, MEDIA_KEY_SIZE, chunk->bytes, (size_t)size, chunk->is_last,
                           chunk->bytes);
  }
  if (size < 0) {
    free(chunk->bytes);
    return CANNOT_DECRYPT;
  }
  chunk->size = (size_t)size;
  return OK;
}
