/*
 * Makes the disk fail for one program, without being root: loaded before libc (LD_PRELOAD), it stands in front of
 * every call that changes a file below FAULT_DISK_FOLDER. What it does is said in a small file that is mapped into
 * all programs concerned (FAULT_DISK_CONTROL), so that a test can change it while they run.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

struct control {
  int32_t all;       /* errno of every call; 0: none fails */
  int32_t countdown; /* at 1 the next call fails with `once`, and the count ends; 0: no count */
  int32_t once;      /* errno of that call */
  int32_t calls;     /* so many were made */
};

#define MAX_FILES 65536
static unsigned char watched[MAX_FILES];
static volatile struct control *control;
static const char *folder;

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("FAULT_DISK_CONTROL");
  folder = getenv("FAULT_DISK_FOLDER");
  if (path == NULL || folder == NULL) return;
  int (*real_open)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
  int file = real_open(path, O_RDWR);
  if (file < 0) return;
  void *memory = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory != MAP_FAILED) control = memory;
}

static int refuse(void) {
  if (control == NULL) return 0;
  __sync_fetch_and_add(&control->calls, 1);
  int error = control->all;
  if (error == 0 && control->countdown > 0 && __sync_sub_and_fetch(&control->countdown, 1) == 0) {
    error = control->once;
  }
  errno = error;
  return error != 0;
}

static int is_watched(int file) { return file >= 0 && file < MAX_FILES && watched[file]; }

static int is_inside(const char *path) {
  return folder != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

static int note(int file, const char *path) {
  if (file >= 0 && file < MAX_FILES) watched[file] = (unsigned char)is_inside(path);
  return file;
}

#define REAL(type, name, ...)                                       \
  static type (*real)(__VA_ARGS__);                                 \
  if (real == NULL) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

#define OPEN(name)                                                            \
  int name(const char *path, int flags, ...) {                                \
    REAL(int, #name, const char *, int, ...);                                 \
    va_list rest;                                                             \
    va_start(rest, flags);                                                    \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                             \
    if ((flags & O_CREAT) && is_inside(path) && access(path, F_OK) != 0 && refuse()) return -1; \
    return note(real(path, flags, mode), path);                               \
  }
OPEN(open)
OPEN(open64)

#define ON_FILE(type, name, parameters, arguments, ...) \
  type name parameters {                                \
    REAL(type, #name, __VA_ARGS__);                     \
    return is_watched(file) && refuse() ? -1 : real arguments; \
  }
ON_FILE(ssize_t, write, (int file, const void *from, size_t size), (file, from, size), int, const void *, size_t)
ON_FILE(ssize_t, pwrite, (int file, const void *from, size_t size, off_t at), (file, from, size, at), int,
        const void *, size_t, off_t)
ON_FILE(ssize_t, pwrite64, (int file, const void *from, size_t size, off64_t at), (file, from, size, at), int,
        const void *, size_t, off64_t)
ON_FILE(int, ftruncate, (int file, off_t size), (file, size), int, off_t)
ON_FILE(int, ftruncate64, (int file, off64_t size), (file, size), int, off64_t)
ON_FILE(int, fsync, (int file), (file), int)
ON_FILE(int, fdatasync, (int file), (file), int)

int close(int file) {
  REAL(int, "close", int);
  if (file >= 0 && file < MAX_FILES) watched[file] = 0;
  return real(file);
}
