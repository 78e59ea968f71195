/*
 * Runs WeCom's chat archive library (libWeWorkFinanceSdk_C.so) in a process of its own. Inside Node the library's
 * OpenSSL calls bind to Node's exports and crash, and some answers and messages make it abort; here that ends this
 * process only, and the server starts the next one. The corp's private keys never come here.
 *
 *   finance-sdk-host <library>
 *
 * What is in the frames of `frames.h`; one request is answered before the next is read:
 *
 *   hello, once      i32 0                                            the library is loaded
 *                    i32 -2, the loader's reason                      it is not; the host ends
 *   'I' init         text corpid, text secret                         -> i32 code
 *   'G' chat data    u64 seq, u32 limit, text proxy, text proxy password, u32 seconds
 *                                                                     -> i32 code, the HTTP body as it came
 *   'D' decrypt      u32 count, then count times: text random key, text message
 *                                                                     -> count answers, each written as soon as it is
 *                                                                        known: i32 code, the plain text
 *   'M' media        text index, text file id, text proxy, text proxy password, u32 seconds
 *                                                                     -> i32 code, u8 is last, text next index, data
 *
 * Codes: 0 and 10000 to 10011 are the library's; -1 a guard refused the call, the library has not seen it;
 * -3 no memory. The first decryption without an answer is the one at which a host died.
 *
 * The host writes nothing but frames: no logs, no core files. It ends when stdin closes (0), when a frame is not
 * one (3) or when nobody reads its answers (4).
 */
#define _XOPEN_SOURCE 700

#include "frames.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { REFUSED = -1, NOT_LOADED = -2, NO_MEMORY = -3 };
enum { EXIT_NOT_LOADED = 2 };

#define MAX_LIMIT 1000u
#define MAX_SECONDS 300u
/* Shorter messages make the library abort (std::out_of_range). */
#define MIN_MESSAGE 46u
#define AES_BLOCK 16u

typedef struct Sdk Sdk;
typedef struct Slice Slice;
typedef struct Media Media;

/* The library's exports that are used, as its header declares them. */
static struct {
  Sdk *(*new_sdk)(void);
  void (*destroy_sdk)(Sdk *);
  int (*init)(Sdk *, const char *corpid, const char *secret);
  int (*get_chat_data)(Sdk *, unsigned long long seq, unsigned int limit, const char *proxy,
                       const char *password, int seconds, Slice *);
  int (*decrypt_data)(const char *key, const char *message, Slice *);
  int (*get_media_data)(Sdk *, const char *index, const char *file_id, const char *proxy,
                        const char *password, int seconds, Media *);
  Slice *(*new_slice)(void);
  void (*free_slice)(Slice *);
  char *(*slice_content)(Slice *);
  int (*slice_length)(Slice *);
  Media *(*new_media)(void);
  void (*free_media)(Media *);
  char *(*media_index)(Media *);
  char *(*media_data)(Media *);
  int (*media_index_length)(Media *);
  int (*media_data_length)(Media *);
  int (*media_is_last)(Media *);
} library;

/* Null until a request has initialised it. */
static Sdk *sdk;

/* How to reach WeCom: the tail of both requests that do. */
typedef struct {
  const char *proxy, *password;
  int seconds;
} Route;

/* Returns whether the library may be given it. */
static int take_route(Reader *reader, Route *route) {
  route->proxy = take_text(reader);
  route->password = take_text(reader);
  uint32_t seconds = take_u32(reader);
  route->seconds = (int)seconds;
  return route->proxy && route->password && seconds >= 1 && seconds <= MAX_SECONDS;
}

/* Strict base64 of an IV and at least one block: anything else the library fails on at best. */
static int is_random_key(const char *key) {
  size_t length = strlen(key), padding = 0;
  if (length == 0 || length % 4 != 0) return 0;
  while (padding < 2 && key[length - 1 - padding] == '=') padding++;
  size_t body = strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  size_t decoded = length / 4 * 3 - padding;
  return body == length - padding && decoded >= 2 * AES_BLOCK && decoded % AES_BLOCK == 0;
}

static void answer_code(int code) { answer(code, (Part){NULL, 0}); }

static Part content_of(Slice *slice) {
  return (Part){library.slice_content(slice), library.slice_length(slice)};
}

/* Returns the library's code; a second call begins anew. */
static int init_sdk(const char *corpid, const char *secret) {
  if (!corpid || !secret || !*corpid || !*secret) return REFUSED;
  if (sdk) library.destroy_sdk(sdk);
  sdk = library.new_sdk();
  if (!sdk) return NO_MEMORY;
  int code = library.init(sdk, corpid, secret);
  if (code != 0) {
    library.destroy_sdk(sdk);
    sdk = NULL;
  }
  return code;
}

static void run_init(Reader *reader) {
  const char *corpid = take_text(reader);
  answer_code(init_sdk(corpid, take_text(reader)));
}

