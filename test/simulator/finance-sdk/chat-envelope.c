#include "chat-envelope.h"

#include <stdlib.h>
#include <string.h>

#include "aes.h"
#include "encoding.h"
#include "result-codes.h"

/* 13 characters, then 32 that are the key of the lengths; what follows is found through those. */
enum { HEAD = 13, KEY_SIZE = 32, START = HEAD + KEY_SIZE };

/* SdkKeyInfo { string k1 = 1; int32 pre_len = 2; int32 end_len = 3; int32 s_len = 4 } */
typedef struct {
  unsigned char key[KEY_SIZE];
  long long before, after, gap;
} KeyInfo;

/* Base64 of an IV and CBC blocks; returns the plain size, or -1. The caller frees `*plain`. */
static long open_cbc(const unsigned char *key, const char *text, size_t length, unsigned char **plain) {
  *plain = malloc(length + 1);
  long size = *plain ? base64_decode(text, length, *plain) : -1;
  if (size <= AES_BLOCK) return -1;
  unsigned char iv[AES_BLOCK];
  memcpy(iv, *plain, AES_BLOCK);
  return aes_cbc_decrypt(key, KEY_SIZE, iv, *plain + AES_BLOCK, (size_t)size - AES_BLOCK, *plain);
}

static int read_key_info(Span bytes, KeyInfo *info) {
  ProtobufField field;
  int state;
  memset(info, 0, sizeof *info);
  while ((state = protobuf_next(&bytes, &field)) > 0) {
    if (field.field == 1 && field.bytes.bytes) {
      /* A shorter key is filled up with zeros. */
      memcpy(info->key, field.bytes.bytes, field.bytes.size < KEY_SIZE ? field.bytes.size : KEY_SIZE);
    }
    if (field.field == 2) info->before = (int)field.number;
    if (field.field == 3) info->after = (int)field.number;
    if (field.field == 4) info->gap = (int)field.number;
  }
  return state == 0 && info->gap > 0 && info->before >= 0 && info->after >= 0;
}

static int read_lengths(const char *random_key, const char *message, size_t length, KeyInfo *info) {
  unsigned char key[KEY_SIZE], *plain = NULL;
  if (length < START) return BAD_RANDOM_KEY;
  memcpy(key, message + HEAD, KEY_SIZE);
  long size = open_cbc(key, random_key, strlen(random_key), &plain);
  int is_sound = size >= 0 && read_key_info((Span){plain, (size_t)size}, info);
  free(plain);
  return is_sound ? OK : size < 0 ? BAD_RANDOM_KEY : BAD_KEY_INFO;
}

int open_envelope(const char *random_key, const char *message, char **plain, size_t *size) {
  size_t length = strlen(message);
  if (length < HEAD) abort();
  KeyInfo info;
  int code = read_lengths(random_key, message, length, &info);
  if (code != OK) return code;
  long long start = START + info.before, second = start + 2 * info.gap, total = (long long)length;
  if (start > total) return BAD_KEY_INFO;
  if (second > total) abort();
  long long rest = total - info.after - second;
  if (rest < 0) return CANNOT_DECRYPT;
  char *body = malloc(length + 1);
  if (!body) abort();
  memcpy(body, message + start, (size_t)info.gap);
  memcpy(body + info.gap, message + second, (size_t)rest);
  unsigned char *opened = NULL;
  long opened_size = open_cbc(info.key, body, (size_t)(info.gap + rest), &opened);
  free(body);
  if (opened_size < 0) {
    free(opened);
    return CANNOT_DECRYPT;
  }
  opened[opened_size] = 0;
  *plain = (char *)opened;
  *size = (size_t)opened_size;
  return OK;
}
