/*
 * A test double of libWeWorkFinanceSdk_C.so: the same exports, layouts, return codes and quirks as were measured on the
 * real one, with the real key scheme. It speaks plain HTTP to WECOM_API_URL instead of TLS to WeCom.
 *
 * FINANCE_SDK_DOUBLE_ABORT=<export>:<n> (chaos tests) aborts the process at the n-th call of that export, as an
 * uncaught C++ exception of the real library does.
 */
#define _XOPEN_SOURCE 700

#include "WeWorkFinanceSdk_C.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chat-envelope.h"
#include "encoding.h"
#include "http-client.h"
#include "media-file.h"
#include "result-codes.h"

struct WeWorkFinanceSdk_t {
  char *corpid, *secret;
  /* Renewed by time alone: a server that refuses it gets the same one again. */
  char *token;
  double token_ends_at;
};

static char *copy_bytes(const void *bytes, size_t size) {
  char *copy = malloc(size + 1);
  if (!copy) abort();
  if (size > 0) memcpy(copy, bytes, size);
  copy[size] = 0;
  return copy;
}

static char *copy_span(Span span) { return copy_bytes(span.bytes, span.size); }

static double now_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void abort_on_demand(const char *export_name, int *calls) {
  const char *wanted = getenv("FINANCE_SDK_DOUBLE_ABORT");
  size_t length = strlen(export_name);
  *calls += 1;
  if (!wanted || strncmp(wanted, export_name, length) != 0 || wanted[length] != ':') return;
  if (atoi(wanted + length + 1) == *calls) abort();
}

/* ---- The sdk and its token. */

WeWorkFinanceSdk_t *NewSdk(void) { return calloc(1, sizeof(WeWorkFinanceSdk_t)); }

void DestroySdk(WeWorkFinanceSdk_t *sdk) {
  if (!sdk) return;
  free(sdk->corpid);
  free(sdk->secret);
  free(sdk->token);
  free(sdk);
}

/* Offline: a wrong secret shows at the first call only. */
int Init(WeWorkFinanceSdk_t *sdk, const char *corpid, const char *secret) {
  static int calls;
  abort_on_demand("Init", &calls);
  if (!sdk || !corpid || !secret || !*corpid || !*secret) return BAD_PARAMETER;
  free(sdk->corpid);
  free(sdk->secret);
  sdk->corpid = copy_bytes(corpid, strlen(corpid));
  sdk->secret = copy_bytes(secret, strlen(secret));
  return OK;
}

static Route route_to(const char *proxy, const char *password, int timeout) {
  const char *base_url = getenv("WECOM_API_URL");
  return (Route){base_url ? base_url : "http://127.0.0.1:80", proxy, password, timeout};
}

/* The errcode of the answer is ignored (the real library's bug): without a token the call goes on with none. */
static int fetch_token(WeWorkFinanceSdk_t *sdk, const Route *route) {
  if (sdk->token && now_seconds() < sdk->token_ends_at) return OK;
  char path[1024];
  snprintf(path, sizeof path, "/cgi-bin/gettoken?corpid=%s&corpsecret=%s", sdk->corpid, sdk->secret);
  Response response;
  if (!http_exchange(route, path, "", NULL, &response)) return NETWORK;
  Span token, lifetime;
  if (json_find(response.body, response.body_size, "access_token", &token) < 0) abort();
  json_find(response.body, response.body_size, "expires_in", &lifetime);
  free(sdk->token);
  sdk->token = copy_span(token);
  sdk->token_ends_at = now_seconds() + (lifetime.bytes ? atof((const char *)lifetime.bytes) : 0);
  free(response.bytes);
  return OK;
}

static int call_api(WeWorkFinanceSdk_t *sdk, const Route *route, const char *api, const char *headers,
                    const char *body, Response *response) {
  if (!sdk->corpid) return NETWORK;
  int code = fetch_token(sdk, route);
  if (code != OK) return code;
  char path[1024];
  snprintf(path, sizeof path, "/cgi-bin/message/%s?access_token=%s", api, sdk->token);
  return http_exchange(route, path, headers, body, response) ? OK : NETWORK;
}

/* ---- The three calls. */