static void run_get_chat_data(Reader *reader) {
  Route route;
  uint64_t seq = take_number(reader, 8);
  uint32_t limit = take_u32(reader);
  /* The library sends a larger seq as a negative number. */
  int is_sound = seq <= INT64_MAX && limit >= 1 && limit <= MAX_LIMIT;
  if (!take_route(reader, &route) || !is_sound || !sdk) {
    answer_code(REFUSED);
    return;
  }
  Slice *slice = library.new_slice();
  if (!slice) {
    answer_code(NO_MEMORY);
    return;
  }
  int code =
      library.get_chat_data(sdk, seq, limit, route.proxy, route.password, route.seconds, slice);
  answer(code, content_of(slice));
  library.free_slice(slice);
}

static void decrypt_one(const char *key, const char *message) {
  if (!key || !message || !is_random_key(key) || strlen(message) < MIN_MESSAGE) {
    answer_code(REFUSED);
    return;
  }
  Slice *slice = library.new_slice();
  if (!slice) {
    answer_code(NO_MEMORY);
    return;
  }
  int code = library.decrypt_data(key, message, slice);
  if (code == 0) answer(code, content_of(slice));
  else answer_code(code);
  library.free_slice(slice);
}

static void run_decrypt(Reader *reader) {
  for (uint32_t count = take_u32(reader); count > 0; count--) {
    const char *key = take_text(reader);
    decrypt_one(key, take_text(reader));
  }
}

static void run_get_media(Reader *reader) {
  Route route;
  const char *index = take_text(reader), *file_id = take_text(reader);
  if (!take_route(reader, &route) || !index || !file_id || !*file_id || !sdk) {
    answer_code(REFUSED);
    return;
  }
  Media *media = library.new_media();
  if (!media) {
    answer_code(NO_MEMORY);
    return;
  }
  int code = library.get_media_data(sdk, index, file_id, route.proxy, route.password,
                                    route.seconds, media);
  if (code == 0) {
    Part next = {library.media_index(media), library.media_index_length(media)};
    Part data = {library.media_data(media), library.media_data_length(media)};
    answer_with_text(code, library.media_is_last(media), next, data);
  } else {
    answer_code(code);
  }
  library.free_media(media);
}

static void run(Reader *request) {
  switch (*take(request, 1)) {
    case 'I': run_init(request); break;
    case 'G': run_get_chat_data(request); break;
    case 'D': run_decrypt(request); break;
    case 'M': run_get_media(request); break;
    default: _exit(EXIT_BAD_FRAME);
  }
}

/* The first export that is missing, or null. */
static const char *bind(void *handle) {
  const struct {
    const char *name;
    void *slot;
  } exports[] = {
      {"NewSdk", &library.new_sdk},
      {"DestroySdk", &library.destroy_sdk},
      {"Init", &library.init},
      {"GetChatData", &library.get_chat_data},
      {"DecryptData", &library.decrypt_data},
      {"GetMediaData", &library.get_media_data},
      {"NewSlice", &library.new_slice},
      {"FreeSlice", &library.free_slice},
      {"GetContentFromSlice", &library.slice_content},
      {"GetSliceLen", &library.slice_length},
      {"NewMediaData", &library.new_media},
      {"FreeMediaData", &library.free_media},
      {"GetOutIndexBuf", &library.media_index},
      {"GetData", &library.media_data},
      {"GetIndexLen", &library.media_index_length},
      {"GetDataLen", &library.media_data_length},
      {"IsMediaDataFinish", &library.media_is_last},
  };
  for (size_t i = 0; i < sizeof exports / sizeof exports[0]; i++) {
    void *symbol = dlsym(handle, exports[i].name);
    if (!symbol) return exports[i].name;
    /* C has no conversion between the two kinds of pointers; POSIX promises that they are alike. */
    memcpy(exports[i].slot, &symbol, sizeof symbol);
  }
  return NULL;
}

static int refuse_to_start(const char *reason) {
  answer(NOT_LOADED, (Part){reason, reason ? (int)strlen(reason) : 0});
  return EXIT_NOT_LOADED;
}

int main(int count, char **arguments) {
  /* A core file would hold people's messages. */
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  signal(SIGPIPE, SIG_IGN);
  /* Ctrl+C in a terminal reaches the whole group; the server ends this process when it is done with it. */
  signal(SIGINT, SIG_IGN);
  keep_stdout_for_frames();

  if (count != 2) return refuse_to_start("usage: finance-sdk-host <library>");
  void *handle = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
  if (!handle) return refuse_to_start(dlerror());
  const char *missing = bind(handle);
  if (missing) {
    char reason[80];
    snprintf(reason, sizeof reason, "it has no %s", missing);
    return refuse_to_start(reason);
  }

  answer_code(0);
  serve_requests(run);
  /* Not through exit(): the handlers that the library may have left there can only do harm now. */
  _exit(0);
}
