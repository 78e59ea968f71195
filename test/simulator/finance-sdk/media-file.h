/* Files of archived messages: the id that holds their key, and the chunks in which they come. */
#ifndef MEDIA_FILE_H
#define MEDIA_FILE_H

#include <stddef.h>

#include "http-client.h"

enum { MEDIA_KEY_SIZE = 16 };

typedef struct {
  char file_id[1024], auth_key[256];
  unsigned char key[MEDIA_KEY_SIZE];
} FileTicket;

/* Reads an sdkfileid; returns 0 when it is none (escaped for an address, for instance). */
int read_ticket(const char *sdk_file_id, FileTicket *ticket);

typedef struct {
  /* The caller frees it. */
  unsigned char *bytes;
  size_t size;
  int is_last;
  /* What the next call passes; only while `is_last` is 0. */
  char next_index[64];
} FileChunk;

/* Decrypts the chunk of a response; `chunk` is set when the code is OK. */
int read_chunk(const FileTicket *ticket, const Response *response, FileChunk *chunk);

#endif
