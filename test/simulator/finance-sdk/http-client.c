#define _XOPEN_SOURCE 700

#include "http-client.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "encoding.h"

/* Where there is no such flag, there is SO_NOSIGPIPE or nothing; the tests do not hang up on the double. */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

enum { MAX_HOST = 256, READ_SIZE = 64 * 1024 };

typedef struct {
  char host[MAX_HOST], port[8];
} Address;

static const char *without_scheme(const char *url) {
  const char *found = strstr(url, "://");
  return found ? found + 3 : url;
}

static int read_address(const char *url, Address *address) {
  const char *start = without_scheme(url);
  size_t host_size = strcspn(start, ":/");
  if (host_size == 0 || host_size >= sizeof address->host) return 0;
  memcpy(address->host, start, host_size);
  address->host[host_size] = 0;
  int is_given = start[host_size] == ':' && sscanf(start + host_size + 1, "%7[0-9]", address->port) == 1;
  if (!is_given) strcpy(address->port, "80");
  return 1;
}

static double now_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Waits until the socket is ready; 0 when the time is over. A deadline of 0 never comes. */
static int wait_for(int fd, short events, double deadline) {
  for (;;) {
    double left = deadline - now_seconds();
    if (deadline != 0 && left <= 0) return 0;
    struct pollfd one = {fd, events, 0};
    int ready = poll(&one, 1, deadline == 0 ? -1 : (int)(left * 1000) + 1);
    if (ready > 0) return 1;
    if (ready < 0 && errno != EINTR) return 0;
  }
}

static int connect_one(const struct addrinfo *found, double deadline) {
  int fd = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
  if (fd < 0) return -1;
  fcntl(fd, F_SETFL, O_NONBLOCK);
  int error = 0;
  socklen_t size = sizeof error;
  int is_begun = connect(fd, found->ai_addr, found->ai_addrlen) == 0 || errno == EINPROGRESS;
  if (is_begun && wait_for(fd, POLLOUT, deadline) &&
      getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0) {
    return fd;
  }
  close(fd);
  return -1;
}

static int connect_to(const Address *address, double deadline) {
  struct addrinfo hints = {0}, *list;
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(address->host, address->port, &hints, &list) != 0) return -1;
  int fd = -1;
  for (struct addrinfo *one = list; one && fd < 0; one = one->ai_next) fd = connect_one(one, deadline);
  freeaddrinfo(list);
  return fd;
}

static int send_all(int fd, const char *bytes, size_t size, double deadline) {
  while (size > 0) {
    if (!wait_for(fd, POLLOUT, deadline)) return 0;
    ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return 0;
    if (sent <= 0) continue;
    bytes += sent;
    size -= (size_t)sent;
  }
  return 1;
}

/* HTTP/1.0: the response ends with the connection. */
static int receive_all(int fd, double deadline, Response *response) {
  size_t size = 0, capacity = 0;
  response->bytes = NULL;
  for (;;) {
    if (capacity - size < READ_SIZE) {
      char *grown = realloc(response->bytes, capacity = capacity * 2 + 2 * READ_SIZE);
      if (!grown) break;
      response->bytes = grown;
    }
    if (!wait_for(fd, POLLIN, deadline)) break;
    ssize_t got = recv(fd, response->bytes + size, capacity - size - 1, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got < 0) break;
    size += (size_t)got;
    response->bytes[size] = 0;
    if (got > 0) continue;
    char *head_end = strstr(response->bytes, "\r\n\r\n");
    if (!head_end || strncmp(response->bytes, "HTTP/", 5) != 0) break;
    response->body = head_end + 4;
    response->body_size = size - (size_t)(response->body - response->bytes);
    return 1;
  }
  free(response->bytes);
  response->bytes = NULL;
  return 0;
}

/* Through a proxy the whole address is asked for, with Basic authorization. Returns a text to be freed, or null. */
static char *format_request(const Route *route, const char *path, const char *headers, const char *body) {
  int has_proxy = route->proxy && *route->proxy;
  const char *password = has_proxy && route->proxy_password ? route->proxy_password : "";
  char encoded[1024] = "", authorization[1100] = "";
  if (*password && strlen(password) < 700) {
    base64_encode((const unsigned char *)password, strlen(password), encoded);
    snprintf(authorization, sizeof authorization, "Proxy-Authorization: Basic %s\r\n", encoded);
  }
  const char *format =
      "%s %s%s HTTP/1.0\r\nHost: %s\r\nAccept: */*\r\n%s%s"
      "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s";
  const char *text = body ? body : "";
  size_t size = strlen(format) + strlen(path) + 2 * strlen(route->base_url) + strlen(authorization) +
                strlen(headers) + strlen(text) + 64;
  char *request = malloc(size);
  if (!request) return NULL;
  snprintf(request, size, format, body ? "POST" : "GET", has_proxy ? route->base_url : "", path,
           without_scheme(route->base_url), authorization, headers, strlen(text), text);
  return request;
}

int http_exchange(const Route *route, const char *path, const char *headers, const char *body,
                  Response *response) {
  Address address;
  if (!read_address(route->proxy && *route->proxy ? route->proxy : route->base_url, &address)) return 0;
  double deadline = route->timeout_seconds > 0 ? now_seconds() + route->timeout_seconds : 0;
  char *request = format_request(route, path, headers, body);
  int fd = request ? connect_to(&address, deadline) : -1;
  int is_done = fd >= 0 && send_all(fd, request, strlen(request), deadline) &&
                receive_all(fd, deadline, response);
  if (fd >= 0) close(fd);
  free(request);
  return is_done;
}

const char *http_header(const Response *response, const char *name) {
  size_t length = strlen(name);
  for (const char *line = strstr(response->bytes, "\r\n"); line && line + 2 < response->body;
       line = strstr(line + 2, "\r\n")) {
    if (strncmp(line + 2, name, length) == 0) return line + 2 + length;
  }
  return NULL;
}
