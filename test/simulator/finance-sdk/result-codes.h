/* What the library returns, by the names in the comments of its header. */
#ifndef RESULT_CODES_H
#define RESULT_CODES_H

enum {
  OK = 0,
  BAD_PARAMETER = 10000,
  NETWORK = 10001,
  BAD_ANSWER = 10002,
  BAD_FILE_ID = 10005,
  /* The same number for DecryptData: the random key opens, and what is in it makes no sense. */
  BAD_KEY_INFO = 10005,
  CANNOT_DECRYPT = 10006,
  BAD_RANDOM_KEY = 10008,
  ADDRESS_NOT_ALLOWED = 10009,
  EXPIRED = 10010
};

#endif