/* OK whatever the server answered: status, errcode and even JSON are the caller's matter. */
int GetChatData(WeWorkFinanceSdk_t *sdk, unsigned long long seq, unsigned int limit, const char *proxy,
                const char *passwd, int timeout, Slice_t *chatDatas) {
  static int calls;
  abort_on_demand("GetChatData", &calls);
  if (!sdk || !chatDatas || limit == 0 || limit > 1000) return BAD_PARAMETER;
  char body[128];
  snprintf(body, sizeof body, "{\"seq\": %lld, \"limit\": %u, \"version\": 1, \"encrypt_sign\": \"0\"}",
           (long long)seq, limit);
  Route route = route_to(proxy, passwd, timeout);
  Response response;
  int code = call_api(sdk, &route, "getchatdata", "", body, &response);
  if (code != OK) return code;
  free(chatDatas->buf);
  chatDatas->buf = copy_bytes(response.body, response.body_size);
  chatDatas->len = (int)response.body_size;
  free(response.bytes);
  return OK;
}

int DecryptData(const char *encrypt_key, const char *encrypt_msg, Slice_t *msg) {
  static int calls;
  abort_on_demand("DecryptData", &calls);
  if (!encrypt_key || !encrypt_msg) return BAD_PARAMETER;
  char *plain = NULL;
  size_t size = 0;
  int code = open_envelope(encrypt_key, encrypt_msg, &plain, &size);
  if (code != OK) return code;
  /* A null slice crashes here, as it does in the real library. */
  free(msg->buf);
  msg->buf = plain;
  msg->len = (int)size;
  return OK;
}

static void set_chunk(MediaData_t *media, const FileChunk *chunk) {
  free(media->data);
  free(media->outindexbuf);
  media->data = (char *)chunk->bytes;
  media->data_len = (int)chunk->size;
  media->is_finish = chunk->is_last;
  media->outindexbuf = chunk->is_last ? NULL : copy_bytes(chunk->next_index, strlen(chunk->next_index));
  media->out_len = chunk->is_last ? 0 : (int)strlen(chunk->next_index);
}

int GetMediaData(WeWorkFinanceSdk_t *sdk, const char *indexbuf, const char *sdkFileid, const char *proxy,
                 const char *passwd, int timeout, MediaData_t *media_data) {
  static int calls;
  abort_on_demand("GetMediaData", &calls);
  if (!sdk || !media_data || !sdkFileid || !*sdkFileid) return BAD_PARAMETER;
  FileTicket ticket;
  if (!read_ticket(sdkFileid, &ticket)) return BAD_FILE_ID;
  char header[128], body[2048];
  const char *index = indexbuf && *indexbuf ? indexbuf : "Range:bytes=0-524287";
  snprintf(header, sizeof header, "%s\r\n", index);
  snprintf(body, sizeof body, "{\"fileid\": \"%s\", \"authkey\": \"%s\", \"version\": 1}", ticket.file_id,
           ticket.auth_key);
  Route route = route_to(proxy, passwd, timeout);
  Response response;
  int code = call_api(sdk, &route, "getchatmediadata", header, body, &response);
  if (code != OK) return code;
  FileChunk chunk;
  code = read_chunk(&ticket, &response, &chunk);
  if (code == OK) set_chunk(media_data, &chunk);
  free(response.bytes);
  return code;
}

/* ---- What is handed to the caller: everything but a null slice of DecryptData is safe. */

Slice_t *NewSlice(void) { return calloc(1, sizeof(Slice_t)); }

void FreeSlice(Slice_t *slice) {
  if (!slice) return;
  free(slice->buf);
  free(slice);
}

char *GetContentFromSlice(Slice_t *slice) { return slice && slice->buf ? slice->buf : ""; }
int GetSliceLen(Slice_t *slice) { return slice ? slice->len : 0; }

MediaData_t *NewMediaData(void) { return calloc(1, sizeof(MediaData_t)); }

void FreeMediaData(MediaData_t *media_data) {
  if (!media_data) return;
  free(media_data->outindexbuf);
  free(media_data->data);
  free(media_data);
}

char *GetOutIndexBuf(MediaData_t *media_data) {
  return media_data && media_data->outindexbuf ? media_data->outindexbuf : "";
}

char *GetData(MediaData_t *media_data) { return media_data && media_data->data ? media_data->data : ""; }
int GetIndexLen(MediaData_t *media_data) { return media_data ? media_data->out_len : 0; }
int GetDataLen(MediaData_t *media_data) { return media_data ? media_data->data_len : 0; }
int IsMediaDataFinish(MediaData_t *media_data) { return media_data ? media_data->is_finish : 1; }
