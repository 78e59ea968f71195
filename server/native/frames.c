#define _XOPEN_SOURCE 700

#include "frames.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_REQUEST (64u * 1024 * 1024)

static int answers_fd = STDOUT_FILENO;

const unsigned char *take(Reader *reader, size_t size) {
  if ((size_t)(reader->end - reader->at) < size) _exit(EXIT_BAD_FRAME);
  const unsigned char *taken = reader->at;
  reader->at += size;
  return taken;
}

uint64_t take_number(Reader *reader, int bytes) {
  const unsigned char *at = take(reader, (size_t)bytes);
  uint64_t value = 0;
  for (int i = bytes - 1; i >= 0; i--) value = value << 8 | at[i];
  return value;
}

uint32_t take_u32(Reader *reader) { return (uint32_t)take_number(reader, 4); }

const char *take_text(Reader *reader) {
  size_t length = take_u32(reader);
  const char *text = (const char *)take(reader, length);
  if (*take(reader, 1) != 0) _exit(EXIT_BAD_FRAME);
  return memchr(text, 0, length) == NULL ? text : NULL;
}

/* Returns 0 at the end of stdin, even in the middle of a frame: then nobody waits for its answer. */
static int read_exactly(unsigned char *into, size_t size) {
  while (size > 0) {
    ssize_t got = read(STDIN_FILENO, into, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return 0;
    into += got;
    size -= (size_t)got;
  }
  return 1;
}

/* A request is wiped when it is done: it may hold the corp's secret or a message's key. */
static void wipe(unsigned char *bytes, size_t size) {
  for (volatile unsigned char *at = bytes; size > 0; size--) *at++ = 0;
}

void serve_requests(void (*run)(Reader *request)) {
  unsigned char head[4], *frame = NULL;
  size_t capacity = 0;
  while (read_exactly(head, sizeof head)) {
    Reader length = {head, head + sizeof head};
    size_t size = take_u32(&length);
    if (size == 0 || size > MAX_REQUEST) _exit(EXIT_BAD_FRAME);
    if (size > capacity) {
      free(frame);
      frame = malloc(capacity = size);
      if (!frame) abort();
    }
    if (!read_exactly(frame, size)) break;
    Reader request = {frame, frame + size};
    run(&request);
    if (request.at != request.end) _exit(EXIT_BAD_FRAME);
    wipe(frame, size);
  }
}

void keep_stdout_for_frames(void) {
  int nowhere = open("/dev/null", O_WRONLY);
  answers_fd = dup(STDOUT_FILENO);
  if (nowhere < 0 || answers_fd < 0 || dup2(nowhere, STDOUT_FILENO) < 0) _exit(EXIT_NO_OUTPUT);
}

static void store_u32(unsigned char *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (unsigned char)(value >> (8 * i));
}

/* Writes all parts; a reader that has gone ends the host. */
static void write_parts(struct iovec *parts, int count) {
  while (count > 0) {
    ssize_t written = writev(answers_fd, parts, count);
    if (written < 0) {
      if (errno == EINTR) continue;
      _exit(EXIT_NO_READER);
    }
    while (count > 0 && (size_t)written >= parts->iov_len) {
      written -= (ssize_t)parts->iov_len;
      parts++;
      count--;
    }
    if (count > 0) {
      parts->iov_base = (char *)parts->iov_base + written;
      parts->iov_len -= (size_t)written;
    }
  }
}

static struct iovec usable(Part part) {
  size_t size = part.bytes && part.length > 0 ? (size_t)part.length : 0;
  return (struct iovec){(void *)part.bytes, size};
}

void answer(int code, Part payload) {
  unsigned char head[8];
  struct iovec parts[] = {{head, sizeof head}, usable(payload)};
  store_u32(head, (uint32_t)(4 + parts[1].iov_len));
  store_u32(head + 4, (uint32_t)code);
  write_parts(parts, 2);
}

void answer_with_text(int code, int flag, Part text, Part rest) {
  unsigned char head[13], terminator = 0;
  struct iovec parts[] = {{head, sizeof head}, usable(text), {&terminator, 1}, usable(rest)};
  store_u32(head, (uint32_t)(4 + 1 + 4 + parts[1].iov_len + 1 + parts[3].iov_len));
  store_u32(head + 4, (uint32_t)code);
  head[8] = flag != 0;
  store_u32(head + 9, (uint32_t)parts[1].iov_len);
  write_parts(parts, 4);
}
