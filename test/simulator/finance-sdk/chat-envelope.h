/* The symmetric layers of an archived message. */
#ifndef CHAT_ENVELOPE_H
#define CHAT_ENVELOPE_H

#include <stddef.h>

/* Opens a message with its random key; `plain` is terminated with a 0 and the caller frees it. Aborts the process
 * where the real library's std::string does: a text that is too short for its own lengths. */
int open_envelope(const char *random_key, const char *message, char **plain, size_t *size);

#endif
