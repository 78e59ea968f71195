#include "aes.h"

#include <stdint.h>
#include <string.h>

enum { MAX_ROUNDS = 14 };

typedef struct {
  int rounds;
  unsigned char keys[MAX_ROUNDS + 1][AES_BLOCK];
} Schedule;

static unsigned char sbox[256], inverse_sbox[256];

static unsigned char times_x(unsigned char a) {
  return (unsigned char)(a << 1 ^ (a & 0x80 ? 0x1b : 0));
}

static unsigned char times(unsigned char a, unsigned char b) {
  unsigned char product = 0;
  for (; b; b >>= 1, a = times_x(a)) {
    if (b & 1) product ^= a;
  }
  return product;
}

/* FIPS 197, 5.1.1: the inverse in GF(2^8), then an affine map. 3 generates the field, and 0xf6 is its inverse. */
static void make_sboxes(void) {
  if (sbox[0]) return;
  unsigned char p = 1, q = 1;
  do {
    p ^= times_x(p);
    q = times(q, 0xf6);
    unsigned char mapped = 0x63;
    for (int i = 0; i < 5; i++) mapped ^= (unsigned char)(q << i | q >> (8 - i));
    sbox[p] = mapped;
    inverse_sbox[mapped] = p;
  } while (p != 1);
  inverse_sbox[0x63] = 0;
  sbox[0] = 0x63;
}

static Schedule expand(const unsigned char *key, size_t key_size) {
  make_sboxes();
  size_t words = key_size / 4;
  Schedule schedule = {.rounds = (int)words + 6};
  unsigned char *bytes = &schedule.keys[0][0], round_constant = 1;
  memcpy(bytes, key, key_size);
  for (size_t i = words; i < 4 * (size_t)(schedule.rounds + 1); i++) {
    unsigned char word[4];
    memcpy(word, bytes + 4 * (i - 1), 4);
    if (i % words == 0) {
      unsigned char first = word[0];
      for (int k = 0; k < 3; k++) word[k] = sbox[word[k + 1]];
      word[3] = sbox[first];
      word[0] ^= round_constant;
      round_constant = times_x(round_constant);
    } else if (words > 6 && i % words == 4) {
      for (int k = 0; k < 4; k++) word[k] = sbox[word[k]];
    }
    for (int k = 0; k < 4; k++) bytes[4 * i + k] = bytes[4 * (i - words) + k] ^ word[k];
  }
  return schedule;
}

static void add_key(unsigned char *block, const unsigned char *key) {
  for (int i = 0; i < AES_BLOCK; i++) block[i] ^= key[i];
}

/* InvShiftRows and InvSubBytes in one; the state is stored by columns. */
static void unshift_and_substitute(unsigned char *block) {
  unsigned char from[AES_BLOCK];
  memcpy(from, block, AES_BLOCK);
  for (int i = 0; i < AES_BLOCK; i++) {
    int row = i % 4, column = i / 4;
    block[4 * ((column + row) % 4) + row] = inverse_sbox[from[i]];
  }
}

static uint32_t rotate(uint32_t value, int bits) { return value << bits | value >> (32 - bits); }

/* InvMixColumns by a table of what a byte in the first row adds to its column; in the next row it is that, rotated. */
static void unmix_columns(unsigned char *block) {
  static uint32_t added[256];
  if (!added[1]) {
    for (unsigned value = 0; value < 256; value++) {
      const unsigned char factors[4] = {14, 9, 13, 11};
      for (int row = 0; row < 4; row++) {
        added[value] |= (uint32_t)times((unsigned char)value, factors[row]) << (8 * row);
      }
    }
  }
  for (unsigned char *c = block; c < block + AES_BLOCK; c += 4) {
    uint32_t column = added[c[0]];
    for (int row = 1; row < 4; row++) column ^= rotate(added[c[row]], 8 * row);
    for (int row = 0; row < 4; row++) c[row] = (unsigned char)(column >> (8 * row));
  }
}

static void decrypt_block(const Schedule *schedule, unsigned char *block) {
  add_key(block, schedule->keys[schedule->rounds]);
  for (int round = schedule->rounds - 1; round > 0; round--) {
    unshift_and_substitute(block);
    add_key(block, schedule->keys[round]);
    unmix_columns(block);
  }
  unshift_and_substitute(block);
  add_key(block, schedule->keys[0]);
}

/* PKCS#7: 1 to 16 bytes that all say how many they are. */
static long unpadded_size(const unsigned char *plain, size_t size) {
  unsigned char padding = size > 0 ? plain[size - 1] : 0;
  if (padding == 0 || padding > AES_BLOCK) return -1;
  for (size_t i = size - padding; i < size; i++) {
    if (plain[i] != padding) return -1;
  }
  return (long)(size - padding);
}

long aes_cbc_decrypt(const unsigned char *key, size_t key_size, const unsigned char *iv,
                     const unsigned char *from, size_t size, unsigned char *into) {
  if (size == 0 || size % AES_BLOCK != 0) return -1;
  Schedule schedule = expand(key, key_size);
  unsigned char previous[AES_BLOCK], current[AES_BLOCK];
  memcpy(previous, iv, AES_BLOCK);
  for (size_t at = 0; at < size; at += AES_BLOCK) {
    memcpy(current, from + at, AES_BLOCK);
    memmove(into + at, current, AES_BLOCK);
    decrypt_block(&schedule, into + at);
    add_key(into + at, previous);
    memcpy(previous, current, AES_BLOCK);
  }
  return unpadded_size(into, size);
}

long aes_ecb_decrypt(const unsigned char *key, size_t key_size, const unsigned char *from, size_t size,
                     int is_last, unsigned char *into) {
  if (size == 0 || size % AES_BLOCK != 0) return -1;
  Schedule schedule = expand(key, key_size);
  memmove(into, from, size);
  for (size_t at = 0; at < size; at += AES_BLOCK) decrypt_block(&schedule, into + at);
  return is_last ? unpadded_size(into, size) : (long)size;
}
