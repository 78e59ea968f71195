/* One HTTP/1.0 exchange on a connection of its own, as the library makes it; plain, where the library uses TLS. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include <stddef.h>

typedef struct {
  /* `http://host:port`, without a path. */
  const char *base_url;
  /* `http://host:port` (or without the scheme) and `user:password`; null or empty for none. */
  const char *proxy, *proxy_password;
  /* For the whole exchange; 0 or less waits for ever. */
  int timeout_seconds;
} Route;

typedef struct {
  /* Everything from the status line on, terminated with a 0; the caller frees it. */
  char *bytes;
  /* The body inside of it. */
  char *body;
  size_t body_size;
} Response;

/* A request with a body is a POST. `headers` are whole lines or "". Returns 0 when no response came. */
int http_exchange(const Route *route, const char *path, const char *headers, const char *body,
                  Response *response);

/* The value of a header whose line begins with exactly `name`, capitals included; null when there is none. */
const char *http_header(const Response *response, const char *name);

#endif
