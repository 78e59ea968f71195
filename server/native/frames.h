/*
 * The frames between the server and the host, both ways: u32 length of what follows, then that. Numbers are little
 * endian. A text is its u32 length, its bytes and one 0 that the length does not count. Requests come on stdin,
 * answers go to stdout. `finance-sdk-host.c` lists what is in them.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <stddef.h>
#include <stdint.h>

/* How the host ends when it cannot go on: a frame that is none, nobody who reads the answers, no stdout. */
enum { EXIT_BAD_FRAME = 3, EXIT_NO_READER = 4, EXIT_NO_OUTPUT = 5 };

typedef struct {
  const unsigned char *at, *end;
} Reader;

/* The next bytes of a frame; one that is too short for them ends the host. */
const unsigned char *take(Reader *reader, size_t size);
uint64_t take_number(Reader *reader, int bytes);
uint32_t take_u32(Reader *reader);
/* Null for a text with a 0 inside, which the library would read as its end. */
const char *take_text(Reader *reader);

/* Hands each request to `run` until stdin closes; `run` must read it to its end. */
void serve_requests(void (*run)(Reader *request));

/* From now on stdout is for frames alone: whatever the library prints goes nowhere. */
void keep_stdout_for_frames(void);

/* A part of an answer; a length that is negative or comes without bytes counts as nothing. */
typedef struct {
  const void *bytes;
  int length;
} Part;

/* i32 code, then the payload. */
void answer(int code, Part payload);
/* i32 code, u8 flag, a text, then the rest. */
void answer_with_text(int code, int flag, Part text, Part rest);

#endif
